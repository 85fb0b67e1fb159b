"""Whoever tries links that we never made is asked to wait (T11): 429 for the whole network, for an hour.

A signed link that is right is never held up by what others of its network tried: leaving always works.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from feeds.model import LinkPurpose
from feeds.people import limiting
from feeds.web.people import PeopleParts


def guarded(
    parts: PeopleParts, client: str, purpose: LinkPurpose, secret: str, answer: Callable[[], Response]
) -> Response:
    """The answer to a link that works once. Raises Limited, for right ones, too: else guessing would pay."""
    limiting.may_try(parts.store, parts.rules, client, parts.now())
    response = answer()
    if response.status_code == 404:
        limiting.missed(parts.store, parts.rules, client, parts.now(), purpose, secret)
    return response


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
