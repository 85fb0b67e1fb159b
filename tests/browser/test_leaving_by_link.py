"""Leaving with nothing but a link and a button: no script, no password (P6, P11)."""

from __future__ import annotations

import pytest

from browser.served import DAILY, IMMEDIATE, WEEKLY, ServedSite, Visitor
from feeds.model import SubscriberState

LEFT = "You are unsubscribed"
LEFT_IN_SPANISH = "Su suscripción está cancelada"


@pytest.fixture(autouse=True)
def _everybody(site: ServedSite) -> None:
    site.everybody_is_back()


def test_leaving_takes_a_look_and_a_press_but_no_script(scriptless: Visitor) -> None:
    site = scriptless.site
    scriptless.open(f"mail-{WEEKLY}")
    with scriptless.page.expect_popup() as opened:
        scriptless.page.locator("a[href*='/unsubscribe/']").click()
    page = opened.value
    page.wait_for_load_state()
    assert page.url == site.base + site.link(WEEKLY)
    assert site.state(WEEKLY) is SubscriberState.ACTIVE  # looking changes nothing
    assert page.locator("html").get_attribute("lang") == "es"  # the analyst's mail is in Spanish
    page.get_by_role("button", name="Darse de baja", exact=True).click()
    assert page.locator("h1").inner_text() == LEFT_IN_SPANISH
    page.close()
    assert site.state(WEEKLY) is SubscriberState.LEFT
    assert site.wishes(WEEKLY) == set()


def test_coming_back_to_the_link_says_that_it_is_done(scriptless: Visitor) -> None:
    site = scriptless.site
    scriptless.open("unsubscribed")
    scriptless.page.goto(site.base + site.link(DAILY))
    assert scriptless.page.locator("h1").inner_text() == LEFT
    assert scriptless.page.get_by_role("button").count() == 0
    assert "stopped before" in scriptless.page.locator("main").inner_text()
    assert site.state(DAILY) is SubscriberState.LEFT


def test_the_first_button_ends_this_mail_alone(scriptless: Visitor) -> None:
    scriptless.open("unsubscribe")
    scriptless.press("Unsubscribe")
    assert scriptless.page.locator("h1").inner_text() == LEFT
    assert scriptless.site.wishes(IMMEDIATE) == {"topic:health"}
    assert scriptless.site.state(IMMEDIATE) is SubscriberState.ACTIVE


def test_the_second_button_ends_everything(scriptless: Visitor) -> None:
    scriptless.open("unsubscribe")
    scriptless.press("Unsubscribe from everything")
    assert scriptless.page.locator(".wishes li").count() == 2
    assert scriptless.site.state(IMMEDIATE) is SubscriberState.LEFT


def test_a_link_that_was_cut_short_offers_no_button_and_ends_nothing(scriptless: Visitor) -> None:
    answer = scriptless.page.goto((scriptless.site.base + scriptless.site.link(IMMEDIATE))[:-4])
    assert answer is not None
    assert answer.status == 404
    assert scriptless.page.get_by_role("button").count() == 0
    assert scriptless.site.state(IMMEDIATE) is SubscriberState.ACTIVE


def test_the_page_behind_the_link_does_not_tell_the_address(scriptless: Visitor) -> None:
    scriptless.open("unsubscribe")
    assert "Sent as it is published to j…@demo.example." in scriptless.page.locator("main").inner_text()
    assert IMMEDIATE not in scriptless.page.content()
