"""Many files on their way: who reads them ahead, and which share a transaction.

A burst of files goes through in parts, so that a thousand small files do not cost a thousand commits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from feeds.intake.examining import Examined, IngestRules, examine

T = TypeVar("T")

# What one transaction takes in at most, so that others who write need not wait long.
ITEMS_AT_ONCE = 500
FILES_AT_ONCE = 100
BYTES_AT_ONCE = 4_194_304


@dataclass(frozen=True, slots=True)
class Examiner:
    """Who reads and labels: `begin` is given a file, and gives what waits for it to be done.

    Up to `ahead` files are begun before the first is waited for.
    """

    ahead: int
    begin: Callable[[IngestRules, str, bytes], Callable[[], Examined]]


AT_ONCE = Examiner(ahead=0, begin=lambda rules, name, data: partial(examine, rules, name, data))


def parts(taken: Iterable[T], file_of: Callable[[T], Examined]) -> Iterator[list[T]]:
    """Files in the parts that share a transaction; `file_of` finds the file in each."""
    part: list[T] = []
    items = size = 0
    for one in taken:
        part.append(one)
        items += len(file_of(one).drafts)
        size += len(file_of(one).data)
        if items >= ITEMS_AT_ONCE or size >= BYTES_AT_ONCE or len(part) >= FILES_AT_ONCE:
            yield part
            part, items, size = [], 0, 0
    if part:
        yield part
