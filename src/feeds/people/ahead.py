"""Reading and judging a list in a process of its own, while this one stores: each takes about half the time.

What is judged comes over a pipe in plain values. The other process works on nothing but the rows, and ends
when nobody reads from the pipe any more, however this one ended.
"""

from __future__ import annotations

import gc
import marshal
import os
import pickle
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import IO, Any, NoReturn

from feeds.errors import FeedsError, InputError, Problem
from feeds.model import Cadence
from feeds.people.entries import Entry, EntryReader, Refused, Said, judged
from feeds.people.tables import Row

_AT_ONCE = 500
_LENGTH_BYTES = 8
# How each message begins: judged rows, what went wrong, or the end.
_ROWS, _ERROR, _END = b"R", b"E", b"."
# More spellings of how somebody wants their mail than any list has.
_REMEMBERED = 100_000


def worthwhile() -> bool:
    """Whether a second process can be had and would help: another core, and no threads that a copy of this
    process would lack."""
    return hasattr(os, "fork") and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def judged_ahead(rows: Iterable[Row], reader: EntryReader) -> Iterator[Entry | Refused]:
    """The same as `entries.judged`, read and judged by another process."""
    source, sink = os.pipe()
    gc.freeze()  # what both have already is not looked through again and again, nor copied for that
    child = os.fork()
    if child == 0:
        os.close(source)
        _work(rows, reader, sink)
    os.close(sink)
    try:
        with os.fdopen(source, "rb", buffering=1 << 20) as file:
            yield from _received(file)
    finally:
        os.waitpid(child, 0)  # the pipe is closed: it ends at its next message


def _work(rows: Iterable[Row], reader: EntryReader, sink: int) -> NoReturn:
    """What the other process does. It leaves without tidying up what it has copies of."""
    with suppress(BaseException), os.fdopen(sink, "wb", buffering=0) as file:
        try:
            found = iter(judged(rows, reader))
            while part := [_plain(each) for each in islice(found, _AT_ONCE)]:
                _send(file, _ROWS, marshal.dumps(part))
            _send(file, _END, b"")
        except BrokenPipeError:
            pass
        except BaseException as error:
            _send(file, _ERROR, pickle.dumps(error))
    os._exit(0)


def _send(file: IO[bytes], kind: bytes, data: bytes) -> None:
    message = memoryview(kind + len(data).to_bytes(_LENGTH_BYTES, "big") + data)
    while message:
        message = message[file.write(message) :]


def _received(file: IO[bytes]) -> Iterator[Entry | Refused]:
    said: dict[tuple[Any, ...], Said] = {}
    while True:
        kind = file.read(1)
        data = file.read(int.from_bytes(file.read(_LENGTH_BYTES), "big"))
        if kind == _END:
            return
        if kind == _ERROR:
            raise pickle.loads(data)  # noqa: S301 (from our own process)
        if kind != _ROWS:
            raise FeedsError("The process that reads the list ended early: start the import again.")
        for row in marshal.loads(data):  # noqa: S302 (from our own process)
            yield _whole(row, said)
        if len(said) > _REMEMBERED:
            said.clear()


def _plain(one: Entry | Refused) -> tuple[Any, ...]:
    if isinstance(one, Refused):
        return one.line, [(each.where, each.what) for each in one.error.problems]
    habits = one.habits
    cadence = None if habits.cadence is None else habits.cadence.value
    how = (cadence, habits.lang, habits.zone, habits.hour, habits.weekday)
    return one.line, one.address, one.key, one.texts, how, one.consent, one.name


def _whole(row: tuple[Any, ...], said: dict[tuple[Any, ...], Said]) -> Entry | Refused:
    if len(row) == 2:
        return Refused(row[0], InputError([Problem(*each) for each in row[1]]))
    line, address, key, texts, how, consent, name = row
    habits = said.get(how)
    if habits is None:
        habits = said[how] = Said(None if how[0] is None else Cadence(how[0]), *how[1:])
    return Entry(line, address, key, texts, habits, consent, name)
