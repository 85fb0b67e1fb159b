"""A mail that many people get: written once, each person's words put between what is alike.

Body and headers are brought into wire form once: quoted-printable, CRLF, dots doubled, cut where personal
words go. A further recipient then costs a few checks and one join. Must not know what the words mean.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256

from feeds.errors import MailError
from feeds.mail.message import (
    LONGEST_LINE,
    address_line,
    body_lines,
    check_read_again,
    header_lines,
    id_line,
    multipart_line,
    part_head,
    unstuffed,
)
from feeds.model import Letter

_LINE = 76  # RFC 2045 6.7
_LONGEST_WORD = 75
# What may be put in: it can break neither a header, nor a line of HTML, nor quoted-printable.
_WORD = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,74}\Z")
_TO, _DATE, _ID, _FIRST_WORD = range(4)
_SOFT = b"=\r\n"


class SharedMail:
    """One mail to many. `model` is the letter with slots where personal words go.

    `slots`: the texts that stand for such words in the bodies and in the extra headers; a header may hold
    them only between what is printable ASCII without them. Of `model` neither recipient, nor date, nor
    Message-ID count. Raises MailError when it cannot be written safely.
    """

    def __init__(self, model: Letter, slots: Sequence[str]) -> None:
        self._subject = model.subject
        self._slots = tuple(slots)
        self._names: list[str] = []
        # Pieces of the wire form, and which value goes where in them.
        self._pieces: list[bytes] = []
        self._places: list[tuple[int, int]] = []
        self._proven = False
        self._write_headers(model)
        self._write_bodies(model)
        self._pieces = [piece.replace(b"\r\n.", b"\r\n..") for piece in self._pieces]

    @property
    def size(self) -> int:
        """About how many bytes it keeps."""
        return sum(map(len, self._pieces))

    def to(self, recipient: str, message_id: str, date_at: datetime, words: Mapping[str, str]) -> bytes:
        """The letter to one person in wire form; `words` has one for each slot.

        The first one is read again as a stranger would read it. Raises MailError when a word, the address
        or the id cannot stand in a letter.
        """
        values = [
            address_line(recipient, "To").encode("ascii"), _date(date_at),
            id_line(message_id).encode("ascii"),
        ]  # fmt: skip
        for slot in self._slots:
            if _WORD.match(word := words[slot]) is None:
                raise MailError("a personal word of this letter does not fit into it")
            values.append(word.encode("ascii"))
        pieces = self._pieces.copy()
        for place, which in self._places:
            pieces[place] = values[which]
        wire = b"".join(pieces)
        if not self._proven:
            check_read_again(unstuffed(wire), self._names, self._subject)
            self._proven = True
        return wire

    def _write_headers(self, model: Letter) -> None:
        places = {"To": _TO, "Date": _DATE, "Message-ID": _ID}
        plain = Letter(
            message_id="<id@slot.invalid>", sender=model.sender, sender_name=model.sender_name,
            recipient="to@slot.invalid", subject=model.subject, text="", html="", date_at=model.date_at,
            headers=tuple((name, self._without_slots(name, value)) for name, value in model.headers),
        )  # fmt: skip
        extra = dict(model.headers)
        for name, value in header_lines(plain):
            self._names.append(name)
            self._add(f"{name}: ".encode("ascii"))
            if name in places:
                self._put(places[name])
            elif name in extra and any(slot in extra[name] for slot in self._slots):
                self._cut(extra[name], lambda part: part.encode("ascii"), soft=False)
            else:
                self._add(value.encode("ascii"))
            self._add(b"\r\n")

    def _without_slots(self, name: str, value: str) -> str:
        for slot in self._slots:
            longest = len(name) + len(value) + value.count(slot) * _LONGEST_WORD
            if slot in value and longest > LONGEST_LINE:
                raise MailError(f"{name} would be too long a line")
            value = value.replace(slot, "x")
        return value

    def _write_bodies(self, model: Letter) -> None:
        key = "\0".join((model.subject, model.text, model.html)).encode("utf-8", "replace")
        # "=_" stands in no quoted-printable text, so the boundary cannot occur inside a part.
        boundary = b"=_" + sha256(key).hexdigest()[:32].encode()
        self._add(multipart_line(boundary))
        for subtype, text in ((b"plain", model.text), (b"html", model.html)):
            self._add(b"--" + boundary + b"\r\n" + part_head(subtype, b"quoted-printable"))
            self._cut(body_lines(text), _quoted, soft=True)
            self._add(b"\r\n")
        self._add(b"--" + boundary + b"--\r\n")

    def _cut(self, text: str, encoded: Callable[[str], bytes], *, soft: bool) -> None:
        """Add a text that holds slots. `soft`: a word gets a line of its own, for lines are bounded."""
        pattern = "|".join(map(re.escape, self._slots)) or r"(?!)"
        for n, part in enumerate(re.split(f"({pattern})", text)):
            if n % 2:
                self._put(_FIRST_WORD + self._slots.index(part))
                continue
            if soft and n and not part.startswith("\n"):
                self._add(_SOFT)
            self._add(encoded(part))
            last = n == 2 * len(re.findall(pattern, text))
            if soft and not last and part and not part.endswith("\n"):
                self._add(_SOFT)

    def _add(self, piece: bytes) -> None:
        """To the last piece, unless that is a word's place."""
        if self._pieces and not (self._places and self._places[-1][0] == len(self._pieces) - 1):
            self._pieces[-1] += piece
        else:
            self._pieces.append(piece)

    def _put(self, which: int) -> None:
        self._places.append((len(self._pieces), which))
        self._pieces.append(b"")


def _quoted(text: str) -> bytes:
    """Quoted-printable that leaves room for a soft line break at its end."""
    data = b2a_qp(text.encode("utf-8", "replace"), istext=True)
    line = data.rpartition(b"\n")[2]
    if len(line) >= _LINE:
        cut = _LINE - 4
        while b"=" in line[cut - 2 : cut]:  # not into the middle of an escape
            cut -= 1
        data = data[: len(data) - len(line) + cut] + b"=\n" + line[cut:]
    return data.replace(b"\n", b"\r\n")


@lru_cache(maxsize=4)
def _date(at: datetime) -> bytes:
    return format_datetime(at).encode("ascii")
