"""Rows of a list -> what each person wants, judged by the same rules as a single `subscribers add`.

What many rows say alike (a filter, a zone) is judged once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from feeds import filters
from feeds.errors import InputError, Problem
from feeds.mail.addresses import address_key, normal_address
from feeds.model import Cadence, Vocabulary
from feeds.people.joining import read_joining
from feeds.people.signup import Joining
from feeds.people.tables import Row

# What is remembered of rows that were judged; a list with more distinct ones is only slower. Each person may
# have a proof of their own, which nobody else's row repeats.
_REMEMBERED, _PROOFS = 50_000, 5_000
_HABITS = ("cadence", "lang", "zone", "hour", "weekday")


# The cells of these columns as they stand; what is the same is judged once.
_Spelt = tuple[str | None, ...]


class Said(NamedTuple):
    """What a row says of how somebody wants their mail; None: nothing."""

    cadence: Cadence | None
    lang: str | None
    zone: str | None
    hour: int | None
    weekday: int | None


@dataclass(slots=True)
class Entry:
    """A row that is good: `texts` are canonical filters."""

    line: int
    address: str
    key: str
    texts: tuple[str, ...]
    habits: Said
    consent: str
    name: str | None


@dataclass(slots=True)
class Refused:
    """A row that is not good, with all its faults."""

    line: int
    error: InputError


class EntryReader:
    """Judges rows. `consent` and `filters` count for rows that have none; `lang` and the others likewise."""

    def __init__(
        self, vocabulary: Vocabulary, consent: str, wishes: Sequence[str], given: Mapping[str, str | None]
    ) -> None:
        self._vocabulary = vocabulary
        self._consent = " ".join(consent.split())
        self._wishes = ";".join(wishes)
        self._given = {name: value or "" for name, value in given.items()}
        self._texts: dict[str, tuple[str, ...]] = {}
        self._habits: dict[_Spelt, Said] = {}
        self._proofs: dict[tuple[str | None, str | None, str | None], str] = {}

    def check(self) -> None:
        """Raises InputError for what is given for all rows and is wrong: once, not for each of them."""
        given = {name: self._given.get(name, "") for name in _HABITS} | {
            "address": "a@example.org",
            "consent": "x",
        }
        wishes = [text for text in self._wishes.split(";") if text.strip()]
        read_joining(given, wishes or ["all"], self._vocabulary)

    def read(self, row: Row) -> Entry:
        """The entry of a row. Raises InputError with all its faults."""
        if row.fault:
            raise InputError([Problem("", row.fault)])
        get = row.cells.get
        said = get("filter") or self._wishes
        spelt = (get("cadence"), get("lang"), get("zone"), get("hour"), get("weekday"))
        texts, habits = self._texts.get(said), self._habits.get(spelt)
        consent = self._proof(get("consent"), get("evidence"), get("sure"))
        if texts is None or habits is None or not consent:
            texts, habits = self._judge(row.cells, said, spelt, consent)
        try:
            address = normal_address(get("address") or "")
        except InputError:
            self._judge(row.cells, said, spelt, consent)  # raises with all that is wrong
            raise
        name = (get("name") or "").strip() or None
        return Entry(row.line, address, address_key(address), texts, habits, consent, name)

    def _proof(self, own: str | None, evidence: str | None, sure: str | None) -> str:
        known = self._proofs.get((own, evidence, sure))
        if known is None:
            if len(self._proofs) >= _PROOFS:
                self._proofs.clear()
            text = " ".join((own or "").split()) or self._consent
            parts = (text, evidence) if text or sure else ()
            known = self._proofs[own, evidence, sure] = "; ".join(part for part in parts if part)
        return known

    def _judge(
        self, cells: Mapping[str, str], said: str, spelt: _Spelt, consent: str
    ) -> tuple[tuple[str, ...], Said]:
        made = self._joining(cells, said, spelt, consent)
        if len(self._texts) >= _REMEMBERED:
            self._texts.clear()
        texts = self._texts[said] = tuple(dict.fromkeys(map(filters.canonical, made.filters)))
        if len(self._habits) >= _REMEMBERED:
            self._habits.clear()
        habits = Said(made.cadence, made.lang, made.zone, made.hour, made.weekday)
        self._habits[spelt] = habits
        return texts, habits

    def _joining(self, cells: Mapping[str, str], said: str, spelt: _Spelt, consent: str) -> Joining:
        row = {
            name: (cell or self._given.get(name, "")).strip()
            for name, cell in zip(_HABITS, spelt, strict=True)
        }
        row |= {"address": cells.get("address", ""), "consent": consent}
        wishes = [text.strip() for text in said.split(";") if text.strip()]
        return read_joining(row, wishes, self._vocabulary)


def judged(rows: Iterable[Row], reader: EntryReader) -> Iterator[Entry | Refused]:
    """Each row as it was judged."""
    for row in rows:
        try:
            yield reader.read(row)
        except InputError as error:
            yield Refused(row.line, error)
