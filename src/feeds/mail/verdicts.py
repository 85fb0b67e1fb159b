"""What an answer of an SMTP server, or its silence, means for the letter in hand.

Pure: stage and reply in, receipt out. Sources: RFC 5321 4.2 and 4.5.4.2
(replies), RFC 3463 (enhanced codes). Must not know of sockets.

Three kinds of blame are told apart:
- the recipient's (5.1.x, 5.2.x): Refused, or Deferred for a full mailbox, and when the recipient's own host
  cannot just now;
- the relay's (away, busy, 421): HostAway, no try is counted for anybody;
- ours (login, certificate, sender, policy): HostAway(ours=True), an alert.

Policy refusals (5.7.x, 530, 554 …) at RCPT and later are a recipient's own
rule, or ours to mend: relay rights, block lists, SPF. One of them defers its
letter, with its try counted, and holds up nobody (P9); when everybody is
refused so, it is us, and the line stops. Nobody is lost or unsubscribed by either.
"""

from __future__ import annotations

import re
from enum import StrEnum

from feeds.mail.addresses import without_addresses
from feeds.model import Deferred, HostAway, Receipt, Refused, Sent, Uncertain

_ENHANCED = re.compile(r"\s*([245])\.(\d{1,3})\.(\d{1,3})(?=\s|\Z)")
_GREYLISTING = re.compile(r"gr[ea]y.?list", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_LONGEST_REASON = 300


class Stage(StrEnum):
    """The step of an SMTP session that was answered, or was not."""

    CONNECT = "connect"
    HELLO = "EHLO"
    TLS = "STARTTLS"
    LOGIN = "AUTH"
    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    END = "the final dot"


# RFC 3463 3.2, RFC 7505: no such mailbox, no such system, moved, a domain that takes no mail.
GONE = frozenset({(1, 1), (1, 2), (1, 6), (1, 10)})
_OPENING = frozenset({Stage.CONNECT, Stage.HELLO})
_SETTING = frozenset({Stage.TLS, Stage.LOGIN, Stage.SENDER})


def is_policy(stage: Stage, code: int, text: str) -> bool:
    """Whether a letter was refused for who or where we are, not for whom it is meant for."""
    letter_stage = stage not in _OPENING | _SETTING
    return letter_stage and 500 <= code <= 599 and _kind(code, text) == "policy"


def by_reply(stage: Stage, code: int, text: str, *, everybody: bool = False) -> Receipt:
    """The verdict on a reply that is not the one hoped for, or is the last one.

    `everybody`: what this recipient was told, all were told of late (`is_policy`).
    A code outside 200-599 is no reply at all (see `by_loss`).
    """
    reason = f"{stage}: {code} {readable(text)}".rstrip()
    if stage is Stage.END and 200 <= code <= 299:
        return Sent(f"{code} {readable(text)}".rstrip())
    if not 400 <= code <= 599:
        return by_loss(stage, f"unexpected reply {code} {readable(text)}")
    if stage in _OPENING or (code == 421 and stage is not Stage.END):
        return HostAway(reason)
    if stage in _SETTING:
        return HostAway(reason, ours=code >= 500)
    if code < 500:
        return Deferred(reason, host=_of_host(text))
    match _kind(code, text):
        case "refused":
            return Refused(reason, gone=stage is Stage.RECIPIENT and _detail(code, text) in GONE)
        case "policy" if everybody:
            return HostAway(reason, ours=True)
        case _:
            return Deferred(reason)


def by_loss(stage: Stage, why: str, *, ours: bool = False) -> Receipt:
    """The verdict when no answer came, or none that can be read.

    Only after the last byte of the letter was handed over can it have been
    accepted; before that nothing is in doubt.
    """
    reason = f"{stage}: {readable(why)}"
    return Uncertain(reason) if stage is Stage.END else HostAway(reason, ours=ours)


def readable(text: str) -> str:
    """A server's words fit for a log: one line, bounded, addresses masked."""
    if text.isascii() and text.isprintable() and "@" not in text:  # nearly all: a quick look is enough
        return text[:_LONGEST_REASON].strip()
    line = _UNPRINTABLE.sub(" ", text[: 2 * _LONGEST_REASON]).strip()
    return without_addresses(line)[:_LONGEST_REASON]


def _kind(code: int, text: str) -> str:
    """Whose fault a permanent refusal is: ``refused`` (the recipient's), ``deferred`` or ``policy``."""
    return _by_detail(_detail(code, text)) or _by_code(code)


def _detail(code: int, text: str) -> tuple[int, int] | None:
    """Subject and detail of the enhanced code; one of another class than the reply is not to be trusted."""
    found = _ENHANCED.match(text)
    return (int(found[2]), int(found[3])) if found and code >= 500 and found[1] == "5" else None


def _of_host(text: str) -> bool:
    """Whether a 4xx reply is about the recipient's whole host: RFC 3463 3.2, 3.4 and 3.5 (no such domain for
    now, the system, the way to it), or X.7 (our rate, our address), but not what greylisting says."""
    found = _ENHANCED.match(text)
    if not found or found[1] != "4" or _GREYLISTING.search(text):
        return False
    subject, detail = int(found[2]), int(found[3])
    return subject in (3, 4) or (subject == 7 and detail != 1) or (subject, detail) == (1, 2)


def _by_detail(detail: tuple[int, int] | None) -> str | None:
    """RFC 3463 3: subject and detail of a permanent failure; None says nothing."""
    match detail:
        case (1, 7 | 8) | (5, _) | (7, _):  # our address, our protocol, policy
            return "policy"
        case (2, 2 | 4) | (3, 0 | 1 | 2 | 5) | (4, 0 | 2 | 3 | 5 | 7):  # full, or a system in trouble
            return "deferred"
        case (1 | 2 | 3 | 4 | 6, _):  # no such mailbox, no route, or this letter is unwelcome
            return "refused"
        case _:
            return None


def _by_code(code: int) -> str:
    """RFC 5321 4.2.3, for servers that give no enhanced code."""
    if code in (550, 551, 553):
        return "refused"
    return "deferred" if code == 552 else "policy"
