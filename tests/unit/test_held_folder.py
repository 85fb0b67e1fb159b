"""What is seen of a held file, and when it counts as taken away: only by who put it there, never in doubt."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.inbox.held import MARK, HeldFolder, Place, Standing, judged, read_place
from feeds.intake.taking_back import LEFT_TO_ITS_HOST, LOOKS_APART, Next, is_overdue, next_of

NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
HERE = Place("press-1", 7, "aB3")
DATA = b"18 November, 2026"
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> HeldFolder:
    (tmp_path / "held").mkdir()
    return HeldFolder(tmp_path / "held", "press-1", 1000)


def test_a_file_that_lies_there_was_not_taken_away_whoever_looks() -> None:
    for wanted, here in ((HERE, HERE), (HERE, None), (None, HERE), (HERE, replace(HERE, host="other"))):
        assert judged(wanted, here, DIGEST, DIGEST) is Standing.LIES


@pytest.mark.parametrize(("found", "seen"), [(None, Standing.GONE), ("other", Standing.REPLACED)])
def test_a_file_is_gone_or_replaced_only_in_the_place_that_it_was_put_into(
    found: str | None, seen: Standing
) -> None:
    assert judged(HERE, HERE, DIGEST, found) is seen


@pytest.mark.parametrize(
    "here", [None, replace(HERE, host="other"), replace(HERE, device=8), replace(HERE, mark="aB4")]
)
@pytest.mark.parametrize("found", [None, "other"])
def test_another_host_device_or_folder_cannot_tell(here: Place | None, found: str | None) -> None:
    assert judged(HERE, here, DIGEST, found) is Standing.UNKNOWN
    assert judged(None, here, DIGEST, found) is Standing.UNKNOWN


def test_a_place_is_read_as_it_was_written() -> None:
    assert read_place(HERE.text()) == HERE
    odd = replace(HERE, host="a/b c")
    assert read_place(odd.text()) == odd


@pytest.mark.parametrize("text", ["", "/7/host", "mark/x/host", "mark/7/", "mark/7", "mark"])
def test_what_names_no_place_is_none(text: str) -> None:
    assert read_place(text) is None


def test_a_folder_gets_its_mark_once(folder: HeldFolder) -> None:
    assert folder.here() is None
    first = folder.marked()
    assert first is not None
    assert (first.host, first.device) == ("press-1", folder.root.stat().st_dev)
    assert len(first.mark) > 10
    assert folder.marked() == folder.here() == first


def test_a_folder_that_is_not_there_or_whose_mark_is_empty_is_no_place(tmp_path: Path) -> None:
    folder = HeldFolder(tmp_path / "none", "press-1", 1000)
    assert folder.marked() is None
    folder.root.mkdir()
    (folder.root / MARK).write_text(" \n")
    assert folder.here() is None


def test_what_is_seen_of_a_file(folder: HeldFolder) -> None:
    place = folder.marked()
    assert folder.standing(place, "a.txt", DIGEST) is Standing.GONE
    (folder.root / "a.txt").write_bytes(DATA)
    assert folder.standing(place, "a.txt", DIGEST) is Standing.LIES
    (folder.root / "a.txt").write_bytes(DATA + b"!")
    assert folder.standing(place, "a.txt", DIGEST) is Standing.REPLACED
    (folder.root / "a.txt").unlink()
    assert folder.standing(place, "a.txt", DIGEST) is Standing.GONE
    (folder.root / MARK).unlink()
    assert folder.standing(place, "a.txt", DIGEST) is Standing.UNKNOWN


def test_a_file_that_is_no_bulletin_s_size_or_no_file_is_another_one(folder: HeldFolder) -> None:
    place = folder.marked()
    big = b"x" * 1001
    (folder.root / "a.txt").write_bytes(big)
    assert folder.standing(place, "a.txt", hashlib.sha256(big).hexdigest()) is Standing.REPLACED
    (folder.root / "b.txt").mkdir()
    assert folder.standing(place, "b.txt", DIGEST) is Standing.REPLACED
    full = b"x" * 1000
    (folder.root / "c.txt").write_bytes(full)
    assert folder.standing(place, "c.txt", hashlib.sha256(full).hexdigest()) is Standing.LIES


def test_what_cannot_be_looked_at_is_unknown(folder: HeldFolder) -> None:
    place = folder.marked()
    assert folder.standing(place, "x" * 300, DIGEST) is Standing.UNKNOWN


def test_the_folder_itself_gone_is_unknown(folder: HeldFolder) -> None:
    place = folder.marked()
    folder.root.rename(folder.root.with_name("moved"))
    assert folder.standing(place, "a.txt", DIGEST) is Standing.UNKNOWN


def test_a_file_is_taken_back_at_the_second_look_and_not_before() -> None:
    assert next_of(Standing.GONE, None, NOW) is Next.MISSED
    just = NOW + LOOKS_APART
    assert next_of(Standing.GONE, NOW, just - timedelta(milliseconds=1)) is Next.NOTHING
    assert next_of(Standing.GONE, NOW, just) is Next.TAKE_BACK


def test_what_is_seen_again_or_unknown_begins_anew() -> None:
    for standing in (Standing.LIES, Standing.UNKNOWN):
        assert next_of(standing, NOW, NOW + LOOKS_APART) is Next.SEEN
        assert next_of(standing, None, NOW) is Next.NOTHING


@pytest.mark.parametrize("missing_at", [None, NOW])
def test_what_was_replaced_is_read_anew(missing_at: datetime | None) -> None:
    assert next_of(Standing.REPLACED, missing_at, NOW) is Next.READ_ANEW


def test_a_bulletin_is_left_to_its_host_for_a_while() -> None:
    assert not is_overdue(NOW, NOW + LEFT_TO_ITS_HOST - timedelta(seconds=1))
    assert is_overdue(NOW, NOW + LEFT_TO_ITS_HOST)
    assert not is_overdue(None, NOW)
