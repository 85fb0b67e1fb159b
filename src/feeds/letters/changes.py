"""Corrections and withdrawals as a digest tells them, once, to those who got the item (pure).

Owns: the cards of the group "Corrected and withdrawn" and the words for how many there are. What was
corrected is shown as it was and as it is, the changed words marked. Must not know who got what, nor how
the mail is laid out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from feeds import timewords
from feeds.changes import marking
from feeds.i18n import Translator
from feeds.model import Audience, ChangeKind, Correction, Kind, SiteInfo, Vocabulary
from feeds.templating import clip, one_line
from feeds.wording import corrected_fields, label_names

MOST_CHANGES = 30
_TITLE_LIMIT = 250
_REASON_LIMIT = 400
_PLACES = 4


@dataclass(frozen=True, slots=True)
class Reworded:
    """One passage as it was and as it is; one side is empty where it was added or taken out."""

    was: tuple[marking.Span, ...]
    now: tuple[marking.Span, ...]

    @property
    def was_text(self) -> str:
        return " ".join(span.text for span in self.was)

    @property
    def now_text(self) -> str:
        return " ".join(span.text for span in self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCard:
    """One correction or withdrawal as the mail shows it.

    `url` is empty for what was withdrawn. `state` says what was done and when, `fields` what of it where
    no words can be shown, `reason` is the office's own or empty, `tagged` the title on a line of its own:
    ``Corrected: …``.
    """

    withdrawn: bool
    title: str
    url: str
    lang: str
    state: str
    fields: str
    passages: tuple[Reworded, ...]
    reason: str
    meta: str
    tagged: str


def change_cards(
    corrections: Sequence[Correction],
    audience: Audience,
    site: SiteInfo,
    vocabulary: Vocabulary,
    t: Translator,
) -> list[ChangeCard]:
    """Cards of all the changes. What was withdrawn comes first: it is the last to be cut from a long mail."""
    ordered = sorted(corrections, key=lambda one: not _is_withdrawn(one))
    return [_card(one, audience, site, vocabulary, t) for one in ordered]


def counts_at_the_end(cards: Sequence[ChangeCard], t: Translator) -> str:
    """``1 correction and 2 withdrawals``; empty without any."""
    corrected, withdrawn = split(cards)
    parts = (
        (corrected, t.ngettext("1 correction", "%(num)s corrections", corrected)),
        (withdrawn, t.ngettext("1 withdrawal", "%(num)s withdrawals", withdrawn)),
    )
    return t.all_of([words % {"num": n} for n, words in parts if n])


def split(cards: Sequence[ChangeCard]) -> tuple[int, int]:
    """How many were corrected, how many withdrawn."""
    withdrawn = sum(card.withdrawn for card in cards)
    return len(cards) - withdrawn, withdrawn


def _is_withdrawn(one: Correction) -> bool:
    return one.kind is ChangeKind.WITHDRAWN


def _card(
    one: Correction, audience: Audience, site: SiteInfo, vocabulary: Vocabulary, t: Translator
) -> ChangeCard:
    item, withdrawn = one.item, _is_withdrawn(one)
    at = (item.withdrawn_at or item.updated_at) if withdrawn else item.updated_at
    state, tag = _said(one.kind, t)
    passages = () if one.kind is not ChangeKind.CORRECTED else tuple(_reworded(one, t))
    places = label_names(item, Kind.COUNTRY, vocabulary, t)[:_PLACES]
    return ChangeCard(
        withdrawn=withdrawn,
        title=clip(item.title, _TITLE_LIMIT),
        url="" if withdrawn else site.url(f"/items/{item.id}/", t.lang),
        lang="" if item.lang == t.lang else item.lang,
        state=state % {"when": timewords.day_and_hour(at, audience.zone, t)},
        fields=_fields(one, t) if not passages else "",
        passages=passages,
        reason=clip(one.reason or (item.withdrawn_reason if withdrawn else ""), _REASON_LIMIT),
        meta=" · ".join(part for part in (t.all_of(places), t.date(item.date_on)) if part),
        tagged=tag % {"title": one_line(item.title)},
    )


def _said(kind: ChangeKind, t: Translator) -> tuple[str, str]:
    """What was done and when, and the title with it before."""
    if kind is ChangeKind.WITHDRAWN:
        return t.gettext("Withdrawn on %(when)s"), t.gettext("Withdrawn: %(title)s")
    if kind is ChangeKind.RESTORED:
        return t.gettext("Restored on %(when)s"), t.gettext("Restored: %(title)s")
    return t.gettext("Corrected on %(when)s"), t.gettext("Corrected: %(title)s")


def _fields(one: Correction, t: Translator) -> str:
    """In words what cannot be shown as it was and is."""
    if one.kind is ChangeKind.RESTORED:
        return t.gettext("It had been withdrawn by mistake and stands again as it was.")
    return "" if _is_withdrawn(one) else corrected_fields(one, t)


def _reworded(one: Correction, t: Translator) -> Iterator[Reworded]:
    """The date, the title and the sentences of the text that differ."""
    if one.was is None:
        return
    was, item = one.was, one.item
    if was.date_on != item.date_on:
        yield Reworded(
            (marking.Span(t.date(was.date_on), True),), (marking.Span(t.date(item.date_on), True),)
        )
    for old, new in ((was.title, item.title), (was.summary, item.summary)):
        for passage in marking.passages(old, new):
            yield Reworded(passage.was, passage.now)
