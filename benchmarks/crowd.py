"""A crowd for benchmarks: places, topics, filters that many share, a list of people, and news for them."""

from __future__ import annotations

import itertools
import random
import sys
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from feeds import filters
from feeds.model import Cadence, Filter, Item, Kind, Label, Term, Vocabulary

COUNTRIES = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200)]
TOPICS = [f"topic-{n}" for n in range(30)]
WORDS = [f"kw{n}" for n in range(500)]
ZONES = (
    "UTC", "America/Panama", "America/Mexico_City", "Europe/Madrid", "Asia/Tokyo", "America/Bogota",
    "America/Lima", "America/Santiago", "Europe/Paris", "Europe/London", "Africa/Lagos", "Asia/Manila",
    "Australia/Sydney", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "Asia/Kolkata", "Africa/Nairobi", "America/Havana",
)  # fmt: skip
ITEMS = 100
NOW = datetime.now(UTC).replace(microsecond=0)


def vocabulary() -> Vocabulary:
    terms = {
        (Kind.COUNTRY, code): Term(kind=Kind.COUNTRY, code=code, names={"en": code}) for code in COUNTRIES
    }
    terms |= {(Kind.TOPIC, slug): Term(kind=Kind.TOPIC, code=slug, names={"en": slug}) for slug in TOPICS}
    return Vocabulary(terms)


VOCABULARY = vocabulary()


def weights(number: int, power: float) -> list[float]:
    return list(itertools.accumulate(1 / n**power for n in range(1, number + 1)))


def some(chance: random.Random, values: list[str], power: float, most: int) -> tuple[str, ...]:
    picked = chance.choices(values, cum_weights=weights(len(values), power), k=chance.randint(1, most))
    return tuple(sorted(set(picked)))


def distinct_filters(number: int, seed: int = 5) -> list[str]:
    """Canonical texts: any of some countries AND any of some topics, one in twenty with a word."""
    chance, made = random.Random(seed), dict[str, None]()
    while len(made) < number:
        wanted = Filter(
            countries=() if chance.random() < 0.08 else some(chance, COUNTRIES, 0.8, 5),
            topics=() if chance.random() < 0.15 else some(chance, TOPICS, 0.6, 4),
            words=(chance.choice(WORDS),) if chance.random() < 0.05 else (),
        )
        made[filters.canonical(wanted)] = None
    return list(made)


def news() -> list[Item]:
    """Items about two countries and two topics, with 80 words each."""
    chance, made = random.Random(7), []
    for number in range(ITEMS):
        labels = [Label(kind=Kind.COUNTRY, code=code) for code in some(chance, COUNTRIES, 0.8, 2)]
        labels += [Label(kind=Kind.TOPIC, code=slug) for slug in some(chance, TOPICS, 0.6, 2)]
        made.append(
            Item(
                id=str(number),
                atom_id=str(number),
                date_on=date(2026, 1, 1),
                title=f"News {number}",
                summary=" ".join(chance.choices(WORDS, k=80)),
                lang="en",
                accepted_at=NOW,
                updated_at=NOW,
                labels=tuple(labels),
            )
        )
    return made


def write_list(path: Path, rows: int, texts: list[str]) -> None:
    """A list of people; a tenth of them want a second thing at another cadence."""
    chance, zipf = random.Random(3), weights(len(texts), 1.0)
    with path.open("w", encoding="utf-8") as file:
        file.write("address,filter,cadence,lang,zone,hour,weekday,consent\n")
        written = number = 0
        while written < rows:
            number += 1
            when = (
                f"{chance.choice(('en', 'es'))},{chance.choice(ZONES)},{chance.randint(6, 8)},monday,old site"
            )
            cadences = chance.sample([each.value for each in Cadence], 2 if chance.random() < 0.1 else 1)
            for cadence in cadences[: rows - written]:
                wanted = chance.choices(texts, cum_weights=zipf)[0]
                file.write(f'person{number}@host{number % 5000}.example.org,"{wanted}",{cadence},{when}\n')
                written += 1
