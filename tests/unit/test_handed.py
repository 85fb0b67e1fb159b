"""Which letters may have left: what a process noted before it died, and when that is not believed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from feeds.delivering import handed
from feeds.delivering.handed import HandedOver

ME = "host/boot/1/23/456"


def test_what_was_noted_is_known_after_a_death(tmp_path: Path) -> None:
    mine = HandedOver(tmp_path, ME)
    mine.begin()
    assert handed.noted(tmp_path, ME) == frozenset()
    assert mine.note("1")
    assert mine.note("n2")
    assert handed.noted(tmp_path, ME) == {"1", "n2"}


def test_nothing_is_known_of_a_process_without_a_whole_file_of_its_own(tmp_path: Path) -> None:
    assert handed.noted(None, ME) is None
    assert handed.noted(tmp_path, ME) is None
    HandedOver(tmp_path, "host/boot/1/23/4567").begin()
    assert handed.noted(tmp_path, ME) is None
    HandedOver(tmp_path, ME).begin()
    (path,) = [each for each in tmp_path.iterdir() if each.name.endswith("%2F456.handed")]
    path.write_bytes(path.read_bytes()[:-1])
    assert handed.noted(tmp_path, ME) is None


def test_a_last_line_that_death_cut_off_is_of_a_letter_whose_text_was_never_sent(tmp_path: Path) -> None:
    mine = HandedOver(tmp_path, ME)
    mine.begin()
    mine.note("12")
    (path,) = tmp_path.iterdir()
    with path.open("ab") as file:
        file.write(b"3")  # of 34
    assert handed.noted(tmp_path, ME) == {"12"}


def test_the_file_stays_small_and_keeps_what_has_no_result_yet(tmp_path: Path) -> None:
    mine = HandedOver(tmp_path, ME)
    mine.begin()
    for number in range(100_000, 112_000):
        mine.note(str(number))
        mine.trim(["111999"])
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size < 70_000
    assert {"111999"} < (handed.noted(tmp_path, ME) or set())
    mine.end(recorded=True)
    assert not list(tmp_path.iterdir())


def test_what_has_no_result_when_a_pass_ends_is_known_to_the_next_one(tmp_path: Path) -> None:
    mine = HandedOver(tmp_path, ME)
    mine.begin()
    mine.note("7")
    mine.end(recorded=False)
    assert handed.noted(tmp_path, ME) == {"7"}


def test_where_nothing_can_be_noted_all_is_in_doubt_and_letters_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = HandedOver(tmp_path, ME)
    mine.begin()
    assert mine.note("1")
    with monkeypatch.context() as full:
        full.setattr(os, "write", out_of_space)
        assert mine.note("2")
    assert mine.note("3")
    assert handed.noted(tmp_path, ME) is None
    nowhere = HandedOver(tmp_path / "file" / "below", ME)
    (tmp_path / "file").touch()
    nowhere.begin()
    assert nowhere.note("1")


def test_where_a_wrong_file_cannot_even_be_removed_no_text_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = HandedOver(tmp_path, ME)
    mine.begin()
    monkeypatch.setattr(os, "write", out_of_space)
    monkeypatch.setattr(Path, "unlink", out_of_space)
    monkeypatch.setattr(os, "ftruncate", out_of_space)
    assert not mine.note("1")
    assert not mine.note("2")


def test_files_of_dead_processes_go_those_of_living_ones_stay(tmp_path: Path) -> None:
    for owner in (ME, "other/boot/1/2/3"):
        HandedOver(tmp_path, owner).begin()
    handed.forget(tmp_path, lambda found: [each for each in found if each == ME])
    assert handed.noted(tmp_path, ME) is None
    assert handed.noted(tmp_path, "other/boot/1/2/3") == frozenset()
    handed.forget(tmp_path / "nothing", list)


def out_of_space(*_: object, **__: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")
