"""The mark of a public folder comes back as it was kept, and counts as none when it cannot be read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds.publishing import marks
from feeds.publishing.marks import Mark
from feeds.site import Site

NOW = datetime(2026, 11, 21, 20, 41, 0, 123456, tzinfo=UTC)
MARK = Mark(
    site="tag:x",
    seq=7,
    look="ab",
    started_at=NOW,
    at=NOW,
    feeds=("all", "country/pa"),
    ranges=((0, 5), (6, 7)),
)


def test_a_mark_comes_back_as_it_was(tmp_path: Path) -> None:
    public = Site(tmp_path / "public")
    assert marks.read(public) is None
    public.write(marks.FILE, MARK.to_bytes())
    assert marks.read(public) == MARK


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"seq": 1}', b"\xff", b'"text"'])
def test_a_broken_mark_is_none(tmp_path: Path, data: bytes) -> None:
    public = Site(tmp_path / "public")
    public.write(marks.FILE, data)
    assert marks.read(public) is None


def test_a_mark_is_done_when_nothing_is_left() -> None:
    assert not MARK.is_done
    assert not replace(MARK, feeds=()).is_done
    assert not replace(MARK, ranges=()).is_done
    assert replace(MARK, feeds=(), ranges=()).is_done
