"""A list of people -> subscribers, in bounded transactions, each statement for many of them at once.

Nobody is taken back by a list: who left, bounced, complained, was blocked or erased is named and left as
they are. Ended in the middle, the same list goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from feeds import filters
from feeds.config import WEEKDAYS
from feeds.errors import Problem
from feeds.model import Audience, Cadence, Habits, SubscriberState, Vocabulary
from feeds.people import ahead, placing, signup
from feeds.people.entries import Entry, EntryReader, Said, judged
from feeds.people.rules import JoiningDefaults
from feeds.people.tables import Row
from feeds.store import Connection, Store, importing
from feeds.store.importing import WantedAudience
from feeds.store.keys import audience_key
from feeds.store.subscribers import SubscriberRow, SubscriptionRow
from feeds.tokens import Tokens

# About how long a transaction holds the one place to write; 0.2 s is the most that others should wait.
BOUND_S = 0.1
_FEWEST, _MOST = 50, 5_000
_REMEMBERED = 100_000

Fault = tuple[int, Problem]
# An audience: when and in which language, as a place in `_Memory.whens`, and its filters.
_What = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """What an import needs from outside; `clock` counts seconds."""

    vocabulary: Vocabulary
    defaults: JoiningDefaults
    tokens: Tokens
    clock: Callable[[], float]


@dataclass(slots=True)
class Imported:
    """How many rows were looked at, how many are in, and the longest a transaction took."""

    rows: int = 0
    good: int = 0
    added: int = 0
    faults: int = 0
    skipped: int = 0
    longest_s: float = 0.0


@dataclass(slots=True)
class _Memory:
    """Ids that were looked up before, in transactions that were committed."""

    filters: dict[str, int] = field(default_factory=dict)
    audiences: dict[_What, int] = field(default_factory=dict)
    periods: dict[Audience, str | None] = field(default_factory=dict)
    habits: dict[tuple[Habits | None, Said], Habits] = field(default_factory=dict)
    bare: dict[tuple[object, ...], int] = field(default_factory=dict)
    whens: list[Audience] = field(default_factory=list)

    def shrink(self) -> None:
        """Forget what has grown too large."""
        for known in (self.filters, self.audiences, self.habits):
            if len(known) > _REMEMBERED:
                known.clear()


def import_rows(
    store: Store,
    rules: ImportRules,
    rows: Iterable[Row],
    reader: EntryReader,
    key: str,
    now: datetime,
    tell: Callable[[Fault], None],
    *,
    dry_run: bool = False,
    report: Imported | None = None,
    in_two: bool = False,
) -> Imported:
    """Take a list in; each fault is told as it is found. `key` names the list, so that it can go on.

    With `dry_run` nothing is stored: rows are judged, also against who is known. `in_two`: in two processes,
    where `ahead.worthwhile` says that this can be.
    """
    report = report if report is not None else Imported()
    with store.read() as conn:
        report.skipped = 0 if dry_run else importing.rows_done(conn, key)
    memory, size, part = _Memory(), _FEWEST, list[Entry]()
    report.rows = report.skipped
    judge = ahead.judged_ahead if in_two else judged
    for one in judge(islice(rows, report.skipped, None), reader):
        report.rows += 1
        if isinstance(one, Entry):
            part.append(one)
        else:
            report.faults += 1
            for problem in one.error.problems:
                tell((one.line, problem))
        if len(part) >= size:
            size = _put(store, rules, memory, part, key, now, tell, report, size, dry_run=dry_run)
            part = []
    _put(store, rules, memory, part, key, now, tell, report, size, dry_run=dry_run)
    if not dry_run:
        store.transact(lambda conn: importing.forget_rows(conn, key))
    return report


def _put(
    store: Store,
    rules: ImportRules,
    memory: _Memory,
    part: Sequence[Entry],
    key: str,
    now: datetime,
    tell: Callable[[Fault], None],
    report: Imported,
    size: int,
    *,
    dry_run: bool,
) -> int:
    """Store one part in a transaction; how many rows the next one should have."""
    begun = rules.clock()
    if dry_run:
        with store.read() as conn:
            known, faults = _judged(conn, rules, part)
            added = len({each.key for each in part} - known.keys() - {e.key for e, _ in faults})
    else:
        memory.shrink()
        rows = report.rows
        added, faults, learnt = store.transact(lambda conn: _part(conn, rules, memory, part, key, rows, now))
        memory.filters |= learnt.filters
        memory.audiences |= learnt.audiences
    took = rules.clock() - begun
    for entry, problem in faults:
        tell((entry.line, problem))
    report.added += added
    report.faults += len(faults)
    report.good += len(part) - len(faults)
    report.longest_s = max(report.longest_s, took)
    wanted = size * BOUND_S / max(took, 0.001)
    return int(min(max(wanted * 0.8, _FEWEST), _MOST, size * 2))


def _part(
    conn: Connection,
    rules: ImportRules,
    memory: _Memory,
    part: Sequence[Entry],
    key: str,
    rows: int,
    now: datetime,
) -> tuple[int, list[tuple[Entry, Problem]], _Memory]:
    """Store one part: how many people are new, what was refused, and the ids that were learnt."""
    importing.make_room(conn)
    known, faults = _judged(conn, rules, part)
    bad = {id(entry) for entry, _ in faults}
    people: dict[str, list[Entry]] = {}
    for entry in part:
        if id(entry) not in bad:
            people.setdefault(entry.key, []).append(entry)
    learnt = _Memory()
    texts = {text for entry in part for text in entry.texts} - memory.filters.keys()
    learnt.filters = importing.filters(conn, texts) if texts else {}
    ids = _Ids(memory, learnt)
    new = {each: entries for each, entries in people.items() if each not in known}
    _new(conn, rules, ids, new, now)
    _more(conn, rules, ids, {each: people[each] for each in people if each in known}, known, now)
    importing.note_rows(conn, key, rows, now)
    return len(new), faults, learnt


@dataclass(slots=True)
class _Ids:
    """Ids by what they stand for, remembered or learnt in this transaction; and what follows from habits."""

    memory: _Memory
    learnt: _Memory

    def filter(self, text: str) -> int:
        found = self.memory.filters.get(text)
        return self.learnt.filters[text] if found is None else found

    def habits(self, entries: Sequence[Entry], defaults: JoiningDefaults) -> Habits:
        """What counts for somebody new: what their rows say, the last one wins, else the defaults."""
        habits: Habits | None = None
        for entry in entries:
            pair = (habits, entry.habits)
            known = self.memory.habits.get(pair)
            if known is None:
                known = self.memory.habits[pair] = _after_row(habits, entry.habits, defaults)
            habits = known
        assert habits is not None
        return habits

    def bare(self, habits: Habits | SubscriberRow, cadence: Cadence) -> int:
        """When and in which language somebody gets what comes at this cadence: its place in `whens`."""
        when = (habits.lang, habits.zone, habits.hour, habits.weekday, cadence)
        known = self.memory.bare.get(when)
        if known is None:
            audience = placing.audience_without_filters(habits, cadence)
            if audience not in self.memory.whens:  # a cadence does not use all of somebody's habits
                self.memory.whens.append(audience)
            known = self.memory.bare[when] = self.memory.whens.index(audience)
        return known

    def period(self, wanted: Audience, now: datetime) -> str | None:
        if wanted not in self.memory.periods:
            self.memory.periods[wanted] = placing.running_period(wanted, now)
        return self.memory.periods[wanted]


def _after_row(habits: Habits | None, said: Said, defaults: JoiningDefaults) -> Habits:
    before = habits or Habits(
        lang=defaults.lang, zone=defaults.zone, hour=defaults.hour,
        weekday=WEEKDAYS.index(defaults.weekday) + 1,
    )  # fmt: skip
    return Habits(
        lang=said.lang or before.lang, zone=said.zone or before.zone,
        hour=before.hour if said.hour is None else said.hour, weekday=said.weekday or before.weekday,
    )  # fmt: skip


def _judged(
    conn: Connection, rules: ImportRules, part: Sequence[Entry]
) -> tuple[dict[str, SubscriberRow], list[tuple[Entry, Problem]]]:
    """Who of a part is known, and which entries nobody may take in."""
    keys = list({entry.key: None for entry in part})
    known = importing.people(conn, keys)
    out = {key: signup.how_they_ended(row) for key, row in known.items() if row.state not in _TAKEN}
    if importing.any_suppressed(conn):
        hashes = {one: key for key in keys for one in rules.tokens.hashes(signup.ADDRESS, key)}
        for one, reasons in importing.suppressed(conn, list(hashes)).items():
            out.setdefault(hashes[one], f"{' and '.join(sorted(reasons))} before")
    faults = [
        (entry, Problem("address", f"{out[entry.key]}: ask them, then use --again"))
        for entry in part
        if entry.key in out
    ]
    return known, faults


_TAKEN = {SubscriberState.ACTIVE, SubscriberState.PENDING}


def _new(
    conn: Connection, rules: ImportRules, ids: _Ids, people: dict[str, list[Entry]], now: datetime
) -> None:
    """Add people whom nobody knew."""
    if not people:
        return
    habits = {key: ids.habits(entries, rules.defaults) for key, entries in people.items()}
    numbers = importing.add(conn, [_subscriber(e, habits[key], now) for key, e in people.items()], now)
    wishes: list[_Wish] = []
    places: list[_Place] = []
    for key, entries in people.items():
        _place(ids, numbers[key], habits[key], _wishes(entries), wishes, places)
    _store(conn, ids, wishes, places, now)


_Wish = tuple[int, int, str, str | None]
_VALUES = {each: each.value for each in Cadence}
_Place = tuple[int, _What]


def _place(
    ids: _Ids,
    number: int,
    habits: Habits | SubscriberRow,
    theirs: Mapping[str, tuple[Cadence, str | None]],
    wishes: list[_Wish],
    places: list[_Place],
) -> None:
    """Note what somebody wants and the audiences that follow from it."""
    by_cadence: dict[Cadence, list[str]] = {}
    for text, (cadence, name) in theirs.items():
        wishes.append((number, ids.filter(text), _VALUES[cadence], name))
        by_cadence.setdefault(cadence, []).append(text)
    for cadence, texts in by_cadence.items():
        places.append((number, (ids.bare(habits, cadence), tuple(sorted(texts)))))


def _store(
    conn: Connection, ids: _Ids, wishes: Sequence[_Wish], places: Sequence[_Place], now: datetime
) -> None:
    importing.subscribe(conn, wishes, now)
    known, learnt = ids.memory.audiences, ids.learnt.audiences
    missing = {what: None for _, what in places if what not in known and what not in learnt}
    if missing:
        whens = ids.memory.whens
        by_key = {audience_key(whens[what[0]], what[1]): what for what in missing}
        wanted = {
            key: WantedAudience(whens[when], texts, ids.period(whens[when], now))
            for key, (when, texts) in by_key.items()
        }
        filter_ids = {text: ids.filter(text) for _, texts in missing for text in texts}
        found = importing.audiences(conn, wanted, filter_ids, now)
        learnt.update((by_key[key], number) for key, number in found.items())
    importing.enter(conn, [(who, known.get(what) or learnt[what]) for who, what in places], now)


def _subscriber(
    entries: Sequence[Entry], habits: Habits, now: datetime
) -> tuple[str, str, str, str, int, int, str]:
    first = entries[0]
    consent = first.consent
    if len(entries) > 1:
        newest, *earlier = list(dict.fromkeys(entry.consent for entry in entries))[::-1]
        consent = "\n".join([newest, *(f"{now:%Y-%m-%dT%H:%M:%SZ}: {each}" for each in earlier)])
    return (
        first.address, first.key, habits.lang, habits.zone, habits.hour, habits.weekday, consent,
    )  # fmt: skip


def _wishes(entries: Sequence[Entry]) -> dict[str, tuple[Cadence, str | None]]:
    """What somebody new wants: by filter how often, and its name; what is said last wins."""
    found: dict[str, tuple[Cadence, str | None]] = {}
    for entry in entries:
        for text in entry.texts:
            before = found.get(text, (Cadence.WEEKLY, None))
            found[text] = (entry.habits.cadence or before[0], entry.name or before[1])
    return found


def _more(
    conn: Connection,
    rules: ImportRules,
    ids: _Ids,
    people: dict[str, list[Entry]],
    known: dict[str, SubscriberRow],
    now: datetime,
) -> None:
    """More for people who are there. Only what a list seldom says takes one statement after the other."""
    if not people:
        return
    held = importing.subscriptions_of(conn, [known[key].id for key in people])
    wishes: list[_Wish] = []
    places: list[_Place] = []
    for key, entries in people.items():
        person, rows = known[key], held.get(known[key].id, [])
        theirs = _added(person, rows, entries, rules.vocabulary)
        if theirs is None:
            for entry in entries:
                signup.join_in(conn, _joining(entry), rules.defaults, now, vocabulary=rules.vocabulary)
        elif theirs:
            _place(ids, person.id, person, theirs, wishes, places)
    _store(conn, ids, wishes, places, now)


def _added(
    person: SubscriberRow, rows: Sequence[SubscriptionRow], entries: Sequence[Entry], vocabulary: Vocabulary
) -> dict[str, tuple[Cadence, str | None]] | None:
    """What somebody known gets in addition: nothing, if they have it all. None if anything else changes."""
    if person.state is not SubscriberState.ACTIVE or vocabulary.renamed:
        return None
    now_held = {row.filter_text: row for row in rows}
    more: dict[str, tuple[Cadence, str | None]] = {}
    for entry in entries:
        if _says_more(person, entry):
            return None
        for text in entry.texts:
            row = now_held.get(text)
            if row is None:
                before = more.get(text, (Cadence.WEEKLY, None))
                more[text] = (entry.habits.cadence or before[0], entry.name or before[1])
            elif entry.habits.cadence not in (None, row.cadence) or (entry.name and entry.name != row.name):
                return None
    running = {row.cadence for row in rows if row.paused_until is None}
    return None if running & {cadence for cadence, _ in more.values()} else more


def _says_more(person: SubscriberRow, entry: Entry) -> bool:
    """Whether a row changes more of somebody than what they want."""
    said = entry.habits
    other = (
        said.lang not in (None, person.lang) or said.zone not in (None, person.zone)
        or said.hour not in (None, person.hour) or said.weekday not in (None, person.weekday)
    )  # fmt: skip
    proofs = signup.proofs_with(person.consent, person.consent_at, entry.consent, always=False)
    return other or proofs is not None


def _joining(entry: Entry) -> signup.Joining:
    said = entry.habits
    return signup.Joining(
        address=entry.address, filters=tuple(map(filters.of_canonical, entry.texts)), cadence=said.cadence,
        lang=said.lang, zone=said.zone, hour=said.hour, weekday=said.weekday, consent=entry.consent,
        name=entry.name,
    )  # fmt: skip
