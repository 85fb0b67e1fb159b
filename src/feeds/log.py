"""Logging set-up: structlog to stderr, plain for people or JSON for machines.

Every event has a stable name (docs/operating.md lists them) and key=value
fields. Values are escaped, so no file name can forge a line (T17). Addresses
are never logged; deliveries and subscribers are named by number.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def configure(level: str = "info", form: str = "plain") -> None:
    """Set up logging once per process. `form` is ``plain`` or ``json``."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=True)
    if form == "plain":
        renderer = structlog.processors.KeyValueRenderer(key_order=["at", "level", "event"])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        # Looked up at each line: whoever replaced sys.stderr meanwhile is obeyed.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries log through the standard library: only their warnings are ours to show.
    logging.basicConfig(level=logging.WARNING, handlers=[_Libraries()], force=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


class _Libraries(logging.Handler):
    """What libraries say, as lines of our own log: of one form, and no name can forge one."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(room=record.name)
        if record.levelno >= logging.ERROR:
            logger.error("library", said=record.getMessage(), exc_info=record.exc_info)
        else:
            logger.warning("library", said=record.getMessage())


def get(room: str) -> Any:
    """A logger for one room."""
    return structlog.get_logger(room=room)
