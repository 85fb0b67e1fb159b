"""What a running site would stumble over: other processes, clocks, zone data, an address out of reach."""

from __future__ import annotations

import os
import re
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import __version__
from feeds.app import coming_back, moving_back
from feeds.app.presence import fingerprint
from feeds.model import SubscriberState
from feeds.store import copies, processes, subscribers

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.store.processes import ProcessRow
    from feeds.store.subscribers import SubscriberRow

# Leases, digests and links are reckoned by the clocks of all hosts.
CLOCK_MAY_BE_OFF = timedelta(seconds=2)
ZONES_MAY_BE_OLD = timedelta(days=730)
ANSWERS_WITHIN_S = 5.0
_VERSION = re.compile(r"(\d{4})([a-z])")


def warnings(parts: Parts, clock: Callable[[], datetime]) -> Iterator[str]:
    """All of it, in sentences; nothing: all is well. Asks the site's own address if a web process runs."""
    now = clock()
    rows = moving_back.running(parts, now)
    yield from of_processes(rows, fingerprint(parts.settings), __version__)
    with parts.store.read() as conn:
        before = clock()
        told = processes.clock_now(conn)
        yield from of_clock(outside(told, before, clock()), "the database's host")
        copy = copies.standing(conn)
    for row in rows:
        yield from of_clock(max(row.seen_at - clock(), timedelta()), row.host)
    if copy is not None:
        yield f"the database is a restored copy ({copy}): no mail leaves until `feeds restore --go`"
    yield from of_zones(zone_version(), now)
    yield from of_alarms(parts)
    if any("web" in row.roles.split(",") for row in rows):
        yield from of_address(parts.settings.site.base_url, clock)


def of_alarms(parts: Parts) -> Iterator[str]:
    """Alarms that could not leave, and a canary to whom nothing is sent, so that it misses nothing."""
    settings = parts.settings
    section = settings.alarms
    if section.to and settings.mail.transport == "smtp" and not section.host:
        yield (
            "alarms.host is empty: while the mail server is away, nobody is mailed that it is; "
            "name another server there"
        )
    if section.canary:
        box = settings.bounces
        if not (box.maildir or box.imap_host):
            yield (
                f"alarms.canary is {section.canary}, and [bounces] names no box: "
                "each of its digests will be missed"
            )
        with parts.store.read() as conn:
            person = subscribers.by_address(conn, coming_back.canary_of(settings))
            wishes = subscribers.subscriptions_of(conn, person.id) if person else []
        yield from of_canary(section.canary, person, [each.paused_until for each in wishes])


def of_canary(address: str, person: SubscriberRow | None, paused: Sequence[datetime | None]) -> Iterator[str]:
    """Why nothing is sent to the canary; `paused`: until when, for each of its subscriptions."""
    add = f"feeds subscribers add {address} --filter all --cadence daily --consent 'ours'"
    if person is None:
        yield f"alarms.canary is no subscriber, so no alarm can come of it: {add}"
    elif person.state is not SubscriberState.ACTIVE:
        yield f"alarms.canary gets no mail, it is {person.state}: {add} --again"
    elif not paused:
        yield f"alarms.canary has no subscription that brings mail: {add}"
    elif all(paused):
        yield f"alarms.canary is paused: feeds subscribers resume {address}"


def of_processes(rows: Iterable[ProcessRow], settings: str, version: str) -> Iterator[str]:
    """Processes that work by something else than the files say now."""
    for row in rows:
        who = f"a process on {row.host} ({row.roles}), started {row.started_at:%Y-%m-%d %H:%M} UTC,"
        if row.restart_for:
            yield f"{who} must be restarted for: {row.restart_for.replace(' ', ', ')}"
        elif row.version != version:
            yield f"{who} is of version {row.version}, this is {version}: restart it"
        elif row.settings != settings:
            yield f"{who} runs with other settings: restart it, or compare config/ of the two hosts"


def outside(told: datetime, before: datetime, after: datetime) -> timedelta:
    """How far a clock that was asked between two instants of ours stands from them; nothing in between."""
    if told < before:
        return told - before
    return max(told - after, timedelta())


def of_clock(ahead: timedelta, where: str) -> Iterator[str]:
    """A clock that differs from ours."""
    if abs(ahead) > CLOCK_MAY_BE_OFF:
        word = "ahead of" if ahead > timedelta() else "behind"
        seconds = abs(ahead).total_seconds()
        yield f"the clock of {where} is {seconds:.0f} s {word} this one: set both by NTP (timedatectl)"


def of_zones(version: str | None, now: datetime) -> Iterator[str]:
    """Zone data so old that some country's clocks may have changed since."""
    found = _VERSION.fullmatch(version or "")
    if found is None:
        return
    letter = ord(found[2]) - ord("a")
    # The letters of a year come about every two months.
    made = datetime(int(found[1]), 1, 1, tzinfo=now.tzinfo) + timedelta(days=60 * letter)
    if now - made > ZONES_MAY_BE_OLD:
        yield f"zone data is of {version}: digests may come an hour early or late; update the package tzdata"


def zone_version() -> str | None:
    """Of the zone data that Python uses, such as 2026a; None if it does not say."""
    places = os.environ.get("PYTHONTZPATH") or sysconfig.get_config_var("TZPATH") or ""
    for folder in map(Path, filter(None, places.split(os.pathsep))):
        for name, start in (("tzdata.zi", "# version "), ("+VERSION", "")):
            try:
                with (folder / name).open(encoding="ascii") as file:
                    return file.readline().strip().removeprefix(start)
            except (OSError, UnicodeDecodeError):
                continue
        if (folder / "UTC").exists():
            return None  # zones are there, and no word of their age
    return _packaged_version()


def _packaged_version() -> str | None:
    """Of the package tzdata, which Python takes where the system has none."""
    try:
        return str(import_module("tzdata").IANA_VERSION)
    except (ModuleNotFoundError, AttributeError):
        return None


def of_address(base_url: str, clock: Callable[[], datetime]) -> Iterator[str]:
    """Whether readers reach the site under its own address, and what its web server's clock says."""
    url, before = f"{base_url}/health", clock()
    try:
        with urllib.request.urlopen(url, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310 (our own address)
            date = answer.headers.get("Date")
    except (OSError, ValueError) as error:
        yield f"site.base_url: {url} cannot be reached ({_why(error)}): links in mails and feeds lead there"
        return
    if date:
        yield from of_clock(outside(parsedate_to_datetime(date), before, clock()), "the web server")


def _why(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"it answers {error.code}"
    reason = getattr(error, "reason", None) or error
    return str(getattr(reason, "strerror", None) or reason)
