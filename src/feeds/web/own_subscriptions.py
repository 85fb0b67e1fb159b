"""What somebody does on their own page with their subscriptions: add, change, pause, resume, stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from starlette.responses import Response

from feeds import log, schedule, timewords
from feeds.errors import InputError
from feeds.model import Filter, Wished
from feeds.pages.choices import Typed, read_cadence
from feeds.pages.wishing import read_filter, typed_from
from feeds.people import changing, leaving
from feeds.templating import clip
from feeds.web import people
from feeds.web.edge import Posted
from feeds.web.leaving import months_on
from feeds.web.session import Session

logger = log.get("web")

LONGEST_NAME = 60
LONGEST_PAUSE = timedelta(days=366)
Act = Callable[[Session, Posted, str], Response]


def subscription_form(
    session: Session,
    given: Typed,
    subscription: int | None,
    wanted: Filter | None,
    faults: dict[str, str] | None = None,
) -> Response:
    """The form of one subscription, or of a new one (None), filled in."""
    parts = session.parts
    found = parts.found(wanted)
    data = session.pages.mine.subscription(
        given, subscription, wanted, found, parts.busy(), session.stamp, faults
    )
    return people.page(data, 422 if faults else 200)


def _to_change(session: Session, form: Posted, _: str) -> Response:
    held = session.held(form.number("subscription") or 0)
    if not held:
        return session.everything()
    return subscription_form(session, session.typed(held[0]), held[0].id, held[0].filter)


def _to_pause(session: Session, form: Posted, _: str) -> Response:
    subscription = form.number("subscription")
    today = timewords.local_day(session.parts.now(), session.person.zone)
    until = months_on(today, 1).isoformat()
    held = session.held(subscription)
    return people.page(session.pages.mine.pause(held, until, session.stamp, subscription))


def _to_leave(session: Session, form: Posted, _: str) -> Response:
    subscription = form.number("subscription")
    held = session.held(subscription)
    return people.page(session.pages.mine.sure("leave", held, session.stamp, subscription))


def _read(session: Session, form: Posted) -> tuple[Typed, Filter | None, dict[str, str]]:
    known = session.pages.mine.known
    given = people.typed(form, session.typed())
    wanted, faults = read_filter(given.filter, "", known, session.t)
    if wanted is not None:
        given = replace(given, filter=typed_from(wanted, session.parts.rules.vocabulary, session.t))
    return given, wanted, faults


def _count(session: Session, form: Posted, _: str) -> Response:
    given, wanted, faults = _read(session, form)
    return subscription_form(session, given, form.number("subscription"), wanted, faults)


def _save(session: Session, form: Posted, _: str) -> Response:
    given, wanted, faults = _read(session, form)
    cadence, wrong = read_cadence(given, session.t)
    faults |= wrong
    subscription = form.number("subscription")
    if faults or wanted is None:
        return subscription_form(session, given, subscription, wanted, faults)
    wish = Wished(filter=wanted, cadence=cadence, name=clip(given.name, LONGEST_NAME))
    parts, now, owner = session.parts, session.parts.now(), session.person.id
    try:
        if subscription is None:
            changing.add(parts.store, parts.rules, owner, wish, now)
        else:
            changing.edit(parts.store, parts.rules, owner, subscription, wish, now)
    except InputError:
        told = session.t.gettext("You have this subscription already, or as many as one can have.")
        return subscription_form(session, given, subscription, wanted, {"names": told})
    return session.back("added" if subscription is None else "saved")


def _pause(session: Session, form: Posted, _: str) -> Response:
    subscription, typed = form.number("subscription"), form.one("until")
    person, parts = session.person, session.parts
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
    return session.back("paused")


def _resume(session: Session, form: Posted, _: str) -> Response:
    ids = [form.number("subscription") or 0]
    changing.resume(session.parts.store, session.person.id, ids, session.parts.now())
    return session.back("resumed")


def _weekly(session: Session, form: Posted, _: str) -> Response:
    ids = [form.number("subscription") or 0]
    changing.less_often(session.parts.store, session.person.id, ids, session.parts.now())
    return session.back("weekly")


def _leave(session: Session, form: Posted, _: str) -> Response:
    parts, subscription = session.parts, form.number("subscription")
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
        return people.page(session.pages.leaving.link_over("/preferences/"), 404)
    logger.info("unsubscribed", subscriber=session.person.id, filters=len(left.filters))
    undo = f"{parts.prefix}/undo"
    pages = session.pages.leaving
    return people.page(pages.left(left.filters, undo, left.undo or "", everything=left.everything))


# By the value of the button: what it does. The last argument is the client's address.
ACTS: Mapping[str, Act] = {
    "change": _to_change, "add": _save, "edit": _save, "count-add": _count, "count-edit": _count,
    "ask-pause": _to_pause, "pause": _pause, "resume": _resume, "weekly": _weekly, "ask-leave": _to_leave,
    "leave": _leave,
}  # fmt: skip
