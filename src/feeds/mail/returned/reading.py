"""One mail that came back: bytes -> what it says (pure; RFC 3464, 5965, 3834, 2369).

Bounded in size, parts and depth: whoever knows our address may send what they like (T22).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from hashlib import sha256

from feeds.mail.envelope import BounceAddress
from feeds.mail.returned import MOST_BYTES, Kind, ReturnedMail
from feeds.mail.returned.judging import codes, judged
from feeds.mail.verdicts import readable

# More than any report has; a parser costs lines times depth.
_MOST_BOUNDARIES, _MOST_ENCLOSED, _MOST_PARTS = 16, 32, 40
_BOUNDARY = re.compile(rb"boundary[ \t]{0,9}[*=]", re.IGNORECASE)
_ENCLOSED = re.compile(rb"message/", re.IGNORECASE)
_ADDRESSED = (
    "Delivered-To", "X-Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc",
)  # fmt: skip
_SIGNED = r"([0-9a-f]{1,16}-[0-9a-f]{1,16}\.[A-Za-z0-9_-]{24})(?![A-Za-z0-9_-])"
_LEAVE = re.compile(rf"unsubscribe[\s+:]+{_SIGNED}", re.IGNORECASE)
_LINK = re.compile(rf"/unsubscribe/{_SIGNED}")
_DAEMON = re.compile(r"\b(mailer-daemon|postmaster|mail-daemon|maildaemon)\b", re.I)
_AWAY = re.compile(
    r"\s*(out of (the )?office|automatic reply|auto(matic)?[ -]?(reply|response)|autoreply|away from|"
    r"on leave|"
    r"vacation|respuesta automática|fuera de (la )?oficina|contestación automática|resposta automática|"
    r"abwesenheit|réponse automatique|absence)",
    re.IGNORECASE,
)
_FAILED = {"failed", "failure"}
_SPAM = {"abuse", "fraud", "virus", "other", "miscategorized"}
_OPTED_OUT = {"opt-out", "opt-out-list"}


def read(raw: bytes, box: BounceAddress) -> ReturnedMail:
    """What a mail says. Never raises: what cannot be read is `Kind.OTHER`, or known by its tag alone."""
    raw = raw[:MOST_BYTES]
    many = len(_BOUNDARY.findall(raw)) > _MOST_BOUNDARIES or len(_ENCLOSED.findall(raw)) > _MOST_ENCLOSED
    for only_head in (many, True):
        # The email package raises one of these here and another there, on what nobody sends by mistake.
        with suppress(RecursionError, LookupError, ValueError, AttributeError, TypeError):
            mail = BytesParser(policy=compat32).parsebytes(raw, headersonly=only_head)
            return _Reader(mail, raw, box).read()
    return ReturnedMail(key=_key("", raw), kind=Kind.OTHER, tags=_tags(raw, box), reason="cannot be read")


class _Reader:
    """One mail, taken apart."""

    def __init__(self, mail: Message, raw: bytes, box: BounceAddress) -> None:
        self._mail = mail
        self._raw = raw
        self._box = box
        self._subject = _decoded(mail.get("Subject"))

    def read(self) -> ReturnedMail:
        """The first that fits, from what is surest to what is a guess."""
        parts = list(_parts(self._mail))
        if tokens := _LEAVE.findall(self._subject):
            return self._is(Kind.LEAVE, tokens=tokens)
        for part in parts:
            if part.get_content_type() == "message/feedback-report":
                return self._complaint(part, parts)
        reports = [part for part in parts if part.get_content_type().startswith("message/") and _groups(part)]
        if reports:
            return self._report(_groups(reports[0]))
        if self._mail.get("X-Failed-Recipients") or self._daemon():
            return self._by_words(parts)
        if self._automatic():
            return self._is(Kind.AUTOMATIC)
        if str(self._mail.get("Return-Path", "")).strip() == "<>":
            return self._by_words(parts)
        return self._is(Kind.OTHER)

    def _is(
        self, kind: Kind, *, tokens: list[str] | None = None, status: str = "", reason: str = ""
    ) -> ReturnedMail:
        tags = self._tags()
        message_id = f"{self._mail.get('Message-ID', '')}".strip()
        key = _key(message_id, self._raw)
        return ReturnedMail(
            key=key,
            kind=kind,
            tags=tags,
            tokens=tuple(tokens or ()),
            status=status,
            reason=readable(" ".join(reason.split())),
            message_id=message_id,
        )

    def _tags(self) -> tuple[str, ...]:
        """Those it was sent to, else those that stand anywhere in it."""
        heads = [str(value) for name in _ADDRESSED for value in self._mail.get_all(name, [])]
        return tuple(self._box.tags("\n".join(heads))) or _tags(self._raw, self._box)

    def _report(self, groups: list[Message]) -> ReturnedMail:
        """A delivery report (RFC 3464). Our letters have one recipient, a list behind it several."""
        failed = [group for group in groups if _word(group, "Action") in _FAILED]
        if not failed:
            return self._is(Kind.DELAYED, reason=_word(groups[0], "Action"))
        group = failed[0]
        said = str(group.get("Diagnostic-Code", ""))
        words = said.partition(";")[2] or said
        kind, status = judged([*codes(str(group.get("Status", ""))), *codes(words)])
        return self._is(kind, status=status, reason=words)

    def _complaint(self, part: Message, parts: list[Message]) -> ReturnedMail:
        """A complaint (RFC 5965), or what is sent in its form and is none."""
        fields = _inner(part) or part
        what = _word(fields, "Feedback-Type")
        if what in _SPAM or what in _OPTED_OUT:
            links = (str(each.get("List-Unsubscribe", "")) for each in _letters(parts))
            tokens = [token for text in links for token in _LINK.findall(re.sub(r"\s", "", text))]
            kind = Kind.COMPLAINT if what in _SPAM else Kind.LEAVE
            return self._is(kind, tokens=tokens, reason=what)
        return self._is(Kind.OTHER, reason=f"feedback of the type {what}")

    def _daemon(self) -> bool:
        return _DAEMON.search(str(self._mail.get("From", ""))) is not None

    def _automatic(self) -> bool:
        said = _word(self._mail, "Auto-Submitted")
        precedence = _word(self._mail, "Precedence")
        names = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id")
        return (
            (said not in ("", "no"))
            or precedence in ("auto_reply", "bulk", "junk", "list")
            or any(self._mail.get(name) for name in names)
            or _AWAY.match(self._subject) is not None
        )

    def _by_words(self, parts: list[Message]) -> ReturnedMail:
        """A bounce in words of its own, known by its tag alone: the codes that it names, if it does."""
        texts = (part for part in parts if part.get_content_type() == "text/plain")
        words = next((_text(part) for part in texts), "")[:4000]
        kind, status = judged(codes(words))
        line = next((line for line in words.splitlines() if codes(line)), "")
        return self._is(kind, status=status, reason=line or self._subject)


def _parts(mail: Message) -> Iterator[Message]:
    """The mail and its parts, a bounded number of them."""
    for n, part in enumerate(mail.walk()):
        if n >= _MOST_PARTS:
            return
        yield part


def _groups(part: Message) -> list[Message]:
    """The groups of fields of a delivery report, one a recipient; empty for any other part."""
    if part.get_content_type() not in ("message/delivery-status", "message/global-delivery-status"):
        return []
    inner = part.get_payload()
    groups = [each for each in inner if isinstance(each, Message)] if isinstance(inner, list) else []
    return [each for each in groups if each.get("Action") or each.get("Status")]


def _letters(parts: list[Message]) -> Iterator[Message]:
    """The heads of letters that a report gives back, whole or as headers alone."""
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            yield BytesParser(policy=compat32).parsebytes(_text(part).encode("utf-8", "replace"))
        elif part.get_content_type() == "message/rfc822" and (letter := _inner(part)):
            yield letter


def _inner(part: Message) -> Message | None:
    inner = part.get_payload()
    return inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None


def _text(part: Message) -> str:
    found = part.get_payload(decode=True)
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""


def _word(fields: Message, name: str) -> str:
    """The first word of a field, in small letters, without what follows a semicolon or in brackets."""
    return re.split(r"[\s;(]", str(fields.get(name, "")).strip().lower(), maxsplit=1)[0]


def _decoded(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value or ""))))
    except (LookupError, ValueError):
        return str(value or "")


def _tags(raw: bytes, box: BounceAddress) -> tuple[str, ...]:
    return tuple(box.tags(raw.decode("ascii", "replace")))


def _key(message_id: str, raw: bytes) -> str:
    """What tells this mail from all others: its own Message-ID, or its bytes."""
    named = message_id if len(message_id) > 6 and "@" in message_id else ""
    return sha256(named.encode("utf-8", "replace") if named else raw).hexdigest()
