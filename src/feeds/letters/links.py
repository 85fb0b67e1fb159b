"""Addresses in mails that work for one person alone, with a slot where their token goes (pure).

Owns: the shape of each secret link and the slots. A slot is a Unicode noncharacter: the cleaner drops
it from every bulletin (T4), HTML and the CSS inliner keep it, and no escaping rule touches it. Tokens
take the slots when a letter is sent, so that no mail that is stored holds a link that works.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from feeds.errors import MailError
from feeds.letters.headers import TOKEN, TOKEN_SLOT, unsubscribe_url
from feeds.letters.subject import named
from feeds.model import Place, RenderedDigest, RenderedMail, SiteInfo
from feeds.templating import one_line, ruled

UNSUBSCRIBE = TOKEN_SLOT
CHANGE = "\ufdd1"
PAUSE = "\ufdd2"
LINK = "\ufdd3"
PAGE = "\ufdd4"
"""The key of the digest's page, the same for all who got this digest."""
HEADING = "\ufdd5"
"""What stands over a digest: the name that its reader gave the subscription, or the filter in words."""
SLOTS = (UNSUBSCRIBE, CHANGE, PAUSE, LINK, PAGE, HEADING)
PERSONAL = (UNSUBSCRIBE, CHANGE, PAUSE)
"""What differs from member to member of a digest."""
_NOT_PERSONAL = tuple(slot for slot in SLOTS if slot not in PERSONAL)


def digest_url(site: SiteInfo) -> str:
    """Where this digest stands as a page, in its own language."""
    return f"{site.base_url}/digests/{PAGE}/"


def confirm_url(site: SiteInfo) -> str:
    """Where somebody confirms what was asked for with their address."""
    return f"{site.base_url}/confirm/{LINK}"


def preferences_url(site: SiteInfo) -> str:
    """Where the owner of an address opens their subscriptions, once."""
    return f"{site.base_url}/preferences/{LINK}"


def sign_in_url(site: SiteInfo, place: Place) -> str:
    """Where somebody of the house signs in, once."""
    return f"{site.base_url}/sign-in/{place}/{LINK}"


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


def shared(rendered: RenderedDigest, page: str, name: str) -> RenderedMail:
    """What all who call it `name` get alike: only the slots of `PERSONAL` are left, else MailError."""
    mail = titled(rendered, name)
    text, html = (part.replace(PAGE, page) for part in (mail.text, mail.html))
    if not TOKEN.fullmatch(page) or any(slot in text + html + mail.subject for slot in _NOT_PERSONAL):
        raise MailError("a slot of this digest has nothing to go into it")
    return RenderedMail(subject=mail.subject, text=text, html=html)


def titled(rendered: RenderedDigest, name: str) -> RenderedDigest:
    """A digest with its heading in place: the reader's own name for it, or what it is about.

    A digest that was stored before there were headings has no slot, and stays as it is.
    """
    heading = one_line(name) or rendered.heading
    over = ruled(heading, "=") if rendered.text.startswith(HEADING) else heading
    return RenderedDigest(
        subject=named(rendered.subject, name),
        text=rendered.text.replace(HEADING, over),
        html=rendered.html.replace(HEADING, escape(heading)),
    )


def assert_slots(rendered: RenderedDigest, site: SiteInfo) -> RenderedDigest:
    """`rendered`, once it is sure that each slot stands in its own link only, and in both parts."""
    own = {
        UNSUBSCRIBE: unsubscribe_url(site, UNSUBSCRIBE), CHANGE: change_url(site), PAUSE: pause_url(site),
    }  # fmt: skip
    for name, part in (("text", rendered.text), ("HTML", rendered.html)):
        for slot, link in own.items():
            if not part.count(link) or part.count(link) != part.count(slot):
                raise MailError(f"the {name} part must hold each personal link and no stray slot")
        if part.count(PAGE) != part.count(f"/digests/{PAGE}/") or part.count(HEADING) != 1 or LINK in part:
            raise MailError(f"the {name} part must hold one heading and no stray slot")
    if any(slot in rendered.subject + rendered.heading for slot in SLOTS):
        raise MailError("a subject or a heading must not hold a slot")
    return rendered
