"""Logging set-up: structlog to stderr, plain for people or JSON for machines.

Every event has a stable name (docs/operating.md lists them) and key=value
fields. Values are escaped, so no file name can forge a line (T17). Addresses
are never logged; deliveries and subscribers are named by number. What
libraries say has the same form, so that every line of a JSON log is JSON.

structlog is imported with the first line that is logged: a command that has nothing to say starts sooner.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


def configure(level: str = "info", form: str = "plain") -> None:
    """Set up logging once per process. `form` is ``plain`` or ``json``."""
    import structlog

    writing: list[Any] = [structlog.processors.format_exc_info, _renderer(form)]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            *writing,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        # Looked up at each line: whoever replaced sys.stderr meanwhile is obeyed.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library: only their warnings are ours to show.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsOurs(writing))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # A client that speaks no HTTP, or goes away in mid-word, is nothing that an operator could mend.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def catch_strays() -> None:
    """What no log gets by itself in a long-running process: warnings, and what ends a thread."""
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed


class _Room:
    """What a room logs with: `info`, `warning`, `error` and their like are structlog's."""

    def __init__(self, room: str) -> None:
        self._room = room

    def __getattr__(self, name: str) -> Any:
        import structlog

        return getattr(structlog.get_logger(room=self._room), name)


def get(room: str) -> Any:
    """A logger for one room."""
    return _Room(room)


def _renderer(form: str) -> Any:
    import structlog

    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=True)
    return structlog.processors.KeyValueRenderer(key_order=["at", "level", "event"])


class AsOurs(logging.Formatter):
    """A line of a library in the form of ours: the event `library-says`, with its words as a field."""

    def __init__(self, writing: Sequence[Any]) -> None:
        """`writing`: the processors that make a line of an event."""
        super().__init__()
        self._writing = writing

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever was raised."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        said: Any = {
            "event": "library-says", "level": record.levelname.lower(), "at": at,
            "library": record.name, "said": record.getMessage().rstrip(), "exc_info": record.exc_info,
        }  # fmt: skip
        for process in self._writing:
            said = process(None, record.levelname.lower(), said)
        return str(said)


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    """What ends a thread of a library is told like anything else."""
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        name = args.thread.name if args.thread else "?"
        logger = get("running")
        logger.error("thread-failed", thread=name, exc_info=args.exc_value)
