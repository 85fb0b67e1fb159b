"""Mails on a stream: one, as a mail server pipes it, or many one after the other (mbox)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from feeds.mail.returned import MOST_BYTES, Unread

_LONGEST_LINE = 64 * 1024


class Stream:
    """The mails of a stream. Nothing is marked: the same ones read again change nothing."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def unread(self, limit: int) -> Iterator[Unread]:
        """Up to `limit` of them. Of long ones only the beginning is kept, whatever their length."""
        for n, raw in enumerate(_mails(self._stream)):
            if n >= limit:
                return
            yield Unread(raw, _nothing)


def _nothing() -> None:
    """A stream has no marks."""


def _mails(stream: BinaryIO) -> Iterator[bytes]:
    held, size, blank, many = list[bytes](), 0, True, False
    for n, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b"")):
        if line.startswith(b"From ") and blank and (n == 0 or many):
            if held:
                yield b"".join(held)
            held, size, many = [], 0, True
            continue
        if size < MOST_BYTES:
            held.append(line)
            size += len(line)
        blank = line in (b"\n", b"\r\n")
    if held:
        yield b"".join(held)
