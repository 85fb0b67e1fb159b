"""How much will come: an estimate in words, before anybody gives an address (pure).

Owns: when a filter is a firehose, and how many mails a number of items makes at each cadence.
Must not know how the estimate was counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from feeds.i18n import Translator
from feeds.model import Cadence, Item

DAYS, WEEKS = 30.4, 4.35  # in a month
FIREHOSE = 60  # items a month: two a day


class Amount(Protocol):
    """How much a filter brought in the last year; `people.estimating.Amount` is one."""

    @property
    def number(self) -> int: ...
    @property
    def a_month(self) -> float: ...


class Estimate(Amount, Protocol):
    """The same with the newest of it; `people.estimating.Estimate` is one."""

    @property
    def newest(self) -> Sequence[Item]: ...


def amount_words(found: Amount, t: Translator) -> str:
    """``About 3 items a month in the last year.``"""
    if not found.number:
        return t.gettext("Nothing that we published in the last year fits.")
    count, monthly = rounded(found.a_month)
    if monthly:
        said = t.ngettext(
            "About %(num)s item a month in the last year.",
            "About %(num)s items a month in the last year.",
            count,
        )
    else:
        said = t.ngettext("About %(num)s item a year.", "About %(num)s items a year.", count)
    return said % {"num": t.number(count)}


def warning_words(found: Amount, t: Translator) -> str:
    """What somebody should know before they ask for this: that it never matched, or that it is a lot."""
    if not found.number:
        return t.gettext("You would get an email only if that changes. Fewer conditions bring more.")
    if found.a_month >= FIREHOSE:
        return t.gettext(
            "That is a lot of news. Once a day or once a week brings it together in one email; countries or"
            " topics make it less."
        )
    return ""


def hint_words(cadence: Cadence, found: Amount | None, t: Translator) -> str:
    """What a cadence would bring: ``Only in weeks with news: about 2 emails a month``."""
    alone = t.gettext("Only on days with news")
    if cadence is Cadence.IMMEDIATE:
        alone = t.gettext("Each with what was just published")
    elif cadence is Cadence.WEEKLY:
        alone = t.gettext("Only in weeks with news")
    elif cadence.gathers:
        alone = t.gettext("You say below how many items and how many days")
    if found is None or not found.number:
        return alone
    count, monthly = rounded(mails_a_month(cadence, found.a_month))
    if monthly:
        said = t.ngettext("about %(num)s email a month", "about %(num)s emails a month", count)
    else:
        said = t.ngettext("about %(num)s email a year", "about %(num)s emails a year", count)
    return f"{alone}: {said % {'num': t.number(count)}}"


def mails_a_month(cadence: Cadence, items: float) -> float:
    """How many mails so many items a month make, if they come at any time."""
    if cadence.gathers:
        least, days = cadence.gathers
        return items / max(1.0, min(least, 1 + items * days / DAYS))
    slots = {Cadence.DAILY: DAYS, Cadence.WEEKLY: WEEKS}.get(cadence)
    if cadence.days:
        slots = len(cadence.days) * WEEKS
    return items if slots is None else slots * (1 - math.exp(-items / slots))


def rounded(a_month: float) -> tuple[int, bool]:
    """A number to say, and whether it is one a month; what is less than one a month is told by the year."""
    monthly = a_month >= 1
    return max(1, int(a_month * (1 if monthly else 12) + 0.5)), monthly
