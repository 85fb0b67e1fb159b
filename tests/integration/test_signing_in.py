"""People of the house sign in by a mailed link; nobody else sees that there is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from desk_people import ANA, DESK, JOSE, with_desk
from feeds import links
from feeds.app.parts import Parts
from feeds.config.sections import DeskSection
from feeds.model import LinkPurpose, NoticeKind
from feeds.store.schema import metadata
from reader import Clock, Reader, link_in, reader


@pytest.fixture(scope="module")
def house(parts: Parts) -> Parts:
    """The site with two people at its desk, one of them of an office."""
    return with_desk(parts)


@pytest.fixture
def ana(house: Parts, clock: Clock) -> Iterator[Reader]:
    yield from reader(house, clock, ANA)


def asks(who: Reader, address: str = "") -> str:
    who.open("/desk/")
    return who.press("Mail me the link", address=address or who.address)


def signs_in(who: Reader) -> str:
    who.mails()
    asks(who)
    who.open(who.link("sign-in/desk"))
    return who.press("Open the press desk")


def test_a_mailed_link_lets_in_once_and_the_session_ends_after_four_hours(ana: Reader, clock: Clock) -> None:
    ana.mails()
    assert "one that your operator has put on the list" in ana.open("/desk/")
    asks(ana)
    assert ana.heading() == "Check your mail"
    (mail,) = ana.mails()
    link = link_in(mail, "sign-in/desk")
    ana.open(link)
    ana.open(link)  # a scanner looks as often as it likes
    ana.press("Open the press desk")
    assert (ana.status, ana.heading()) == (200, "Bulletins")
    assert ANA in ana.html
    ana.open(link)
    assert (ana.status, ana.heading()) == (404, "This link does not work any more")
    clock.on(hours=3, minutes=59)
    assert "Sign out" in ana.open("/desk/")
    clock.on(minutes=2)
    assert "Mail me the link" in ana.open("/desk/")


def test_a_link_is_over_after_an_hour(ana: Reader, clock: Clock) -> None:
    ana.mails()
    asks(ana)
    link = ana.link("sign-in/desk")
    clock.on(minutes=59)
    assert ana.open(link)
    assert ana.status == 200
    clock.on(minutes=2)
    ana.open(link)
    assert ana.status == 404


def test_everybody_gets_the_same_answer_and_only_who_may_gets_a_mail(ana: Reader) -> None:
    known = asks(ana).replace(ANA, "X")
    stranger = asks(ana, "someone@else.example").replace("someone@else.example", "X")
    assert known == stranger
    with ana.parts.store.read() as conn:
        notice = metadata.tables["notice"]
        rows = conn.execute(
            notice.select().where(
                notice.c.kind == NoticeKind.SIGN_IN, notice.c.address == "someone@else.example"
            )
        ).all()
    assert {(row.state, row.reason) for row in rows} == {("suppressed", "this address may not sign in")}


def test_three_links_an_hour_and_then_none_without_a_word(ana: Reader, clock: Clock) -> None:
    clock.on(hours=2)
    ana.mails()
    answers = {asks(ana) for _ in range(4)}
    assert len(answers) == 1
    assert len(ana.mails()) == 3
    clock.on(hours=1, minutes=1)
    asks(ana)
    assert len(ana.mails()) == 1


def test_an_address_is_known_whatever_its_capitals(ana: Reader) -> None:
    ana.mails()
    asks(ana, "Ana@Press.example")
    assert len(ana.mails()) == 1


def test_who_signs_out_is_out_and_the_cookie_opens_nothing_more(ana: Reader) -> None:
    signs_in(ana)
    cookie = ana.client.cookies["desk"]
    ana.press("Sign out")
    assert ana.heading() == "You are signed out"
    ana.client.cookies.set("desk", cookie)
    assert "Mail me the link" in ana.open("/desk/")


def test_who_is_taken_off_the_list_is_out_at_once(ana: Reader, house: Parts, clock: Clock) -> None:
    signs_in(ana)
    cookie = ana.client.cookies["desk"]
    left = with_desk(house, DeskSection(people=DESK.people[1:]))
    (after,) = reader(left, clock, ANA)
    after.client.cookies.set("desk", cookie)
    assert "Mail me the link" in after.open("/desk/")


def test_a_session_of_a_reader_opens_no_desk_and_the_other_way_round(ana: Reader, house: Parts) -> None:
    now = ana.clock()
    signs_in(ana)
    with house.store.read() as conn:
        link = links.good(conn, house.tokens, LinkPurpose.DESK_SESSION, ana.client.cookies["desk"], now)
    assert link is not None
    assert ANA not in repr(link)
    with house.store.write() as conn:
        theirs = links.mint(conn, house.tokens, LinkPurpose.SESSION, now, about=link.about)
        other = links.mint(conn, house.tokens, LinkPurpose.OPERATOR_SESSION, now, about=link.about)
    for secret in (theirs, other, "guessed"):
        ana.client.cookies.set("desk", secret)
        assert "Mail me the link" in ana.open("/desk/")


def test_a_form_from_elsewhere_signs_nobody_out_and_asks_for_nothing(ana: Reader) -> None:
    signs_in(ana)
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-origin"}):
        answer = ana.post("/desk/out", [("form", "made-up")], headers)
        assert answer.status_code == 403
    assert "Sign out" in ana.open("/desk/")
    assert ana.post("/desk/", [("address", ANA)], {"sec-fetch-site": "cross-site"}).status_code == 403


def test_guessing_sessions_is_limited(ana: Reader) -> None:
    for n in range(30):
        ana.client.cookies.set("desk", f"guess{n}")
        ana.open("/desk/")
    ana.client.cookies.set("desk", "one-more")
    ana.open("/desk/")
    assert ana.status == 429


def test_without_people_there_is_no_desk(parts: Parts, clock: Clock) -> None:
    off = with_desk(parts, DeskSection())
    for nobody in reader(off, clock, ANA):
        for path in ("/desk/", "/desk/out", "/desk/desk.css", "/sign-in/desk/x", "/operator/"):
            nobody.open(path)
            assert nobody.status == 404, path


def test_the_cookie_is_for_the_desk_alone_and_no_script_reads_it(ana: Reader) -> None:
    ana.mails()
    asks(ana)
    path = ana.link("sign-in/desk")
    answer = ana.post(path, [("do", "open")])
    cookie = answer.headers["set-cookie"]
    assert re.search(r"HttpOnly", cookie)
    assert re.search(r"SameSite=lax", cookie, re.IGNORECASE)
    assert "Path=/desk/" in cookie
    assert "Max-Age=14400" in cookie


def test_whoever_is_of_an_office_sees_its_bulletins_only(house: Parts, clock: Clock) -> None:
    for jose in reader(house, clock, JOSE):
        jose.mails()
        jose.open("/es/desk/")
        jose.press("Enviarme el enlace", address=JOSE)
        jose.open(jose.link("sign-in/desk"))
        jose.press("Abrir la redacción")
        assert jose.heading() == "Boletines"
        assert "Todavía no ha llegado ningún boletín." in jose.html


def test_a_day_at_the_desk_begins_with_what_came_in(ana: Reader) -> None:
    page = signs_in(ana)
    assert "Nothing waits for you." in page
    assert page.count('<th scope="row">') >= 2
    assert timedelta(hours=4) == links.LIVES[LinkPurpose.DESK_SESSION]
