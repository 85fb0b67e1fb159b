"""Which lines of a mail are the bulletin, and which are letterheads, notes, quotations and signatures.

Owns that decision. A forwarded mail is read as the one that it forwards: below its letterhead, with its
day and subject; what the forwarder wrote above is a note between colleagues. An answer is read as what
is new in it. Where the mail does not tell which of the two it is, it is refused rather than guessed:
what is private must not become public. Must not know HTML, nor how items are found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from typing import NamedTuple

from feeds.reading.mail.colleagues import end_of_note, is_card
from feeds.reading.mail.wording import (
    FIELD,
    FIELDS,
    FORWARD_MARK,
    ORIGINAL_MARK,
    RULE,
    is_farewell,
    is_phones_line,
    says_wrote,
)
from feeds.reading.text.dates import LONGEST, DateOrder, parse
from feeds.reading.text.dress import LONGEST as DRESSED
from feeds.reading.text.dress import undressed
from feeds.reading.text.layout import title_like
from feeds.reading.text.private import LONGEST_PRIVATE, is_private_line

_LONGEST_HEAD = 30
_LONGEST_PARAGRAPH = 8
_NEAR_TOP = 5
_NEAR_HEAD = 30
_LONGEST_LINE = 1_000
_SIGNATURE = re.compile(r"--\s?")
_LIST_RULE = re.compile(r"_{20,}")
_LIST_FOOT = re.compile(
    r"mailing list|listinfo|lista de (?:correo|distribuci[oó]n)|liste de diffusion|unsubscribe", re.I
)
# A signature under a farewell: so many lines, none of them long, a sentence or a date.
_MOST_SIGNED = 12
_LONGEST_SIGNED = 90
_DAY_LIKE = re.compile(r"[0-9]{1,4}[-/. ]")
_WORDS_OF_A_SENTENCE = 5
_QUOTED = re.compile(r"\s{0,3}>[>\s]{0,20}")


class Block(NamedTuple):
    """A letterhead within a text: its first line, the line behind it, what it says, and whether it is
    marked as that of a forwarded mail (True), of an original one (False), or not at all (None).
    """

    first: int
    end: int
    said: dict[str, str]
    forwarded: bool | None


@dataclass(slots=True)
class Letter:
    """The lines of a mail that are the bulletin (by number from 0), with what stands for them in the receipt.

    `said` is the letterhead of the forwarded mail, if there is one. `unclear`: the words that may be either.
    """

    kept: list[int] = field(default_factory=list)
    left_out: list[tuple[str, int]] = field(default_factory=list)
    said: dict[str, str] | None = None
    unclear: str = ""
    quoted: bool = False


def letter_of(lines: Sequence[str], *, forwards: bool, answers: bool) -> Letter:
    """What of a mail is the bulletin. `forwards` and `answers` are what its subject says of it."""
    blocks = list(_blocks(lines))
    if blocks and (forwards or blocks[0].forwarded) and not (answers and not blocks[0].forwarded):
        return _forwarded(lines, blocks)
    if not blocks:
        return _answer(lines, _first_quotation(lines))
    above = [line for line in lines[: blocks[0].first] if line.strip()]
    if answers and above:
        return _answer(lines, min(blocks[0].first, _first_quotation(lines)))
    if not above and not answers:
        return _forwarded(lines, blocks)
    return Letter(unclear=(above or ["".join(blocks[0].said.values())])[0])


def text_of(letter: Letter, lines: Sequence[str]) -> str:
    """The letter's own lines, each where it stood; all others are blank."""
    kept = set(letter.kept)
    own = (line if at in kept else "" for at, line in enumerate(lines))
    return "\n".join(_QUOTED.sub("", line, count=1) if letter.quoted else line for line in own)


def only_day(rows: Sequence[str], order: DateOrder) -> tuple[int, date] | None:
    """The one date line of a letter, by number from 0, and its day; a place may stand before it."""
    dated = [(at, day) for at, row in enumerate(rows) if row and (day := _day_of(row, order))]
    return dated[0] if len(dated) == 1 else None


def is_letters_day(rows: Sequence[str], at: int) -> bool:
    """Whether the one date of a letter is its day: near the top, and with words above it or none of a title
    below.
    """
    above = [row for row in rows[:at] if row]
    below = [row for row in rows[at + 1 :] if row]
    if not below or len(above) > _NEAR_TOP:
        return False
    return bool(above) or not title_like(below[0]) or len(below) == 1


def _day_of(row: str, order: DateOrder) -> date | None:
    if len(row) > DRESSED or not any(char.isdigit() for char in row):
        return None
    cores = (row, *(each.core for each in undressed(row)))
    read = (parse(core, order) for core in cores if len(core) < LONGEST)
    return next((day for day in read if isinstance(day, date)), None)


def _forwarded(lines: Sequence[str], blocks: Sequence[Block]) -> Letter:
    """The mail that is forwarded, the innermost of several that has a text."""
    telling = [block for block in blocks if any(line.strip(" >\t") for line in lines[block.end :])]
    block = telling[-1] if telling else blocks[-1]
    quoted = all(line.lstrip()[:1] == ">" for line in lines[block.end :] if line.strip())
    end = len(lines) if quoted else _first_quotation(lines, block.end)
    letter = _signed(lines, range(block.end, end), quoted=quoted)
    letter.said = block.said
    letter.left_out[:0] = _told(lines, "mail-note", range(blocks[0].first))
    letter.left_out += _told(lines, "mail-letterhead", range(blocks[0].first, block.end))
    letter.left_out += _told(lines, "mail-quotation", range(end, len(lines)))
    return letter


def _answer(lines: Sequence[str], quotation: int) -> Letter:
    """What is new in a mail: above what it quotes, else below."""
    letter = _signed(lines, range(quotation))
    if not letter.kept and quotation < len(lines):
        below = [at for at in range(quotation, len(lines)) if not _QUOTED.match(lines[at])]
        below = [at for at in below if not says_wrote(lines[at])]
        letter = _signed(lines, below[1:] if below and below[0] == quotation else below)
        if not letter.kept:
            letter.unclear = next((line for line in lines[quotation:] if line.strip()), "")
    gone = set(range(quotation, len(lines))) - set(letter.kept)
    letter.left_out += _told(lines, "mail-quotation", sorted(gone))
    return letter


def _signed(lines: Sequence[str], numbers: Sequence[int] | range, *, quoted: bool = False) -> Letter:
    """The lines of a text without what stands under it: signatures, a telephone's line, a list's footer."""
    letter = Letter(quoted=quoted)
    private = False
    asked = end_of_note([lines[at] for at in numbers[:_NEAR_HEAD]])
    letter.left_out += _told(lines, "mail-note", numbers[:asked])
    for place, at in enumerate(numbers[asked:], asked):
        row = _QUOTED.sub("", lines[at], count=1) if quoted else lines[at]
        ends = _SIGNATURE.fullmatch(row) or _is_list_foot(lines, at) or _takes_leave(lines, numbers[place:])
        if ends or (letter.kept and _leaves_card(lines, numbers[place:])):
            letter.left_out += _told(lines, "mail-signature", numbers[place:])
            break
        private = bool(row.strip()) and (private or _is_private(lines, at))
        if private:
            letter.left_out.append(("private-line", at))
        elif is_phones_line(row):
            letter.left_out.append(("mail-signature", at))
        elif row.strip():
            letter.kept.append(at)
    return letter


def _takes_leave(lines: Sequence[str], numbers: Sequence[int] | range) -> bool:
    """Whether a letter ends here with a farewell: only a name and how to reach it stand under it."""
    if not is_farewell(lines[numbers[0]].strip(" >\t")):
        return False
    below = [line.strip(" >\t") for at in numbers[1 : _MOST_SIGNED + 20] if (line := lines[at]).strip(" >\t")]
    short = not any(len(line) > _LONGEST_SIGNED or _says_something(line) for line in below)
    return 0 < len(below) <= _MOST_SIGNED and len(numbers) <= _MOST_SIGNED + 20 and short


def _leaves_card(lines: Sequence[str], numbers: Sequence[int] | range) -> bool:
    """Whether nothing but a visiting card stands from here to the end, behind a blank line."""
    at = numbers[0]
    short = len(numbers) <= _MOST_SIGNED and bool(lines[at].strip()) and not lines[at - 1].strip(" >\t")
    return short and is_card([lines[each] for each in numbers])


def _says_something(line: str) -> bool:
    """Whether a line is a sentence, or begins as a date."""
    sentence = line.endswith((".", "!", "?", ":")) and len(line.split()) >= _WORDS_OF_A_SENTENCE
    return sentence or _DAY_LIKE.match(line) is not None


def _is_private(lines: Sequence[str], at: int) -> bool:
    """Whether a paragraph that nobody but the receiver is to read begins here; it may be broken by hand."""
    if at and lines[at - 1].strip(" >\t"):
        return is_private_line(lines[at])
    paragraph = takewhile(lambda line: line.strip(" >\t"), lines[at : at + _LONGEST_PARAGRAPH])
    return is_private_line(" ".join(line.strip(" >\t") for line in paragraph)[:LONGEST_PRIVATE])


def _is_list_foot(lines: Sequence[str], at: int) -> bool:
    """Whether a mailing list's own lines begin here: a long rule, and words of such a list under it."""
    return bool(_LIST_RULE.fullmatch(lines[at].strip())) and any(
        _LIST_FOOT.search(line[:_LONGEST_LINE]) for line in lines[at + 1 : at + 7]
    )


def _told(lines: Sequence[str], rule: str, numbers: Sequence[int] | range) -> list[tuple[str, int]]:
    return [(rule, at) for at in numbers if lines[at].strip()]


def _first_quotation(lines: Sequence[str], start: int = 0) -> int:
    """Where the words begin that somebody quotes: at “… wrote:”, or at the mark of an original mail."""
    for at in range(start, len(lines)):
        if _wrote(lines, at):
            return at
        if ORIGINAL_MARK.fullmatch(lines[at][:_LONGEST_LINE]):
            return at
    return len(lines)


def _wrote(lines: Sequence[str], at: int) -> bool:
    """Whether a quotation is said to begin with this line; the sentence may be broken over two or three."""
    line = lines[at]
    if not line.strip() or len(line) > _LONGEST_LINE or not line.lstrip("> \t")[:1].isalnum():
        return False
    for count in (1, 2, 3):
        part = lines[at : at + count]
        if not part[-1].strip():
            return False
        joined = " ".join(each.strip() for each in part)
        if len(joined) <= 300 and says_wrote(joined) and any(sign in joined for sign in "@0123456789"):
            below = next((row for row in lines[at + count : at + count + 20] if row.strip()), "")
            return count == 1 or not below or below.lstrip()[:1] in (">", "|") or "@" in joined
    return False


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    """All letterheads in a text, in order."""
    at = 0
    while at < len(lines):
        if not _may_begin(lines[at]):
            at += 1
            continue
        end, said = _block(lines, at)
        if said is not None:
            first, forwarded = _marked(lines, at)
            yield Block(first, end, said, forwarded)
        at = max(end, at + 1)


def _may_begin(line: str) -> bool:
    return ":" in line[:60] and FIELD.match(line[:_LONGEST_LINE]) is not None


def _block(lines: Sequence[str], start: int) -> tuple[int, dict[str, str] | None]:
    """The line behind the fields that begin here, and what they say; None if they are no letterhead."""
    said: dict[str, str] = {}
    names, end, last = 0, start, ""
    for at in range(start, min(start + _LONGEST_HEAD, len(lines))):
        line = lines[at][:_LONGEST_LINE]
        if not line.strip(" >\t"):
            if at > end:  # one blank line may stand between two
                break
            continue
        found = FIELD.match(line)
        if found:
            last = FIELDS[found[1].lower()]
            said.setdefault(last, found[2].strip(" *_"))
            names += 1
        elif last == "other" and at == end and "@" in line:  # many receivers, over several lines
            pass
        elif last and at == end and line[:1] in " \t" and names:
            said[last] = f"{said[last]} {line.strip()}"
        else:
            break
        end = at + 1
    whole = {"from", "date", "subject"} & said.keys()
    people = "@" in said.get("from", "") or "other" in said or len(whole) == 3
    return end, said if names >= 3 and "from" in said and len(whole) >= 2 and people else None


def _marked(lines: Sequence[str], start: int) -> tuple[int, bool | None]:
    """Where the mark above a letterhead begins, and what it says."""
    first = start
    for at in range(start - 1, max(start - 4, -1), -1):
        line = lines[at][:_LONGEST_LINE]
        if FORWARD_MARK.fullmatch(line):
            return at, True
        if ORIGINAL_MARK.fullmatch(line):
            return at, False
        if RULE.fullmatch(line):
            first = at
        elif line.strip(" >\t"):
            break
    return first, None
