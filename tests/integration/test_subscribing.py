"""Sign up, confirm, change, pause, leave, come back, move, erase: by forms and mailed links."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta

import pytest

from feeds.app.parts import Parts
from feeds.mail.outbox import OpenedMail
from feeds.model import Cadence, SubscriberState
from feeds.store import subscribers
from feeds.store.schema import metadata
from forms import Forms
from reader import SECRET, Clock, Reader, link_in, reader

ANA = "ana@reader.example"

# Signing up


def test_a_reader_signs_up_confirms_and_is_welcome(ana: Reader) -> None:
    page = ana.open("/subscribe?country=pa")
    assert "Now chosen: Panama." in page
    assert "The last 5 items that fit" in page
    page = ana.press("Update the estimate", country=["pa", "hn"], names="labour migration")
    assert "Now chosen: Honduras or Panama, about labour migration." in page
    page = ana.press(
        "Send me the link to confirm", address=ana.address, cadence="daily", zone="Panamá", hour="19"
    )
    assert ana.heading() == "Check your mail"
    assert ana.address in page
    assert "every day at 19:00, Panama time" in page
    assert ana.wishes() == {}
    (mail,) = ana.mails()
    link = link_in(mail, "confirm")
    assert "Honduras or Panama, about labour migration" in " ".join(mail.text.split())
    page = ana.open(link)
    assert ana.heading() == "Confirm your subscription"
    assert ana.address not in page
    assert ana.wishes() == {}  # looking confirms nothing
    ana.press("Confirm subscription", starter=["yes"])
    assert ana.heading() == "You are subscribed"
    assert ana.wishes() == {"country:hn,pa topic:labour-migration": Cadence.DAILY}
    (welcome,) = ana.mails()
    assert "THE LAST" in welcome.text
    assert {SECRET.search(link_in(welcome, path))[1] for path in ("change", "pause", "unsubscribe")}  # type: ignore[index]
    ana.open(link)
    assert ana.heading() == "You were subscribed already"


def test_what_was_asked_for_can_be_changed_before_it_is_confirmed(ana: Reader) -> None:
    ana.signs_up("?country=pa", cadence="weekly")
    ana.open(ana.link("confirm"))
    ana.press("Confirm subscription", **{"w0__country": ["mx"], "w0__word": "visa", "cadence": "immediate"})
    assert ana.wishes() == {"country:mx word:visa": Cadence.IMMEDIATE}
    assert len(ana.mails()) == 1


def test_each_of_several_wishes_keeps_its_own_pace_and_can_get_another(ana: Reader) -> None:
    """What was asked for within a day stands on one page; how often is a matter of each."""
    ana.signs_up("?country=pa", cadence="immediate")
    ana.signs_up("?country=hn", cadence="weekly")
    ana.signs_up("?topic=health", cadence="daily")
    ana.open(ana.link("confirm"))
    ana.press("Confirm subscription", **{"w1-cadence": "hourly"})
    assert (ana.status, ana.wishes()) == (422, {})
    assert "Please choose how often." in ana.html
    assert 'href="#w1-cadence"' in ana.html
    ana.press("Confirm subscription", **{"w1-cadence": "daily"})
    assert ana.wishes() == {
        "country:pa": Cadence.IMMEDIATE, "country:hn": Cadence.DAILY, "topic:health": Cadence.DAILY,
    }  # fmt: skip


def test_who_unticks_everything_is_asked_and_nothing_begins(ana: Reader) -> None:
    ana.signs_up()
    ana.open(ana.link("confirm"))
    page = ana.press("Confirm subscription", **{"w0__keep": []})
    assert ana.status == 422
    assert 'href="#w0-keep"' in page
    assert ana.wishes() == {}
    ana.press("Confirm subscription", **{"w0__keep": ["yes"]})
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_the_way_is_the_same_in_spanish(ana: Reader) -> None:
    ana.open("/es/subscribe?topic=health")
    assert ana.heading() == "Recibir por correo"
    ana.press("Envíenme el enlace para confirmar", address=ana.address)
    assert ana.heading() == "Revise su correo"
    (mail,) = ana.mails()
    assert dict(mail.headers)["Subject"].startswith("Confirme su suscripción: salud")
    ana.open(link_in(mail, "confirm"))
    ana.press("Confirmar suscripción")
    assert ana.heading() == "Suscripción confirmada"


def test_a_form_gives_back_what_was_typed_with_each_fault_beside_its_field(ana: Reader) -> None:
    ana.open("/subscribe?country=pa")
    page = ana.press(
        "Send me the link to confirm", address="ana@@nowhere", zone="Atlantis", names="Pannama", word="visa"
    )
    assert ana.status == 422
    for name, value in {
        "address": "ana@@nowhere",
        "zone": "Atlantis",
        "names": "Pannama",
        "word": "visa",
    }.items():
        assert f'href="#{name}"' in page or name == "word"
        assert re.search(rf'<input id="{name}"[^>]* value="{re.escape(value)}"', page)
        assert f'id="{name}-fault"' in page or name == "word"
    assert "Did you mean Panama?" in page
    assert ana.mails() == []
    ana.press("Send me the link to confirm", address=ana.address, zone="Madrid", names="")
    assert ana.heading() == "Check your mail"


@pytest.mark.parametrize(
    ("typed", "mailed"),
    [
        ("  Bea+News@Exämple.org ", "Bea+News@xn--exmple-cua.org"),
        ("o'hara@sub.reader.example", "o'hara@sub.reader.example"),
    ],
)
def test_plus_and_international_addresses_work(parts: Parts, clock: Clock, typed: str, mailed: str) -> None:
    for bea in reader(parts, clock, mailed):
        bea.open("/subscribe")
        bea.press("Send me the link to confirm", address=typed)
        assert len(bea.mails()) == 1


def test_what_the_relay_cannot_take_is_told(ana: Reader) -> None:
    ana.open("/subscribe")
    page = ana.press("Send me the link to confirm", address="niño@reader.example")
    assert ana.status == 422
    assert "Letters such as ñ or é before the @" in page


def test_the_key_that_sends_a_form_counts_until_there_is_an_address(ana: Reader) -> None:
    ana.open("/subscribe")
    ana.press("", country=["mx"])
    assert "Now chosen: Mexico." in ana.html
    ana.press("", address=ana.address)
    assert ana.heading() == "Check your mail"


def test_a_link_of_48_hours_ends_and_leaves_nothing(ana: Reader, clock: Clock) -> None:
    ana.signs_up()
    link = ana.link("confirm")
    clock.on(hours=47)
    assert ana.open(link)
    assert ana.status == 200
    clock.on(hours=2)
    ana.open(link)
    assert (ana.status, ana.heading()) == (404, "This link does not work any more")
    assert ana.post(link, [("do", "confirm"), ("w0-keep", "yes")]).status_code == 404
    assert ana.state() is None


# One's own page


def test_a_reader_changes_everything_on_their_page(ana: Reader) -> None:
    ana.joins(cadence="immediate")
    ana.gets_in()
    assert ana.heading() == "Your emails"
    assert ana.address not in ana.html  # it is masked
    ana.press("Change: Panama")
    ana.press("Save", word="visa", name="My desk", cadence="daily")
    assert "The change was saved." in ana.html
    assert ana.wishes() == {"country:pa word:visa": Cadence.DAILY}
    assert "My desk" in ana.html
    ana.open("/preferences/?form=add")
    ana.press("Add it", topic=["health"])
    assert ana.wishes() == {"country:pa word:visa": Cadence.DAILY, "topic:health": Cadence.WEEKLY}
    ana.press("Weekly instead: My desk")
    assert set(ana.wishes().values()) == {Cadence.WEEKLY}
    ana.open("/preferences/?form=times")
    ana.press("Save", hour="6", weekday="5", zone="Tegucigalpa", lang="es")
    assert 'lang="es"' in ana.html
    assert "A las 6:00, hora de Tegucigalpa" in ana.html
    assert "el viernes a las 6:00" in ana.html


def test_a_pause_has_an_end_and_can_be_ended(ana: Reader, clock: Clock) -> None:
    ana.joins()
    ana.gets_in()
    ana.press("Pause: Panama")
    page = ana.press("Pause", until="yesterday")
    assert ana.status == 422
    assert 'id="until-fault"' in page
    day = (clock() + timedelta(days=20)).date()
    ana.press("Pause", until=day.isoformat())
    assert "Paused" in ana.html
    assert f"{day.day} " in ana.html
    ana.press("Resume: Panama")
    assert "The pause is over." in ana.html
    assert ana.state() is SubscriberState.ACTIVE


def test_stopping_asks_once_and_can_be_taken_back(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    ana.press("Stop: Panama")
    assert ana.wishes()  # asked only
    ana.press("Unsubscribe")
    assert ana.heading() == "You are unsubscribed"
    assert ana.wishes() == {}
    ana.press("It was a mistake: undo")
    assert ana.heading() == "Nothing has changed"
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_everything_that_is_kept_can_be_taken_home_and_erased(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    action, fields = Forms(ana.html).press("Download it")
    answer = ana.post(action, fields)
    assert answer.headers["content-disposition"].startswith("attachment")
    kept = json.loads(answer.text)
    assert kept["subscriber"]["address"] == ana.address
    ana.press("Erase everything")
    assert ana.wishes()
    ana.press("Erase everything")
    assert ana.heading() == "Everything is erased"
    assert ana.state() in (None, SubscriberState.ERASED)
    with ana.parts.store.read() as conn:
        for table in metadata.sorted_tables:
            rows = str([tuple(row) for row in conn.execute(table.select())])
            assert ana.address not in rows, table.name
    ana.joins()  # they themselves may come back
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_an_address_moves_by_its_new_owner_and_the_old_one_is_told(
    ana: Reader, parts: Parts, clock: Clock
) -> None:
    ana.joins()
    ana.gets_in()
    new = f"new+{uuid.uuid4().hex[:8]}@reader.example"
    ana.open("/preferences/?form=address")
    ana.press("Mail a link to it", address=new)
    assert ana.heading() == "Check the mail of the new address"
    for owner in reader(parts, clock, new):
        link = owner.link("move")
        owner.open(link)
        assert ana.wishes()  # looking moves nothing
        owner.press("Use this address")
        assert owner.heading() == "Your address has changed"
        assert owner.wishes() == {"country:pa": Cadence.WEEKLY}
    assert ana.wishes() == {}
    (told,) = ana.mails()
    assert "another address" in dict(told.headers)["Subject"]


def test_the_link_to_ones_page_works_once_for_an_hour_and_looking_uses_nothing_up(
    ana: Reader, clock: Clock
) -> None:
    ana.joins()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    link = ana.link("preferences")
    for _ in range(3):
        assert "Panama" not in ana.open(link)
        assert ana.status == 200
        assert ana.client.head(link).status_code == 200
    answer = ana.post(link, [("do", "open")])
    cookie = answer.headers["set-cookie"].lower()
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences/")
    for part in ("httponly", "samesite=lax", "path=/preferences/", "max-age=3600"):
        assert part in cookie
    assert ana.post(link, [("do", "open")]).status_code == 404
    assert "Panama" in ana.open("/preferences/")
    clock.on(minutes=61)
    ana.open("/preferences/")
    assert ana.heading() == "Change or stop your emails"


def test_whose_hour_is_over_while_they_fill_a_form_in_is_told_so(ana: Reader, clock: Clock) -> None:
    ana.joins()
    ana.gets_in()
    ana.press("Stop: Panama")
    clock.on(minutes=61)
    page = ana.press("Unsubscribe")
    assert ana.status == 422
    assert "Your hour is over" in page
    assert ana.wishes()


def test_closing_the_page_ends_the_hour(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    cookie = ana.client.cookies["preferences"]
    ana.press("Close this page")
    ana.client.cookies.set("preferences", cookie, path="/preferences/")
    ana.open("/preferences/")
    assert ana.heading() == "Change or stop your emails"


# The links of a mail


def test_one_click_leaves_without_a_form_a_cookie_or_an_origin(ana: Reader, welcome: OpenedMail) -> None:
    link = link_in(welcome, "unsubscribe")
    for _ in range(2):  # mail programs try again
        answer = ana.client.post(
            link, data={"List-Unsubscribe": "One-Click"}, headers={"origin": "https://mail.example"}
        )
        assert answer.status_code == 200
        assert ana.wishes() == {}
    ana.open(link)
    assert ana.heading() == "You are unsubscribed"
    assert "stopped before" in ana.html


def test_one_click_comes_as_a_multipart_form_too(ana: Reader, welcome: OpenedMail) -> None:
    body = b'--x\r\ncontent-disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    answer = ana.client.post(
        link_in(welcome, "unsubscribe"),
        content=body,
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 200
    assert ana.wishes() == {}


def test_the_first_button_leaves_and_a_mistake_is_taken_back(ana: Reader, welcome: OpenedMail) -> None:
    ana.open(link_in(welcome, "unsubscribe"))
    assert ana.heading() == "Stop this email?"
    assert ana.address not in ana.html
    ana.press("Unsubscribe")
    assert ana.state() is SubscriberState.LEFT
    ana.press("It was a mistake: undo")
    assert ana.wishes() == {"country:pa": Cadence.IMMEDIATE}
    assert ana.state() is SubscriberState.ACTIVE


def test_less_is_offered_beside_leaving(ana: Reader, welcome: OpenedMail) -> None:
    link = link_in(welcome, "unsubscribe")
    ana.open(link)
    ana.press("Change to weekly")
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}
    ana.open(link)
    assert "Change to weekly" not in ana.html
    ana.press("Pause for a month")
    assert ana.heading() == "Your emails are paused"
    assert ana.state() is SubscriberState.PAUSED


def test_the_pause_link_pauses_for_as_long_as_is_chosen(ana: Reader, welcome: OpenedMail) -> None:
    ana.open(link_in(welcome, "pause"))
    assert ana.heading() == "Pause this email?"
    ana.press("Pause", months=["3"])
    assert ana.state() is SubscriberState.PAUSED
    with ana.parts.store.read() as conn:
        person = subscribers.by_address(conn, ana.address)
        (row,) = subscribers.subscriptions_of(conn, person.id)  # type: ignore[union-attr]
    assert timedelta(days=85) < row.paused_until - ana.clock() < timedelta(days=95)  # type: ignore[operator]


def test_the_change_link_shows_nobodys_data_and_mails_the_owner(ana: Reader, welcome: OpenedMail) -> None:
    page = ana.open(link_in(welcome, "change"))
    assert "Panama" not in page.replace("America/Panama", "")
    assert ana.address.partition("@")[0] not in page
    ana.press("Mail me the link")
    assert ana.heading() == "Check your mail"
    ana.open(ana.link("preferences"))
    ana.press("Open my subscriptions")
    assert ana.heading() == "Your emails"


def test_an_old_mail_of_a_wish_that_was_edited_ends_what_took_its_place(
    ana: Reader, welcome: OpenedMail
) -> None:
    ana.gets_in()
    ana.press("Change: Panama")
    ana.press("Save", country=["pa", "hn"])
    link = link_in(welcome, "unsubscribe")
    ana.open(link)
    assert ana.heading() == "Stop this email?"
    assert "What you changed to after this email" in ana.html
    ana.html = ana.post(link, [("List-Unsubscribe", "One-Click")]).text
    assert ana.wishes() == {}
    ana.press("It was a mistake: undo")
    assert list(ana.wishes()) == ["country:hn,pa"]
    ana.open(link)
    ana.press("Unsubscribe")
    assert (ana.heading(), ana.wishes()) == ("You are unsubscribed", {})
    ana.open(link)
    assert "stopped before" in ana.html


def test_a_mail_shows_and_ends_only_what_it_names(ana: Reader) -> None:
    ana.joins("?country=pa", cadence="immediate")
    ana.clock.on(hours=25)
    ana.signs_up("?topic=health", cadence="weekly")
    ana.open(ana.link("confirm"))
    ana.press("Confirm subscription")
    (mail,) = ana.mails()
    page = ana.open(link_in(mail, "unsubscribe"))
    named = "Panama" in page
    assert named != ("health" in page.replace("/health", "").lower())
    assert "1 other subscription" in page
    ana.press("Unsubscribe")
    assert len(ana.wishes()) == 1
    ana.open(link_in(mail, "unsubscribe"))
    assert ana.heading() == "You do not get this email any more"
    assert "1 other subscription" in ana.html


def test_each_purpose_has_a_token_of_its_own(ana: Reader, welcome: OpenedMail) -> None:
    tokens = {path: link_in(welcome, path).rpartition("/")[2] for path in ("change", "pause", "unsubscribe")}
    assert len(set(tokens.values())) == 3
    for path in ("change", "pause", "unsubscribe", "confirm", "preferences", "move"):
        for name, token in tokens.items():
            if name != path:
                ana.open(f"/{path}/{token}")
                assert ana.status == 404, (path, name)
                assert ana.post(f"/{path}/{token}", []).status_code == 404
    assert ana.wishes()
