"""A running process notices that its configuration files say something else than at its start."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from feeds.app.noticing import ConfigurationFiles


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in ("feeds.toml", "topics.toml", "overrides.toml")]
    for path in found[:2]:
        path.write_text("a = 1\n")
    return found


def told(files: ConfigurationFiles) -> list[str]:
    with capture_logs() as logged:
        files.tell_changes()
    assert {(each["event"], each["remedy"]) for each in logged} <= {
        ("configuration-changed", "restart to use it")
    }
    return [each["files"] for each in logged]


def test_each_state_of_the_files_is_told_once_with_their_names(paths: list[Path]) -> None:
    files = ConfigurationFiles(paths)
    assert told(files) == []
    paths[1].write_text("a = 2\n")
    assert told(files) == ["topics.toml"]
    assert told(files) == []
    paths[2].write_text("b = 1\n")
    assert told(files) == ["topics.toml overrides.toml"]


def test_a_file_that_is_gone_is_told_and_one_that_is_as_at_the_start_is_not(paths: list[Path]) -> None:
    files = ConfigurationFiles(paths)
    paths[0].unlink()
    assert told(files) == ["feeds.toml"]
    paths[0].write_text("a = 1\n")
    assert told(files) == []
    paths[0].touch()
    assert told(files) == []
