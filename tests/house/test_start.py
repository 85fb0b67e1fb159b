"""`feeds publish` with nothing to do is run each minute by some: it imports no more than it asks for."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "babel",
    "jinja2",
    "feedgen",
    "lxml",
    "structlog",
    "uvicorn",
    "starlette",
    "apscheduler",
    "pyroaring",
}
IMPORTED = "import sys, feeds.cli.working, feeds.app.looks; print(*sys.modules)"


def test_looking_whether_there_is_anything_to_publish_imports_nothing_that_publishes_or_logs() -> None:
    told = subprocess.run([sys.executable, "-c", IMPORTED], check=True, capture_output=True, text=True)
    assert HEAVY.intersection(told.stdout.split()) == set()
