"""Whoever tries links that we never made is asked to wait (T11): 429 for the whole network, for an hour.

A link that we made is never held up by what others of its network tried, nor counted, used or ended long
ago as it may be: a company's people share one network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from starlette.responses import Response

from feeds import links
from feeds.model import LinkPurpose
from feeds.people import limiting
from feeds.web.people import PeopleParts

Known = TypeVar("Known")


def guarded(
    parts: PeopleParts, client: str, purpose: LinkPurpose, secret: str, answer: Callable[[], Response]
) -> Response:
    """The answer to a link that works once. Raises Limited for one that nobody can know to be ours."""
    if links.ours(parts.rules.tokens, purpose, secret):
        return answer()
    limiting.may_try(parts.store, parts.rules, client, parts.now())
    response = answer()
    if response.status_code == 404:
        limiting.missed(parts.store, parts.rules, client, parts.now(), purpose, secret)
    return response


def guarded_session(
    parts: PeopleParts, client: str, purpose: LinkPurpose, cookie: str, look: Callable[[], Known | None]
) -> Known | None:
    """Whose session a cookie names, as `look` knows them. Raises Limited where a network tries too many that
    we never made."""
    if not cookie:
        return None
    ours = links.ours(parts.rules.tokens, purpose, cookie)
    if not ours:
        limiting.may_try(parts.store, parts.rules, client, parts.now())
    known = look()
    if known is None and not ours:
        limiting.missed(parts.store, parts.rules, client, parts.now(), purpose, cookie)
    return known


def guarded_signed(
    parts: PeopleParts,
    client: str,
    read: Callable[[str], object | None],
    token: str,
    answer: Callable[[], Response],
) -> Response:
    """The answer to a signed link, which `read` knows. Raises Limited for wrong ones."""
    if read(token) is None:
        limiting.may_try(parts.store, parts.rules, client, parts.now())
        limiting.missed(parts.store, parts.rules, client, parts.now(), None, token)
    return answer()
