"""Costly files are read in a process of their own, which may fail or be ended without harm.

Owns that process: begun when the first such file comes, kept for the next ones, begun anew after it
ended. Small and plain files are read here: they cost time in proportion to their size.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from feeds.errors import BulletinError
from feeds.intake.limits import TIME, Answer, Limits, Question, limits_for, pack, read_message, unpack_answer
from feeds.model import Bulletin, Fault
from feeds.reading import ReadingOptions, may_be_costly, read


class ReadingDiedError(Exception):
    """The process that read a file ended over it, or answered nothing in time."""


class LimitedReader:
    """Reads files, costly ones within limits. Threads may share it; they wait for each other."""

    def __init__(self, limits: Callable[[int], Limits] = limits_for) -> None:
        """`limits` says what a file of so many bytes may cost."""
        self._limits = limits
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._end: Callable[[], object] = lambda: None

    def __call__(self, name: str, data: bytes, options: ReadingOptions) -> Bulletin:
        """The items of a file. ReadingDiedError, or BulletinError as `read` has it, and `file-costly`."""
        if not may_be_costly(name, data) or len(data) > options.max_bytes:
            return read(name, data, options)
        with self._lock:
            answer = self._ask(Question(name, data, options, self._limits(len(data))))
        if answer.bulletin is not None:
            return answer.bulletin
        if answer.failed:
            raise ReadingDiedError(answer.failed)
        raise BulletinError(answer.fault or Fault(code="file-costly", detail=answer.costly))

    def close(self) -> None:
        """End the process."""
        self._child = None
        self._end()

    def _ask(self, question: Question) -> Answer:
        raw = pack(question)
        try:
            answer = self._exchange(raw, question.limits)
        except BrokenPipeError:  # it ended while nobody asked
            self.close()
            answer = self._exchange_anew(raw, question.limits)
        if answer.costly:
            self.close()
        return answer

    def _exchange_anew(self, raw: bytes, limits: Limits) -> Answer:
        try:
            return self._exchange(raw, limits)
        except BrokenPipeError:
            self.close()
            raise ReadingDiedError("BrokenPipeError") from None

    def _exchange(self, raw: bytes, limits: Limits) -> Answer:
        child = self._running()
        assert child.stdin
        assert child.stdout
        child.stdin.write(raw)
        child.stdin.flush()
        waiting = _Waiting(child.stdout.fileno(), monotonic() + limits.patience)
        try:
            found = read_message(waiting.read)
            return self._ended(child) if found is None else unpack_answer(found)
        except (TimeoutError, pickle.UnpicklingError) as error:
            self.close()
            raise ReadingDiedError(type(error).__name__) from None

    def _ended(self, child: subprocess.Popen[bytes]) -> Answer:
        """Without an answer it is over; whether for its time, tells the signal."""
        code = child.wait()
        self.close()
        if code == -signal.SIGXCPU:
            return Answer(costly=TIME)
        if code == 0:  # it was idle for too long, and has not seen the question
            raise BrokenPipeError
        raise ReadingDiedError(signal.Signals(-code).name if code < 0 else f"exit {code}")

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid() or self._child is None or self._child.poll() is not None:
            self.close()  # after a fork the process is our parent's
            self._owner = os.getpid()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "feeds.intake.reading_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._end = weakref.finalize(self, _end, self._child, self._owner)
        return self._child


def _end(child: subprocess.Popen[bytes], owner: int) -> None:
    """End the process, unless it is another one's child."""
    if owner == os.getpid():
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        with suppress(OSError):
            if pipe:
                pipe.close()


class _Waiting:
    """Reads from a pipe until a deadline. TimeoutError after it."""

    def __init__(self, fileno: int, deadline: float) -> None:
        self._fileno = fileno
        self._deadline = deadline
        # Not select(): it takes no more than 1,024 files, and a web server has more open.
        self._ready = select.poll()
        self._ready.register(fileno, select.POLLIN)

    def read(self, size: int) -> bytes:
        """Some bytes, at most so many; none when the other side is gone."""
        left = self._deadline - monotonic()
        if left <= 0 or not self._ready.poll(left * 1000):
            raise TimeoutError
        return os.read(self._fileno, size)
