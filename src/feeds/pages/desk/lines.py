"""What was read of a bulletin, line by line: which line is a date, a title, text, or nothing (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from feeds.model import Draft, Fault
from feeds.templating import one_line


class Role(StrEnum):
    """What a line was taken for. `LEFT` is not published."""

    DATE = "date"
    TITLE = "title"
    TEXT = "text"
    LEFT = "left"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, with the number of the item that it belongs to (0: none), and its faults."""

    number: int
    text: str
    role: Role
    item: int = 0
    faults: Sequence[Fault] = field(default=())


def read_lines(text: str, drafts: Sequence[Draft], faults: Iterable[Fault]) -> list[Line]:
    """Every line of a text as it was taken; drafts know the lines that they stand on."""
    wrong: dict[int, list[Fault]] = {}
    for fault in faults:
        wrong.setdefault(fault.line or 0, []).append(fault)
    found, titled = [], set[int]()
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n"), 1):
        item = next((n for n, each in enumerate(drafts, 1) if each.line <= number <= each.end_line), 0)
        role = _role(line, drafts[item - 1] if item else None, titled=item in titled)
        if role is Role.TITLE:
            titled.add(item)
        found.append(Line(number, line, role, item, tuple(wrong.get(number, ()))))
    return found


def _role(line: str, draft: Draft | None, *, titled: bool) -> Role:
    plain = one_line(line)
    if not plain:
        return Role.BLANK
    if draft is None:
        return Role.LEFT
    if titled:
        return Role.TEXT
    return Role.TITLE if _begins(plain, one_line(draft.title)) else Role.DATE


def _begins(line: str, title: str) -> bool:
    """Whether a line holds a title, or the beginning of one that goes on below."""
    bare = line.strip("#*_= ")
    return bool(bare) and (title in line or title.startswith(bare))
