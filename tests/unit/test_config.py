"""Configuration: all faults at once, each with file, key and what is allowed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from feeds import config
from feeds.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
CASES = sorted(path for path in (ROOT / "tests" / "bad_configs").iterdir() if path.is_dir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_configuration_gives_all_its_faults(case: Path, folder: Path) -> None:
    shutil.copy(case / "feeds.toml", folder / "feeds.toml")
    with pytest.raises(ConfigError) as caught:
        config.load(folder / "feeds.toml")
    found = str(caught.value).replace(str(folder), "SITE") + "\n"
    expected = case / "expected.txt"
    if os.environ.get("FEEDS_ACCEPT"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_the_shipped_configuration_has_no_fault(folder: Path) -> None:
    settings = config.load(folder / "feeds.toml")
    assert settings.root == folder.parent
    assert settings.path("inbox") == folder.parent / "inbox"


def test_an_empty_file_is_the_defaults(folder: Path) -> None:
    shipped = config.load(folder / "feeds.toml")
    (folder / "feeds.toml").write_text("", encoding="utf-8")
    assert config.load(folder / "feeds.toml") == shipped


def test_a_site_that_is_not_there_names_the_command_that_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FEEDS_CONFIG", raising=False)
    with pytest.raises(ConfigError, match="feeds init DIR"):
        config.find(None)


def test_the_option_wins_over_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDS_CONFIG", str(folder / "nothing.toml"))
    assert config.find(str(folder / "feeds.toml")) == folder / "feeds.toml"
    monkeypatch.setenv("FEEDS_CONFIG", str(folder / "feeds.toml"))
    assert config.find(None) == folder / "feeds.toml"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_key_that_others_can_read_is_refused_with_the_command_that_mends_it(
    folder: Path, mode: int
) -> None:
    settings = config.load(folder / "feeds.toml")
    key = settings.path(settings.web.secret_file)
    key.parent.mkdir()
    key.write_text("a" * 40, encoding="ascii")
    key.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        config.secret(settings)
    key.chmod(0o600)
    assert config.secret(settings) == b"a" * 40


def test_the_environment_wins_over_files_for_secrets_and_the_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config.load(folder / "feeds.toml")
    assert settings.store_url() == f"sqlite:///{folder.parent}/state/feeds.db"
    monkeypatch.setenv("FEEDS_STORE_URL", "postgresql://feeds@db/feeds")
    monkeypatch.setenv("FEEDS_SECRET", "from the environment")
    monkeypatch.setenv("FEEDS_MAIL_PASSWORD", "secret")
    assert settings.store_url() == "postgresql://feeds@db/feeds"
    assert config.secret(settings) == b"from the environment"
    assert config.mail_password(settings) == "secret"
