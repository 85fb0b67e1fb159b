"""The overrides file: what the office decided about labels, to be reviewed by reading (labels, floor 1).

Owns: the form of the file, already parsed, with its faults, and how a decision changes labels.
Knows nothing of files or the store. Heads of bulletins and `items relabel` win over it. What makes
a day and a title one item is told from outside, so that it is the same here as for bulletins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from feeds.labels.folding import fold_surface
from feeds.labels.given import BY_THE_OVERRIDES, OVERRIDE, in_order, kinds_given
from feeds.labels.patterns import Pattern, PatternFault, parse
from feeds.labels.phrases import Phrases
from feeds.model import Evidence, Kind, Label, Strength, Vocabulary

Fault = Callable[[str, str], None]
"""Told the key and what is wrong with it."""

Identity = Callable[[date, str], str]
"""Equal for the days and titles of one item."""

_ITEM_ID = re.compile(r"[a-z2-7]{16}")
_LABELS = ("give", "mention", "take")
_TARGETS = ("item", "date", "title", "words")
_NOTES = ("reason", "by")
_KEYS = {*_LABELS, *_TARGETS, *_NOTES}
_LABEL_FORM = "write KIND:CODE such as country:bz or topic:health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One decision: which labels to give, to weaken to a mention, and to take, on what it speaks of.

    `item` is an item's id, `titled` the identity of one named by date and title; `words` are patterns
    of a text.
    """

    name: str
    item: str = ""
    titled: str = ""
    words: tuple[Pattern, ...] = ()
    give: tuple[tuple[Kind, str], ...] = ()
    mention: tuple[tuple[Kind, str], ...] = ()
    take: tuple[tuple[Kind, str], ...] = ()

    @property
    def target(self) -> object:
        """What it speaks of: two decisions about the same must not contradict each other."""
        return self.item or self.titled or frozenset(fold_surface(one.source) for one in self.words)

    @property
    def named_by(self) -> str:
        """By what it names items, for people."""
        return "id" if self.item else "date and title" if self.titled else "words"

    def choices(self) -> Iterator[tuple[str, tuple[Kind, str]]]:
        """Each label with the list it stands in."""
        for part, labels in zip(_LABELS, (self.give, self.mention, self.take), strict=True):
            yield from ((part, label) for label in labels)


def letter_by_letter(day: date, title: str) -> str:
    """An identity for which every sign counts: for files that are only looked at."""
    return f"{day} {fold_surface(title)}"


class Overrides:
    """All decisions. Those by words come first, then by date and title, then by id: the nearer wins."""

    def __init__(self, overrides: Sequence[Override] = (), identity: Identity = letter_by_letter) -> None:
        self.all = tuple(overrides)
        self._identity = identity
        self._by_words = [each for each in overrides if each.words]
        self._by_item = _grouped((each.item, each) for each in overrides if each.item)
        self._by_title = _grouped((each.titled, each) for each in overrides if each.titled)
        self._phrases = Phrases([(each.name, one) for each in self._by_words for one in each.words], OVERRIDE)

    def apply(
        self,
        labels: Sequence[Label],
        *,
        item_id: str,
        date_on: date,
        title: str,
        summary: str,
        stated: Collection[Kind] = (),
    ) -> tuple[Label, ...]:
        """The labels as the office wants them; kinds that a person has `stated` for this item stay."""
        closed = {*stated, *kinds_given(labels)}
        found = tuple(labels)
        for each, why in self.about(item_id=item_id, date_on=date_on, title=title, summary=summary):
            found = _decided(found, each, why, closed)
        return found

    def about(
        self, *, item_id: str, date_on: date, title: str, summary: str
    ) -> list[tuple[Override, tuple[Evidence, ...]]]:
        """The decisions that speak of an item, the nearest last, each with the evidence it gives."""
        words = self._phrases.find(title, summary)
        by_title = self._by_title.get(self._identity(date_on, title), ()) if self._by_title else ()
        named = (*by_title, *self._by_item.get(item_id, ()))
        by_words = [(each, words[each.name]) for each in self._by_words if each.name in words]
        return by_words + [(each, BY_THE_OVERRIDES) for each in named]


def _grouped(pairs: Iterable[tuple[object, Override]]) -> dict[object, list[Override]]:
    groups: dict[object, list[Override]] = {}
    for key, override in pairs:
        groups.setdefault(key, []).append(override)
    return groups


def _decided(
    labels: Sequence[Label], override: Override, why: tuple[Evidence, ...], closed: Collection[Kind]
) -> tuple[Label, ...]:
    """The labels after one decision: given ones first of their kind, mentions last."""
    before = {(label.kind, label.code): label.evidence for label in labels}
    chosen = {label for _, label in override.choices() if label[0] not in closed}

    def made(wanted: Sequence[tuple[Kind, str]], strength: Strength) -> list[Label]:
        return [
            Label(
                kind=kind, code=code, strength=strength, evidence=_joined(why, before.get((kind, code), ()))
            )
            for kind, code in wanted
            if kind not in closed
        ]

    kept = [label for label in labels if (label.kind, label.code) not in chosen]
    given, mentioned = made(override.give, Strength.ABOUT), made(override.mention, Strength.MENTIONS)
    return in_order([*given, *kept, *mentioned])


def _joined(why: tuple[Evidence, ...], found: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys((*why, *found)))


def read_overrides(
    parsed: Mapping[str, Any],
    vocabulary: Vocabulary,
    fault: Fault,
    identity: Identity,
    unread: Collection[Kind] = (),
) -> Overrides:
    """The decisions of a parsed overrides file; `fault` is told everything that is wrong with it.

    Of the kinds that are `unread` no label is known, so that an unknown one is no fault.
    """
    for key in parsed:
        if key != "overrides":
            fault(str(key), "unknown key; decisions stand under [overrides.NAME]")
    tables = parsed.get("overrides", {})
    if not isinstance(tables, Mapping):
        fault("overrides", "must be tables such as [overrides.course-in-belize]")
        return Overrides()
    readers = [
        _Reader(f"overrides.{name}", table, vocabulary, fault, unread) for name, table in tables.items()
    ]
    read = [each.override(identity) for each in readers]
    _contradictions(read, fault)
    return Overrides(read, identity)


def _contradictions(overrides: Sequence[Override], fault: Fault) -> None:
    """A label that stands in two lists about the same item or words."""
    seen: dict[tuple[object, tuple[Kind, str]], tuple[str, str]] = {}
    for each in overrides:
        for part, label in each.choices():
            first, name = seen.setdefault((each.target, label), (part, each.name))
            if first != part:
                where = "here" if name == each.name else f"in overrides.{name}"
                fault(
                    f"overrides.{each.name}.{part}",
                    f"contradiction: {label[0]}:{label[1]} stands under {first} {where} too",
                )


class _Reader:
    """Reads one table, collecting faults and going on."""

    def __init__(
        self, where: str, table: Any, vocabulary: Vocabulary, fault: Fault, unread: Collection[Kind]
    ) -> None:
        self.where = where
        self.is_table = isinstance(table, Mapping)
        self.table: Mapping[str, Any] = table if isinstance(table, Mapping) else {}
        self.vocabulary = vocabulary
        self._fault = fault
        self._unread = unread
        if not self.is_table:
            fault(where, "must be a table with item (or date and title, or words), labels, reason and by")

    def fault(self, key: str, what: str) -> None:
        self._fault(f"{self.where}.{key}", what)

    def override(self, identity: Identity) -> Override:
        for key in sorted(set(self.table) - _KEYS):
            self.fault(str(key), f"unknown key; allowed are {', '.join(sorted(_KEYS))}")
        for note, what in (("reason", "why"), ("by", "who decided it")):
            if self.is_table and not self.text(note):
                self.fault(note, f"must say {what}, on one line")
        give, mention, take = (self.labels(part) for part in _LABELS)
        if self.is_table and not set(_LABELS) & set(self.table):
            self._fault(self.where, "decides nothing; name labels under give, mention or take")
        self.named_once()
        return Override(
            name=self.where.removeprefix("overrides."), item=self.item(), titled=self.titled(identity),
            words=self.words(), give=give, mention=mention, take=take,
        )  # fmt: skip

    def named_once(self) -> None:
        there = {key for key in _TARGETS if key in self.table}
        if self.is_table and there not in ({"item"}, {"date", "title"}, {"words"}):
            self._fault(self.where, "must say of which items: by item, or by date and title, or by words")

    def item(self) -> str:
        item = self.text("item")
        if "item" in self.table and not _ITEM_ID.fullmatch(item):
            self.fault("item", "is no id; it has 16 of a-z and 2-7, as in the address of the item's page")
        return item

    def titled(self, identity: Identity) -> str:
        day, title = self.table.get("date"), self.text("title")
        is_day = isinstance(day, date) and not isinstance(day, datetime)
        if "date" in self.table and not is_day:
            self.fault("date", "must be a day such as 2026-11-18, without quotes")
        if "title" in self.table and not title:
            self.fault("title", "must be the item's title, on one line")
        return identity(day, title) if isinstance(day, date) and is_day and title else ""

    def text(self, key: str) -> str:
        value = self.table.get(key)
        return value.strip() if isinstance(value, str) and "\n" not in value else ""

    def words(self) -> tuple[Pattern, ...]:
        patterns = []
        for number, text in self.texts("words"):
            try:
                patterns.append(parse(text))
            except PatternFault as error:
                self.fault(f"words[{number}]", f"{text!r} {error}")
        return tuple(patterns)

    def labels(self, part: str) -> tuple[tuple[Kind, str], ...]:
        found: list[tuple[Kind, str]] = []
        for number, text in self.texts(part):
            kind, _, code = text.strip().lower().partition(":")
            term = self.vocabulary.get(Kind(kind), code) if kind in set(Kind) else None
            if kind not in set(Kind):
                self.fault(f"{part}[{number}]", f"{text!r} is no label; {_LABEL_FORM}")
            elif term is None and kind in self._unread:
                continue
            elif term is None:
                self.fault(f"{part}[{number}]", f"this site has no {kind} {code!r}")
            elif part == "mention" and term.kind is Kind.TOPIC:
                self.fault(f"{part}[{number}]", "a topic cannot be only mentioned; give it or take it")
            else:
                found.append((term.kind, term.code))
        return tuple(dict.fromkeys(found))

    def texts(self, key: str) -> Iterator[tuple[int, str]]:
        listed = self.table.get(key, [])
        if not isinstance(listed, list) or (key in self.table and not listed):
            self.fault(key, 'must be a list such as ["…"] with at least one text')
            return
        for number, text in enumerate(listed):
            if isinstance(text, str):
                yield number, text
            else:
                self.fault(f"{key}[{number}]", "must be a text in quotes")
