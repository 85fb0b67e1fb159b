"""Tags and categories in the head of a file that are names of the site (labels, floor 1).

Owns which tag names which country, region or topic, and what that adds to the labels that were found: a
tag adds and takes nothing away, for it is written for another system. Must not know heads.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from feeds.labels.given import BY_A_TAG, TAG, in_order
from feeds.model import Draft, Fault, Kind, Label, Strength, Vocabulary

_LONGEST = 80
_Names = dict[str, tuple[Kind, str]]
# The names of the one site that a process serves; another vocabulary takes its place.
_known: list[tuple[Vocabulary, _Names]] = []


def with_tags(
    labels: Sequence[Label], draft: Draft, vocabulary: Vocabulary
) -> tuple[tuple[Label, ...], tuple[Fault, ...]]:
    """The labels with those that the draft's tags name, and notes of which did and which did not.

    A kind that the head states itself gets none.
    """
    names = _names(vocabulary)
    found = {tag: names.get(_folded(tag)) for tag in draft.tags}
    stated = {Kind.COUNTRY: draft.countries is not None, Kind.TOPIC: draft.topics is not None}
    named = [term for term in found.values() if term and not stated.get(term[0])]
    notes = [
        ("tags-taken", [tag for tag, term in found.items() if term in named]),
        ("tags-unknown", [tag for tag, term in found.items() if term is None]),
    ]
    faults = tuple(Fault(code=code, line=draft.line, detail=_listed(tags)) for code, tags in notes if tags)
    return in_order(_added(labels, dict.fromkeys(named))), faults


def term_named(words: str, vocabulary: Vocabulary) -> tuple[Kind, str] | None:
    """The topic, region or country that words name in a language of the site; None for none."""
    return _names(vocabulary).get(_folded(words))


def with_tagged(labels: Sequence[Label], old: Iterable[Label]) -> list[Label]:
    """The labels that an item's words give today, with those that tags gave it before."""
    tagged = [label for label in old if any(one.rule == TAG for one in label.evidence)]
    return _added(labels, [(label.kind, label.code) for label in tagged])


def _added(labels: Sequence[Label], named: Iterable[tuple[Kind, str]]) -> list[Label]:
    """The labels; what a tag names is `about`, be it new or only mentioned in the text."""
    about = {(label.kind, label.code) for label in labels if label.strength is Strength.ABOUT}
    anew = [term for term in named if term not in about]
    firm = [label for label in labels if (label.kind, label.code) in about]
    tagged = [Label(kind=kind, code=code, evidence=BY_A_TAG) for kind, code in anew]
    rest = [label for label in labels if (label.kind, label.code) not in {*about, *anew}]
    return [*firm, *tagged, *rest]


def _names(vocabulary: Vocabulary) -> _Names:
    """Each folded name and slug of the site's terms, in its languages; topics before places."""
    for known, names in _known:
        if known is vocabulary:
            return names
    names = {}
    for kind in (Kind.TOPIC, Kind.REGION, Kind.COUNTRY):
        for term in vocabulary.of(kind):
            if not term.retired:
                # A country's code may be a word ("it", "no"), and its slug is one.
                slugs = () if kind is Kind.COUNTRY else (term.code, *vocabulary.formerly(kind, term.code))
                for name in (*slugs, *term.names.values()):
                    names.setdefault(_folded(name), (kind, term.code))
    _known[:] = [(vocabulary, names)]
    return names


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFD", name[:_LONGEST].casefold())
    bare = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join(bare.split())


def _listed(tags: Sequence[str]) -> str:
    text = ", ".join(tags)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
