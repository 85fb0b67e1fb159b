"""The demo's bulletins: moved to today, and dropped one after the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from feeds import shipped
from feeds.app.samples import WaitingSamples, moved_to, put, shifted, texts_of
from feeds.reading import read

NOW = datetime(2027, 2, 28, 9, tzinfo=UTC)
NAMES = ["2026-11-22-newsroom.txt", "2026-11-23-sala-de-prensa.txt"]


@pytest.fixture
def waiting(tmp_path: Path) -> WaitingSamples:
    for place in ("done", "rejected", "held"):
        (tmp_path / place).mkdir()
    return WaitingSamples(tmp_path, lambda: NOW)


def test_only_lines_that_are_dates_are_moved_in_their_own_form() -> None:
    text = "20 November, 2026\n\nOn 20 November, 2026 it began\n\n31 de diciembre de 2026\n"
    moved = "21 November, 2026\n\nOn 20 November, 2026 it began\n\n1 de enero de 2027\n"
    assert shifted(text, timedelta(days=1)) == moved


def test_bulletins_are_moved_together_the_newest_to_the_day() -> None:
    made = moved_to(date(2027, 3, 1), {"a": "18 November, 2026\n", "b": "20 de noviembre de 2026\n\nx\n"})
    assert made == {"a": "27 February, 2027\n", "b": "1 de marzo de 2027\n\nx\n"}


def test_each_sample_is_offered_until_it_was_dropped_then_the_next(
    waiting: WaitingSamples, tmp_path: Path
) -> None:
    for name in NAMES:
        sample = waiting.next()
        assert sample is not None
        assert sample.name == name
        bulletin = read(name, sample.text.encode())
        assert {draft.date_on for draft in bulletin.drafts} == {NOW.date()}
        assert not bulletin.faults
        assert waiting.drop(name)
        assert (tmp_path / name).read_text(encoding="utf-8") == sample.text
        assert not waiting.drop(name)
    assert waiting.next() is None
    assert [path.name for path in sorted(tmp_path.glob("*.txt"))] == NAMES


@pytest.mark.parametrize("place", ["done", "rejected", "held"])
def test_a_sample_that_was_read_is_not_offered_again(
    waiting: WaitingSamples, tmp_path: Path, place: str
) -> None:
    (tmp_path / place / NAMES[0]).touch()
    sample = waiting.next()
    assert sample is not None
    assert sample.name == NAMES[1]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", NAMES[1]])
def test_nothing_but_the_next_sample_is_dropped(waiting: WaitingSamples, tmp_path: Path, name: str) -> None:
    assert not waiting.drop(name)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_that_is_put_looks_as_if_nobody_writes_to_it(tmp_path: Path) -> None:
    put(tmp_path, "a.txt", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").stat().st_mtime == 0


def test_samples_are_told_apart_from_those_that_the_demo_starts_with() -> None:
    assert not texts_of(shipped.samples()).keys() & set(NAMES)
    assert [path.name for path in shipped.waiting_samples()] == NAMES
