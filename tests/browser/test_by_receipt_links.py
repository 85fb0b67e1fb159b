"""A day by the links of receipts alone, without signing in; a scanner that follows them does nothing."""

from __future__ import annotations

import re

from browser.served import Visitor
from browser.test_at_the_desk import standing
from feeds.model import ReceiptAct
from feeds.store import audit, bulletins

GLUED = """27 November 2026

Guatemala and Mexico share one bridge

Officers of both banks check papers side by side.

28 Novembr 2026

Salvadoran towns open night schools

Classes begin at seven.
"""
MENDED = GLUED.replace("Novembr ", "November ")


def test_a_day_by_receipt_links_alone(scriptless: Visitor) -> None:
    page, site = scriptless.page, scriptless.site
    page.context.clear_cookies()

    def follow(path: str) -> str:
        page.goto(site.base + path)
        return " ".join(page.locator("main").inner_text().split())

    # Dropped with a mistake. A scanner follows every link of the mail, twice.
    first = site.lies_held(GLUED)
    links = {act: site.receipt_link(act, first) for act in ReceiptAct if act is not ReceiptAct.WITHDRAW}
    for path in list(links.values()) * 2:
        follow(path)
    with site.parts.store.read() as conn:
        row = bulletins.find(conn, first)
        assert row is not None
        assert row.receipt.held_until is not None
        assert audit.of_bulletin(conn, first, 9) == []
    # Labels are fixed while it is held; it is looked at, and taken back all the same.
    assert " will get it" in follow(links[ReceiptAct.LABELS])
    page.get_by_label(re.compile("^Add countries")).first.fill("Haiti")
    scriptless.press("Save the labels")
    assert page.get_by_text(re.compile("It stays held; .* will get it")).is_visible()
    assert "Haiti" in follow(links[ReceiptAct.LOOK])
    follow(links[ReceiptAct.TAKE_BACK])
    scriptless.press("Take it back")
    assert standing(site.parts, first) == []
    assert "does nothing any more" in follow(links[ReceiptAct.RELEASE])
    # Dropped again without the mistake, and released: it is out.
    second = site.lies_held(MENDED)
    assert standing(site.parts, second) == []
    follow(site.receipt_link(ReceiptAct.RELEASE, second))
    page.get_by_role("button", name=re.compile("^Release now to")).click()
    assert page.get_by_text("It goes out within seconds.").is_visible()
    assert len(standing(site.parts, second)) == 2
    # Withdrawn with a reason that readers see.
    withdrawing = site.receipt_link(ReceiptAct.WITHDRAW, second)
    follow(withdrawing)
    page.get_by_label("Reason, in a few words").fill("The post opens in May.")
    scriptless.press("Withdraw what is ticked")
    assert standing(site.parts, second) == []
    assert "does nothing any more" in follow(withdrawing)
