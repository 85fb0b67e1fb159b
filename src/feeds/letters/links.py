"""Addresses in mails that work for one person alone, with a slot where their token goes (pure).

Owns: the shape of each secret link and the slots. A slot is a Unicode noncharacter: the cleaner drops
it from every bulletin (T4), HTML and the CSS inliner keep it, and no escaping rule touches it. Tokens
take the slots when a letter is sent, so that no mail that is stored holds a link that works.
"""

from __future__ import annotations

from collections.abc import Mapping

from feeds.errors import MailError
from feeds.letters.headers import TOKEN, TOKEN_SLOT
from feeds.model import RenderedMail, SiteInfo

UNSUBSCRIBE = TOKEN_SLOT
CHANGE = "\ufdd1"
PAUSE = "\ufdd2"
LINK = "\ufdd3"
SLOTS = (UNSUBSCRIBE, CHANGE, PAUSE, LINK)


def confirm_url(site: SiteInfo) -> str:
    """Where somebody confirms what was asked for with their address."""
    return f"{site.base_url}/confirm/{LINK}"


def preferences_url(site: SiteInfo) -> str:
    """Where the owner of an address opens their subscriptions, once."""
    return f"{site.base_url}/preferences/{LINK}"


def move_url(site: SiteInfo) -> str:
    """Where the owner of a new address takes the mails over."""
    return f"{site.base_url}/move/{LINK}"


def change_url(site: SiteInfo) -> str:
    """What stands in every digest: it shows no data, but mails its owner a link."""
    return f"{site.base_url}/change/{CHANGE}"


def pause_url(site: SiteInfo) -> str:
    """Where the subscriptions of one digest are paused."""
    return f"{site.base_url}/pause/{PAUSE}"


def filled(mail: RenderedMail, tokens: Mapping[str, str]) -> RenderedMail:
    """`mail` with a token in each slot. MailError if one stays empty or could not stand in an address."""
    text, html = mail.text, mail.html
    for slot, token in tokens.items():
        if not TOKEN.fullmatch(token):
            raise MailError("a token holds characters that do not belong in a link")
        text, html = text.replace(slot, token), html.replace(slot, token)
    if any(slot in part for slot in SLOTS for part in (mail.subject, text, html)):
        raise MailError("a personal link has no token")
    return RenderedMail(subject=mail.subject, text=text, html=html)
