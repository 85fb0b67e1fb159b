"""Sample bulletins, moved to recent days: what the demo starts with, and those that wait to be dropped.

A sample that was dropped is known by its file, in the inbox or where the inbox files it: nothing is kept
here, so any process answers the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import shipped
from feeds.i18n import translator
from feeds.reading.text import dates
from feeds.web.demonstration import Demonstration, Sample

if TYPE_CHECKING:
    from feeds.app.parts import Parts

# Where a dropped file may lie, below the inbox.
_PLACES = ("", "done", "rejected", "held")


def day_of(line: str) -> date | None:
    """The day that a line of its own names."""
    found = dates.parse(line.strip())
    return found if isinstance(found, date) else None


def shifted(text: str, by: timedelta) -> str:
    """A sample bulletin with its date lines moved, each in its own language's form."""
    return "\n".join(_moved(line, by) for line in text.split("\n"))


def _moved(line: str, by: timedelta) -> str:
    day = day_of(line)
    if day is None:
        return line
    words = translator("es" if " de " in line else "en").date(day + by)
    return words if " de " in line else re.sub(r" (\d{4})$", r", \1", words)


def moved_to(day: date, texts: Mapping[str, str]) -> dict[str, str]:
    """Bulletins by name, moved together so that the newest is of that day."""
    newest = max(found for text in texts.values() for line in text.splitlines() if (found := day_of(line)))
    return {name: shifted(text, day - newest) for name, text in texts.items()}


def texts_of(paths: Iterable[Path]) -> dict[str, str]:
    """The bulletins of some files, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def put(inbox: Path, name: str, text: str) -> None:
    """Rename a whole file in, as a careful press office would; its age says that nobody writes to it."""
    temporary = inbox / f".{name}"
    temporary.write_text(text, encoding="utf-8")
    os.utime(temporary, (0, 0))
    temporary.rename(inbox / name)


class WaitingSamples:
    """Samples that a visitor of the demo drops, one after the other."""

    def __init__(self, inbox: Path, now: Callable[[], datetime]) -> None:
        self._inbox = inbox
        self._now = now

    @property
    def folder(self) -> str:
        """Where bulletins are dropped."""
        return str(self._inbox)

    def next(self) -> Sample | None:
        """The first that was not dropped yet, with today's date; None when all were."""
        for path in shipped.waiting_samples():
            if not any((self._inbox / place / path.name).exists() for place in _PLACES):
                ((name, text),) = moved_to(self._now().date(), texts_of([path])).items()
                return Sample(name, text)
        return None

    def drop(self, name: str) -> bool:
        """Drop the sample that is next, if it still is the one of this name; else nothing: it was dropped."""
        sample = self.next()
        if sample is None or sample.name != name:
            return False
        put(self._inbox, sample.name, sample.text)
        return True


def demonstration_of(parts: Parts) -> Demonstration | None:
    """The folder of caught mails, and samples for the inbox; None for a real site."""
    if not parts.settings.web.show_outbox:
        return None
    return Demonstration(parts.outbox, WaitingSamples(parts.inbox.root, lambda: datetime.now(UTC)))
