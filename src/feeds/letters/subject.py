"""The subject line of a digest: what happened, not how many (pure).

At most 80 characters, the news in the first 40: a headline, how many more, the changes. The name of a
subscription goes in front where it is short and all of it fits. Never the site's name, a date or brackets.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds.i18n import Translator
from feeds.letters.changes import ChangeCard, split
from feeds.templating import clip, one_line

LONGEST = 80
LONGEST_NAME = 24


def subject_line(headlines: Sequence[str], total: int, changes: Sequence[ChangeCard], t: Translator) -> str:
    """The subject of a digest of `total` items; `headlines` are their titles, the leading one first."""
    if not headlines:
        first, *rest = changes
        return _cut(first.tagged, _more(len(rest), t))
    return _cut(headlines[0], _more(total - 1, t) + _changed(changes, t))


def named(subject: str, name: str) -> str:
    """The subject with the name of the subscription in front, if that is short and all of it fits."""
    full = f"{one_line(name)}: {subject}"
    return full if name and len(one_line(name)) <= LONGEST_NAME and len(full) <= LONGEST else subject


def _cut(headline: str, tail: str) -> str:
    """The headline gives way, at a word, never what comes after it."""
    return clip(one_line(headline), max(20, LONGEST - len(tail))) + tail


def _more(num: int, t: Translator) -> str:
    return t.ngettext(", and 1 more", ", and %(num)s more", num) % {"num": t.number(num)} if num else ""


def _changed(changes: Sequence[ChangeCard], t: Translator) -> str:
    corrected, withdrawn = split(changes)
    parts = (
        (corrected, t.ngettext("1 correction", "%(num)s corrections", corrected)),
        (withdrawn, t.ngettext("1 withdrawal", "%(num)s withdrawals", withdrawn)),
    )
    said = ", ".join(words % {"num": n} for n, words in parts if n)
    return f"; {said}" if said else ""
