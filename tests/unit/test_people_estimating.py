"""How many items a month are told: of the last year, or of the time that a younger site has."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from feeds.people.estimating import a_year_before, amount

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("age", "monthly"),
    [
        (2000, 3.0),
        (366, 3.0),
        (365, 3.0),
        (73, 15.0),
        (31, 35.32),
        (30, 36.5),
        (29, 36.5),
        (0, 36.5),
        (None, 3.0),
    ],
)
def test_a_young_site_is_reckoned_by_its_own_time_and_at_least_by_thirty_days(
    age: int | None, monthly: float
) -> None:
    oldest = None if age is None else TODAY - timedelta(days=age)
    found = amount(36, TODAY, oldest)
    assert found.number == 36
    assert found.a_month == pytest.approx(monthly, abs=0.01)


def test_the_year_that_is_looked_at_begins_365_days_ago() -> None:
    assert a_year_before(TODAY) == date(2025, 11, 28)
