"""/subscribe: what, how often, where to. Asking mails a link; nothing else tells anybody anything (T10)."""

from __future__ import annotations

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import filters
from feeds.errors import InputError
from feeds.i18n import translator
from feeds.model import Filter, Wished
from feeds.pages.choices import Typed, read_cadence, read_habits
from feeds.pages.wishing import read_filter, typed_from
from feeds.people.asking import Asking, ask
from feeds.timewords import promise_words
from feeds.web import people
from feeds.web.edge import Posted, posted
from feeds.web.headers import POLICY
from feeds.web.people import PeopleParts

WITH_SCRIPT = {"content-security-policy": f"{POLICY}; {people.SCRIPT_POLICY}"}
SCRIPT_HEADERS = {"cache-control": "public, max-age=86400"}


def subscribe_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST /subscribe, and the same below /es/ and so on."""

    async def script(_: Request) -> Response:
        return Response(parts.script, headers=SCRIPT_HEADERS, media_type="text/javascript; charset=utf-8")

    routes = [Route("/zone.js", script, methods=["GET"])]
    for lang in parts.langs:
        path = "/subscribe" if lang == parts.langs[0] else f"/{lang}/subscribe"
        form = _Form(parts, lang)
        routes += [Route(path, form.show, methods=["GET"]), Route(path, form.take, methods=["POST"])]
    return routes


class _Form:
    """The form in one language."""

    def __init__(self, parts: PeopleParts, lang: str) -> None:
        self._parts = parts
        self._lang = lang
        self._t = translator(lang)
        self._pages = parts.speaking(lang).asking

    async def show(self, request: Request) -> Response:
        return await run_in_threadpool(self._show, request.query_params.multi_items())

    async def take(self, request: Request) -> Response:
        form = await posted(request, self._parts.origins)
        return await run_in_threadpool(self._take, form, self._parts.client(request))

    def _show(self, pairs: list[tuple[str, str]]) -> Response:
        """Filled in with the filter of the page that one comes from; what is none is told."""
        faults: dict[str, str] = {}
        wanted = Filter()
        asked = [(key, value) for key, value in pairs if key in filters.QUERY_KEYS and value]
        try:
            wanted = filters.from_query(asked, self._parts.rules.vocabulary) if asked else Filter()
        except InputError:
            faults["names"] = self._t.gettext("The link that you followed asks for something that is"
                                              " not known here."
                                              " Please choose below.")  # fmt: skip
        fields = typed_from(wanted, self._parts.rules.vocabulary, self._t)
        given = self._parts.defaults(self._lang, fields)
        return self._page(given, wanted, faults, guess=True)

    def _take(self, form: Posted, client: str) -> Response:
        given = people.typed(form, self._parts.defaults(self._lang))
        wanted, faults = read_filter(given.filter, "", self._pages.known, self._t)
        if wanted is not None:  # names that were typed are ticks from now on
            given = replace(given, filter=typed_from(wanted, self._parts.rules.vocabulary, self._t))
        do = form.one("do", "ask")
        if do == "count" or (do == "enter" and not given.address.strip()):
            return self._page(given, wanted, faults)
        return self._ask(form, given, wanted, faults, client)

    def _ask(
        self, form: Posted, given: Typed, wanted: Filter | None, faults: dict[str, str], client: str
    ) -> Response:
        parts, t, now = self._parts, self._t, self._parts.now()
        habits, wrong_times = read_habits(given, parts.langs, t)
        cadence, wrong_cadence = read_cadence(given, t)
        address, wrong_address = people.read_address(given.address, t)
        told = faults | wrong_cadence | wrong_times | wrong_address
        told = told or people.form_faults(parts, form, t)
        if told or wanted is None:
            return self._page(given, wanted, told, status=422)
        wish = Wished(filter=wanted, cadence=cadence)
        often = promise_words(cadence, habits.hour, habits.weekday, habits.zone, t)
        words = f"{t.gettext('Send me the link to confirm')}: {self._pages.told(wanted)}, {often}"
        ask(
            parts.store,
            parts.rules,
            Asking(
                address=address, wishes=(wish,), network=client, page="/subscribe", words=words,
                lang=habits.lang, zone=habits.zone, hour=habits.hour, weekday=habits.weekday,
            ),
            now,
        )  # fmt: skip
        return people.page(self._pages.check_mail(address, wish, habits, parts.sender))

    def _page(
        self,
        given: Typed,
        wanted: Filter | None,
        faults: dict[str, str],
        *,
        status: int = 200,
        guess: bool = False,
    ) -> Response:
        parts = self._parts
        made = people.stamp(parts.rules.tokens, parts.now())
        found = parts.found(wanted)
        data = self._pages.signup(given, wanted, found, parts.busy(), made, faults, guess=guess)
        return people.page(data, status, WITH_SCRIPT)
