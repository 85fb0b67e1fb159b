"""A file is written whole or not at all, with the mode that was asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from feeds import durable


@pytest.mark.parametrize("mode", [0o600, 0o660])
def test_a_new_file_is_never_wider_than_asked(tmp_path: Path, mode: int) -> None:
    before = os.umask(0)
    try:
        durable.write_whole(tmp_path / "a.txt", b"whole", mode=mode)
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == mode


def test_the_bytes_are_on_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("fsync"), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda old, new: (steps.append("rename"), replace(old, new))[1])
    durable.write_whole(tmp_path / "a.txt", b"whole", mode=0o600)
    assert steps[:2] == ["fsync", "rename"]


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write_whole(tmp_path / "a.txt", b"new", mode=0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_bytes() == b"old"
