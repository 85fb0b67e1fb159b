"""Personal links of a mail: the unsubscribe address, its slot, the List-* headers (pure).

Owns: the shape of ``/unsubscribe/TOKEN``. Must not know how a token is made or read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import quote

from feeds.errors import MailError
from feeds.model import SiteInfo

# A Unicode noncharacter: the cleaner drops it from every bulletin (T4), HTML and
# the CSS inliner keep it, and no escaping rule touches it.
TOKEN_SLOT = "\ufdd0"  # noqa: S105 - a place for a token, not a token

_AUTOMATIC = ("Auto-Submitted", "auto-generated")  # RFC 3834: no out-of-office answers, please
# Old, harmless, and some answering machines know nothing else.
_BULK = ("Precedence", "bulk")
# The extra headers of a letter that belongs to no list.
NOTICE_HEADERS = (_AUTOMATIC,)

TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 .&'()-]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


def unsubscribe_url(site: SiteInfo, token: str) -> str:
    """Where a reader leaves: GET asks, POST acts, and the address alone names the subscription (RFC 8058)."""
    return f"{site.base_url}/unsubscribe/{token}"


def list_headers(
    site: SiteInfo, token: str, list_id: str, leave_by_mail: str = ""
) -> tuple[tuple[str, str], ...]:
    """Extra headers of a digest to one member, in order: RFC 2919, 2369, 8058 and 3834.

    `list_id` is a name below the site's own domain (``digest.example.org``),
    stable for ever. `leave_by_mail` is an address whose mails are read by us; without it, people may write
    to the site's contact, who reads them. MailError if a value is not printable ASCII, since these
    lines are written raw.
    """
    lines = tuple(_headers(site, token, list_id, leave_by_mail))
    for name, value in lines:
        if not _PRINTABLE.fullmatch(value):
            raise MailError(f"{name} would not be plain ASCII on one line")
    return lines


def _headers(site: SiteInfo, token: str, list_id: str, leave_by_mail: str) -> Iterator[tuple[str, str]]:
    contact = site.contact if _ADDRESS.fullmatch(site.contact) else ""
    ways = [f"<{unsubscribe_url(site, token)}>"]
    if leave_by_mail or contact:
        ways.append(f"<{_mailto(leave_by_mail or contact, 'unsubscribe ' + token)}>")
    yield "List-Id", _list_id(site.name, list_id)
    yield "List-Unsubscribe", ", ".join(ways)
    yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    yield "List-Archive", f"<{site.base_url}/>"
    if contact:
        yield "List-Help", f"<{_mailto(contact, 'help')}>"
    yield "Feedback-ID", _feedback_id(list_id)
    yield _BULK
    yield _AUTOMATIC


def _feedback_id(list_id: str) -> str:
    """What complaints are counted by at Gmail: a kind of mail, and 5 to 15 characters that stay the same."""
    return f"digest:{sha256(list_id.encode()).hexdigest()[:12]}"


def _list_id(name: str, list_id: str) -> str:
    """RFC 2919's phrase and name; the phrase only where it needs no encoding, as the line is raw."""
    return f'"{name}" <{list_id}>' if _PLAIN_NAME.fullmatch(name) else f"<{list_id}>"


def _mailto(address: str, subject: str) -> str:
    return f"mailto:{quote(address, safe='@.+-_')}?subject={quote(subject)}"
