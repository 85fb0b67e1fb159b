"""Mails as they come back: reports, complaints, wishes and answers, in the forms that servers give them."""

from __future__ import annotations

REPORT = """Return-Path: <{path}>
Delivered-To: {to}
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <{name}@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain

Sorry, it did not work.

--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Sat, 28 Nov 2026 07:00:00 +0000

Final-Recipient: rfc822; Ana@example.org
Original-Recipient: rfc822;Ana@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: smtp; {said}

--=_b
Content-Type: text/rfc822-headers

Return-Path: <{to}>
From: News <news@example.org>
Subject: Labour migration

--=_b--
"""

COMPLAINT = """Delivered-To: {sent_to}
From: <feedback@isp.example.net>
To: {sent_to}
Subject: FW: Labour migration
Message-ID: <{name}@isp.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_b"

--=_b
Content-Type: text/plain

This is an abuse report.
--=_b
Content-Type: message/feedback-report

Feedback-Type: {what}
User-Agent: FBL/1
Version: 1
Original-Mail-From: {mail_from}

--=_b
Content-Type: message/rfc822

From: News <news@example.org>
Subject: Labour migration
List-Unsubscribe: <https://news.example.org/unsubscribe/{token}>,
 <mailto:bounces+unsubscribe@example.org?subject=unsubscribe%20{token}>

Hello
--=_b--
"""

PLAIN = """Delivered-To: {to}
{head}To: {to}
Message-ID: <{name}@mx.example.net>

{body}
"""


def report(
    to: str,
    *,
    status: str = "5.1.1",
    said: str = "550 5.1.1 <ana@example.org>: no such user",
    action: str = "failed",
    name: str = "report",
) -> bytes:
    """A delivery report to this address (RFC 3464)."""
    return REPORT.format(path="", to=to, status=status, said=said, action=action, name=name).encode()


def complaint(
    *,
    what: str = "abuse",
    mail_from: str = "",
    token: str = "none",
    to: str = "abuse@example.org",
    name: str = "arf",
) -> bytes:
    """A complaint in the form that mail providers send (RFC 5965)."""
    values = {"what": what, "mail_from": mail_from, "token": token, "sent_to": to, "name": name}
    return COMPLAINT.format(**values).encode()


def plain(to: str, *head: str, body: str = "Hello", name: str = "plain") -> bytes:
    """A mail of one text, with these lines in its head."""
    lines = "".join(f"{line}\n" for line in head)
    return PLAIN.format(to=to, head=lines, body=body, name=name).encode()
