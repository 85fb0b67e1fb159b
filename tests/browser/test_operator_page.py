"""The operator's page as a browser shows it: axe finds nothing, nothing runs over the edge."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from browser.axe import ALL, faults
from browser.served import ServedSite
from feeds.alarms import Alarm, Trouble
from feeds.app import operating
from feeds.app.parts import Parts, now
from feeds.config.sections import OperatorSection, StaffSection
from feeds.model import Staff
from feeds.operating.alarming import settle
from feeds.operating.hourly import count_hour
from feeds.pages.operator.pages import Seen
from feeds.store import alarms, daybook


@pytest.fixture(scope="module")
def pages(site: ServedSite) -> dict[str, str]:
    """Both pages in both languages, with their style sheets in them."""
    named = OperatorSection(people=[StaffSection(address="ops@example.org")])
    parts = Parts(site.parts.settings.model_copy(update={"operator": named}))
    parts.__dict__["_labels"] = site.parts.__dict__["_labels"]
    passes = operating.passes_of(parts, now)
    for name, failed in (("ingest", ""), ("publish", "public/ cannot be written: No space left on device")):
        passes.begun(name)
        passes.ended(name, failed)
    with parts.store.write() as conn:
        for n in range(30, 0, -1):
            at = (now() - timedelta(days=n)).replace(hour=0, minute=0, second=0, microsecond=0)
            counts = {
                "items": 1,
                "people/active": 40_000 + 9 * n % 7,
                "letters/sent": 900 * n,
                "bounces/hard": n,
            }
            daybook.note(conn, at, counts)
    count_hour(parts.store, now())
    values = {"folder": "public", "free": "412000000", "total": "50000000000"}
    disk = Alarm(trouble=Trouble.DISK, where="news-1:public", since=now(), values=values)
    settle(parts.store, [disk], None, "news-1", {"news-1"}, now())
    operator = parts.web_parts().operator
    assert operator is not None
    found = {}
    for lang in ("en", "es"):
        seen = Seen(Staff(address="ops@example.org", lang=lang, zone="UTC"), "x")
        speaking = operator.pages.speaking(lang)
        found[f"overview-{lang}"] = speaking.overview(operator.overview(lang), seen).decode()
        answer = "It was sent to ana@example.org."
        found[f"why-{lang}"] = speaking.why(
            seen, "ana@example.org", "0a1b", answer, ["letter 7"], ""
        ).decode()
    with parts.store.write() as conn:
        alarms.take_down(conn, disk.key, now())
    style = parts.press.style.decode() + operator.sheet.decode()
    parts.store.close()
    return {name: html.replace("</head>", f"<style>{style}</style></head>") for name, html in found.items()}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("name", ["overview-en", "overview-es", "why-en", "why-es"])
def test_the_page_has_no_fault_and_fits(
    browser: Browser, pages: dict[str, str], name: str, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.set_content(pages[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults(page, ALL) == ""
    context.close()
