"""A mail as programs show it that obey more or less of its styles, and in the demo's outbox."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from browser import axe
from browser.served import MAILS, NARROW, ServedSite, Visitor
from feeds.letters import Letters
from feeds.model import Fault, Outcome
from feeds.templating import environment
from golden.pages import sample

LETTERS = Letters(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
FILE_EMPTY = sample.receipt_fault(Fault(code="file-empty"))
RECEIPTS = {
    "receipt": sample.mixed_receipt(),
    "receipt-held": replace(sample.mixed_receipt(), held_until=sample.RECEIVED_AT),
    "receipt-rejected": replace(sample.receipt(FILE_EMPTY, name="x" * 200 + ".txt"), rejected=True),
    "receipt-well": sample.receipt(sample.receipt_line(Outcome.NEW, 0)),
}
STYLE_BLOCK = re.compile(r"<style.*?</style>", re.DOTALL)
PLACES = """() => [...document.querySelectorAll('body, body *')].map(one => {
  const {x, y, width, height} = one.getBoundingClientRect(), style = getComputedStyle(one);
  return [one.tagName, x, y, width, height, style.fontSize, style.color, style.backgroundColor];
})"""
COLUMN = "one => one.getBoundingClientRect().width"
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module", params=[*MAILS, *RECEIPTS])
def html(request: pytest.FixtureRequest, site: ServedSite) -> str:
    """The digest of each person of the demo, and a receipt with each verdict."""
    if made := RECEIPTS.get(request.param):
        return LETTERS.receipt_mail(made, "en", "inbox.receipts_to").html
    return site.html(request.param)


@pytest.fixture(scope="module")
def bare(html: str) -> str:
    """The mail as a program shows it that drops style blocks."""
    found = STYLE_BLOCK.sub("", html)
    assert found != html
    return found


def test_axe_finds_nothing_in_a_mail_light_or_dark(visitor: Visitor, html: str) -> None:
    visitor.show(html, 700)
    assert axe.faults(visitor.page, axe.ALL) == ""
    visitor.look(360, dark=True)
    assert axe.faults(visitor.page, axe.COLOURS_AND_PLACES) == ""


def test_a_wide_mail_looks_the_same_without_its_style_block(visitor: Visitor, html: str, bare: str) -> None:
    """All that a wide light window needs stands inline; the block only adds narrow and dark."""
    visitor.show(html, 700)
    whole = visitor.page.evaluate(PLACES)
    assert len(whole) > 20
    visitor.show(bare, 700)
    assert visitor.page.evaluate(PLACES) == whole


@pytest.mark.parametrize("width", [320, 360])
def test_a_mail_without_its_style_block_fits_a_phone(visitor: Visitor, bare: str, width: int) -> None:
    visitor.show(bare, width)
    assert visitor.page.evaluate(WIDTH) == width


def test_a_mail_uses_the_whole_width_of_a_phone_and_600_px_of_a_desk(visitor: Visitor, html: str) -> None:
    visitor.show(html, 360)
    assert visitor.page.evaluate(WIDTH) == 360
    assert visitor.page.locator(".column").evaluate(COLUMN) == 360
    visitor.look(1200)
    assert visitor.page.locator(".column").evaluate(COLUMN) == 600


def test_in_the_dark_a_mail_changes_its_colours_and_no_places(visitor: Visitor, html: str) -> None:
    visitor.show(html, 700)
    light = visitor.page.evaluate(PLACES)
    visitor.look(700, dark=True)
    dark = visitor.page.evaluate(PLACES)
    assert [row[:-2] for row in dark] == [row[:-2] for row in light]
    assert all(one[-2] != other[-2] for one, other in zip(dark, light, strict=True) if one[0] == "H1")


def test_the_preview_line_is_not_seen_in_the_mail(visitor: Visitor, bare: str) -> None:
    visitor.show(bare, 360)
    assert visitor.page.locator(".preheader").count() == 1
    assert not visitor.page.locator(".preheader").is_visible()


@pytest.mark.parametrize("person", MAILS)
def test_no_link_of_a_mail_leads_into_the_mail(visitor: Visitor, site: ServedSite, person: str) -> None:
    """Gmail and Outlook on phones do not follow them."""
    visitor.show(site.html(person))
    assert visitor.page.locator("a[href^='#']").count() == 0
    assert visitor.page.locator("a[href^='http']").count() >= 3


def test_the_outbox_shows_text_and_source_on_a_narrow_screen(visitor: Visitor) -> None:
    visitor.open("outbox-mail")
    visitor.look(NARROW, dark=True)
    for view in ("Source", "Text"):
        visitor.page.locator("label").get_by_text(view, exact=True).click()
        assert visitor.page.locator("pre:visible").count() == 1
        assert visitor.page.locator("iframe:visible").count() == 0
        assert visitor.page.evaluate(WIDTH) == NARROW
    assert axe.faults(visitor.page, axe.ALL) == ""
