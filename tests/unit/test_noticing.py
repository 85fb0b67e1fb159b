"""A running process notices that its files say something else, uses what it may, and says what waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds import config
from feeds.app.noticing import ConfigurationFiles
from feeds.config.changing import AT_ONCE, restart_for, sections_now
from feeds.config.sections import Sections


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in ("feeds.toml", "topics.toml", "overrides.toml")]
    for path in found[:2]:
        path.write_text("a = 1\n")
    return found


def test_each_state_of_the_files_is_told_once_with_their_names(paths: list[Path]) -> None:
    files = ConfigurationFiles(paths)
    assert files.changed() == []
    paths[1].write_text("a = 2\n")
    assert files.changed() == ["topics.toml"]
    assert files.changed() == []
    paths[2].write_text("b = 1\n")
    assert files.changed() == ["overrides.toml"]


def test_a_file_that_is_gone_or_back_is_told_and_one_that_was_only_touched_is_not(paths: list[Path]) -> None:
    files = ConfigurationFiles(paths)
    paths[0].unlink()
    assert files.changed() == ["feeds.toml"]
    paths[0].write_text("a = 1\n")
    assert files.changed() == ["feeds.toml"]
    paths[0].touch()
    assert files.changed() == []


def test_templates_are_noticed_as_well_new_ones_and_lost_ones_too(paths: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    files = ConfigurationFiles(paths, folder)
    (folder / "web").mkdir(parents=True)
    (folder / "web" / "page.html").write_text("one")
    assert files.changed() == ["page.html"]
    (folder / "web" / "page.html").write_text("two, longer")
    assert files.changed() == ["page.html"]
    (folder / "web" / "page.html").unlink()
    assert files.changed() == ["page.html"]
    assert files.changed() == []


def sections(**given: dict[str, object]) -> Sections:
    return Sections.model_validate(given)


def test_what_each_pass_asks_for_is_used_at_once_and_what_is_held_open_waits() -> None:
    before = sections()
    after = sections(
        site={"name": "Another", "base_url": "https://news.example.org"},
        digest={"hour": 9}, web={"listen": "127.0.0.1:9000", "hosts": ["a.example"]},
    )  # fmt: skip
    assert restart_for(before, after) == ["site.base_url", "web.listen"]
    now = sections_now(before, after)
    assert (now["site"].name, now["site"].base_url) == ("Another", "http://127.0.0.1:8000")
    assert (now["web"].listen, now["web"].hosts) == ("127.0.0.1:8000", ["a.example"])
    assert now["digest"].hour == 9
    assert set(now) == set(Sections.model_fields)


def test_nothing_waits_where_nothing_was_edited() -> None:
    assert restart_for(sections(), sections()) == []
    assert sections_now(sections(), sections()) == dict(sections())


def test_what_is_named_as_safe_exists_and_nothing_that_is_held_open_is_among_it() -> None:
    for section, keys in AT_ONCE.items():
        assert keys <= set(type(getattr(sections(), section)).model_fields)
    assert not {"store", "bounces", "dkim", "log", "labels"} & set(AT_ONCE)
    assert "path" not in AT_ONCE["inbox"] | AT_ONCE["publish"]
    assert not {"tag_domain", "tag_date", "base_url", "languages"} & AT_ONCE["site"]
    assert not {"listen", "secret_file"} & AT_ONCE["web"]
    assert config.restart_for is restart_for
