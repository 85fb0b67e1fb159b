"""The door of the press desk and of the operator's pages: a mailed link, then a session; no passwords.

Whoever adds pages behind a door hands them to `inside` or `acting`: without a session they are not called,
and what is posted must come from our own pages, with the session's own token (T13).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from feeds import log
from feeds.i18n import translator
from feeds.model import By, Staff
from feeds.pages.signing_in import SigningInPages
from feeds.people import mailing, opening, signing_in
from feeds.people.signing_in import Door
from feeds.web import people
from feeds.web.edge import Posted, posted
from feeds.web.guessing import guarded, guarded_session
from feeds.web.opening import Asking, let_in
from feeds.web.people import PeopleParts

logger = log.get("web")


@dataclass(frozen=True, slots=True)
class At:
    """A door with what its pages work with."""

    people: PeopleParts
    door: Door
    pages: SigningInPages

    @property
    def home(self) -> str:
        """Where whoever signs in begins."""
        return f"/{self.door.place}/"

    def speaking(self, lang: str) -> SigningInPages:
        """The pages in a language of the site, else in its first one."""
        langs = self.people.langs
        return self.pages.speaking(lang if lang in langs else langs[0])


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is in, with the token of their forms."""

    staff: Staff
    stamp: str
    secret: str
    by: By


Show = Callable[[Who, Request], Response]
Act = Callable[[Who, Request, Posted], Response]


def who_is(at: At, request: Request) -> Who | None:
    """Who asks. Raises Limited where a network tries too many sessions that we never made (T11)."""
    parts, cookie = at.people, request.cookies.get(at.door.place, "")
    staff = guarded_session(
        parts, parts.client(request), at.door.session, cookie,
        lambda: signing_in.session(parts.store, parts.rules, at.door, cookie, parts.now()),
    )  # fmt: skip
    if staff is None:
        return None
    stamp = opening.form_secret(parts.rules, cookie, at.door.place)
    return Who(staff, stamp, cookie, By(at.door.place, staff.address))


def inside(at: At, show: Show) -> Callable[..., object]:
    """A page for whoever is signed in; others are asked to sign in."""

    def answer(request: Request) -> Response:
        who = who_is(at, request)
        return _asking(at, status=403) if who is None else show(who, request)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return endpoint


def acting(at: At, act: Act, *, files: int = 0, max_bytes: int | None = None) -> Callable[..., object]:
    """Something that is done for whoever is signed in, by a form of ours with their token."""

    async def endpoint(request: Request) -> Response:
        who = await run_in_threadpool(who_is, at, request)
        if who is None:
            return _asking(at, status=403, over=True)
        form = await posted(request, at.people.origins, files=files, max_bytes=max_bytes)
        if not hmac.compare_digest(form.one("form").encode(), who.stamp.encode()):
            return _asking(at, status=403, over=True)
        return await run_in_threadpool(act, who, request, form)

    return endpoint


def door_routes(at: At, home: Show) -> list[Route]:
    """The door itself, and behind it the page where one begins: `home`."""
    link, found = _Link(at), []
    for lang in at.people.langs:
        path = at.home if lang == at.people.langs[0] else f"/{lang}{at.home}"
        door = _AskedAt(at, lang, home)
        found += [Route(path, door.show, methods=["GET"]), Route(path, door.take, methods=["POST"])]
    return [
        *found,
        Route(f"{at.home}out", acting(at, _out(at)), methods=["POST"]),
        Route(f"/sign-in/{at.door.place}/{{token}}", link.ask, methods=["GET"]),
        Route(f"/sign-in/{at.door.place}/{{token}}", link.act, methods=["POST"]),
    ]


def _out(at: At) -> Act:
    def out(who: Who, _: Request, __: Posted) -> Response:
        parts = at.people
        mailing.end(parts.store, parts.rules, at.door.session, who.secret)
        answer = people.page(at.speaking(who.staff.lang).out(at.door.place))
        path = f"{parts.prefix}{at.home}"
        answer.delete_cookie(at.door.place, path=path, secure=parts.secure, httponly=True, samesite="lax")
        return answer

    return out


class _AskedAt:
    """The page where one begins, in one language of the site for whoever is not in yet."""

    def __init__(self, at: At, lang: str, home: Show) -> None:
        self._at = at
        self._lang = lang
        self._home = home

    async def show(self, request: Request) -> Response:
        return await run_in_threadpool(self._show, request)

    async def take(self, request: Request) -> Response:
        form = await posted(request, self._at.people.origins)
        return await run_in_threadpool(self._take, form, self._at.people.client(request))

    def _show(self, request: Request) -> Response:
        who = who_is(self._at, request)
        return _asking(self._at, self._lang) if who is None else self._home(who, request)

    def _take(self, form: Posted, client: str) -> Response:
        parts, t = self._at.people, translator(self._lang)
        typed = form.one("address")
        address, faults = people.read_address(typed, t)
        faults = faults or people.form_faults(parts, form, t)
        if faults:
            return _asking(self._at, self._lang, typed, faults, status=422)
        door = self._at.door
        signing_in.ask_link(parts.store, parts.rules, door, address, client, parts.now(), self._lang)
        return people.page(self._at.speaking(self._lang).mailed(door.place, address, parts.sender))


def _asking(
    at: At,
    lang: str = "",
    address: str = "",
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    over: bool = False,
) -> Response:
    lang = lang or at.people.langs[0]
    if over:
        told = translator(lang).gettext("Your time is over, and nothing was changed. Ask for a new link.")
        faults = {"address": told}
    made = people.stamp(at.people.rules.tokens, at.people.now())
    return people.page(at.speaking(lang).ask(at.door.place, made, address, faults), status)


class _Link(Asking):
    """The mailed link, which lets in once."""

    def __init__(self, at: At) -> None:
        super().__init__(at.people)
        self._at = at

    def _guarded(self, client: str, token: str, answer: Callable[[], Response]) -> Response:
        return guarded(self._at.people, client, self._at.door.link, token, answer)

    def _show(self, token: str) -> Response:
        parts, door = self._at.people, self._at.door
        staff = signing_in.addressee(parts.store, parts.rules, door, token, parts.now())
        if staff is None:
            return self._over()
        return people.page(self._at.speaking(staff.lang).open(door.place, token))

    def _press(self, token: str) -> Response:
        parts, door = self._at.people, self._at.door
        secret = mailing.use(parts.store, parts.rules, door.link, door.session, token, parts.now())
        if secret is None:
            return self._over()
        logger.info("signed-in", place=door.place.value)
        return let_in(parts, self._at.home, door.place, secret, door.session)

    def _over(self) -> Response:
        return people.page(self._at.pages.over(self._at.door.place), 404)
