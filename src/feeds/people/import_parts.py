"""One part of a list -> rows: people, what they want, and their audiences, each statement for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from feeds import filters
from feeds.errors import Problem
from feeds.model import Cadence, Habits, SubscriberState, Vocabulary
from feeds.people import signup
from feeds.people.entries import Entry
from feeds.people.import_memory import Ids, Memory, What
from feeds.people.rules import JoiningDefaults
from feeds.store import Connection, importing
from feeds.store.keys import key_after
from feeds.store.subscribers import SubscriberRow, SubscriptionRow
from feeds.tokens import Tokens

# What was refused, and why.
Faults = list[tuple[Entry, Problem]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """What an import needs from outside; `clock` counts seconds."""

    vocabulary: Vocabulary
    defaults: JoiningDefaults
    tokens: Tokens
    clock: Callable[[], float]


def put(
    conn: Connection,
    rules: ImportRules,
    memory: Memory,
    part: Sequence[Entry],
    key: str,
    rows: int,
    now: datetime,
) -> tuple[int, Faults, Memory]:
    """Store one part: how many people are new, what was refused, and the ids that were learnt."""
    importing.make_room(conn)
    known, faults = judge(conn, rules, part)
    bad = {id(entry) for entry, _ in faults}
    people: dict[str, list[Entry]] = {}
    for entry in part:
        if not bad or id(entry) not in bad:
            people.setdefault(entry.key, []).append(entry)
    learnt = Memory()
    texts = {text for entry in part for text in entry.texts if text not in memory.filters}
    learnt.filters = importing.filters(conn, texts) if texts else {}
    ids = Ids(memory, learnt)
    new = [entries for each, entries in people.items() if each not in known]
    _new(conn, rules, ids, new, now)
    if known:
        _more(conn, rules, ids, {each: people[each] for each in people if each in known}, known, now)
    importing.note_rows(conn, key, rows, now)
    return len(new), faults, learnt


def judge(
    conn: Connection, rules: ImportRules, part: Sequence[Entry]
) -> tuple[dict[str, SubscriberRow], Faults]:
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
    conn: Connection, rules: ImportRules, ids: Ids, people: Sequence[Sequence[Entry]], now: datetime
) -> None:
    """Add people whom nobody knew."""
    if not people:
        return
    rows: list[_Person] = []
    wishes: list[_Wish] = []
    places: list[_Place] = []
    for number, entries in zip(importing.numbers_for(conn, len(people)), people, strict=True):
        first = entries[0]
        if len(entries) == 1:
            habits, cadence, when = ids.lone(first.habits, rules.defaults, now)
            texts = first.texts
            wishes += [(number, ids.filter(text), cadence, first.name) for text in texts]
            places.append((number, (when, texts if len(texts) == 1 else tuple(sorted(texts)))))
        else:
            habits = ids.habits(entries, rules.defaults)
            _place(ids, number, habits, _wishes(entries), wishes, places, now)
        rows.append(
            (number, first.address, first.key, habits.lang, habits.zone, habits.hour, habits.weekday,
             first.consent if len(entries) == 1 else _consents(entries, now))
        )  # fmt: skip
    importing.add(conn, rows, now)
    _store(conn, ids, wishes, places, now)


_Person = tuple[int, str, str, str, str, int, int, str]
_Wish = tuple[int, int, str, str | None]
_Place = tuple[int, What]


def _place(
    ids: Ids,
    number: int,
    habits: Habits | SubscriberRow,
    theirs: Mapping[str, tuple[Cadence, str | None]],
    wishes: list[_Wish],
    places: list[_Place],
    now: datetime,
) -> None:
    """Note what somebody wants and the audiences that follow from it."""
    by_cadence: dict[Cadence, list[str]] = {}
    for text, (cadence, name) in theirs.items():
        wishes.append((number, ids.filter(text), cadence.value, name))
        by_cadence.setdefault(cadence, []).append(text)
    for cadence, texts in by_cadence.items():
        places.append((number, (ids.bare(habits, cadence, now), tuple(sorted(texts)))))


def _store(
    conn: Connection, ids: Ids, wishes: Sequence[_Wish], places: Sequence[_Place], now: datetime
) -> None:
    importing.subscribe(conn, wishes, now)
    known, learnt = ids.memory.audiences, ids.learnt.audiences
    missing = {what: None for _, what in places if what not in known and what not in learnt}
    if missing:
        whens = ids.memory.whens
        by_key = {key_after(whens[when].head, texts): (when, texts) for when, texts in missing}
        wanted = {
            key: (whens[when].times, [ids.filter(text) for text in texts])
            for key, (when, texts) in by_key.items()
        }
        found = importing.audiences(conn, wanted, now)
        learnt.update((by_key[key], number) for key, number in found.items())
    importing.enter(conn, [(who, known.get(what) or learnt[what]) for who, what in places], now)


def _consents(entries: Sequence[Entry], now: datetime) -> str:
    """The proofs of several rows as one text, the newest first."""
    newest, *earlier = list(dict.fromkeys(entry.consent for entry in entries))[::-1]
    return "\n".join([newest, *(f"{now:%Y-%m-%dT%H:%M:%SZ}: {each}" for each in earlier)])


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
    ids: Ids,
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
            _place(ids, person.id, person, theirs, wishes, places, now)
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
