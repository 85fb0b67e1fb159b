"""What somebody typed -> a wish to join, or every fault in it at once.

One place for `subscribers add`, for the rows of an import, and for the demo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from feeds import filters, schedule
from feeds.cadences import read_cadence
from feeds.config import LANGUAGES, WEEKDAYS
from feeds.errors import InputError, Problem
from feeds.mail.addresses import normal_address
from feeds.model import Vocabulary
from feeds.people.signup import Joining, JoiningDefaults

__all__ = ["JoiningDefaults", "read_joining"]

T = TypeVar("T")


class _Faults:
    """Collects what is wrong, field by field."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, field: str, make: Callable[[], T]) -> T | None:
        """The value, or None and its problems noted."""
        try:
            return make()
        except InputError as error:
            self.problems += [Problem(field, _words(field, problem)) for problem in error.problems]
        except ValueError as error:
            self.problems.append(Problem(field, str(error)))
        return None


def read_joining(row: Mapping[str, str | None], wishes: Sequence[str], vocabulary: Vocabulary) -> Joining:
    """The wish that a row of text fields and its filters express; what is empty they did not say.

    Raises InputError with all faults.
    """
    faults = _Faults()
    given = {key: (value or "").strip() for key, value in row.items()}

    def optional(field: str, make: Callable[[str], T]) -> T | None:
        text = given.get(field, "")
        return faults.read(field, partial(make, text)) if text else None

    address = faults.read("address", lambda: normal_address(given.get("address", "")))
    wanted = [faults.read("filter", partial(filters.parse, text, vocabulary)) for text in wishes or [""]]
    cadence = optional("cadence", read_cadence)
    lang = optional("lang", lambda text: _one_of(text, LANGUAGES))
    zone, hour, weekday = optional("zone", _zone), optional("hour", _hour), optional("weekday", _weekday)
    consent = faults.read("consent", lambda: _consent(given.get("consent", "")))
    if faults.problems:
        raise InputError(faults.problems)
    return Joining(
        address=address or "", filters=tuple(each for each in wanted if each), cadence=cadence,
        lang=lang, zone=zone, hour=hour, weekday=weekday, consent=consent or "",
    )  # fmt: skip


def _words(field: str, problem: Problem) -> str:
    return problem.what if problem.where in ("", field) else str(problem)


def _one_of(value: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}, not “{value}”")
    return value


def _zone(value: str) -> str:
    if not schedule.valid_zone(value):
        raise ValueError(f"must be a time zone such as America/Panama, not “{value}”")
    return value


def _hour(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= 23):
        raise ValueError(f"must be a whole number from 0 to 23, not “{value}”")
    return int(value)


def _weekday(value: str) -> int:
    return WEEKDAYS.index(_one_of(value.lower(), WEEKDAYS)) + 1


def _consent(value: str) -> str:
    if not value:
        raise ValueError("say where and when they asked")
    return value
