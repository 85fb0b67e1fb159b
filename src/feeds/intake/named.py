"""Files that a person names: taken in where they lie, and left there.

They share transactions like those of the inbox. What fails is the person's to see: no file is tried again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from feeds.errors import BulletinError, StoreError
from feeds.intake.acceptance import Accepted, accept_where_it_lies
from feeds.intake.examining import Examined, IngestRules, refused
from feeds.intake.limited_reading import ReadingDiedError
from feeds.intake.parting import AT_ONCE, Examiner, parts
from feeds.model import Fault
from feeds.store import Refused, Store


class Named(NamedTuple):
    """A file by its shown name, and what gives its bytes (BulletinError if they cannot be had)."""

    name: str
    data: Callable[[], bytes]


def ingest_named(
    store: Store,
    rules: IngestRules,
    files: Iterable[Named],
    now: Callable[[], datetime],
    notify: str = "default",
    examiner: Examiner = AT_ONCE,
) -> Iterator[Accepted]:
    """Take files in, in their order."""
    for part in parts(_examined(rules, files, examiner), lambda file: file):
        yield from _accepted(store, rules, part, now(), notify)


def _accepted(
    store: Store, rules: IngestRules, part: Sequence[Examined], now: datetime, notify: str
) -> Iterator[Accepted]:
    """A part together, or if that fails for one of them, each by itself."""
    try:
        yield from accept_where_it_lies(store, rules, part, now, notify)
        return
    except Refused:
        if len(part) == 1:
            raise
    except StoreError:
        raise
    for file in part:
        yield from accept_where_it_lies(store, rules, [file], now, notify)


def _examined(rules: IngestRules, files: Iterable[Named], examiner: Examiner) -> Iterator[Examined]:
    """The files, read and labelled."""
    begun: deque[tuple[str, Callable[[], Examined]]] = deque()
    for file in files:
        begun.append((file.name, _begin(rules, file, examiner)))
        if len(begun) > examiner.ahead:
            yield _ended(*begun.popleft())
    for one in begun:
        yield _ended(*one)


def _begin(rules: IngestRules, file: Named, examiner: Examiner) -> Callable[[], Examined]:
    try:
        return examiner.begin(rules, file.name, file.data())
    except BulletinError as error:
        found = refused(file.name, [error.fault])
    except ReadingDiedError as error:
        found = _died(file.name, error)
    return lambda: found


def _ended(name: str, end: Callable[[], Examined]) -> Examined:
    try:
        return end()
    except ReadingDiedError as error:
        return _died(name, error)


def _died(name: str, error: ReadingDiedError) -> Examined:
    return refused(name, [Fault(code="bulletin-failed", detail=str(error))])
