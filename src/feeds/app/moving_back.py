"""Wiring of the way back from a backup: where the journal lies, who applies it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.app import owners
from feeds.people.departing import Applied, Follower, apply
from feeds.restoring.journal import Journal
from feeds.store import processes

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.store.processes import ProcessRow

# A process says so often that it runs; after three times as long it is taken for dead.
SEEN_EVERY = timedelta(seconds=10)
TAKEN_FOR_DEAD = 3 * SEEN_EVERY


def journal_of(parts: Parts) -> Journal:
    """This host's journal of departures."""
    return Journal(parts.settings.path(parts.settings.store.journal))


def follower_of(parts: Parts) -> Follower:
    """What keeps this host's journal up to date."""
    return Follower(parts.store, parts.tokens, journal_of(parts))


def apply_journals(parts: Parts, others: Sequence[Path] = ()) -> Applied:
    """Do again what the journal of this host, and those of others, know of who left."""
    lines = [line for each in (journal_of(parts), *map(Journal, others)) for line in each.lines()]
    return apply(parts.store, parts.tokens, lines)


def running(parts: Parts, now: datetime) -> list[ProcessRow]:
    """The processes of this site that run, on any host; those that surely ended are left out."""
    with parts.store.read() as conn:
        found = processes.since(conn, now - TAKEN_FOR_DEAD)
    dead = set(owners.dead([row.name for row in found]))
    return [row for row in found if row.name not in dead]
