"""What people decided about single items, and what a relabelling would change (labels, floor 1).

Owns: the form of an overrides file, already parsed, and how a decision replaces labels.
Knows nothing of files, the store or feeds: whoever stores labels applies these last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from feeds.errors import ConfigError, Problem
from feeds.labels.lines import line_of
from feeds.model import Evidence, Kind, Label, Strength, Vocabulary

PERSON = "person"  # the rule in the evidence of a label that a person gave
_PARTS: Mapping[str, tuple[Kind, Strength]] = {
    "countries": (Kind.COUNTRY, Strength.ABOUT),
    "mentions": (Kind.COUNTRY, Strength.MENTIONS),
    "regions": (Kind.REGION, Strength.ABOUT),
    "topics": (Kind.TOPIC, Strength.ABOUT),
}
_NOTES = frozenset({"title", "by", "on", "why"})  # for people; they change nothing


@dataclass(frozen=True, slots=True)
class Override:
    """One decision: for each kind that it speaks of, exactly these labels."""

    kinds: frozenset[Kind]
    codes: tuple[tuple[Kind, Strength, str], ...]


@dataclass(frozen=True, slots=True)
class Overrides:
    """All decisions, by item id."""

    by_item: Mapping[str, Override] = field(default_factory=dict)

    def apply(self, item_id: str, labels: Sequence[Label]) -> tuple[Label, ...]:
        """The labels as people want them; unchanged if nobody decided on this item.

        A label that was found keeps its evidence; one that only people gave has evidence without words,
        with the rule `person`.
        """
        override = self.by_item.get(item_id)
        if override is None:
            return tuple(labels)
        found = {(label.kind, label.code): label.evidence for label in labels}
        decided = [
            Label(kind=kind, code=code, strength=strength, evidence=found.get((kind, code), _BY_A_PERSON))
            for kind, strength, code in override.codes
        ]
        kept = [label for label in labels if label.kind not in override.kinds]
        return tuple(sorted((*decided, *kept), key=lambda label: _ORDER[label.kind]))


_BY_A_PERSON = (Evidence(field="title", start=0, end=0, words="", rule=PERSON),)
_ORDER = {Kind.COUNTRY: 0, Kind.REGION: 1, Kind.TOPIC: 2}


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What a relabelling would change on one item."""

    added: tuple[tuple[Kind, str, Strength], ...]
    removed: tuple[tuple[Kind, str, Strength], ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def difference(before: Iterable[Label], after: Iterable[Label]) -> LabelChange:
    """Labels that come and go; a changed strength is both. Evidence and order do not count."""
    old = dict.fromkeys((label.kind, label.code, label.strength) for label in before)
    new = dict.fromkeys((label.kind, label.code, label.strength) for label in after)
    return LabelChange(
        added=tuple(one for one in new if one not in old),
        removed=tuple(one for one in old if one not in new),
    )


def read_overrides(
    parsed: Mapping[str, Any], vocabulary: Vocabulary, *, name: str = "overrides.toml", source: str = ""
) -> Overrides:
    """The decisions of a parsed overrides file; ConfigError with all its faults at once.

    [items.3f9a2c]              # the item's id, as in its page's address
    title = "Course in Belize"  # title, by, on and why are for people
    countries = ["bz"]          # exactly these; a kind that is not named stays as it was found
    mentions = ["jp"]
    topics = []                 # none
    """
    problems: list[Problem] = []

    def fault(key: str, what: str) -> None:
        line = line_of(source, key)
        problems.append(Problem(f"{name} line {line}: {key}" if line else f"{name}: {key}", what))

    for key in parsed:
        if key != "items":
            fault(str(key), "unknown key; allowed is items")
    items = parsed.get("items", {})
    if not isinstance(items, Mapping):
        fault("items", "must be a table")
        items = {}
    by_item = {
        str(item): _override(f"items.{item}", table, vocabulary, fault) for item, table in items.items()
    }
    if problems:
        raise ConfigError(problems)
    return Overrides(by_item)


def _override(where: str, table: Any, vocabulary: Vocabulary, fault: Any) -> Override:
    if not isinstance(table, Mapping):
        fault(where, "must be a table")
        return Override(frozenset(), ())
    for key in sorted(set(table) - set(_PARTS) - _NOTES):
        fault(f"{where}.{key}", f"unknown key; allowed are {', '.join(sorted({*_PARTS, *_NOTES}))}")
    codes: list[tuple[Kind, Strength, str]] = []
    for part, (kind, strength) in _PARTS.items():
        listed = table.get(part, [])
        if not isinstance(listed, list):
            fault(f"{where}.{part}", "must be a list of codes")
            continue
        for number, code in enumerate(listed):
            if vocabulary.get(kind, str(code)) is None:
                fault(f"{where}.{part}[{number}]", f"{code!r} is no {kind} of this site")
            elif any((kind, str(code)) == (other, known) for other, _, known in codes):
                fault(f"{where}.{part}[{number}]", f"{code!r} is named twice")
            else:
                codes.append((kind, strength, str(code)))
    kinds = frozenset(kind for part, (kind, _) in _PARTS.items() if part in table)
    return Override(kinds, tuple(codes))
