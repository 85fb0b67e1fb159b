"""What reading one file may cost, and how the two processes talk about it."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from feeds.model import Bulletin, Fault
from feeds.reading import ReadingOptions
from feeds.reading.faults import N_

# Of what a file takes too much.
MEMORY = N_("memory")
TIME = N_("time")

_MEBIBYTE = 1_048_576
_LENGTH = struct.Struct(">Q")
# What was read out is never longer than this; more is no answer of ours.
MOST_ANSWER = 64 * _MEBIBYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of processor time, bytes of memory beside the program's own, and seconds by the clock."""

    seconds: float
    memory: int
    patience: float


def limits_for(size: int) -> Limits:
    """What a file of so many bytes may cost: a little more for a larger one."""
    large = size / _MEBIBYTE
    seconds = 6.0 + 2.0 * large
    return Limits(seconds, int((96 + 16 * large) * _MEBIBYTE), 3.0 * seconds)


@dataclass(frozen=True, slots=True)
class Question:
    """A file to be read within limits."""

    name: str
    data: bytes
    options: ReadingOptions
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was read, or the fault for which nothing was, or what there was too little of (``memory``), or the
    kind of exception on which reading failed.
    """

    bulletin: Bulletin | None = None
    fault: Fault | None = None
    costly: str = ""
    failed: str = ""


def pack(message: Question | Answer) -> bytes:
    """A message as bytes, its length first."""
    raw = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(raw)) + raw


def read_message(read: Callable[[int], bytes | None]) -> bytes | None:
    """The bytes of the next message; None when the other side is gone."""
    head = _whole(read, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    return _whole(read, length) if length <= MOST_ANSWER else None


def _whole(read: Callable[[int], bytes | None], size: int) -> bytes | None:
    parts = bytearray()
    while len(parts) < size:
        part = read(min(size - len(parts), _MEBIBYTE))
        if not part:
            return None
        parts += part
    return bytes(parts)


class _Careful(pickle.Unpickler):
    """Takes nothing from the other process but the values that an answer is made of."""

    def find_class(self, module: str, name: str) -> Any:
        """One of ours, or a date; anything else is an error."""
        ours = module.partition(".")[0] == "feeds" and (
            module.startswith("feeds.model.") or (module, name) == (Answer.__module__, "Answer")
        )
        if ours or (module == "datetime" and name in ("date", "datetime", "timezone", "timedelta")):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of an answer")


def unpack_answer(raw: bytes) -> Answer:
    """The answer in these bytes. UnpicklingError if it is none."""
    answer = _Careful(io.BytesIO(raw)).load()
    if not isinstance(answer, Answer):
        raise pickle.UnpicklingError("this is no answer")
    return answer
