"""A second process that reads and labels files while this one stores what came before.

Owns that process: begun by fork, so that it has the tables already, and gone when
its parent is, however that ends. For `feeds ingest` of many files; `feeds run`
has threads from the start, which do not go with a fork.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe

from feeds.passes.desk import Desk
from feeds.passes.examining import Examined, IngestRules, examine
from feeds.passes.ingest import AT_ONCE, Examiner

FEWEST_FILES = 100  # fewer are read sooner than a process is begun
_AHEAD = 32
# What a pipe holds on any system: sending never waits, so the two cannot wait for each other.
_ON_THE_WAY = 65_536


@contextmanager
def examiner_for(desks: Sequence[Desk]) -> Iterator[Examiner]:
    """Who reads the files that wait at these desks: a second process if that is worth it."""
    waiting = sum(len(desk.inbox.waiting()) for desk in desks)
    if waiting < FEWEST_FILES or (os.cpu_count() or 1) < 2:
        yield AT_ONCE
        return
    rules = [desk.rules for desk in desks]
    ours, theirs = Pipe()
    process = get_context("fork").Process(target=_serve, args=(theirs, ours, rules), daemon=True)
    process.start()
    theirs.close()
    with closing(ours):
        yield Examiner(ahead=_AHEAD, begin=_Sender(ours, rules).begin)
    process.join()


def calm() -> None:
    """Have the garbage collector look less often: the tables stay, and rows leave no cycles behind."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


class _Sender:
    """Sends files to the process; what it does not answer, because it is gone, is read here."""

    def __init__(self, pipe: Connection, rules: Sequence[IngestRules]) -> None:
        self._pipe = pipe
        self._rules = rules
        self._sent: deque[_Sent] = deque()
        self._on_the_way = 0

    def begin(self, rules: IngestRules, name: str, data: bytes) -> Callable[[], Examined]:
        """Send a file; what is given waits for it."""
        sent = _Sent(rules, name, data)
        while self._sent and self._on_the_way + len(data) > _ON_THE_WAY:
            self._receive()
        try:
            self._pipe.send((self._rules.index(rules), name, data))
        except OSError:
            return sent.examine_here
        self._sent.append(sent)
        self._on_the_way += len(data)
        return lambda: self._end(sent)

    def _end(self, sent: _Sent) -> Examined:
        while sent.answer is None:
            self._receive()
        if isinstance(sent.answer, Exception):
            raise sent.answer
        return replace(sent.answer, data=sent.data)

    def _receive(self) -> None:
        """The next answer; they come in the order of the questions."""
        sent = self._sent.popleft()
        self._on_the_way -= len(sent.data)
        try:
            sent.answer = self._pipe.recv()
        except (EOFError, OSError):
            sent.answer = sent.examine_here()


class _Sent:
    """A file on its way, and then its answer."""

    def __init__(self, rules: IngestRules, name: str, data: bytes) -> None:
        self.data = data
        self.answer: Examined | Exception | None = None
        self._rules = rules
        self._name = name

    def examine_here(self) -> Examined:
        """Read it without the other process."""
        return examine(self._rules, self._name, self.data)


def _serve(pipe: Connection, parents: Connection, rules: Sequence[IngestRules]) -> None:
    """The process: a file in, what was read out, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    parents.close()  # or we would not see that it is gone
    while True:
        try:
            number, name, data = pipe.recv()
        except EOFError:
            return
        try:
            answer: Examined | Exception = replace(examine(rules[number], name, data), data=b"")
        except Exception as error:  # a fault of ours belongs to its file alone
            answer = RuntimeError(type(error).__name__)
        pipe.send(answer)
