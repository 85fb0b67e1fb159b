"""Dates in figures, hours, zones and places: on both sides of each rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feeds.reading.head.moments import stamp
from feeds.reading.text.dates import OrderOf
from feeds.reading.text.dress import is_place


@pytest.mark.parametrize("sign", ["/", ".", "-"])
def test_the_order_of_figures_is_asked_of_the_text_when_a_date_in_figures_is_met(sign: str) -> None:
    order = OrderOf("27/04/2021\nFerry", "mdy")
    assert order("3 April 2021") == "mdy"
    assert order.proven is None  # not asked yet
    assert order(f"03{sign}04{sign}2021") == "dmy"
    assert OrderOf("Ferry", "mdy")("03/04/2021") == "mdy"


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("Panama", True),
        ("Ciudad de México", True),
        ("Port-au-Prince, Haiti", True),
        ("Quay (north)", True),
        ("the quay", False),
        ("Quay north", False),
        ("Quay 5", False),
        ("", False),
        ("Quay, and then we go", False),
    ],
)
def test_a_place_is_few_words_with_capitals_and_without_figures(words: str, place: bool) -> None:
    assert is_place(words) is place


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("Z", 12),
        ("UTC", 12),
        ("GMT", 12),
        ("WET", 12),
        ("WEST", 11),
        ("BST", 11),
        ("CET", 11),
        ("CEST", 10),
        ("EET", 10),
        ("EEST", 9),
        ("MSK", 9),
        ("EST", 17),
        ("EDT", 16),
        ("CST", 18),
        ("CDT", 17),
        ("MST", 19),
        ("MDT", 18),
        ("PST", 20),
        ("PDT", 19),
        ("AST", 16),
        ("BRT", 15),
        ("ART", 15),
        ("CLT", 16),
        ("COT", 17),
        ("PET", 17),
        ("JST", 3),
        ("+02:00", 10),
        ("-0500", 17),
        ("UTC+3", 9),
        ("", 17),
    ],
)
def test_an_hour_counts_in_its_zone_else_in_that_of_the_site(zone: str, hour: int) -> None:
    found = stamp(f"2026-11-25 12:30 {zone}".strip(), "dmy", "America/Panama")
    assert found is not None
    assert found.at == datetime(2026, 11, 25, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "hour"),
    [
        ("12 a.m.", 0),
        ("12 p.m.", 12),
        ("1 am", 1),
        ("11 pm", 23),
        ("0:15", 0),
        ("23:15", 23),
        ("24:15", None),
        ("13 pm", None),
        ("7", None),
    ],
)
def test_hours_of_half_a_day_and_of_a_whole_one(words: str, hour: int | None) -> None:
    found = stamp(f"25 November 2026, {words}", "dmy", "UTC")
    assert (found.at.hour if found and found.at else None) == hour
