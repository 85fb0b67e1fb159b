"""What people say of an item wins over what is found in its words (labels).

Pure: a draft and a vocabulary in, labels and faults out. Used by acceptance, by
`feeds explain` and by `feeds items relabel`, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from feeds.labels.given import in_order, kinds_given, retired_labels, with_given
from feeds.labels.labeller import Labeller
from feeds.labels.languages import language
from feeds.labels.tagged import with_tagged, with_tags
from feeds.model import Draft, Fault, Item, Kind, Label, Vocabulary


def label_draft(
    labeller: Labeller, vocabulary: Vocabulary, draft: Draft, default_lang: str, item_id: str = ""
) -> tuple[str, tuple[Label, ...], tuple[Fault, ...]]:
    """(language, labels, warnings) of a draft. Topics that the site does not have are warned of.

    The head of the bulletin wins over the overrides file, that over what is found. `item_id` is the
    id that the draft would get, for decisions about that item.
    """
    lang = draft.lang or language(draft.title, draft.summary, default_lang)
    found: tuple[Label, ...] = labeller.labels(draft.title, draft.summary, lang)
    notes: tuple[Fault, ...] = ()
    if draft.tags:
        found, notes = with_tags(found, draft, vocabulary)
    labels = labeller.overrides.apply(
        found,
        item_id=item_id, date_on=draft.date_on, title=draft.title, summary=draft.summary,
    )  # fmt: skip
    faults: tuple[Fault, ...] = ()
    if draft.countries is not None:
        labels = _instead(labels, Kind.COUNTRY, draft.countries)
    if draft.topics is not None:
        codes = [(text, _topic(vocabulary, text)) for text in draft.topics]
        labels = _instead(labels, Kind.TOPIC, [code for _, code in codes if code])
        faults = tuple(
            Fault(code="topic-unknown", line=draft.line, detail=text) for text, code in codes if not code
        )
    return lang, labels, (*notes, *faults)


def _instead(labels: Sequence[Label], kind: Kind, codes: Sequence[str]) -> tuple[Label, ...]:
    kept = [label for label in labels if label.kind is not kind]
    return with_given(kept, [(kind, code.lower()) for code in dict.fromkeys(codes)])


def stated_kinds(draft: Draft) -> tuple[Kind, ...]:
    """The kinds of labels that the head of a bulletin names itself, be it none."""
    said = {Kind.COUNTRY: draft.countries, Kind.TOPIC: draft.topics}
    return tuple(kind for kind, codes in said.items() if codes is not None)


def label_item(labeller: Labeller, item: Item) -> tuple[Label, ...]:
    """The labels that an item gets by tables and overrides today; kinds that people gave stay as they are,
    and so do topics that were retired since.

    In the language that the item has. Whose labels were chosen by hand must not be asked for.
    """
    given = {*item.stated, *kinds_given(item.labels)}
    kept = [label for label in item.labels if label.kind in given]
    found = with_tagged(labeller.labels(item.title, item.summary, item.lang), item.labels)
    old = [] if Kind.TOPIC in given else retired_labels(item.labels, labeller.retired)
    labels = in_order([*kept, *(label for label in found if label.kind not in given), *old])
    return decided_labels(labeller, replace(item, labels=labels))


def decided_labels(labeller: Labeller, item: Item) -> tuple[Label, ...]:
    """The item's labels after what the overrides file says of it; kinds that people gave stay."""
    return labeller.overrides.apply(
        item.labels, item_id=item.id, date_on=item.date_on, title=item.title, summary=item.summary,
        stated=item.stated,
    )  # fmt: skip


def _topic(vocabulary: Vocabulary, text: str) -> str:
    """The slug of today for a slug, also a former one, or a name in any language; empty if there is none."""
    wanted = text.strip().casefold()
    if known := vocabulary.get(Kind.TOPIC, wanted):
        return known.code
    for term in vocabulary.of(Kind.TOPIC):
        if wanted in {name.casefold() for name in term.names.values()}:
            return term.code
    return ""
