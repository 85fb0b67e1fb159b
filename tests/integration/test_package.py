"""The built wheel holds everything: templates, configuration, tables, samples, words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, installed by pip into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("bulletin_feeds-*.whl")
    # Its dependencies are in this environment; pip is asked for the wheel alone, and for no network.
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target"]
    installed = subprocess.run([*install, str(folder / "site"), str(wheel)], capture_output=True, check=False)
    assert installed.returncode == 0, installed.stderr
    return folder / "site"


def run(unpacked: Path, folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """The installed `feeds` command, far away from the checkout."""
    command = [str(unpacked / "bin" / "feeds"), *map(str, words)]
    environment = {"PYTHONPATH": str(unpacked), "PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_makes_a_whole_site_away_from_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    ran = run(unpacked, tmp_path, "demo", "--once", "--folder", tmp_path / "site")
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "site" / "public" / "feeds" / "all.atom").exists()
    assert (tmp_path / "site" / "public" / "style.css").exists()
    assert len(list((tmp_path / "site" / "outbox").glob("*.eml"))) == 3


def test_the_wheel_names_its_command_and_carries_its_licence(unpacked: Path) -> None:
    (about,) = unpacked.glob("bulletin_feeds-*.dist-info")
    assert "feeds = feeds.cli:main" in (about / "entry_points.txt").read_text(encoding="utf-8")
    assert (about / "licenses" / "LICENSE").exists()
    assert (unpacked / "feeds" / "py.typed").exists()
