"""Every line of the log has the form that was asked for, also what libraries say."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from feeds import log


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before, handlers = structlog.get_config(), logging.root.handlers[:]
    yield
    structlog.configure(**before)
    logging.root.handlers[:] = handlers


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_what_a_library_warns_of_is_a_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "json")
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request %s", "received\n{")
    logging.getLogger("uvicorn.error").info("not ours to show")
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["room"]) == ("library", "warning", "uvicorn.error")
    assert line["said"] == "Invalid HTTP request received\n{"


def test_a_librarys_traceback_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "json")
    try:
        raise ValueError("odd")
    except ValueError:
        logging.getLogger("asyncio").exception("Task failed")
    (line,) = lines(capsys)
    assert line["level"] == "error"
    assert "ValueError: odd" in str(line["exception"])


def test_in_the_plain_form_no_name_forges_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("info", "plain")
    logging.getLogger("a\nlevel='info'").error("x\nevent='forged'")
    assert len(capsys.readouterr().err.splitlines()) == 1
