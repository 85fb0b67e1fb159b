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
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from fcntl import F_GETPIPE_SZ, F_SETPIPE_SZ, fcntl
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe

from feeds.intake.examining import Examined, IngestRules, examine
from feeds.intake.folders import WatchedFolder
from feeds.intake.parting import AT_ONCE, Examiner

FEWEST_FILES = 100  # fewer are read sooner than a process is begun
_AHEAD = 64
# So much either side may have written before the other reads, if the system allows it: enough to go on
# with while the other one is busy with a whole part of a burst.
_PIPE_BYTES = 1_048_576


@contextmanager
def examiner_for(folders: Sequence[WatchedFolder]) -> Iterator[Examiner]:
    """Who reads the files that wait at these folders: a second process if that is worth it."""
    waiting = sum(len(folder.inbox.waiting()) for folder in folders)
    with examiner_of([folder.rules for folder in folders], waiting) as examiner:
        yield examiner


@contextmanager
def examiner_of(rules: Sequence[IngestRules], waiting: int) -> Iterator[Examiner]:
    """The same for so many files that are read by these rules."""
    if waiting < FEWEST_FILES or (os.cpu_count() or 1) < 2:
        yield AT_ONCE
        return
    (questions, ask), (answers, answer) = _pipe(), _pipe()
    process = get_context("fork").Process(
        target=_serve, args=(questions, answer, (ask, answers), rules), daemon=True
    )
    process.start()
    questions.close()
    answer.close()
    with closing(ask), closing(answers):
        yield Examiner(ahead=_AHEAD, begin=_Sender(ask, answers, rules).begin)
    process.join()


def _pipe() -> tuple[Connection, Connection]:
    """The end to read from and the end to write to."""
    reader, writer = Pipe(duplex=False)
    with suppress(OSError):  # an administrator may have set a lower limit
        fcntl(writer.fileno(), F_SETPIPE_SZ, _PIPE_BYTES)
    return reader, writer


def calm() -> None:
    """Have the garbage collector look less often: the tables stay, and rows leave no cycles behind."""
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


class _Sender:
    """Sends files to the process; what it does not answer, because it is gone, is read here."""

    def __init__(self, ask: Connection, answers: Connection, rules: Sequence[IngestRules]) -> None:
        self._ask = ask
        self._answers = answers
        self._numbers = {id(one): number for number, one in enumerate(rules)}
        self._sent: deque[_Sent] = deque()
        self._on_the_way = 0
        # Asking never waits, so the two cannot wait for each other.
        self._most_on_the_way = fcntl(ask.fileno(), F_GETPIPE_SZ) // 2

    def begin(self, rules: IngestRules, name: str, data: bytes) -> Callable[[], Examined]:
        """Send a file; what is given waits for it."""
        sent = _Sent(rules, name, data)
        while self._sent and self._on_the_way + len(data) > self._most_on_the_way:
            self._receive()
        try:
            self._ask.send((self._numbers[id(rules)], name, data))
        except OSError:
            return sent.examine_here
        self._sent.append(sent)
        self._on_the_way += len(data)
        return lambda: self._end(sent)

    def _end(self, sent: _Sent) -> Examined:
        while sent in self._sent:
            self._receive()
        # Without an answer the process is gone, or failed on the file: then so do we, and can say how.
        return sent.examine_here() if sent.answer is None else replace(sent.answer, data=sent.data)

    def _receive(self) -> None:
        """The next answer; they come in the order of the questions."""
        sent = self._sent.popleft()
        self._on_the_way -= len(sent.data)
        with suppress(EOFError, OSError):
            sent.answer = self._answers.recv()


class _Sent:
    """A file on its way, and then its answer."""

    def __init__(self, rules: IngestRules, name: str, data: bytes) -> None:
        self.data = data
        self.answer: Examined | None = None
        self._rules = rules
        self._name = name

    def examine_here(self) -> Examined:
        """Read it without the other process."""
        return examine(self._rules, self._name, self.data)


def _serve(
    questions: Connection, answer: Connection, parents: Sequence[Connection], rules: Sequence[IngestRules]
) -> None:
    """The process: a file in, what was read out, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    for end in parents:
        end.close()  # or we would not see that the parent is gone
    while True:
        try:
            number, name, data = questions.recv()
        except EOFError:
            return
        found = None
        with suppress(Exception):  # a fault of ours belongs to its file alone
            found = replace(examine(rules[number], name, data), data=b"")
        try:
            answer.send(found)
        except BrokenPipeError:
            return
