"""The whole way of a reader in a real browser: with script, without it, and with nothing but the keyboard."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, Page

from browser import axe, tabbing
from browser.served import NARROW, ServedSite, Visitor
from feeds.model import Cadence, SubscriberState
from feeds.store import subscribers

WIDE, PHONE = 1200, 360


def held(site: ServedSite, address: str) -> dict[str, Cadence]:
    with site.parts.store.read() as conn:
        person = subscribers.by_address(conn, address)
        rows = subscribers.subscriptions_of(conn, person.id) if person else []
    return {row.filter_text: row.cadence for row in rows}


def state(site: ServedSite, address: str) -> SubscriberState | None:
    with site.parts.store.read() as conn:
        person = subscribers.by_address(conn, address)
    return person.state if person else None


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def paces(page: Page, site: ServedSite, address: str) -> None:
    """Once a day, chosen days, items that come together, once a day again: kept, and shown when asked for."""
    press(page, "Change: My desk")
    page.get_by_role("radio", name="On days that I choose").check()
    press(page, "Save")
    assert list(held(site, address).values()) == [Cadence.DAILY]  # no day was ticked
    assert page.locator("#cadence [aria-invalid=true], #cadence .fault").count()
    for day in ("Thursday", "Monday"):
        page.get_by_role("checkbox", name=day).check()
    press(page, "Save")
    assert list(held(site, address).values()) == [Cadence("mon+thu")]
    press(page, "Change: My desk")
    assert page.get_by_role("checkbox", name="Thursday").is_checked()
    page.get_by_role("radio", name="When enough has come together").check()
    page.get_by_label("Items, if they are to come").fill("5")
    page.get_by_label("Days that an item waits").fill("9")
    press(page, "Save")
    assert list(held(site, address).values()) == [Cadence("5-items-or-9-days")]
    press(page, "Change: My desk")
    assert page.get_by_label("Days that an item waits").input_value() == "9"
    page.get_by_role("radio", name="Once a day").check()
    press(page, "Save")
    assert list(held(site, address).values()) == [Cadence.DAILY]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> ServedSite:
    """The demo on each of the databases."""
    found: ServedSite = request.getfixturevalue("site" if request.param == "sqlite" else "postgres_site")
    return found


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_reader_comes_changes_pauses_leaves_comes_back_moves_and_is_erased(
    browser: Browser, database: ServedSite, *, script: bool
) -> None:
    """A new visitor, whose browser is in Tegucigalpa."""
    database.forget_limits()
    context = browser.new_context(java_script_enabled=script, timezone_id="America/Tegucigalpa")
    try:
        journey(context.new_page(), database, script=script)
    finally:
        context.close()


def journey(page: Page, site: ServedSite, *, script: bool) -> None:
    address, other = (f"{name}.{script}@journey.example".lower() for name in ("ana", "bea"))

    page.goto(f"{site.base}/country/pa/")
    with page.expect_navigation():
        page.get_by_role("link", name="Get Panama by email", exact=True).click()
    assert "Now chosen: Panama." in page.locator("#estimate").inner_text()
    assert page.get_by_role("checkbox", name="Panama", exact=True).is_checked()
    zone = page.get_by_label("Your time zone or city")
    assert zone.input_value() == ("America/Tegucigalpa" if script else "UTC")
    zone.fill("Tegucigalpa")
    page.get_by_role("checkbox", name="Honduras", exact=True).check()
    page.get_by_label("Or type countries, regions or topics").fill("labour migration")
    press(page, "Update the estimate")
    assert "Honduras or Panama, about labour migration" in page.locator("#estimate").inner_text()
    assert page.get_by_role("checkbox", name="Labour migration", exact=True).is_checked()
    assert zone.input_value() == "Tegucigalpa"  # what was typed stays
    monday, items = (
        page.get_by_role("checkbox", name="Monday"),
        page.get_by_label("Items, if they are to come"),
    )
    assert not monday.is_visible()
    assert not items.is_visible()
    page.get_by_role("radio", name="On days that I choose").check()
    assert monday.is_visible()
    assert not items.is_visible()
    page.get_by_role("radio", name="When enough has come together").check()
    assert items.is_visible()
    assert not monday.is_visible()
    page.get_by_role("radio", name="As it is published").check()
    page.get_by_label("Your email address").fill(address)
    press(page, "Send me the link to confirm")
    assert heading(page) == "Check your mail"
    assert held(site, address) == {}

    page.goto(site.base + site.newest_link(address, "confirm"))
    assert page.get_by_role("checkbox", name="Honduras or Panama, about labour migration").is_checked()
    press(page, "Confirm subscription")
    assert heading(page) == "You are subscribed"
    assert held(site, address) == {"country:hn,pa topic:labour-migration": Cadence.IMMEDIATE}

    page.goto(f"{site.base}/preferences/")
    page.get_by_label("Your email address").fill(address)
    press(page, "Mail me the link")
    link = site.newest_link(address, "preferences")
    page.goto(site.base + link)
    press(page, "Open my subscriptions")
    assert page.url == f"{site.base}/preferences/"  # no token in the history from here on
    press(page, "Change: Honduras or Panama, about labour migration")
    page.get_by_label("A short name, if you like").fill("My desk")
    page.get_by_role("radio", name="Once a day").check()
    press(page, "Save")
    assert page.get_by_role("status").inner_text().endswith("The change was saved.")
    assert page.get_by_role("heading", name="My desk", exact=True).is_visible()
    paces(page, site, address)
    press(page, "Pause: My desk")
    press(page, "Pause")
    assert state(site, address) is SubscriberState.PAUSED
    press(page, "Resume: My desk")
    assert state(site, address) is SubscriberState.ACTIVE

    welcome = site.newest_link(address, "unsubscribe")
    page.goto(site.base + welcome)
    assert state(site, address) is SubscriberState.ACTIVE
    press(page, "Unsubscribe")
    assert state(site, address) is SubscriberState.LEFT
    press(page, "It was a mistake: undo")
    assert list(held(site, address).values()) == [Cadence.DAILY]

    page.goto(f"{site.base}/preferences/?form=address")
    page.get_by_label("The new address").fill(other)
    press(page, "Mail a link to it")
    page.goto(site.base + site.newest_link(other, "move"))
    press(page, "Use this address")
    assert list(held(site, other).values()) == [Cadence.DAILY]
    assert held(site, address) == {}

    page.goto(site.base + site.preferences_link(other))
    press(page, "Open my subscriptions")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download it", exact=True).click()
    assert json.loads(download.value.path().read_text(encoding="utf-8"))["subscriber"]["address"] == other
    press(page, "Erase everything")
    assert held(site, other)
    press(page, "Erase everything")
    assert heading(page) == "Everything is erased"
    assert held(site, other) == {}


def test_a_fault_is_found_from_the_summary_and_read_with_its_field(visitor: Visitor) -> None:
    visitor.open("subscribe")
    page = visitor.page
    page.get_by_label("Your email address").fill("ana@@nowhere")
    page.get_by_label("Your time zone or city").fill("Atlantis")
    visitor.press("Send me the link to confirm")
    summary = page.get_by_role("alert")
    assert summary.get_by_role("link").count() == 2
    summary.get_by_role("link").first.click()
    focused = page.evaluate("document.activeElement.id")
    assert focused in ("zone", "address")
    described = page.locator(f"#{focused}").get_attribute("aria-describedby")
    assert described is not None
    assert page.locator(f"#{described.split()[0]}").inner_text()
    assert page.locator(f"#{focused}").get_attribute("aria-invalid") == "true"
    assert page.get_by_label("Your email address").input_value() == "ana@@nowhere"
    for width, dark in ((WIDE, False), (NARROW, True)):
        visitor.look(width, dark=dark)
        assert axe.faults(page, axe.ALL) == ""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until that has the focus; every stop on the way shows that it has it."""
    for _ in range(150):
        stop = tabbing.next_stop(page)
        assert stop["ringed"], stop
        if page.evaluate("one => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"never reached: {selector}")


def enter(page: Page, button: str) -> None:
    """Tab to the button with this value, and press Enter."""
    tab_to(page, f"button[value='{button}']:not(.trap)")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_whole_way_needs_nothing_but_the_keyboard(scriptless: Visitor) -> None:
    site, page = scriptless.site, scriptless.page
    site.forget_limits()
    address = "keys@journey.example"
    page.goto(f"{site.base}/subscribe")
    tab_to(page, "input[name=country][value=pa]")
    page.keyboard.press("Space")
    tab_to(page, "input[name=cadence]:checked")
    page.keyboard.press("ArrowUp")
    tab_to(page, "#address")
    page.keyboard.type(address)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading(page) == "Check your mail"
    page.goto(site.base + site.newest_link(address, "confirm"))
    enter(page, "confirm")
    assert held(site, address) == {"country:pa": Cadence.DAILY}

    page.goto(site.base + site.preferences_link(address))
    enter(page, "open")
    enter(page, "change")
    tab_to(page, "input[name=country][value=hn]")
    page.keyboard.press("Space")
    enter(page, "edit")
    assert held(site, address) == {"country:hn,pa": Cadence.DAILY}
    enter(page, "ask-pause")
    enter(page, "pause")
    assert state(site, address) is SubscriberState.PAUSED
    enter(page, "resume")
    assert state(site, address) is SubscriberState.ACTIVE

    page.goto(site.base + site.newest_link(address, "unsubscribe"))
    enter(page, "leave")  # the mail tells of what was changed since: that ends
    assert state(site, address) is SubscriberState.LEFT
    enter(page, "back")
    assert state(site, address) is SubscriberState.ACTIVE
    page.goto(f"{site.base}/preferences/")
    enter(page, "ask-erase")
    enter(page, "erase")
    assert held(site, address) == {}


def test_the_trap_for_machines_is_nowhere_a_person_goes(visitor: Visitor) -> None:
    visitor.open("subscribe")
    trap = visitor.page.locator("#website")
    box = trap.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] < 0
    assert trap.get_attribute("tabindex") == "-1"
    assert trap.locator("xpath=ancestor::*[@aria-hidden='true']").count() == 1


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_the_first_screen_of_the_form_says_what_is_chosen_and_how_much_it_brings(
    visitor: Visitor, width: int
) -> None:
    visitor.open("subscribe")
    visitor.look(width)
    box = visitor.page.locator("#estimate").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 800
    assert "a month" in visitor.page.locator("#estimate").inner_text()
