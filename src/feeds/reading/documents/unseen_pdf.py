"""Text of a PDF document that nobody sees: white where nothing coloured lies under it, or not painted at all.

Owns following what a page paints, as far as that is told by colours of fills and by where shapes and
pictures lie. Where the ground is not known, the text is seen. Text that is not painted stays where a page has
pictures: it is what a scanner read. Must not know the library that parses a page, nor what the text means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

# A page without any of these signs has no such text, and need not be followed.
SIGNS = re.compile(
    rb"(?<![0-9.])(?:1(?:\.0*)?|0?\.9[7-9][0-9]*)\s+(?:g|rgb?|sc|scn)\b|\b0(?:\.0*)?\s+(?:k|scn?)\b|[37]\s+Tr\b"
)
_WHITE = 0.97
_NOTHING = 0.03
_FILLS = frozenset({b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})
_ENDS = frozenset({b"S", b"s", b"n"})
_POINTS = frozenset({b"m", b"l", b"c", b"v", b"y", b"re"})
_SHOWS = frozenset({b"Tj", b"TJ", b"'", b'"'})
_UNPAINTED = (3, 7)
_MOST_SHAPES = 5_000
_DEEPEST = 64

Matrix = Sequence[float]


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float


class Unseen:
    """Watches the operators of one page in their order, and empties those that show text to nobody.

    `is_picture` tells whether a name of the page is one; what is none is a form. `taken` counts
    what was emptied.
    """

    def __init__(self, is_picture: Callable[[str], bool], *, has_pictures: bool) -> None:
        self.taken = 0
        self._is_picture, self._has_pictures = is_picture, has_pictures
        self._white, self._mode = False, 0
        self._kept: list[tuple[bool, int]] = []
        self._path: list[tuple[float, float]] = []
        self._shapes: list[_Box] = []
        self._known = True

    def watch(self, operator: bytes, operands: list[Any], ctm: Matrix, text: Matrix) -> None:
        """One operator before it is carried out, with the matrices of the page and of the text."""
        if operator in _SHOWS:
            if self._is_unseen(ctm, text):
                self.taken += _emptied(operands)
        elif operator in _FILLS:
            self._painted(self._path)
            self._path = []
        elif operator in _ENDS:
            self._path = []
        elif operator in _POINTS:
            self._path += _points(operator, operands, ctm)
        elif operator == b"Do":
            self._draws(str(operands[0]) if operands else "", ctm)
        elif operator == b"sh":
            self._known = False
        else:
            self._says(operator, operands)

    def _says(self, operator: bytes, operands: Sequence[Any]) -> None:
        if operator == b"q" and len(self._kept) < _DEEPEST:
            self._kept.append((self._white, self._mode))
        elif operator == b"Q" and self._kept:
            self._white, self._mode = self._kept.pop()
        elif operator == b"Tr" and operands:
            self._mode = int(operands[0])
        elif operator in (b"g", b"rg", b"k", b"sc", b"scn"):
            self._white = _is_white(operands)
        elif operator == b"cs":
            self._white = False

    def _is_unseen(self, ctm: Matrix, text: Matrix) -> bool:
        if self._mode in _UNPAINTED:
            return not self._has_pictures
        if not self._white or not self._known:
            return False
        x, y = _moved(_moved((0.0, 0.0), text), ctm)
        return not any(box.left <= x <= box.right and box.bottom <= y <= box.top for box in self._shapes)

    def _painted(self, points: Iterable[tuple[float, float]]) -> None:
        """A shape that is not white lies on the page from now on; a white one covers nothing that "
        "is known."""
        where = list(points)
        if self._white or not where:
            return
        if len(self._shapes) == _MOST_SHAPES:
            self._known = False
            return
        across, up = zip(*where, strict=True)
        self._shapes.append(_Box(min(across) - 1, min(up) - 1, max(across) + 1, max(up) + 1))

    def _draws(self, name: str, ctm: Matrix) -> None:
        if self._is_picture(name):
            white, self._white = self._white, False
            self._painted(_moved(corner, ctm) for corner in ((0, 0), (1, 0), (0, 1), (1, 1)))
            self._white = white
        else:
            self._known = False  # a form paints what it likes


def _points(operator: bytes, operands: Sequence[Any], ctm: Matrix) -> list[tuple[float, float]]:
    try:
        numbers = [float(each) for each in operands]
    except (TypeError, ValueError):
        return []
    if operator == b"re" and len(numbers) == 4:
        x, y, wide, high = numbers
        pairs = [(x, y), (x + wide, y), (x, y + high), (x + wide, y + high)]
    else:
        pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
    return [_moved(pair, ctm) for pair in pairs]


def _moved(point: tuple[float, float], by: Matrix) -> tuple[float, float]:
    x, y = point
    return x * by[0] + y * by[2] + by[4], x * by[1] + y * by[3] + by[5]


def _is_white(operands: Sequence[Any]) -> bool:
    """Whether a colour in grey, RGB or CMYK is white."""
    try:
        parts = [float(each) for each in operands]
    except (TypeError, ValueError):
        return False
    if len(parts) == 4:
        return all(part <= _NOTHING for part in parts)
    return len(parts) in (1, 3) and all(part >= _WHITE for part in parts)


def _emptied(operands: list[Any]) -> int:
    """Takes the text out of the operands of one operator; 1 if there was any."""
    for at, each in enumerate(operands):
        if isinstance(each, list):
            said = any(isinstance(part, str | bytes) and part.strip() for part in each)
            operands[at] = type(each)()
            return int(said)
        if isinstance(each, str | bytes):
            operands[at] = type(each)()
            return int(bool(each.strip()))
    return 0
