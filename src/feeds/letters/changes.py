"""Corrections and withdrawals as a digest tells them, once, to those who got the item (pure).

Owns: the cards of the sections "Corrected" and "Withdrawn", and the words for
a digest's counts. Must not know who got what, nor how the mail is laid out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.i18n import Translator
from feeds.letters.days import local_day
from feeds.model import Audience, ChangeKind, Correction, SiteInfo, Vocabulary
from feeds.templating import clip, one_line
from feeds.wording import all_label_names, corrected_words, withdrawn_words

MOST_CHANGES = 30
_TITLE_LIMIT = 250
_REASON_LIMIT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCard:
    """One correction or withdrawal as the mail shows it.

    `url` is empty for what was withdrawn. `what` is the sentence that tells what was
    done and when, `reason` the office's own words or empty, `tagged` the title on a
    line of its own: ``Corrected: …``.
    """

    withdrawn: bool
    title: str
    url: str
    lang: str
    date: str
    labels: str
    what: str
    reason: str
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


def counted(new: int, cards: Sequence[ChangeCard], t: Translator) -> str:
    """The heading of a digest: ``4 new items, 1 correction and 1 withdrawn item``; nothing that is none."""
    corrected, withdrawn = _split(cards)
    parts = (
        (new, t.ngettext("1 new item", "%(num)s new items", new)),
        (corrected, t.ngettext("1 correction", "%(num)s corrections", corrected)),
        (withdrawn, t.ngettext("1 withdrawn item", "%(num)s withdrawn items", withdrawn)),
    )
    return t.all_of([words % {"num": n} for n, words in parts if n])


def counted_shortly(new: int, cards: Sequence[ChangeCard], t: Translator) -> str:
    """The same for a subject: ``4 new, 1 correction, 1 withdrawn``."""
    corrected, withdrawn = _split(cards)
    parts = (
        (new, t.ngettext("1 new", "%(num)s new", new)),
        (corrected, t.ngettext("1 correction", "%(num)s corrections", corrected)),
        (withdrawn, t.ngettext("1 withdrawn", "%(num)s withdrawn", withdrawn)),
    )
    return ", ".join(words % {"num": n} for n, words in parts if n)


def _split(cards: Sequence[ChangeCard]) -> tuple[int, int]:
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
    day = local_day(audience, at)
    reason = one.reason or (item.withdrawn_reason if withdrawn else "")
    tag = t.gettext("Withdrawn: %(title)s") if withdrawn else t.gettext("Corrected: %(title)s")
    return ChangeCard(
        withdrawn=withdrawn,
        title=clip(item.title, _TITLE_LIMIT),
        url="" if withdrawn else f"{site.base_url}/items/{item.id}/",
        lang=item.lang,
        date=t.date(item.date_on),
        labels=all_label_names(item, vocabulary, t),
        what=withdrawn_words(day, t) if withdrawn else corrected_words(one, day, t),
        reason=clip(reason, _REASON_LIMIT),
        tagged=tag % {"title": one_line(item.title)},
    )
