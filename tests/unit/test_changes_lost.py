"""An item is never lost to another: what is two stays two, and what is one stays one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.changes import Candidates, Changed, Decision, Doubt, Known, New, Same, identity, source_key
from feeds.model import Draft

DAY = date(2026, 11, 25)
COOK = "The harbour kitchen looks for a cook with five years of practice. Write before Friday."
SAILOR = "The ferry company looks for a sailor who swims well. Write before Sunday."
NURSE = "The clinic at the old quay needs two nurses for the night, from December on."
WIND = "The boats stay in port all day. Please keep away from the quay and the beach."


class Office:
    """Drops files one after the other; `items` are what is known then."""

    def __init__(self) -> None:
        self.among = Candidates()
        self.items: dict[str, list[str]] = {}

    def drop(self, name: str, *drafts: Draft) -> list[Decision]:
        stated = Counter(identity(each.date_on, each.title) for each in drafts)
        repeated = {key for key, times in stated.items() if times > 1}
        claimed = self.among.claimed((name, each) for each in drafts)
        newest = max(each.date_on for each in drafts)
        found = []
        for each in drafts:
            decision = self.among.decide(
                each, set(stated), source=name, recaptured=bool(claimed), repeated=repeated,
                claimed=claimed, newest=newest,
            )  # fmt: skip
            claimed.add(decision.item_id)
            self._keep(each, decision, name)
            found.append(decision)
        return found

    def _keep(self, draft: Draft, decision: Decision, name: str) -> None:
        item = decision.item_id
        if isinstance(decision, New):
            self.items[item] = [draft.summary]
            self.among.add(Known(item, draft.date_on, draft.title, draft.summary, source=name))
        elif isinstance(decision, Changed):
            known = self.among.get(item)
            fields = {field: getattr(draft, "date_on" if field == "date" else field)
                      for field in decision.fields if field != "link"}  # fmt: skip
            if "date" in fields:
                fields["date_on"] = fields.pop("date")
            self.items[item].append(fields.get("summary", known.summary))
            self.among.add(replace(known, **fields))
        self.among.hear(draft, item)


def notice(text: str, title: str = "Job vacancy", day: int = 0, **fields: str) -> Draft:
    return Draft(
        line=1, end_line=3, date_on=DAY + timedelta(days=day), title=title, summary=text, **fields
    )  # fmt: skip


def kinds(found: Iterable[Decision]) -> list[type[Decision]]:
    return [type(each) for each in found]


def test_two_notices_of_one_day_and_title_in_one_file_are_two_items_and_stay_two() -> None:
    office = Office()
    first, second = office.drop("jobs.txt", notice(COOK), notice(SAILOR))
    assert first == New(first.item_id)
    assert second == New(second.item_id, Doubt.TITLE_AGAIN, first.item_id)
    assert first.item_id != second.item_id
    for name in ("jobs.txt", "again.txt"):
        assert office.drop(name, notice(SAILOR), notice(COOK)) == [Same(second.item_id), Same(first.item_id)]


@pytest.mark.parametrize("slip", ["Tenosique", "Tapachula and Tenosique"])
def test_two_notices_that_differ_in_one_word_of_one_file_are_two_items(slip: str) -> None:
    here = "The consulate comes to Tapachula on Saturday from eight to four. Bring two photographs."
    found = Office().drop("a.txt", notice(here), notice(here.replace("Tapachula", slip)))
    assert kinds(found) == [New, New]


def test_what_a_file_says_twice_in_the_same_words_or_cut_is_one_item() -> None:
    for second in (COOK, COOK.upper(), "The harbour kitchen looks for a cook…"):
        assert kinds(Office().drop("a.txt", notice(COOK), notice(second))) == [New, Same]


def test_of_several_notices_each_finds_its_own_when_the_file_is_corrected() -> None:
    office = Office()
    cook, sailor = office.drop("jobs.txt", notice(COOK), notice(SAILOR))
    later = office.drop(
        "jobs.txt", notice(SAILOR.replace("Sunday", "Monday")), notice(COOK.replace("five", "six"))
    )
    changed = [Changed(sailor.item_id, ("summary",)), Changed(cook.item_id, ("summary",))]
    assert later == changed


def test_a_third_notice_from_another_file_is_an_item_of_its_own_and_the_receipt_names_the_other() -> None:
    office = Office()
    office.drop("jobs.txt", notice(COOK), notice(SAILOR))
    (third,) = office.drop("more.txt", notice(NURSE))
    assert isinstance(third, New)
    assert third.doubt is Doubt.LIKE_ANOTHER
    assert third.other in office.items


def test_a_notice_that_was_not_in_the_first_file_is_new_beside_those_that_were() -> None:
    office = Office()
    office.drop("jobs.txt", notice(COOK))
    assert kinds(office.drop("jobs.txt", notice(NURSE), notice(COOK))) == [New, Same]


def test_another_text_in_the_file_that_brought_the_item_is_a_change_that_is_told() -> None:
    office = Office()
    (first,) = office.drop("jobs.txt", notice(COOK))
    assert office.drop("jobs.txt", notice(NURSE)) == [Changed(first.item_id, ("summary",), replaced=True)]
    half = NURSE.replace("two nurses", "three nurses")
    assert office.drop("jobs.txt", notice(half)) == [Changed(first.item_id, ("summary",))]


def test_other_words_from_another_file_change_an_item_if_half_of_them_are_its_own() -> None:
    office = Office()
    (first,) = office.drop("jobs.txt", notice(COOK))
    corrected = COOK.replace("five years", "three years")
    assert office.drop("b.txt", notice(corrected)) == [Changed(first.item_id, ("summary",))]
    assert kinds(office.drop("c.txt", notice(COOK[:30] + NURSE))) == [New]


def test_a_warning_that_comes_again_the_next_day_is_another_item() -> None:
    office = Office()
    (first,) = office.drop("today.txt", notice(WIND, "Strong wind"))
    (second,) = office.drop("today.txt", notice(WIND, "Strong wind", 1))
    assert second == New(second.item_id, Doubt.NOTICE_AGAIN, first.item_id)
    (third,) = office.drop("today.txt", notice(WIND, "Strong wind", 2), notice(COOK, day=2))[:1]
    assert third == New(third.item_id, Doubt.NOTICE_AGAIN, second.item_id)  # the closest day


def test_an_older_capture_moves_no_later_warning_back_to_its_own_day() -> None:
    office = Office()
    office.drop("new.html", notice(WIND, "Strong wind", 1), notice(COOK))
    found = office.drop("old.html", notice(WIND, "Strong wind"), notice(COOK))
    assert kinds(found) == [New, Same]
    newer = office.drop(
        "newer.html", notice(WIND, "Strong wind", -1), notice(NURSE, "Clinic", 2), notice(COOK)
    )
    assert isinstance(newer[0], Changed)
    assert newer[0].fields == ("date",)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Consulate visits Tapachula", "Consulate visits Tenosique", New),
        ("Room 1 of the school opens", "Room 12 of the school opens", New),
        ("Consulate visits Tapachula", "Consulate visits Tapachla", Changed),
        ("Consulate visits Tapachula", "The consulate visits Tapachula", Changed),
        ("Consulate visits the town", "Consulate visits the village", Changed),
    ],
)
def test_one_text_under_titles_that_name_two_things_is_two_items(
    one: str, other: str, expected: type[Decision]
) -> None:
    office = Office()
    (first,) = office.drop("a.txt", notice(WIND, one))
    (second,) = office.drop("a.txt", notice(WIND, other))
    assert isinstance(second, expected)
    if isinstance(second, New):
        assert (second.doubt, second.other) == (Doubt.LIKE_ANOTHER, first.item_id)


def test_texts_that_differ_in_a_figure_at_their_end_are_no_beginnings_of_each_other() -> None:
    found = Office().drop("a.txt", *(notice(f"The draw gave number {n}") for n in (1, 12, 123)))
    assert kinds(found) == [New, New, New]


def test_a_corrected_title_under_which_another_file_has_something_else_is_not_taken_for_it() -> None:
    office = Office()
    (first,) = office.drop("jobs.txt", notice(COOK))
    assert isinstance(office.drop("jobs.txt", notice(COOK, "Job vacancy: a cook"))[0], Changed)
    assert office.drop("b.txt", notice(COOK.replace("five", "six"))) == [Same(first.item_id, earlier=True)]
    assert kinds(office.drop("c.txt", notice(SAILOR))) == [New]


def test_ids_of_notices_with_one_day_and_title_never_collide() -> None:
    found = Office().drop("a.txt", *(notice(f"{n} is the number that was drawn") for n in range(300)))
    assert len({each.item_id for each in found}) == 300


WORDS = "harbour ferry school clinic boats night wind quay town council".split()
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
DRAFTS = st.builds(
    notice, TEXTS, title=st.sampled_from(("Job vacancy", "Notice")), day=st.integers(0, 1)
)  # fmt: skip
FILES = st.lists(
    st.tuples(st.sampled_from(("a.txt", "b.txt")), st.lists(DRAFTS, min_size=1, max_size=4)), max_size=4
)


@examples(150)
@given(FILES)
def test_every_text_is_found_again_in_one_item_or_in_a_known_revision_of_it(
    files: Sequence[tuple[str, Sequence[Draft]]],
) -> None:
    """P13: and drafts of one file that say different things share no item."""
    office = Office()
    for name, drafts in files:
        found = office.drop(name, *drafts)
        for draft, decision in zip(drafts, found, strict=True):
            kept = office.items[decision.item_id]
            earlier = not isinstance(decision, New) and decision.earlier
            assert earlier or any(begins(text, draft.summary) for text in kept), (draft, decision, kept)
        for (one, first), (other, second) in combinations(zip(drafts, found, strict=True), 2):
            if first.item_id == second.item_id:
                part = begins(one.summary, other.summary) or begins(other.summary, one.summary)
                # Else both are wordings of this item that were there before, or begin like one.
                kept = office.items[first.item_id]
                assert part or all(any(begins(text, each.summary) for text in kept) for each in (one, other))


def begins(whole: str, part: str) -> bool:
    return f"{whole} ".startswith(f"{part} ")


class Counting(Candidates):
    """Counts the items that are looked at."""

    steps = 0

    def get(self, item_id: str) -> Known:
        self.steps += 1
        return super().get(item_id)


def test_a_crowd_of_like_notices_costs_little_more_than_its_size() -> None:
    def looked_at(count: int) -> int:
        office = Office()
        office.among = counting = Counting()
        drafts = [notice(f"{WIND} Number {n}") for n in random.Random(7).sample(range(10**6), count)]
        office.drop("a.txt", *drafts)
        office.drop("b.txt", *(replace(each, summary=f"{each.summary} again") for each in drafts))
        return counting.steps

    assert looked_at(400) < 2.6 * looked_at(200)


@pytest.mark.parametrize(
    "copy",
    [
        "bol (1).txt", "bol(12).txt", "bol~2.txt", "bol - Copy.txt", "bol - copia (2).txt", "bol (copy).txt",
        "bol (Ana's conflicted copy 2026-11-21).txt", "bol.sync-conflict-20261121-101010-ABC.txt",
        "bol (1) (1).txt",
    ],
)  # fmt: skip
def test_a_copy_with_a_number_or_a_stamp_is_the_same_file_again(copy: str) -> None:
    assert source_key(copy) == "bol.txt"
    office = Office()
    (first,) = office.drop("bol.txt", notice(WIND, "Strong wind at night"))
    moved = office.drop(copy, notice(WIND, "Strong wind in the night"))
    assert moved == [Changed(first.item_id, ("title",))]


@pytest.mark.parametrize(
    "name", ["bol 2.txt", "bol (2026).txt", "(1).txt", "bol (part two).txt", "copy.txt", "a~b.txt"]
)
def test_other_names_are_other_files(name: str) -> None:
    assert source_key(name) == name


def test_a_name_from_a_mac_names_the_same_file() -> None:
    office = Office()
    (first,) = office.drop("boletín.txt", notice(WIND, "Strong wind at night"))
    moved = office.drop("boleti\u0301n.txt", notice(WIND, "Strong wind in the night"))
    assert moved == [Changed(first.item_id, ("title",))]
    replaced = office.drop("boleti\u0301n.txt", notice(NURSE, "Strong wind in the night"))
    assert replaced == [Changed(first.item_id, ("summary",), replaced=True)]
