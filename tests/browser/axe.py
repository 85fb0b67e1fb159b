"""axe-core, run on the page that is open."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

# 24 px targets (WCAG 2.2) are not among axe's defaults. A framed mail is looked at by itself.
ALL = {"resultTypes": ["violations"], "iframes": False, "rules": {"target-size": {"enabled": True}}}
# Between light and dark only colours differ, between wide and narrow only places.
COLOURS_AND_PLACES = {**ALL, "runOnly": ["color-contrast", "link-in-text-block", "target-size"]}


def faults(page: Page, options: dict[str, object]) -> str:
    """What axe finds wrong, as a report; empty when nothing is."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate("options => axe.run(options)", options))
    # A tool that looked at nothing finds nothing.
    assert "color-contrast" in [rule["id"] for rule in found.response["passes"]]
    return found.generate_report() if found.violations_count else ""
