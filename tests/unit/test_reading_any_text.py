"""Whatever stands in a file: items or faults, no line lost, no crash, no slow case."""

from __future__ import annotations

import importlib
import pkgutil
import re
import re._parser as parser  # the structure of a pattern has no public view
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import feeds.reading
from chance import examples
from counting import calls
from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import BLOCKING, REJECTING, WARNINGS, ReadingOptions, read
from feeds.reading.clean import shown
from feeds.reading.text.furniture import rule_of

OPTIONS = ReadingOptions(max_bytes=65_536)
LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")

LIKELY = st.sampled_from(
    [
        *("", "", " ", "\xa0", "-----", "***", "…", "\u200b", "\ufeff"),
        *("27 April, 2021", "1 de mayo de 2021", "2021-05-02", "03/04/2021", "31 February, 2021"),
        *("27 April", "8 de marzo", "27/04/21", "Georgetown, Guyana 23 August 2021:"),
        *("A title", "A sentence that ends.", "x" * 130, "y" * 501),
    ]
)
ANY_LINE = st.one_of(LIKELY, LIKELY, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
ANY_TEXT = st.lists(st.tuples(ANY_LINE, st.sampled_from("\n\n\n\r\v\x85\u2028")), max_size=14).map(
    lambda rows: "".join(line + end for line, end in rows)
)


def outcome(data: bytes, options: ReadingOptions = OPTIONS) -> Bulletin | str:
    """The bulletin, or the code of the fault that rejects the file."""
    try:
        return read("b.txt", data, options)
    except BulletinError as error:
        return error.fault.code


def unaccounted(bulletin: Bulletin, text: str) -> list[int]:
    """Lines neither inside an item nor under a fault.

    A fault covers the lines from its own to the one before the next item or blocking fault. Lines that a
    rule leaves out are told of by their number, not one by one.
    """
    lost = []
    for number, line in enumerate(LINE_ENDS.split(text), 1):
        starts = {draft.line: draft for draft in bulletin.drafts if draft.line <= number}
        faults = [fault.line for fault in bulletin.faults if fault.code in BLOCKING and fault.line]
        above = max((start for start in faults if start <= number), default=0)
        item = starts[max(starts)] if starts else None
        inside = item is not None and number <= item.end_line
        under = above > (item.line if item else 0)
        if shown(line) and not inside and not under and not rule_of(shown(line), alone=True):
            lost.append(number)
    return lost


@examples(40)
@given(ANY_TEXT)
def test_every_line_of_any_text_is_in_an_item_or_under_a_fault(text: str) -> None:
    found = outcome(text.encode())
    if isinstance(found, Bulletin):
        assert unaccounted(found, text.removeprefix("\ufeff")) == []
        assert {fault.code for fault in found.faults} <= BLOCKING | WARNINGS
        assert found == outcome(text.encode())
    elif found == "file-empty":
        assert shown(text) == ""


@examples(40)
@given(ANY_TEXT)
def test_items_follow_each_other_and_are_fit_to_be_shown(text: str) -> None:
    found = outcome(text.encode())
    if isinstance(found, Bulletin):
        last = 0
        for draft in found.drafts:
            assert last < draft.line <= draft.end_line
            last = draft.end_line
            assert 0 < len(draft.title) <= 500
            assert draft.title == shown(draft.title)
            assert all(shown(part) == part != "" for part in draft.summary.split("\n\n") if draft.summary)


@examples(40)
@given(ANY_TEXT)
def test_carriage_returns_change_no_item(text: str) -> None:
    plain = LINE_ENDS.sub("\n", text)
    found = [outcome(plain.replace("\n", end).encode()) for end in ("\n", "\r", "\r\n")]
    if isinstance(found[0], Bulletin):
        items = [
            [(d.line, d.end_line, d.date_on, d.title, d.summary) for d in each.drafts]
            for each in found
            if isinstance(each, Bulletin)
        ]
        assert items[0] == items[1] == items[2]
    else:
        assert found[0] == found[1] == found[2]


@examples(40)
@given(st.sampled_from([b"", b"1 May 2021\n\nT\n\n", b"\xff\xfe"]), st.binary(max_size=200))
def test_any_bytes_are_a_bulletin_or_a_rejected_file(start: bytes, data: bytes) -> None:
    found = outcome(start + data)
    assert isinstance(found, Bulletin) or found in REJECTING
    assert found == outcome(start + data)


ITEMS = [f"{day} May 2025\n\nTitle {day}\n\nText {day}.\n\n" for day in range(1, 7)]


@examples(30)
@given(st.permutations(ITEMS), st.lists(st.sampled_from(ITEMS), max_size=3), st.integers(0, 200))
def test_shuffled_doubled_and_cut_files_give_the_same_items(
    items: list[str], again: list[str], cut: int
) -> None:
    whole = {(d.date_on, d.title, d.summary) for item in ITEMS for d in read("b.txt", item.encode()).drafts}
    found = read("b.txt", "".join(items + again).encode())
    assert {(d.date_on, d.title, d.summary) for d in found.drafts} == whole
    assert len(found.drafts) == len(items) + len(again)
    part = outcome("".join(items)[:cut].encode())
    if isinstance(part, Bulletin):
        assert {(d.date_on, d.title, d.summary) for d in part.drafts[:-1]} <= whole


def test_the_account_of_lines_would_notice_a_lost_one() -> None:
    found = outcome(b"1 May 2021\nT\n\nS.")
    assert isinstance(found, Bulletin)
    assert unaccounted(found, "1 May 2021\nT\n\nS.\n\nmore") == [6]


# -- no slow case


@pytest.mark.parametrize(
    "unit",
    [
        "1 May 2021\n\nTitle\n\nText.\n\n",
        "\n",
        " \n",
        "\u200b\n",
        "1 May 2021\n",
        "31 February, 2021\n",
        "8 March\n",
        "word ",
        "Title\n1 May 2021\nText that ends.\n",
        "Read more\n",
        "1/2/2021\n",
        "1 ",
        "a\n",
        "-\n",
        "\u0301\u0323",
    ],
)
@pytest.mark.parametrize("start", ["", "1 May 2021\n\nTitle\n\n", "1 May 2021\n"])
def test_twice_the_text_takes_at_most_twice_the_calls(start: str, unit: str) -> None:
    units = 800 // len(unit)
    once, twice = ((start + unit * units * size).encode() for size in (1, 2))
    options = ReadingOptions()
    outcome((start + unit * 3).encode(), options)  # what is imported and compiled once is not counted
    # 100 for what is done once a file.
    assert calls(lambda: outcome(twice, options)) <= 2 * calls(lambda: outcome(once, options)) + 100


def _patterns() -> list[re.Pattern[str]]:
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.walk_packages(feeds.reading.__path__, "feeds.reading.")
    ]
    return [value for module in modules for value in vars(module).values() if isinstance(value, re.Pattern)]


def _nested_repeats(tree: Any, inside: bool = False) -> bool:
    """Whether an open-ended repetition stands within another."""
    for op, value in tree:
        repeat = str(op) in ("MAX_REPEAT", "MIN_REPEAT") and value[1] is parser.MAXREPEAT
        if repeat and inside:
            return True
        parts = value if isinstance(value, tuple | list) else ()
        if any(_nested_repeats(part, inside or repeat) for part in _trees(parts)):
            return True
    return False


def _trees(parts: Any) -> list[Any]:
    found = []
    for part in parts:
        if isinstance(part, parser.SubPattern):
            found.append(part)
        elif isinstance(part, list):
            found += _trees(part)
    return found


def test_no_pattern_repeats_within_a_repeat() -> None:
    patterns = _patterns()
    assert len(patterns) >= 8
    assert [p.pattern for p in patterns if _nested_repeats(parser.parse(p.pattern, p.flags))] == []


@pytest.mark.parametrize("bait", ["(a+)+b", "(?:x|(?:y*z)*)", "((a|b+)c)*"])
def test_a_nested_repeat_would_be_found(bait: str) -> None:
    assert _nested_repeats(parser.parse(bait))
