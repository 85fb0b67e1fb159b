"""How much a filter brings, told before somebody asks for it: by what matched it in the last year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from feeds import filters
from feeds.model import Filter, Item, Kind, Vocabulary
from feeds.store import Store, matches

_YEAR = timedelta(days=365)
_MONTH_DAYS = 365 / 12
_LEAST_DAYS = 30
# A filter that has more than this is told as a firehose long before; without labels more must be looked at.
_LOOKED_AT = 300
_LOOKED_AT_WITHOUT_LABELS = 1000
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What matched in the last year: how many, and about how many that is in a month."""

    number: int
    a_month: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate(Amount):
    """The same with the newest five; `number` is `at_least` so many, if we stopped looking."""

    at_least: bool
    newest: tuple[Item, ...]


def amount(number: int, today: date, oldest: date | None) -> Amount:
    """So many items dated within the last year (`a_year_before`), on a site whose oldest is of that day."""
    return Amount(number=number, a_month=number * _MONTH_DAYS / _reckoned_days(today, oldest))


def a_year_before(today: date) -> date:
    """The first day that is looked at."""
    return today - _YEAR


def estimate(store: Store, vocabulary: Vocabulary, wanted: Filter, now: datetime) -> Estimate:
    """What a filter brings."""
    today = now.date()
    limit = _LOOKED_AT if wanted.countries or wanted.regions or wanted.topics else _LOOKED_AT_WITHOUT_LABELS
    countries, regions = _reached(wanted, vocabulary)
    slugs = [
        one
        for slug in wanted.topics
        for one in (slug, *vocabulary.formerly(Kind.TOPIC, vocabulary.current(Kind.TOPIC, slug)))
    ]
    topics = {*slugs, *(vocabulary.current(Kind.TOPIC, slug) for slug in wanted.topics)}
    with store.read() as conn:
        looked_at = matches.candidates(conn, wanted, countries, regions, topics, a_year_before(today), limit)
        oldest = matches.oldest_on(conn)
    found = [each for each in looked_at if filters.match(wanted, each, vocabulary)]
    stopped = len(looked_at) == limit
    days = max((today - looked_at[-1].date_on).days, 1) if stopped else _reckoned_days(today, oldest)
    return Estimate(
        number=len(found),
        at_least=stopped,
        a_month=len(found) * _MONTH_DAYS / days,
        newest=tuple(found[:SHOWN]),
    )


def _reckoned_days(today: date, oldest: date | None) -> int:
    """A site that is younger than a year is reckoned by its own time, or its months would look empty."""
    age = (today - oldest).days if oldest else _YEAR.days
    return min(max(age, _LEAST_DAYS), _YEAR.days)


def _reached(wanted: Filter, vocabulary: Vocabulary) -> tuple[set[str], set[str]]:
    """The countries and regions whose labels can make an item match."""
    countries, regions = set(wanted.countries), set(wanted.regions)
    for code in wanted.regions if wanted.members else ():
        term = vocabulary.get(Kind.REGION, code)
        countries |= set(term.members) if term else set()
        regions |= set(vocabulary.within(code))
    return countries, regions
