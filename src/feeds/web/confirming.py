"""/confirm/TOKEN: opening it shows what was asked for; only its button confirms."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import log
from feeds.i18n import Translator, translator
from feeds.mail.addresses import masked
from feeds.model import Habits, LinkPurpose, Wished
from feeds.pages.asking import ShownWish
from feeds.pages.choices import Typed, read_cadence, read_habits, typed_pace
from feeds.pages.wishing import read_filter, typed_from
from feeds.people.asking import Choice, Confirmed, Pending, already, confirm, pending
from feeds.web import people
from feeds.web.edge import Posted, posted
from feeds.web.guessing import guarded
from feeds.web.people import PeopleParts

logger = log.get("web")


def confirm_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST /confirm/{token}."""

    def show(token: str) -> Response:
        waiting = pending(parts.store, parts.rules, token, parts.now())
        if waiting is None:
            return _over(parts, token)
        t = translator(waiting.lang)
        wishes = [
            ShownWish(typed_from(one.filter, parts.rules.vocabulary, t), one.filter, True, one.cadence)
            for one in waiting.wishes
        ]
        return _page(parts, token, waiting, _typed(waiting), wishes, {}, starter=waiting.starter)

    def take(token: str, form: Posted) -> Response:
        waiting = pending(parts.store, parts.rules, token, parts.now())
        if waiting is None:
            return _over(parts, token)
        given = people.typed(form, _typed(waiting))
        choice, shown, faults = _chosen(parts, waiting, given, form)
        starter = form.one("starter") == "yes"
        if faults or choice is None:
            return _page(parts, token, waiting, given, shown, faults, starter=starter, status=422)
        done = confirm(parts.store, parts.rules, token, choice, parts.now())
        if done is None:
            return _over(parts, token)
        logger.info("confirmed", subscriber=done.subscriber_id, filters=len(done.wishes), again=done.again)
        return _done(parts, done, choice, before=False)

    async def answer(request: Request, act: Callable[[str], Response]) -> Response:
        token = request.path_params["token"]
        return await run_in_threadpool(
            guarded, parts, parts.client(request), LinkPurpose.CONFIRM, token, lambda: act(token)
        )

    async def ask(request: Request) -> Response:
        return await answer(request, show)

    async def act(request: Request) -> Response:
        form = await posted(request, parts.origins)
        return await answer(request, lambda token: take(token, form))

    path = "/confirm/{token}"
    return [Route(path, ask, methods=["GET"]), Route(path, act, methods=["POST"])]


def _over(parts: PeopleParts, token: str) -> Response:
    """For a link that was used, in words that suit whoever presses twice, or that is over."""
    if done := already(parts.store, parts.rules, token):
        habits = Habits(
            lang=done.lang, zone=parts.rules.defaults.zone, hour=parts.rules.defaults.hour, weekday=1
        )
        return _done(parts, done, habits, before=True)
    return people.page(parts.pages.leaving.link_over(), 404)


def _done(parts: PeopleParts, done: Confirmed, habits: Habits, *, before: bool) -> Response:
    pages = parts.pages.speaking(done.lang)
    return people.page(pages.leaving.confirmed(done.wishes, habits, done.address_hint, before=before))


def _typed(waiting: Pending) -> Typed:
    """The form as it stands before anybody changed it; each of several wishes has its own cadence."""
    return Typed(
        **typed_pace(waiting.wishes[0].cadence), hour=str(waiting.hour), weekday=str(waiting.weekday),
        zone=waiting.zone, lang=waiting.lang,
    )  # fmt: skip


def _chosen(
    parts: PeopleParts, waiting: Pending, given: Typed, form: Posted
) -> tuple[Choice | None, list[ShownWish], dict[str, str]]:
    """What stays ticked, the fields as they are shown again, and the faults by field."""
    t = translator(waiting.lang)
    habits, faults = read_habits(given, parts.langs, t)
    shown: list[ShownWish] = []
    wishes = []
    for n, before in enumerate(waiting.wishes):
        wish, one, told = _wish(parts, form, f"w{n}-", before, t)
        shown.append(one)
        if one.on:
            faults |= told
            wishes.append(wish)
    if not wishes:
        faults["w0-keep"] = t.gettext("Please leave one ticked, or close this page: then nothing is sent.")
    if faults:
        return None, shown, faults
    starter = form.one("starter") == "yes"
    choice = Choice(
        wishes=tuple(wishes), starter=starter, lang=habits.lang, zone=habits.zone, hour=habits.hour,
        weekday=habits.weekday,
    )  # fmt: skip
    return choice, shown, {}


def _wish(
    parts: PeopleParts, form: Posted, prefix: str, before: Wished, t: Translator
) -> tuple[Wished, ShownWish, dict[str, str]]:
    """One of the wishes as it was posted, and its faults. How often is asked of each, or once of one alone:
    what was chosen does not change unasked."""
    fields, on = people.typed_filter(form, prefix), form.has(f"{prefix}keep")
    wanted, faults = read_filter(fields, prefix, parts.pages.asking.known, t)
    field = f"{prefix}cadence" if form.has(f"{prefix}cadence") else "cadence"
    chosen = form.one(field, before.cadence)
    numbers = (form.one("least", "5"), form.one("most", "7"))
    given = Typed(cadence=chosen, on=form.all("on"), least=numbers[0], most=numbers[1])
    cadence, wrong = read_cadence(given, t)
    if wrong:
        faults[field] = wrong["cadence"]
    wish = Wished(filter=wanted or before.filter, cadence=cadence, name=before.name)
    return wish, ShownWish(fields, wish.filter, on, chosen), faults


def _page(
    parts: PeopleParts,
    token: str,
    waiting: Pending,
    given: Typed,
    wishes: list[ShownWish],
    faults: dict[str, str],
    *,
    starter: bool,
    status: int = 200,
) -> Response:
    pages = parts.pages.speaking(waiting.lang).asking
    data = pages.confirm(
        token,
        given,
        wishes,
        masked(waiting.address),
        waiting.until_at,
        parts.busy(),
        starter=starter,
        faults=faults,
    )
    return people.page(data, status)
