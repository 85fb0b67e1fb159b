"""A database that others can read is told of, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.store import privacy


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_get_at_is_named_with_what_to_do(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "feeds.db"
    path.touch()
    path.chmod(mode)
    assert list(privacy.of_file(path)) == [
        f"{path} can be read by other users (mode {mode:04o}): chmod 600 {path}"
    ]


def test_so_is_what_lies_beside_it(tmp_path: Path) -> None:
    for name, mode in (("feeds.db", 0o600), ("feeds.db-wal", 0o644), ("feeds.db-shm", 0o600)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    (told,) = privacy.of_file(tmp_path / "feeds.db")
    assert told.startswith(str(tmp_path / "feeds.db-wal"))


def test_a_file_of_ours_alone_and_one_that_is_not_there_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "feeds.db"
    assert list(privacy.of_file(path)) == []
    path.touch()
    path.chmod(0o600)
    assert list(privacy.of_file(path)) == []
