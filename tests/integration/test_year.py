"""Weeks of the simulated year (benchmarks/year.py): P1 to P7 hold at their end, what is old is forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_months_of_news_and_people_end_with_every_promise_kept() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "year.py")]
    options = ["--days", "68", "--people", "3", "--step", "720", "--seed", "3"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run([*command, *options], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = [line for line in ran.stdout.splitlines() if line.startswith("kept")]
    assert len(lines) == 16
