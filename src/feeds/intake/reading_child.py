"""The process that reads costly files: a file in, what was read out, until nobody asks any more.

Started by `limited_reading`; run as ``python -m feeds.intake.reading_child``. For each file it limits its
own memory and processor time, counted from where it stands, and says so when the memory is not enough.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from feeds.errors import BulletinError
from feeds.intake.limits import MEMORY, Answer, Limits, Question, pack, read_message
from feeds.reading import read

_IDLE_S = 120.0


def main() -> None:
    """Answer questions until the other side is gone, or asks nothing for a while."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    questions, answers = _pipes()
    while select.select([questions], [], [], _IDLE_S)[0]:
        raw = read_message(questions.read)
        if raw is None:
            return
        question: Question = pickle.loads(raw)  # noqa: S301 - it comes from our parent
        answer = _answer(question)
        answers.write(pack(answer))
        answers.flush()
        if answer.costly:
            return  # what is left of the memory is in pieces: the next file gets a process of its own


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Where questions come from and answers go to; what a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    return os.fdopen(os.dup(0), "rb", buffering=0), answers


def _answer(asked: Question) -> Answer:
    try:
        return _limited(asked)
    except (MemoryError, RecursionError):  # the limit is lifted by now, so there is room for an answer
        return Answer(costly=MEMORY)


def _limited(asked: Question) -> Answer:
    """What is read within the limits; over the time the system ends this process."""
    _limit(asked.limits)
    try:
        return Answer(bulletin=read(asked.name, asked.data, asked.options))
    except BulletinError as error:
        return Answer(fault=error.fault)
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        return Answer(failed=type(error).__name__)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, _hard(resource.RLIMIT_AS)))


def _limit(limits: Limits) -> None:
    with suppress(ValueError, OSError):  # an administrator may have set lower ones
        resource.setrlimit(resource.RLIMIT_CORE, (0, _hard(resource.RLIMIT_CORE)))
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime + limits.seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, _hard(resource.RLIMIT_CPU)))
        size = _size() + limits.memory
        resource.setrlimit(resource.RLIMIT_AS, (size, _hard(resource.RLIMIT_AS)))


def _hard(which: int) -> int:
    return resource.getrlimit(which)[1]


def _size() -> int:
    """How much address space this process has now."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    return 256 * 1_048_576


if __name__ == "__main__":
    main()
