"""What somebody typed -> a wish to join, or every fault in it at once (floor 5).

One place for `subscribers add`, for the rows of an import, and for the demo.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from feeds import filters, schedule
from feeds.config import LANGUAGES, WEEKDAYS
from feeds.errors import InputError, Problem
from feeds.mail.addresses import normal_address
from feeds.model import Cadence, Vocabulary
from feeds.signup import Joining

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningDefaults:
    """What counts when a person says nothing: `weekday` is a name such as ``monday``."""

    lang: str
    zone: str
    hour: int
    weekday: str


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


def read_joining(
    row: Mapping[str, str | None], wishes: Sequence[str], defaults: JoiningDefaults, vocabulary: Vocabulary
) -> Joining:
    """The wish that a row of text fields and its filters express. Raises InputError with all faults."""
    faults = _Faults()
    given = {key: (value or "").strip() for key, value in row.items()}
    address = faults.read("address", lambda: normal_address(given.get("address", "")))
    wanted = [faults.read("filter", partial(filters.parse, text, vocabulary)) for text in wishes or [""]]
    cadence = faults.read("cadence", lambda: _one_of(given.get("cadence") or "weekly", list(Cadence)))
    lang = faults.read("lang", lambda: _one_of(given.get("lang") or defaults.lang, LANGUAGES))
    zone = faults.read("zone", lambda: _zone(given.get("zone") or defaults.zone))
    hour = faults.read("hour", lambda: _hour(given.get("hour") or str(defaults.hour)))
    weekday = faults.read(
        "weekday", lambda: _one_of((given.get("weekday") or defaults.weekday).lower(), WEEKDAYS)
    )
    consent = faults.read("consent", lambda: _consent(given.get("consent", "")))
    if faults.problems:
        raise InputError(faults.problems)
    return Joining(
        address=address or "",
        filters=tuple(each for each in wanted if each),
        cadence=Cadence(cadence or "weekly"),
        lang=lang or "",
        zone=zone or "",
        hour=hour or 0,
        weekday=WEEKDAYS.index(weekday or "monday") + 1,
        consent=consent or "",
    )


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


def _consent(value: str) -> str:
    if not value:
        raise ValueError("say where and when they asked")
    return value
