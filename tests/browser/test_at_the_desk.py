"""A day at the press desk, without a script: a mistake is seen and mended before anybody got it."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

from browser.served import HELD, Visitor
from feeds.app.parts import Parts, now
from feeds.intake.ingest import ingest_ready
from feeds.publishing.publish import publish
from feeds.store import Connection, items

EMBARGOED = "27 November 2026\n\nA port opens in Colón\n\nShips wait no more.\n"
ZONE = ZoneInfo("America/Panama")


def titles(conn: Connection, number: int) -> list[str]:
    return sorted(item.title for item in items.of_bulletin(conn, number) if item.withdrawn_at is None)


def standing(parts: Parts, number: int, later: timedelta = timedelta(0)) -> list[str]:
    """The titles of the items of a bulletin that are out and stand, now or so much later."""
    ingest_ready(parts.watched_folders[0], lambda: now() + later)
    publish(parts.store, parts.press)  # the site is that of other tests, too
    with parts.store.read() as conn:
        return titles(conn, number)


def test_a_day_at_the_desk(scriptless: Visitor) -> None:
    page, site = scriptless.page, scriptless.site
    scriptless.open("desk-new")

    def drop(name: str) -> int:
        page.goto(f"{site.base}/desk/new")
        page.get_by_label("Or its text").fill(HELD)
        page.get_by_label("What to call a pasted text").fill(name)
        scriptless.press("Read it")
        found = re.search(r"/bulletins/(\d+)/", page.url)
        assert found
        return int(found[1])

    def release() -> None:
        page.get_by_role("radio", name="Now").check()
        with page.expect_navigation():
            page.get_by_role("button", name=re.compile("Release it at the chosen time")).click()

    # The mistake is seen: two items are glued together, and it says so beside the line.
    first = drop("journey one")
    assert page.get_by_text("looks like a date but is none").is_visible()
    assert page.get_by_text(re.compile("readers? gets? it within minutes")).is_visible()
    # Mended, previewed, and taken back all the same.
    page.get_by_label("The whole text of the bulletin").fill(HELD.replace("Novembr ", "November "))
    scriptless.press("Save the text: it stays held")
    assert page.get_by_text("2 items", exact=False).first.is_visible()
    page.get_by_role("link", name="See its page of item 1").click()
    assert page.locator("h1").inner_text().startswith("Panama and Costa Rica")
    page.go_back()
    page.get_by_role("link", name="See the email, send me a test").click()
    assert "Panama and Costa Rica" in page.locator("pre").inner_text()
    page.go_back()
    scriptless.press("Take back: nobody gets it")
    assert page.get_by_text("It is taken back. Nobody got it.").is_visible()
    assert standing(site.parts, first) == []
    # Dropped again and under embargo: nobody sees it before its minute, also if it is released now.
    third = drop("journey three")
    page.get_by_label("The whole text of the bulletin").fill(EMBARGOED)
    scriptless.press("Save the text: it stays held")
    wall = (now() + timedelta(minutes=2)).astimezone(ZONE)
    page.get_by_role("radio", name=re.compile("At this time")).check()
    page.get_by_label("Day").fill(wall.date().isoformat())
    page.get_by_label(re.compile("^Hour")).fill(f"{wall:%H:%M}")
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Release it at the chosen time")).click()
    assert page.get_by_text("The time is set. Nobody outside sees it before.").is_visible()
    release()
    assert page.get_by_text("its embargo holds").is_visible()
    assert standing(site.parts, third) == []
    assert standing(site.parts, third, timedelta(minutes=2)) == ["A port opens in Colón"]
    # Dropped again, mended, released: now it goes out.
    second = drop("journey two")
    page.get_by_label("The whole text of the bulletin").fill(HELD.replace("Novembr ", "November "))
    scriptless.press("Save the text: it stays held")
    assert standing(site.parts, second) == []
    release()
    assert page.get_by_text("It is released").is_visible()
    assert len(standing(site.parts, second)) == 2
    # Corrected, withdrawn, restored.
    page.reload()
    page.get_by_role("link", name="Correct, relabel or withdraw item 1").click()
    page.get_by_label("Title").fill("A joint border post opens at Paso Canoas")
    page.get_by_label("Why, in a few words").fill("A shorter title")
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Correct it; .* told")).click()
    assert page.get_by_text("Corrected. Those who got it are told").is_visible()
    page.get_by_label("Why it is withdrawn").fill("Not yet decided")
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Withdraw it; .* told")).click()
    assert len(standing(site.parts, second)) == 1
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Restore it; .* told")).click()
    assert "A joint border post opens at Paso Canoas" in standing(site.parts, second)
    page.goto(f"{site.base}/desk/history/")
    told = page.locator("main").inner_text()
    for what in ("Came in", "Text mended", "Taken back", "Released", "Corrected", "Withdrawn", "Restored"):
        assert what in told
