"""What the office says itself of an item wins over what is found in its words (labels).

Pure: a draft and a vocabulary in, labels and faults out. Used by acceptance and
by `feeds explain`, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.labels.labeller import Labeller
from feeds.labels.languages import language
from feeds.labels.overrides import PERSON
from feeds.model import Draft, Evidence, Fault, Kind, Label, Vocabulary

STATED = (Evidence(field="", start=0, end=0, words="", rule=PERSON),)


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
    given = [Label(kind=kind, code=code.lower(), evidence=STATED) for code in dict.fromkeys(codes)]
    kept = [label for label in labels if label.kind is not kind]
    order = list(Kind)
    return tuple(sorted([*given, *kept], key=lambda label: order.index(label.kind)))


def _topic(vocabulary: Vocabulary, text: str) -> str:
    """The slug that was written, by itself or as a name in any language; empty if the site has none such."""
    wanted = text.strip().casefold()
    for term in vocabulary.of(Kind.TOPIC):
        if wanted in {term.code, *(name.casefold() for name in term.names.values())}:
            return term.code
    return ""
