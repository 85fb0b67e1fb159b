"""Days of the simulated year (benchmarks/year.py), a long sleep between: P1 to P7 hold, what is old goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_days_of_news_and_people_and_a_long_sleep_end_with_every_promise_kept() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "year.py")]
    options = ["--days", "8", "--people", "4", "--step", "720", "--asleep", "65", "--seed", "3"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run([*command, *options], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = [line for line in ran.stdout.splitlines() if line.startswith("kept")]
    assert len(lines) == 16
