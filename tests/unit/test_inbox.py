"""When a file has settled, which names count, and what names become."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.inbox import RECEIPT, Seen, Sighting, is_ignored, receipt_name, settled, shown_name
from feeds.inbox.files import has_reserved_room
from feeds.inbox.names import numbered

OLD = Sighting(name="old.txt", size=10, mtime_ns=1_000_000_000, inode=1)
SETTLE_S = 2.0


def looks(*steps: tuple[float, list[Sighting]]) -> list[list[str]]:
    """What is ready at each look, on a clock that starts anywhere, with no wall clock."""
    seen: dict[str, Seen] = {}
    found = []
    for now, sightings in steps:
        ready, seen = settled(seen, sightings, now, SETTLE_S)
        found.append(ready)
    return found


def test_a_file_is_ready_after_standing_still_long_enough() -> None:
    assert looks((100.0, [OLD]), (101.9, [OLD]), (102.0, [OLD])) == [[], [], ["old.txt"]]


@pytest.mark.parametrize("change", [{"size": 11}, {"mtime_ns": 2_000_000_000}, {"inode": 2}])
def test_any_change_starts_the_wait_anew(change: dict[str, int]) -> None:
    changed = replace(OLD, **change)  # type: ignore[arg-type]
    assert looks((0, [OLD]), (1.9, [changed]), (2.1, [changed]), (3.9, [changed])) == [
        [],
        [],
        [],
        ["old.txt"],
    ]


def test_a_slowly_growing_file_is_left_alone() -> None:
    steps = [(float(second), [replace(OLD, size=second)]) for second in range(20)]
    assert looks(*steps) == [[]] * 20


def test_a_file_that_went_and_came_back_waits_again() -> None:
    assert looks((0, [OLD]), (1, []), (2, [OLD]), (3, [OLD]), (4, [OLD])) == [[], [], [], [], ["old.txt"]]


def test_a_file_written_long_before_the_first_look_is_ready_at_once() -> None:
    ready, _ = settled({}, [OLD], now=5.0, settle_s=SETTLE_S, wall=1e9)
    assert ready == ["old.txt"]


@pytest.mark.parametrize("wall", [0.5, 1.0, 2.9])
def test_a_file_written_just_now_or_in_the_future_waits(wall: float) -> None:
    ready, seen = settled({}, [OLD], now=5.0, settle_s=SETTLE_S, wall=wall)
    assert ready == []
    ready, _ = settled(seen, [OLD], now=7.0, settle_s=SETTLE_S, wall=wall + 2)
    assert ready == ["old.txt"]


def test_a_known_file_replaced_by_an_older_one_still_waits() -> None:
    _, seen = settled({}, [OLD], now=0.0, settle_s=SETTLE_S, wall=1.0)
    ready, _ = settled(seen, [replace(OLD, size=99)], now=1.0, settle_s=SETTLE_S, wall=1e9)
    assert ready == []


def test_files_come_oldest_first_then_by_name() -> None:
    files = [
        Sighting(name="b.txt", size=1, mtime_ns=5, inode=1),
        Sighting(name="a.txt", size=1, mtime_ns=5, inode=2),
        Sighting(name="c.txt", size=1, mtime_ns=1, inode=3),
    ]
    assert settled({}, files, now=0.0, settle_s=0.0)[0] == ["c.txt", "a.txt", "b.txt"]


def test_names_that_are_gone_are_forgotten() -> None:
    _, seen = settled({"gone.txt": Seen(size=1, mtime_ns=1, inode=1, since=0.0)}, [OLD], 0.0, SETTLE_S)
    assert list(seen) == ["old.txt"]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.txt", "a.txt~", "~$a.txt", "a.txt.tmp", "a.TXT.PART", "a.txt.swp", "a.txt.crdownload",
        ".a.txt.swp", "a.txt.receipt.txt", "A.RECEIPT.TXT", "a.txt.filepart",
    ],
)  # fmt: skip
def test_hidden_unfinished_and_receipt_names_are_ignored(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["a.txt", "tmp.txt", "part", "a~2.txt", "receipt.txt", "a.csv", "ñ\n.txt"])
def test_other_names_are_not_ignored(name: str) -> None:
    assert not is_ignored(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Año 2026.txt", "Año 2026.txt"),
        ("two\nlines.txt", "two\\nlines.txt"),
        ("esc\x1b[31m.txt", "esc\\x1b[31m.txt"),
        (os.fsdecode(b"caf\xe9.txt"), "caf\\xe9.txt"),
        ("a\u202etxt.exe", "a\\u202etxt.exe"),
    ],
)
def test_a_name_is_shown_on_one_line_of_plain_letters(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_numbers_stand_before_the_suffix() -> None:
    assert [numbered("a.txt", number) for number in (1, 2, 10)] == ["a.txt", "a~2.txt", "a~10.txt"]
    assert numbered("plain", 2) == "plain~2"


@examples(60)
@given(st.binary(min_size=1, max_size=255), st.integers(2, 12))
def test_numbered_names_and_receipts_fit_the_file_system(raw: bytes, number: int) -> None:
    name = os.fsdecode(raw.replace(b"/", b"_").replace(b"\0", b"_"))
    other = numbered(name, number)
    assert other != name
    for made in (other, receipt_name(name), receipt_name(other)):
        assert len(os.fsencode(made)) <= 255
    assert receipt_name(name).endswith(RECEIPT)
    assert is_ignored(receipt_name(name))


def test_long_names_that_begin_alike_have_receipts_of_their_own() -> None:
    one, two = "x" * 251 + ".txt", "x" * 250 + "y.txt"
    assert receipt_name(one) != receipt_name(two)
    assert receipt_name("a.txt") == "a.txt.receipt.txt"


@pytest.mark.parametrize(
    "name",
    [
        "Thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "Desktop.ini",
        "#news.txt#",
        "sedA1b2C3",
        "Icon\r",
        "a.lnk",
        "4913",
    ],
)
def test_what_desktops_and_editors_leave_is_never_looked_at(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize(
    "name",
    [
        "thumbs.txt",
        "desktop.txt",
        "#news.txt",
        "sedation",
        "sedA1b2C3.txt",
        "icon.txt",
        "4913.txt",
        "sedan12",
    ],
)
def test_names_that_only_look_so_are_looked_at(name: str) -> None:
    assert not is_ignored(name)


def test_a_name_from_a_mac_is_the_same_name() -> None:
    assert shown_name("boleti\u0301n.txt") == shown_name("boletín.txt") == "boletín.txt"


@pytest.mark.parametrize(
    ("data", "reserved"),
    [
        (b"text" + b"\0" * 512, True),
        (b"\0" * 100, True),
        (b"text" + b"\0" * 511, False),
        (b"text\0", False),
        (b"text", False),
        (b"", False),
    ],
)
def test_a_tail_of_zeros_is_room_that_is_reserved(data: bytes, reserved: bool) -> None:
    assert has_reserved_room(data) is reserved
