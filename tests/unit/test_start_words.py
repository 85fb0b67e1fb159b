"""What `feeds run` says at its start: a sentence for people, a line of the log for machines."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from feeds.cli.running import say_running, say_serving


def test_people_read_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs:
        say_serving("plain", "127.0.0.1:8000", Path("inbox"))
        say_running("plain", ["watch", "deliver"], "Newsroom")
    assert capsys.readouterr().err.splitlines() == [
        "The site is on http://127.0.0.1:8000/ — drop bulletins into inbox",
        "Running watch, deliver for Newsroom",
    ]
    assert logs == []


def test_machines_read_lines_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logs:
        say_serving("json", "127.0.0.1:8000", Path("inbox"))
        say_running("json", ["watch", "deliver"], "Newsroom")
    assert capsys.readouterr().err == ""
    assert [(each["event"], each.get("listen"), each.get("roles")) for each in logs] == [
        ("serving", "127.0.0.1:8000", None), ("running", None, ["watch", "deliver"]),
    ]  # fmt: skip
