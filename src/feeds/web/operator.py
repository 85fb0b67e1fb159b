"""/operator/: how the site goes, for the people whom the configuration names; else there is no such path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.errors import InputError, Problem
from feeds.mail.addresses import address_key, normal_address
from feeds.model import Vocabulary
from feeds.pages.operator.pages import SHEET, WHY, OperatorPages, Seen
from feeds.pages.operator.views import Overview
from feeds.people.why import why
from feeds.people.why_facts import facts_of
from feeds.store import Store, items
from feeds.web import people
from feeds.web.edge import Posted
from feeds.web.signing_in import At, Who, acting, door_routes

# Longer than any address or id.
MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorParts:
    """What these pages work with. `overview` gathers the facts, names in the language that it is given."""

    at: At
    store: Store
    vocabulary: Vocabulary
    pages: OperatorPages
    sheet: bytes
    overview: Callable[[str], Overview]
    now: Callable[[], datetime]


def operator_routes(parts: OperatorParts) -> list[Route]:
    """All paths of the operator."""

    async def sheet(_: Request) -> Response:
        return Response(parts.sheet, headers={"cache-control": "max-age=300"}, media_type="text/css")

    def show(who: Who, _: Request) -> Response:
        return people.page(_speaking(parts, who).overview(parts.overview(who.staff.lang), _seen(who)))

    return [
        *door_routes(parts.at, show),
        Route(SHEET, sheet, methods=["GET"]),
        Route(WHY, acting(parts.at, _answering(parts)), methods=["POST"]),
    ]


def _answering(parts: OperatorParts) -> Callable[[Who, Request, Posted], Response]:
    """The operator's question, posted, so that no address stands in a path or a log."""

    def answer(who: Who, _: Request, form: Posted) -> Response:
        address, item = form.one("address").strip()[:MOST], form.one("item").strip()[:MOST]
        pages, seen = _speaking(parts, who), _seen(who)
        try:
            sentence, facts = _why(parts, address, item)
        except InputError as error:
            told = "; ".join(each.what for each in error.problems)
            return people.page(pages.why(seen, address, item, "", (), told), 422)
        return people.page(pages.why(seen, address, item, sentence, facts, ""))

    return answer


def _why(parts: OperatorParts, address: str, item: str) -> tuple[str, list[str]]:
    """Raises InputError for what is no address, or no item."""
    normal = normal_address(address)
    with parts.store.read() as conn:
        found = items.find(conn, item) if item else None
        if item and found is None:
            raise InputError([Problem(item, "there is no item whose number begins so")])
        facts = facts_of(conn, normal, address_key(normal), found, parts.now())
    answer = why(facts, parts.vocabulary)
    return answer.sentence, list(answer.facts)


def _speaking(parts: OperatorParts, who: Who) -> OperatorPages:
    return parts.pages.speaking(who.staff.lang)


def _seen(who: Who) -> Seen:
    return Seen(who.staff, who.stamp)
