"""The built wheel holds everything: templates, configuration, tables, samples, words."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, laid out as pip would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("bulletin_feeds-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"


def run(unpacked: Path, folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    """A command of the unpacked wheel, far away from the checkout."""
    command = [sys.executable, "-P", "-m", "feeds", *map(str, words)]
    environment = {"PYTHONPATH": str(unpacked), "PATH": "/usr/bin:/bin"}
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
