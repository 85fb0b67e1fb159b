"""How many people items reach: each counted once, at the soonest that they get mail."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.filters.members import Members, Pace

ROWS = [
    (1, "immediate", [10]),
    (1, "daily", [11]),
    (2, "weekly", [10, 12]),  # ten gets it at once already
    (2, "mon+wed", [13]),
    (3, "5-items-or-7-days", [13]),
    (3, "daily", [12]),
]


def by_pace(*numbers: int) -> list[int]:
    reached, (alone,) = Members(ROWS).reached(numbers)
    assert reached == alone
    assert reached.total == sum(reached.by_pace.values())
    return [reached.by_pace[pace] for pace in Pace]


def test_everybody_is_counted_once_at_the_soonest_pace() -> None:
    assert list(Pace) == [Pace.AT_ONCE, Pace.DAILY, Pace.WEEKLY, Pace.OTHERWISE]
    assert by_pace(1) == [1, 1, 0, 0]
    assert by_pace(2) == [0, 0, 2, 1]
    assert by_pace(1, 2) == [1, 1, 1, 1]
    assert by_pace(1, 2, 3) == [1, 2, 0, 1]


def test_other_cadences_of_one_filter_are_put_together() -> None:
    members = Members([(1, "mon+wed", [1]), (1, "tue", [2]), (1, "5-items-or-7-days", [2])])
    assert members.reached([1])[0].by_pace[Pace.OTHERWISE] == 2


def test_sets_are_counted_together_and_each_alone() -> None:
    together, (first, second) = Members(ROWS).reached([1], [2])
    assert (together.total, first.total, second.total) == (4, 2, 3)
    assert Members(ROWS).reached()[0].total == 0


def test_the_filters_that_most_people_have_are_found_and_none_that_tells_who_has_it() -> None:
    members = Members([*ROWS, (4, "daily", [20, 21, 22]), (5, "daily", [20])])
    assert members.largest([1, 2, 3, 4, 5, 9], most=3, fewest=1) == [(2, 3), (4, 3), (1, 2)]
    assert members.largest([1, 2, 3, 4, 5], most=9, fewest=3) == [(2, 3), (4, 3)]


def test_nobody_is_reached_by_nothing_or_by_a_filter_that_nobody_has() -> None:
    assert by_pace() == [0, 0, 0, 0]
    assert by_pace(9) == [0, 0, 0, 0]


PEOPLE = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["immediate", "daily", "weekly", "tue"]), st.integers(1, 9))
)


@given(rows=PEOPLE, numbers=st.sets(st.integers(1, 6)))
@examples(50)
def test_the_sum_is_the_number_of_people_who_have_one_of_them(
    rows: list[tuple[int, str, int]], numbers: set[int]
) -> None:
    expected = {person for number, _, person in rows if number in numbers}
    assert Members((number, pace, [one]) for number, pace, one in rows).reached(numbers)[0].total == len(
        expected
    )
