"""Where the files that ship with the program lie.

templates/ and config/ stand at the top of the repository for people, and
inside the package in a built wheel; everybody else asks here.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]


def folder(name: str) -> Path:
    """The shipped folder ``templates`` or ``config``."""
    packed = PACKAGE / "shipped" / name
    return packed if packed.is_dir() else CHECKOUT / name


def samples() -> list[Path]:
    """The sample bulletins of the demo, in name order."""
    return sorted((PACKAGE / "samples").glob("*.txt"))


def waiting_samples() -> list[Path]:
    """Bulletins that a visitor of the demo may drop, in the order in which they are offered."""
    return sorted((PACKAGE / "samples" / "waiting").glob("*.txt"))


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages that pages and mails can be in: English, whose words the messages are, and those that
    have a catalogue.
    """
    return ("en", *sorted(path.stem for path in (PACKAGE / "locale").glob("*.po")))
