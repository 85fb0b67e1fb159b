"""What people say of an item wins over what is found in its words (labels).

Pure: a draft and a vocabulary in, labels and faults out. Used by acceptance, by
`feeds explain` and by `feeds items relabel`, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.labels.labeller import Labeller
from feeds.labels.languages import language
from feeds.model import Draft, Evidence, Fault, Kind, Label, Vocabulary

PERSON = "person"  # the rule in the evidence of a label that a person gave
_BY_A_PERSON = (Evidence(field="", start=0, end=0, words="", rule=PERSON),)


def label_draft(
    labeller: Labeller, vocabulary: Vocabulary, draft: Draft, default_lang: str
) -> tuple[str, tuple[Label, ...], tuple[Fault, ...]]:
    """(language, labels, warnings) of a draft. Topics that the site does not have are warned of."""
    lang = draft.lang or language(draft.title, draft.summary, default_lang)
    labels = labeller.labels(draft.title, draft.summary, lang)
    faults: tuple[Fault, ...] = ()
    if draft.countries is not None:
        labels = _instead(labels, Kind.COUNTRY, draft.countries)
    if draft.topics is not None:
        codes = [(text, _topic(vocabulary, text)) for text in draft.topics]
        labels = _instead(labels, Kind.TOPIC, [code for _, code in codes if code])
        faults = tuple(
            Fault(code="topic-unknown", line=draft.line, detail=text) for text, code in codes if not code
        )
    return lang, labels, faults


def _instead(labels: Sequence[Label], kind: Kind, codes: Sequence[str]) -> tuple[Label, ...]:
    kept = [label for label in labels if label.kind is not kind]
    return with_given(kept, [(kind, code.lower()) for code in dict.fromkeys(codes)])


def with_given(labels: Sequence[Label], given: Sequence[tuple[Kind, str]]) -> tuple[Label, ...]:
    """The labels after those that a person gave, kind by kind; the given have evidence without words."""
    return _in_order([*(Label(kind=kind, code=code, evidence=_BY_A_PERSON) for kind, code in given), *labels])


def relabelled(old: Sequence[Label], found: Sequence[Label]) -> tuple[Label, ...]:
    """The labels for changed words: those `found` in them, but the `old` ones of a kind that people gave."""
    given = {label.kind for label in old if any(one.rule == PERSON for one in label.evidence)}
    kept = [label for label in old if label.kind in given]
    return _in_order([*kept, *(label for label in found if label.kind not in given)])


def _in_order(labels: Sequence[Label]) -> tuple[Label, ...]:
    order = list(Kind)
    return tuple(sorted(labels, key=lambda label: order.index(label.kind)))


def _topic(vocabulary: Vocabulary, text: str) -> str:
    """The slug of today for a slug, also a former one, or a name in any language; empty if there is none."""
    wanted = text.strip().casefold()
    if known := vocabulary.get(Kind.TOPIC, wanted):
        return known.code
    for term in vocabulary.of(Kind.TOPIC):
        if wanted in {name.casefold() for name in term.names.values()}:
            return term.code
    return ""
