"""Plots as SVG, drawn on the server: no script, no picture from elsewhere, the colour of the page (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: `path` of its line, `bars` as x, y, width and height; the least and most that its axis shows,
    and its first and last day. Empty of both where there is nothing to draw.
    """

    path: str
    bars: Sequence[tuple[float, float, float, float]]
    low: int
    high: int
    first: date | None
    last: date | None


def line(days: Sequence[tuple[date, int]]) -> Plot:
    """Values of days as a line; its axis begins at the least of them: growth is small beside the whole."""
    if len(days) < 2:
        return _nothing(days)
    low, high = min(value for _, value in days), max(value for _, value in days)
    first, last = days[0][0], days[-1][0]
    points = [f"{_x(day, first, last):g} {_y(value, low, high):g}" for day, value in days]
    return Plot("M" + "L".join(points), (), low, high, first, last)


def columns(days: Sequence[tuple[date, int]]) -> Plot:
    """Values of days as columns from zero; a day without a value has none."""
    high = max((value for _, value in days), default=0)
    if not high:
        return _nothing(days)
    first, last = days[0][0], days[-1][0]
    wide = WIDTH / ((last - first).days + 1)
    bars = []
    for day, value in days:
        tall = HEIGHT * value / high
        left = (day - first).days * wide
        bars.append((round(left, 1), round(HEIGHT - tall, 1), round(max(wide - 1, 1), 1), round(tall, 1)))
    return Plot("", tuple(bars), 0, high, first, last)


def _x(day: date, first: date, last: date) -> float:
    return round(WIDTH * (day - first).days / max(1, (last - first).days), 1)


def _y(value: int, low: int, high: int) -> float:
    """From the top; a line that does not move runs in the middle."""
    if high == low:
        return HEIGHT / 2
    return round(HEIGHT * (high - value) / (high - low), 1)


def _nothing(days: Sequence[tuple[date, int]]) -> Plot:
    day = days[0][0] if days else None
    return Plot("", (), 0, 0, day, day)
