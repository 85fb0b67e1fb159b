"""What went wrong on the way to a mail server, in words that an operator can act on.

Pure: an exception goes in, words come out. Knows the errors of aiosmtplib, ssl
and sockets; must not know what follows from them for a letter (verdicts.py).
"""

from __future__ import annotations

import os
import re
import socket
import ssl

from aiosmtplib import SMTPConnectTimeoutError, SMTPServerDisconnected, SMTPTimeoutError

_NUMBERS = re.compile(r"\[Errno (\d+)\]")
_TLS = {
    "WRONG_VERSION_NUMBER": "the server does not begin with TLS there: check mail.port and mail.tls",
    "UNEXPECTED_EOF_WHILE_READING": "the server hung up in the middle of it",
}
_MISSING = re.compile(r"SMTP (\w+) extension not supported|No suitable authentication method")
_NAMES = {
    socket.EAI_NONAME: "there is no such host name",
    socket.EAI_AGAIN: "the host name cannot be looked up now",
}
_SILENCE = "no answer in time"


def unreachable(host: str, port: int, error: Exception) -> str:
    """Why there is no session with this server at all."""
    return f"cannot connect to {host} port {port}: {_obstacle(error)}"


def plain(error: Exception) -> str:
    """Why a command got no answer."""
    if isinstance(error, TimeoutError | SMTPTimeoutError):
        return _SILENCE
    if isinstance(error, SMTPServerDisconnected):
        return "the server hung up"
    words = str(getattr(error, "message", "")) or str(error) or type(error).__name__
    if missing := _MISSING.match(words):
        wanted = missing[1] or "a login that we know"
        return f"the server does not offer {wanted}: check mail.port, mail.tls and mail.username"
    return words


def distrust(error: Exception) -> str | None:
    """Why encryption failed by what the settings say, not by a bad line; None for anything else."""
    cause = _cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = f"the server's certificate is not trusted ({cause.verify_message.lower()})"
        return f"{why}: check mail.host and mail.ca_file"
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        return f"no encrypted connection: {_tls(cause)}"
    return None


def _obstacle(error: Exception) -> str:
    cause = _cause(error)
    if words := distrust(error):
        return words
    if isinstance(cause, ssl.SSLError):
        return f"no encrypted connection: {_tls(cause)}"
    if isinstance(cause, socket.gaierror):
        return _NAMES.get(cause.errno or 0, (cause.strerror or str(cause)).lower())
    if isinstance(error, SMTPConnectTimeoutError) or isinstance(cause, TimeoutError):
        return _SILENCE
    if isinstance(cause, SMTPServerDisconnected):
        return "the server hung up before its greeting"
    return _system(cause) or str(cause)


def _system(error: BaseException) -> str:
    """The system's own words. A name with several addresses gives one error for all, numbers in its text."""
    number = getattr(error, "errno", None)
    numbers = [number] if number else [int(each) for each in _NUMBERS.findall(str(error))]
    return ", ".join(dict.fromkeys(os.strerror(each).lower() for each in numbers))


def _tls(error: ssl.SSLError) -> str:
    reason = error.reason or ""
    return _TLS.get(reason, reason.replace("_", " ").lower() or str(error))


def _cause(error: Exception) -> BaseException:
    return error if isinstance(error, ssl.SSLError) else error.__cause__ or error
