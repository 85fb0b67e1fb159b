"""What somebody does on their own page with the rest: times, address, private feed, export, erase, close."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

from feeds import log
from feeds.pages.choices import Typed, read_habits
from feeds.people import changing, erasing, moving, opening, private_feed
from feeds.web import people
from feeds.web.edge import Posted
from feeds.web.opening import COOKIE
from feeds.web.own_subscriptions import Act
from feeds.web.session import Session

logger = log.get("web")


def _times(session: Session, form: Posted, _: str) -> Response:
    parts = session.parts
    given = people.typed(form, session.typed())
    habits, faults = read_habits(given, parts.langs, session.t)
    if faults:
        return people.page(session.pages.mine.times(given, session.stamp, faults), 422)
    changing.set_habits(parts.store, session.person.id, habits, parts.now())
    return session.back("saved")


def _move(session: Session, form: Posted, client: str) -> Response:
    parts = session.parts
    typed = form.one("address")
    address, faults = people.read_address(typed, session.t)
    if faults:
        return people.page(session.pages.mine.address(Typed(address=typed), session.stamp, faults), 422)
    moving.ask_move(
        parts.store, parts.rules, session.person.id, address, client, "/preferences/", parts.now()
    )
    return people.page(session.pages.leaving.move_asked(address))


def _make_feed(session: Session, _: Posted, __: str) -> Response:
    secret = private_feed.make(
        session.parts.store, session.parts.rules, session.person.id, session.parts.now()
    )
    return people.page(session.pages.mine.private_feed(secret, session.stamp))


def _end_feed(session: Session, _: Posted, __: str) -> Response:
    private_feed.take_back(session.parts.store, session.person.id, session.parts.now())
    return session.back("feed-ended")


def _export(session: Session, _: Posted, __: str) -> Response:
    data = erasing.export(session.parts.store, session.person.id, session.parts.now())
    text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    headers = {**people.PRIVATE, "content-disposition": 'attachment; filename="my-emails.json"'}
    return Response(text, headers=headers, media_type="application/json")


def _erase(session: Session, _: Posted, __: str) -> Response:
    erasing.erase(session.parts.store, session.parts.rules.tokens, session.person.id, session.parts.now())
    logger.info("erased", subscriber=session.person.id)
    return _without_cookie(session, people.page(session.pages.leaving.erased()))


def _close(session: Session, _: Posted, __: str) -> Response:
    opening.close(session.parts.store, session.parts.rules, session.secret)
    return _without_cookie(session, people.page(session.pages.leaving.closed()))


def _to_erase(session: Session, _: Posted, __: str) -> Response:
    return people.page(session.pages.mine.sure("erase", session.held(None), session.stamp))


def _without_cookie(session: Session, answer: Response) -> Response:
    path = f"{session.parts.prefix}/preferences/"
    answer.delete_cookie(COOKIE, path=path, secure=session.parts.secure, httponly=True, samesite="lax")
    return answer


ACTS: Mapping[str, Act] = {
    "times": _times, "move": _move, "export": _export, "ask-erase": _to_erase, "erase": _erase,
    "close": _close, "feed": _make_feed, "end-feed": _end_feed,
}  # fmt: skip
