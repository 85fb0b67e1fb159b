"""/preferences/: one's own subscriptions, for the hour after the mailed link was used.

Without a session it asks for an address and mails the link. Every change is posted with the form's own
token (T13) and answered with a redirect, so that nothing is done twice by going back.
"""

from __future__ import annotations

import hmac

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds.i18n import translator
from feeds.model import Filter
from feeds.pages.choices import Typed
from feeds.people import opening
from feeds.web import own_settings, own_subscriptions, people
from feeds.web.edge import Posted, posted
from feeds.web.opening import COOKIE
from feeds.web.own_subscriptions import subscription_form
from feeds.web.people import PeopleParts
from feeds.web.session import session_of

ACTS = {**own_subscriptions.ACTS, **own_settings.ACTS}


def preferences_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST /preferences/, and the asking page below /es/ and so on."""
    found = []
    for lang in parts.langs:
        path = "/preferences/" if lang == parts.langs[0] else f"/{lang}/preferences/"
        door = _Door(parts, lang)
        found += [Route(path, door.show, methods=["GET"]), Route(path, door.take, methods=["POST"])]
    return found


class _Door:
    """The page in one language of the site; who is in sees it in their own."""

    def __init__(self, parts: PeopleParts, lang: str) -> None:
        self._parts = parts
        self._lang = lang

    async def show(self, request: Request) -> Response:
        cookie = request.cookies.get(COOKIE, "")
        client = self._parts.client(request)
        return await run_in_threadpool(self._show, cookie, dict(request.query_params), client)

    async def take(self, request: Request) -> Response:
        form = await posted(request, self._parts.origins)
        client = self._parts.client(request)
        return await run_in_threadpool(self._take, request.cookies.get(COOKIE, ""), form, client)

    def _show(self, cookie: str, query: dict[str, str], client: str) -> Response:
        session = session_of(self._parts, cookie, client)
        if session is None:
            return self._asking()
        form = query.get("form", "")
        if form == "add":
            return subscription_form(session, session.typed(), None, Filter())
        if form == "times":
            return people.page(session.pages.mine.times(session.typed(), session.stamp))
        if form == "address":
            return people.page(session.pages.mine.address(Typed(), session.stamp))
        return session.everything(query.get("said", ""))

    def _take(self, cookie: str, form: Posted, client: str) -> Response:
        session = session_of(self._parts, cookie, client)
        if session is None:
            # Whoever's hour is over while they fill a form in is told so, beside the way back in.
            return self._ask_link(form, client) if form.one("do") == "link" else self._asking(over=True)
        if not hmac.compare_digest(form.one("form").encode(), session.stamp.encode()):
            return people.page(session.pages.leaving.link_over("/preferences/"), 403)
        act = ACTS.get(form.one("do"))
        return act(session, form, client) if act else session.everything()

    def _asking(
        self, address: str = "", faults: dict[str, str] | None = None, *, over: bool = False
    ) -> Response:
        parts = self._parts
        made = people.stamp(parts.rules.tokens, parts.now())
        if over:
            faults = {
                "address": translator(self._lang).gettext(
                    "Your hour is over, and nothing was changed. Ask for a new link."
                )
            }
        status = 422 if faults else 200
        return people.page(parts.speaking(self._lang).mine.ask_link(made, address, faults), status)

    def _ask_link(self, form: Posted, client: str) -> Response:
        parts, t, now = self._parts, translator(self._lang), self._parts.now()
        typed = form.one("address")
        address, faults = people.read_address(typed, t)
        faults = faults or people.form_faults(parts, form, t)
        if faults:
            return self._asking(typed, faults)
        opening.ask_link(parts.store, parts.rules, address, client, now, lang=self._lang)
        return people.page(parts.speaking(self._lang).asking.check_mail_for_link(address, parts.sender))
