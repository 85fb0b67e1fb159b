"""The Tab key, stop by stop."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

Stop = dict[str, Any]

STOP = """() => {
  const one = document.activeElement;
  const hidden = one.matches('input') && getComputedStyle(one).opacity === '0';
  const shown = hidden ? one.labels[0] : one;  // such a radio button is drawn by its label
  const style = getComputedStyle(shown), box = shown.getBoundingClientRect();
  const ring = style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth);
  const room = ring && ring + parseFloat(style.outlineOffset);
  return {
    html: one.outerHTML.slice(0, 120), tag: one.tagName, skip: one.matches('.skip'),
    main: one.closest('main') !== null && !one.matches('main'),
    ringed: ring >= 2 || style.boxShadow !== 'none',
    inside: box.width > 1 && box.height > 1 && box.left >= room && box.right + room <= innerWidth
      && box.top >= room && box.bottom + room <= innerHeight,
  };
}"""


def this_stop(page: Page) -> Stop:
    """What has the focus, whether that shows, and whether it is inside the window."""
    stop: Stop = page.evaluate(STOP)
    return stop


def next_stop(page: Page) -> Stop:
    page.keyboard.press("Tab")
    return this_stop(page)


def all_stops(page: Page) -> list[Stop]:
    """From the first to the last; a framed mail, whose stops show the browser's own ring, ends them."""
    stops = [next_stop(page)]
    while (stop := next_stop(page))["tag"] not in ("BODY", "IFRAME") and stop["html"] != stops[0]["html"]:
        stops.append(stop)
    return stops
