"""A mail box on an IMAP server: its unseen mails; what was dealt with becomes seen (RFC 3501)."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from feeds.mail.addresses import without_addresses
from feeds.mail.returned import MOST_BYTES, BoxError, Unread

_NUMBER = re.compile(rb"\d{1,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings:
    """How to reach the box. `tls` as for SMTP: certificate and name are checked, unless it is ``none``."""

    host: str
    port: int = 993
    tls: Literal["none", "starttls", "tls"] = "tls"
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    ca_file: str | None = None
    timeout_s: float = 60.0


class ImapBox:
    """The unseen mails of one folder. One connection for each look, closed at its end."""

    def __init__(self, settings: ImapSettings) -> None:
        self._settings = settings

    def unread(self, limit: int) -> Iterator[Unread]:
        """Up to `limit` mails, oldest first. Raises BoxError when the server, or the way to it, objects."""
        line: imaplib.IMAP4 | None = None
        try:
            line = self._opened()
            for number in self._unseen(line)[:limit]:
                if (raw := _fetched(line, number)) is not None:
                    yield Unread(raw, partial(_seen, line, number))
        except (imaplib.IMAP4.error, OSError, UnicodeError) as error:
            raise BoxError(f"bounces.imap_host: {self._settings.host}: {_words(error)}") from error
        finally:
            if line is not None:
                _close(line)

    def _opened(self) -> imaplib.IMAP4:
        settings = self._settings
        if any(char in "\r\n\0" for char in settings.user + settings.password + settings.folder):
            raise BoxError("bounces.imap_user, the password or bounces.imap_folder holds a line break")
        context = None if settings.tls == "none" else ssl.create_default_context(cafile=settings.ca_file)
        where = (settings.host, settings.port)
        line: imaplib.IMAP4
        if settings.tls == "tls":
            line = imaplib.IMAP4_SSL(*where, ssl_context=context, timeout=settings.timeout_s)
        else:
            line = imaplib.IMAP4(*where, timeout=settings.timeout_s)
        try:
            if settings.tls == "starttls":
                line.starttls(context)
            line.login(settings.user, settings.password)
            folder = settings.folder.replace("\\", "\\\\").replace('"', '\\"')
            _good(line.select(f'"{folder}"'))
        except BaseException:
            _close(line)
            raise
        return line

    def _unseen(self, line: imaplib.IMAP4) -> list[bytes]:
        (found, *_) = _good(line.uid("SEARCH", "UNSEEN", "UNDELETED"))
        return _NUMBER.findall(found if isinstance(found, bytes) else b"")


def _close(line: imaplib.IMAP4) -> None:
    with suppress(imaplib.IMAP4.error, OSError):
        line.logout()
    with suppress(OSError):
        line.shutdown()


def _fetched(line: imaplib.IMAP4, number: bytes) -> bytes | None:
    """The beginning of a mail, not marked as seen by it; None when it is gone."""
    parts = _good(line.uid("FETCH", number.decode(), f"(BODY.PEEK[]<0.{MOST_BYTES}>)"))
    return next((part[1] for part in parts if isinstance(part, tuple)), None)


def _seen(line: imaplib.IMAP4, number: bytes) -> None:
    try:
        _good(line.uid("STORE", number.decode(), "+FLAGS.SILENT", r"(\Seen)"))
    except (imaplib.IMAP4.error, OSError) as error:
        raise BoxError(f"bounces.imap_host: a mail could not be marked as seen: {_words(error)}") from error


def _good(answer: tuple[str, Any]) -> list[Any]:
    kind, data = answer[0], list(answer[1])
    if kind != "OK":
        raise imaplib.IMAP4.error(b" ".join(each for each in data if isinstance(each, bytes)).decode())
    return data


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}): check bounces.imap_host and ca_file"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = str(error)
    if text.startswith("b'"):  # imaplib shows a server's words as bytes
        text = text[2:-1]
    return without_addresses(" ".join(text.split()))[:200] or type(error).__name__
