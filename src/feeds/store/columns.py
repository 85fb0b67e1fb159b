"""How our values lie in columns: instants, enumerations, JSON, names (store).

Owns every conversion between Python values and what both databases store, so
that one SQL text is right on both. Knows no table and no query.
"""

# ruff: noqa: ARG002 (SQLAlchemy passes the dialect to every conversion)

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from feeds import filters
from feeds.model import Cadence, Choice, DraftChoice, Evidence, Fault, Kind, Label, Reason, Strength, Wished

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

# PostgreSQL sorts text by the locale of the cluster unless told; "C" is the
# byte order that SQLite has anyway, so ORDER BY, < and prefixes agree.
_BYTES = Text(collation="C")
TEXT = Text().with_variant(_BYTES, "postgresql")

# SQLite numbers rows by itself only in a column declared INTEGER.
KEY = BigInteger().with_variant(Integer, "sqlite")


class _OnText(TypeDecorator[T]):
    """A value kept in a text column with byte order."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        # Not through type_descriptor: on PostgreSQL that makes VARCHAR of TEXT.
        return _BYTES if dialect.name == "postgresql" else Text()

    def bind_processor(self, dialect: Dialect) -> Callable[[T | None], Any]:
        """`process_bind_param` itself: text needs nothing more, and a burst of files binds 100,000 values."""
        return partial(self.process_bind_param, dialect=dialect)


def instant_text(at: datetime) -> str:
    """An instant as it is stored: UTC, of one width. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Instant(_OnText[datetime]):
    """An aware datetime as fixed-width UTC text, ``2026-11-21T20:41:00.123456Z``.

    Fixed width makes text order the order of time. A naive datetime is refused.
    """

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class WordList(TypeDecorator[list[str]]):
    """Words without spaces: a list on PostgreSQL, one text with spaces between on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return Text()
        from sqlalchemy.dialects.postgresql import ARRAY  # who has SQLite does not wait for it at each start

        return ARRAY(_BYTES)

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return " ".join(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[str] | None:
        return value.split() if isinstance(value, str) else value


class Enumerated(_OnText[E], Generic[E]):
    """A `StrEnum` by its value."""

    cache_ok = True

    def __init__(self, enum: type[E]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        return None if value is None else value.value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        return None if value is None else self.enum(value)


class FileName(_OnText[str]):
    r"""A file name; bytes that are no UTF-8 come back as ``\udce9``, which both databases can hold."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.encode("utf-8", "backslashreplace").decode("utf-8")

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value


class Packed(_OnText[T], Generic[T]):
    """A value as compact JSON text; `pack` and `unpack` turn it into plain lists and dicts."""

    cache_ok = True

    def __init__(self, pack: Callable[[T], Any], unpack: Callable[[Any], T]) -> None:
        super().__init__()
        self.pack = pack
        self.unpack = unpack

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _encode(self.pack(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        return None if value is None else self.unpack(json.loads(value))


def _pack_evidence(evidence: tuple[Evidence, ...]) -> list[dict[str, Any]]:
    return [
        {"field": e.field, "start": e.start, "end": e.end, "words": e.words, "rule": e.rule, "role": e.role}
        for e in evidence
    ]


def _unpack_evidence(packed: list[dict[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**e) for e in packed)


def _pack_labels(labels: tuple[Label, ...]) -> list[dict[str, Any]]:
    return [
        {
            "kind": label.kind.value,
            "code": label.code,
            "strength": label.strength.value,
            "evidence": _pack_evidence(label.evidence),
        }
        for label in labels
    ]


def _unpack_labels(packed: list[dict[str, Any]]) -> tuple[Label, ...]:
    return tuple(
        Label(
            kind=Kind(label["kind"]),
            code=label["code"],
            strength=Strength(label["strength"]),
            evidence=_unpack_evidence(label.get("evidence", [])),
        )
        for label in packed
    )


def _pack_bare_labels(labels: tuple[Label, ...]) -> list[dict[str, Any]]:
    return [
        {"kind": label.kind.value, "code": label.code, "strength": label.strength.value} for label in labels
    ]


def _pack_fault(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "line": fault.line, "detail": fault.detail}


def _unpack_fault(packed: dict[str, Any]) -> Fault:
    return Fault(**packed)


def _pack_reason(reason: Reason) -> dict[str, list[str]]:
    parts = {
        "countries": reason.countries,
        "regions": reason.regions,
        "topics": reason.topics,
        "words": reason.words,
    }
    return {name: list(words) for name, words in parts.items() if words}


def _unpack_reason(packed: dict[str, list[str]]) -> Reason:
    return Reason(**{name: tuple(words) for name, words in packed.items()})


def _pack_wishes(wishes: tuple[Wished, ...]) -> list[list[str]]:
    return [[filters.canonical(each.filter), each.cadence.value, each.name] for each in wishes]


def _unpack_wishes(packed: list[list[str]]) -> tuple[Wished, ...]:
    return tuple(
        Wished(filter=filters.parse(text), cadence=Cadence(cadence), name=name)
        for text, cadence, name in packed
    )


def _pack_choices(made: tuple[DraftChoice, ...]) -> list[dict[str, Any]]:
    return [
        {"item": each.identity, "kind": each.choice.kind.value, "code": each.choice.code,
         "give": each.choice.give}
        for each in made
    ]  # fmt: skip


def _unpack_choices(packed: list[dict[str, Any]]) -> tuple[DraftChoice, ...]:
    return tuple(
        DraftChoice(each["item"], Choice(Kind(each["kind"]), each["code"], each["give"])) for each in packed
    )


EVIDENCE = Packed(_pack_evidence, _unpack_evidence)
LABELS = Packed(_pack_labels, _unpack_labels)
# A receipt names the labels; why an item has them stands with the item.
BARE_LABELS = Packed(_pack_bare_labels, _unpack_labels)
FAULT = Packed(_pack_fault, _unpack_fault)
REASON = Packed(_pack_reason, _unpack_reason)
WORDS: Packed[tuple[str, ...]] = Packed(list, tuple)
WISHES: Packed[tuple[Wished, ...]] = Packed(_pack_wishes, _unpack_wishes)
CHOICES: Packed[tuple[DraftChoice, ...]] = Packed(_pack_choices, _unpack_choices)
KINDS: Packed[tuple[Kind, ...]] = Packed(list, lambda packed: tuple(map(Kind, packed)))


def findable(text: str) -> bool:
    """False for words typed by people that no column can hold, so that asking for them finds nothing.

    PostgreSQL refuses NUL, both drivers refuse lone surrogates.
    """
    return bool(text) and "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
