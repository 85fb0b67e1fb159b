"""One of each set of versions: items that say the same in several languages count once (pure).

Which items a filter wants is asked of each alone; this is asked of all that it wants together. So where the
preferred version lacks a word that was asked for, the other one is taken, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Told(NamedTuple):
    """What decides between versions: their common key, the language, when it was announced, the item's id."""

    key: str
    lang: str
    accepted_at: datetime | str | float
    id: str


def once(wanted: Iterable[tuple[T, Told]], prefer: Sequence[str]) -> list[T]:
    """Which of these are left out: of each key all but one. The first language of `prefer` that is there
    decides, then what was announced first, then the id.
    """
    best: dict[str, tuple[tuple[int, object, str], T]] = {}
    out = []
    for each, told in wanted:
        mine = (_rank(told.lang, prefer), told.accepted_at, told.id), each
        other = best.get(told.key)
        if other is None:
            best[told.key] = mine
        elif mine[0] < other[0]:
            out.append(other[1])
            best[told.key] = mine
        else:
            out.append(each)
    return out


def _rank(lang: str, prefer: Sequence[str]) -> int:
    return prefer.index(lang) if lang in prefer else len(prefer)
