"""The outbox: a folder that catches letters as .eml files instead of sending them.

Owns the files' names, who may read them, and how they are read back for people.
Must not know of the web page that shows them.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from hashlib import sha256
from heapq import nlargest
from pathlib import Path

from feeds.durable import sync_folder, write_whole
from feeds.mail import NOT_NOTED, Hand, Parcel
from feeds.mail.message import unstuffed
from feeds.model import HostAway, Receipt, Sent

_SAFE_STEM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,119}\Z")
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,119}\.eml\Z")


class OutboxTransport:
    """Writes each letter into a folder; the same Message-ID again is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def carry(self, hand: Hand) -> HostAway | None:
        """Each letter is sent once its file is whole and on disk; away while the folder cannot be written."""
        while await hand.more():
            while parcel := hand.take():
                receipt = await self._keep(hand, parcel)
                hand.done(parcel, receipt)
                if isinstance(receipt, HostAway):
                    return receipt
        return None

    async def _keep(self, hand: Hand, parcel: Parcel) -> Receipt:
        name = outbox_name(parcel.message_id)
        if not hand.hand_over(parcel):
            return HostAway(NOT_NOTED, ours=True)
        try:
            await asyncio.to_thread(_keep, self._folder, name, unstuffed(parcel.wire))
        except OSError as error:
            return HostAway(f"the outbox folder cannot be written: {error.strerror}", ours=True)
        except asyncio.CancelledError:  # a thread that writes a file cannot be called back
            hand.cut_off(parcel, in_doubt=True)
            raise
        return Sent(f"kept as {name}")

    async def close(self) -> None:
        """Nothing is held open."""


def outbox_name(message_id: str) -> str:
    """The file name of a letter: its Message-ID, or a digest of one that is no file name."""
    stem = message_id.strip("<>")
    if _SAFE_STEM.match(stem) is None:
        stem = sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{stem}.eml"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaughtMail:
    """One line of the outbox's list. `name` opens it by `read_mail`."""

    name: str
    date_at: datetime
    sender: str
    recipient: str
    subject: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMail:
    """A caught mail as people want to see it: headers decoded, both bodies, the source."""

    name: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    source: str


def read_outbox(folder: Path, *, limit: int = 500) -> list[CaughtMail]:
    """The newest `limit` mails, newest first; a file that is gone or is no mail is left out."""
    files = ((modified, name, size) for modified, name, size in _files(folder))
    found = []
    for modified, name, size in nlargest(limit, files):
        with suppress(OSError):
            found.append(_caught(folder / name, name, size, modified / 1e9))
    return sorted(found, key=lambda mail: (mail.date_at, mail.name), reverse=True)


def read_mail(folder: Path, name: str) -> OpenedMail | None:
    """One mail by the name `read_outbox` gave; None for a name that is not, or no longer, one."""
    if _SAFE_NAME.match(name) is None:
        return None
    try:
        raw = (folder / name).read_bytes()
    except FileNotFoundError:
        return None
    message = _parse(raw)
    return OpenedMail(
        name=name,
        headers=tuple((key, str(value)) for key, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        source=raw.decode("utf-8", "replace").replace("\r\n", "\n"),
    )


def _files(folder: Path) -> Iterator[tuple[int, str, int]]:
    try:
        scan = os.scandir(folder)
    except FileNotFoundError:
        return
    with scan:
        for file in scan:
            if _SAFE_NAME.match(file.name) and file.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    stat = file.stat(follow_symlinks=False)
                    yield stat.st_mtime_ns, file.name, stat.st_size


def _caught(path: Path, name: str, size: int, modified: float) -> CaughtMail:
    message = _parse(path.read_bytes(), headers_only=True)
    return CaughtMail(
        name=name,
        date_at=_date(message, modified),
        sender=str(message.get("From", "")),
        recipient=str(message.get("To", "")),
        subject=str(message.get("Subject", "")),
        size=size,
    )


def _parse(raw: bytes, *, headers_only: bool = False) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(raw, headersonly=headers_only)


def _date(message: EmailMessage, modified: float) -> datetime:
    try:
        return parsedate_to_datetime(str(message.get("Date", ""))).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(modified, UTC)


def _body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


def _keep(folder: Path, name: str, raw: bytes) -> None:
    """The letter whole and on the disk, or no letter; for its owner's eyes only: it holds an address."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(folder / name, raw, mode=0o600)
    sync_folder(folder)
