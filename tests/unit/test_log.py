"""The log: one line for each event, whoever says it; in JSON each line is JSON."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
import structlog

from feeds import log


@pytest.fixture(params=["json", "plain"])
def form(request: pytest.FixtureRequest) -> Iterator[str]:
    ours, root, hook = structlog.get_config(), logging.getLogger().handlers[:], threading.excepthook
    yield request.param
    structlog.configure(**ours)
    logging.getLogger().handlers[:] = root
    threading.excepthook = hook
    logging.captureWarnings(False)


def raised() -> None:
    raise ValueError("odd\nvalue")


def test_what_a_library_says_is_one_line_in_the_form_of_ours(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("info", form)
    logging.getLogger("uvicorn.error").error("Exception in %s\nat all", "application")
    try:
        raised()
    except ValueError:
        logging.getLogger("asyncio").exception("Task failed")
    log.get("web").error("page-failed", number=7)
    found = capsys.readouterr().err.splitlines()
    assert len(found) == 3
    if form == "json":
        first, second, third = map(json.loads, found)
        assert first["event"] == second["event"] == "library-says"
        assert (first["library"], first["level"]) == ("uvicorn.error", "error")
        assert first["said"] == "Exception in application\nat all"
        assert first["at"].endswith("Z")
        assert "exception" not in first
        assert "ValueError: odd" in second["exception"]
        assert third["event"] == "page-failed"
    else:
        assert found[0].startswith("at=")
        assert "event='library-says'" in found[0]


def test_a_client_that_speaks_no_http_is_nothing_to_tell(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("info", form)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
    logging.getLogger("apscheduler").warning("missed")
    logging.getLogger("anything").info("well")
    assert capsys.readouterr().err.splitlines() == []


def test_warnings_and_threads_that_end_in_a_fault_are_told_too(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    log.configure("info", form)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        log.catch_strays()
        warnings.warn("old ways", stacklevel=1)
    thread = threading.Thread(target=raised, name="stray")
    thread.start()
    thread.join()
    quiet = threading.Thread(target=sys.exit)
    quiet.start()
    quiet.join()
    found = capsys.readouterr().err.splitlines()
    assert len(found) == 2
    assert "old ways" in found[0]
    assert "thread-failed" in found[1]
    assert "stray" in found[1]
    if form == "json":
        assert [json.loads(line)["event"] for line in found] == ["library-says", "thread-failed"]
        assert not json.loads(found[0])["said"].endswith("\n")
