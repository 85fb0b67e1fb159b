"""/preferences/: one's own subscriptions, for the hour after the mailed link was used.

Without a session it asks for an address and mails the link. Every change is posted with the form's own
token (T13) and answered with a redirect, so that nothing is done twice by going back.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import links, log, schedule, timewords
from feeds.errors import InputError
from feeds.i18n import Translator, translator
from feeds.mail.addresses import masked
from feeds.model import Cadence, Filter, LinkPurpose, Wished
from feeds.pages.choices import Typed, read_cadence, read_habits, typed_pace
from feeds.pages.people import PeoplePages
from feeds.pages.wishing import read_filter, typed_from
from feeds.people import changing, erasing, leaving, limiting, moving, opening, private_feed
from feeds.people.kept import Held, Person
from feeds.templating import clip
from feeds.web import people
from feeds.web.edge import Posted, posted
from feeds.web.leaving import months_on
from feeds.web.opening import COOKIE
from feeds.web.people import PeopleParts

logger = log.get("web")

LONGEST_NAME = 60
LONGEST_PAUSE = timedelta(days=366)
_SAID = ("added", "saved", "weekly", "paused", "resumed", "feed-ended")


def preferences_routes(parts: PeopleParts) -> list[Route]:
    """GET and POST /preferences/, and the asking page below /es/ and so on."""
    found = []
    for lang in parts.langs:
        path = "/preferences/" if lang == parts.langs[0] else f"/{lang}/preferences/"
        door = _Door(parts, lang)
        found += [Route(path, door.show, methods=["GET"]), Route(path, door.take, methods=["POST"])]
    return found


@dataclass(frozen=True)
class _Session:
    """Somebody who is in: who, in their own language, with the token of their forms."""

    person: Person
    pages: PeoplePages
    t: Translator
    stamp: str
    secret: str

    def held(self, subscription: int | None) -> list[Held]:
        """One subscription of theirs, or all; none for an id that is not theirs."""
        every = list(self.person.subscriptions)
        return every if subscription is None else [one for one in every if one.id == subscription]


class _Door:
    """The page in one language of the site; who is in sees it in their own."""

    def __init__(self, parts: PeopleParts, lang: str) -> None:
        self._parts = parts
        self._lang = lang
        self._acts: dict[str, Callable[[_Session, Posted, str], Response]] = {
            "change": self._to_change, "add": self._save, "edit": self._save, "count-add": self._count,
            "count-edit": self._count, "ask-pause": self._to_pause, "pause": self._pause,
            "resume": self._resume, "weekly": self._weekly, "ask-leave": self._to_leave, "leave": self._leave,
            "times": self._times, "move": self._move, "export": self._export, "ask-erase": self._to_erase,
            "erase": self._erase, "close": self._close, "feed": self._make_feed, "end-feed": self._end_feed,
        }  # fmt: skip

    async def show(self, request: Request) -> Response:
        cookie = request.cookies.get(COOKIE, "")
        client = self._parts.client(request)
        return await run_in_threadpool(self._show, cookie, dict(request.query_params), client)

    async def take(self, request: Request) -> Response:
        form = await posted(request, self._parts.origins)
        client = self._parts.client(request)
        return await run_in_threadpool(self._take, request.cookies.get(COOKIE, ""), form, client)

    def _session(self, cookie: str, client: str) -> _Session | None:
        """Whose session it is. Raises Limited where a network tries too many that we never made (T11)."""
        parts, now = self._parts, self._parts.now()
        if not cookie:
            return None
        limiting.may_try(parts.store, parts.rules, client, now)
        owner = opening.session(parts.store, parts.rules, cookie, now)
        if owner is None:
            limiting.missed(parts.store, parts.rules, client, now, LinkPurpose.SESSION, cookie)
        person = opening.person(parts.store, owner, parts.now()) if owner is not None else None
        if person is None:
            return None
        stamp = opening.form_secret(parts.rules, cookie, "preferences")
        return _Session(person, parts.speaking(person.lang), translator(person.lang), stamp, cookie)

    def _show(self, cookie: str, query: dict[str, str], client: str) -> Response:
        session = self._session(cookie, client)
        if session is None:
            return self._asking()
        form = query.get("form", "")
        if form == "add":
            return self._form(session, self._typed(session.person), None, Filter())
        if form == "times":
            return people.page(session.pages.mine.times(self._typed(session.person), session.stamp))
        if form == "address":
            return people.page(session.pages.mine.address(Typed(), session.stamp))
        return self._all(session, query.get("said", ""))

    def _take(self, cookie: str, form: Posted, client: str) -> Response:
        session = self._session(cookie, client)
        if session is None:
            # Whoever's hour is over while they fill a form in is told so, beside the way back in.
            return self._ask_link(form, client) if form.one("do") == "link" else self._asking(over=True)
        if not hmac.compare_digest(form.one("form").encode(), session.stamp.encode()):
            return people.page(session.pages.leaving.link_over("/preferences/"), 403)
        act = self._acts.get(form.one("do"))
        return act(session, form, client) if act else self._all(session, "")

    # Without a session

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

    # What is shown

    def _all(self, session: _Session, said: str) -> Response:
        hint = masked(session.person.address)
        told = _said(said, session.t) if said in _SAID else ""
        open_for = links.LIVES[LinkPurpose.SESSION]
        return people.page(session.pages.mine.all(session.person, hint, open_for, session.stamp, told))

    def _typed(self, person: Person, held: Held | None = None) -> Typed:
        t = translator(person.lang)
        fields = typed_from(held.filter if held else Filter(), self._parts.rules.vocabulary, t)
        cadence = held.cadence if held else Cadence.WEEKLY
        return Typed(
            filter=fields, **typed_pace(cadence), hour=str(person.hour), weekday=str(person.weekday),
            zone=person.zone, lang=person.lang, name=held.name if held else "",
        )  # fmt: skip

    def _form(
        self,
        session: _Session,
        given: Typed,
        subscription: int | None,
        wanted: Filter | None,
        faults: dict[str, str] | None = None,
    ) -> Response:
        parts = self._parts
        found = parts.found(wanted)
        data = session.pages.mine.subscription(
            given, subscription, wanted, found, parts.busy(), session.stamp, faults
        )
        return people.page(data, 422 if faults else 200)

    def _to_change(self, session: _Session, form: Posted, _: str) -> Response:
        held = session.held(form.number("subscription") or 0)
        if not held:
            return self._all(session, "")
        return self._form(session, self._typed(session.person, held[0]), held[0].id, held[0].filter)

    def _to_pause(self, session: _Session, form: Posted, _: str) -> Response:
        subscription = form.number("subscription")
        today = timewords.local_day(self._parts.now(), session.person.zone)
        until = months_on(today, 1).isoformat()
        held = session.held(subscription)
        return people.page(session.pages.mine.pause(held, until, session.stamp, subscription))

    def _to_leave(self, session: _Session, form: Posted, _: str) -> Response:
        subscription = form.number("subscription")
        held = session.held(subscription)
        return people.page(session.pages.mine.sure("leave", held, session.stamp, subscription))

    def _to_erase(self, session: _Session, _: Posted, __: str) -> Response:
        return people.page(session.pages.mine.sure("erase", session.held(None), session.stamp))

    # What is done

    def _read(self, session: _Session, form: Posted) -> tuple[Typed, Filter | None, dict[str, str]]:
        known = session.pages.mine.known
        given = people.typed(form, self._typed(session.person))
        wanted, faults = read_filter(given.filter, "", known, session.t)
        if wanted is not None:
            given = replace(given, filter=typed_from(wanted, self._parts.rules.vocabulary, session.t))
        return given, wanted, faults

    def _count(self, session: _Session, form: Posted, _: str) -> Response:
        given, wanted, faults = self._read(session, form)
        return self._form(session, given, form.number("subscription"), wanted, faults)

    def _save(self, session: _Session, form: Posted, _: str) -> Response:
        given, wanted, faults = self._read(session, form)
        cadence, wrong = read_cadence(given, session.t)
        faults |= wrong
        subscription = form.number("subscription")
        if faults or wanted is None:
            return self._form(session, given, subscription, wanted, faults)
        wish = Wished(filter=wanted, cadence=cadence, name=clip(given.name, LONGEST_NAME))
        parts, now, owner = self._parts, self._parts.now(), session.person.id
        try:
            if subscription is None:
                changing.add(parts.store, parts.rules, owner, wish, now)
            else:
                changing.edit(parts.store, parts.rules, owner, subscription, wish, now)
        except InputError:
            told = session.t.gettext("You have this subscription already, or as many as one can have.")
            return self._form(session, given, subscription, wanted, {"names": told})
        return self._back("added" if subscription is None else "saved")

    def _pause(self, session: _Session, form: Posted, _: str) -> Response:
        subscription, typed = form.number("subscription"), form.one("until")
        person, parts = session.person, self._parts
        today = timewords.local_day(parts.now(), person.zone)
        try:
            day = date.fromisoformat(typed.strip())
        except ValueError:
            day = today
        if not today < day <= today + LONGEST_PAUSE:
            told = session.t.gettext("Please give a day after today and within a year, such as %(date)s.")
            faults = {"until": told % {"date": months_on(today, 1).isoformat()}}
            held = session.held(subscription)
            data = session.pages.mine.pause(held, typed, session.stamp, subscription, faults)
            return people.page(data, 422)
        until = schedule.local_instant(day, person.hour, person.zone)
        ids = None if subscription is None else [subscription]
        catch_up = form.one("skip") != "yes"
        changing.pause(parts.store, person.id, ids, until, parts.now(), catch_up=catch_up)
        return self._back("paused")

    def _resume(self, session: _Session, form: Posted, _: str) -> Response:
        ids = [form.number("subscription") or 0]
        changing.resume(self._parts.store, session.person.id, ids, self._parts.now())
        return self._back("resumed")

    def _weekly(self, session: _Session, form: Posted, _: str) -> Response:
        ids = [form.number("subscription") or 0]
        changing.less_often(self._parts.store, session.person.id, ids, self._parts.now())
        return self._back("weekly")

    def _leave(self, session: _Session, form: Posted, _: str) -> Response:
        parts, subscription = self._parts, form.number("subscription")
        ids = None if subscription is None else [subscription]
        left = leaving.leave(
            parts.store,
            session.person.id,
            None,
            parts.now(),
            "preferences page",
            ids=ids,
            tokens=parts.rules.tokens,
        )
        if left is None:
            return self._asking(over=True)
        logger.info("unsubscribed", subscriber=session.person.id, filters=len(left.filters))
        undo = f"{parts.prefix}/undo"
        pages = session.pages.leaving
        return people.page(pages.left(left.filters, undo, left.undo or "", everything=left.everything))

    def _times(self, session: _Session, form: Posted, _: str) -> Response:
        parts = self._parts
        given = people.typed(form, self._typed(session.person))
        habits, faults = read_habits(given, parts.langs, session.t)
        if faults:
            return people.page(session.pages.mine.times(given, session.stamp, faults), 422)
        changing.set_habits(parts.store, session.person.id, habits, parts.now())
        return self._back("saved")

    def _move(self, session: _Session, form: Posted, client: str) -> Response:
        parts = self._parts
        typed = form.one("address")
        address, faults = people.read_address(typed, session.t)
        if faults:
            return people.page(session.pages.mine.address(Typed(address=typed), session.stamp, faults), 422)
        moving.ask_move(
            parts.store, parts.rules, session.person.id, address, client, "/preferences/", parts.now()
        )
        return people.page(session.pages.leaving.move_asked(address))

    def _make_feed(self, session: _Session, _: Posted, __: str) -> Response:
        secret = private_feed.make(self._parts.store, self._parts.rules, session.person.id, self._parts.now())
        return people.page(session.pages.mine.private_feed(secret, session.stamp))

    def _end_feed(self, session: _Session, _: Posted, __: str) -> Response:
        private_feed.take_back(self._parts.store, session.person.id, self._parts.now())
        return self._back("feed-ended")

    def _export(self, session: _Session, _: Posted, __: str) -> Response:
        data = erasing.export(self._parts.store, session.person.id, self._parts.now())
        text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
        headers = {**people.PRIVATE, "content-disposition": 'attachment; filename="my-emails.json"'}
        return Response(text, headers=headers, media_type="application/json")

    def _erase(self, session: _Session, _: Posted, __: str) -> Response:
        erasing.erase(self._parts.store, self._parts.rules.tokens, session.person.id, self._parts.now())
        logger.info("erased", subscriber=session.person.id)
        return self._without_cookie(people.page(session.pages.leaving.erased()))

    def _close(self, session: _Session, _: Posted, __: str) -> Response:
        opening.close(self._parts.store, self._parts.rules, session.secret)
        return self._without_cookie(people.page(session.pages.leaving.closed()))

    def _without_cookie(self, answer: Response) -> Response:
        path = f"{self._parts.prefix}/preferences/"
        answer.delete_cookie(COOKIE, path=path, secure=self._parts.secure, httponly=True, samesite="lax")
        return answer

    def _back(self, said: str) -> Response:
        return people.elsewhere(f"{self._parts.prefix}/preferences/?said={said}")


def _said(code: str, t: Translator) -> str:
    """What was just done, in a sentence."""
    return {
        "added": t.gettext("The subscription was added."),
        "saved": t.gettext("The change was saved."),
        "weekly": t.gettext("It comes once a week from now on."),
        "paused": t.gettext("The pause has begun."),
        "resumed": t.gettext("The pause is over."),
        "feed-ended": t.gettext("The address of your private feed works no more."),
    }[code]
