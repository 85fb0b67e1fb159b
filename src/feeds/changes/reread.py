"""What differs from a stored item only because this program reads better than the one that took it in.

That is no news: neither a correction nor a new item. It holds for items of an earlier way of reading
(`Known.former`), and only where the office says nothing else than it did:

 a. the file has the bytes of one that was taken in then: a draft is the item that stands at its lines;
 b. or the source is the same, signs and spaces apart, however it was read;
 c. or the words are the same but for what reading has learned to mend: letters read in a wrong encoding,
    addresses beside words, marks of lists and notes, names of picture files;
 d. or each paragraph of the item still stands in the file, be it among the lines that are left out now, and
    each paragraph of the draft stood in the file then;
 e. or all that a draft says was published as a part of an item, because two were read as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

from feeds.changes.decisions import Changed, Decision, Known, New, Same
from feeds.changes.folding import wording_fold
from feeds.changes.keys import identity
from feeds.changes.likeness import ENOUGH, alike, names_other_things, words_of
from feeds.model import Draft

if TYPE_CHECKING:
    from feeds.changes.candidates import Candidates
    from feeds.changes.rule import File

READING = 2
"""The number of this program's way of reading. Raise it when files of old are read in other words."""

# What UTF-8 looks like when it was read as Windows-1252: a letter of Latin, and signs behind it.
_MISREAD = re.compile("[Â-ô][\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]{1,3}")
# An address, with the brackets round it; a sentence may begin right behind its full stop.
_ADDRESS = re.compile(
    r"[<(\[]?(?:(?:https?://|www\.)(?:(?!\.[A-ZÀ-Þ][a-zà-ÿ])[^\s<>()\[\]\"'])+"
    r"|(?:mailto:)?[\w.+-]{1,64}@[\w-]+(?:\.[a-z0-9-]+)+)[>)\]]?"
)
_MARK = re.compile(r"^\s*(?:[-*+•·–]|[0-9]{1,3}[.)])\s+|\[\^?[0-9]{1,3}\]:?", re.MULTILINE)
_PICTURE = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|heic|svg)\b|\b(?:IMG|DSC)_?[0-9]+\b", re.IGNORECASE)
_TELLING = 20


def as_read_before(among: Candidates, draft: Draft, file: File, decision: Decision) -> Decision:
    """The decision, or `Same` where the draft differs from an item of old by its reading alone."""
    placed = among.at_its_lines(file.digest, draft.line)
    known = _former(among, draft, decision, placed)
    if known is None:
        return _retitled(among, draft, file) or decision if isinstance(decision, New) else decision
    if placed is None and not (isinstance(decision, New) or reads_the_same(draft, known)):
        return _reworded(draft, known, decision)
    if (
        placed is None
        and isinstance(decision, Changed)
        and "link" in decision.fields
        and _says_another(draft, known)
    ):
        return replace(decision, fields=("link",))
    earlier = not isinstance(decision, New) and decision.earlier
    return Same(known.item_id, earlier=earlier, reread=True, whole=placed is not None)


def _former(among: Candidates, draft: Draft, decision: Decision, placed: Known | None) -> Known | None:
    """The item of old that a draft may be; `placed` is the one at its lines in a file of the same bytes."""
    if not isinstance(decision, New):
        known = among.get(decision.item_id)
        return known if known.former else None
    if placed is not None:
        return placed
    near = among.formers(draft, draft.date_on)
    same = next((known for known in near if reads_the_same(draft, known)), None)
    return same or next((known for known in among.formers(draft, None) if _said_within(draft, known)), None)


def _said_within(draft: Draft, known: Known) -> bool:
    """Whether all that a draft says was published already, as a part of an item of old."""
    mine = f"{draft.title}\n{draft.summary}"
    return len(draft.summary) >= _TELLING and _all_in(mine, plainest(f"{known.title}\n{known.summary}"))


def _retitled(among: Candidates, draft: Draft, file: File) -> Changed | None:
    """An item of old whose title alone the office has corrected, while its text only reads better."""
    title = words_of(draft.title)
    for known in among.formers(draft, draft.date_on):
        again = (file.brought(known) or file.recaptured) and known.item_id not in file.claimed
        if not again or identity(known.date_on, known.title) in file.stated:
            continue
        alone = alike(title, words_of(known.title)) >= ENOUGH and not names_other_things(
            draft.title, known.title
        )
        if alone and draft.summary and _same_text(draft, known):
            return Changed(known.item_id, ("title",))
    return None


def _reworded(draft: Draft, known: Known, decision: Decision) -> Decision:
    """A change without what of it is reading: a text that says the same is none, beside another title."""
    if isinstance(decision, Changed) and len(decision.fields) > 1 and _same_text(draft, known):
        return replace(decision, fields=tuple(name for name in decision.fields if name != "summary"))
    return decision


def _says_another(draft: Draft, known: Known) -> bool:
    """Whether the office itself writes another address than it did, and not only another one is chosen."""
    return draft.link_said and (known.link or "") not in _addresses(draft.original)


def reads_the_same(draft: Draft, known: Known) -> bool:
    """Whether a draft and an item of old say the same, read in different ways."""
    source, before = wording_fold(_mended(draft.original)), wording_fold(_mended(known.original))
    if source and source == before:
        return True
    mine, theirs = f"{draft.title}\n\n{draft.summary}", f"{known.title}\n\n{known.summary}"
    if draft.date_on == known.date_on and plainest(mine) == plainest(theirs):
        return _same_addresses(draft, known)
    return _each_in_the_other(draft, known, mine, theirs)


def _same_text(draft: Draft, known: Known) -> bool:
    """The same of the text alone."""
    if plainest(draft.summary) == plainest(known.summary):
        return _same_addresses(draft, known)
    return _each_in_the_other(draft, known, draft.summary, known.summary)


def _each_in_the_other(draft: Draft, known: Known, mine: str, theirs: str) -> bool:
    said = plainest(f"{draft.original}\n{draft.passed}\n{draft.title}\n{draft.summary}")
    before = plainest(f"{known.original}\n{known.title}\n{known.summary}")
    return _all_in(theirs, said) and _all_in(mine, before) and _same_addresses(draft, known)


def _same_addresses(draft: Draft, known: Known) -> bool:
    """Whether no address of the item has left the file, and none of the draft has come into it."""
    now = _addresses(f"{draft.original}\n{draft.passed}\n{draft.summary}\n{draft.body}\n{draft.link}")
    before = _addresses(f"{known.original}\n{known.summary}\n{known.link}")
    return _addresses(known.summary) <= now and _addresses(draft.summary) <= before


def _addresses(text: str) -> set[str]:
    found = (each.strip("<>()[]").removeprefix("mailto:").rstrip(".,;:") for each in _ADDRESS.findall(text))
    return {unescape(each) for each in found}


def plainest(text: str) -> str:
    """The words of a text without what former ways of reading lost, kept or spoiled."""
    text = _ADDRESS.sub(" ", _mended(text))
    return wording_fold(_PICTURE.sub(" ", _MARK.sub(" ", text)))


def _mended(text: str) -> str:
    """Letters that were read in a wrong encoding, as they were meant."""
    return _MISREAD.sub(_meant, text) if _MISREAD.search(text) else text


def _meant(found: re.Match[str]) -> str:
    try:
        return found[0].encode("cp1252").decode("utf-8")
    except UnicodeError:
        return found[0]


def _all_in(text: str, whole: str) -> bool:
    """Whether each paragraph of a text stands in another one."""
    padded = f" {whole} "
    return all(f" {words} " in padded for words in _paragraphs(text))


def _paragraphs(text: str) -> Iterable[str]:
    return filter(None, (plainest(part) for part in text.split("\n")))
