"""Embargo and end: nothing is outside before its minute, nor after its time, whatever a person decides."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from conftest import RunFeeds
from feeds import changes, config, filters
from feeds.app.offices import next_by_itself
from feeds.app.parts import Parts
from feeds.composing.compose import compose
from feeds.intake.embargoing import lift_embargo, set_embargo
from feeds.intake.folders import WatchedFolder
from feeds.intake.ingest import ingest_ready
from feeds.intake.letting_go import release_now
from feeds.model import CLOCK, WAITS, Act, Cadence
from feeds.office import editing
from feeds.office.lapsing import lapse
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.store import audit, items
from feeds.store.schema import delivery
from feeds.web import create_app
from holding import NOW, ingest, put, rows, summaries
from postgres import schemas

TEXT = (
    "---\ntitle: The minister of Panama resigns\ndate: 2026-11-18\n{line}\n---\n\n"
    "Nobody may read Xylographica yet.\n"
)
UNTIL = datetime(2026, 12, 1, 11, tzinfo=UTC)
MINUTE = "embargo: 2026-12-01 06:00 America/Panama"


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, founded: Path, tables: object) -> Iterator[Parts]:
    """A new site on each database."""
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        if request.param == "postgresql":
            patched.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        shutil.copytree(founded, tmp_path / "site")
        parts = Parts(config.load(tmp_path / "site" / "config" / "feeds.toml"))
        parts.__dict__["_labels"] = tables
        parts.store.migrate()
        yield parts
        parts.reader.close()
        parts.store.close()


@pytest.fixture
def folder(site: Parts) -> WatchedFolder:
    (folder,) = site.watched_folders
    return folder


def minutes_to(at: datetime) -> int:
    return int((at - NOW).total_seconds()) // 60


def joined(site: Parts) -> None:
    joining = signup.Joining(
        address="ana@example.org", filters=(filters.parse("all"),), cadence=Cadence.IMMEDIATE, lang="en",
        zone="UTC", hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    signup.join(site.store, joining, site.joining_defaults, NOW - timedelta(days=1))


def asked(site: Parts, path: str) -> tuple[int, str]:
    client = TestClient(create_app(site.web_parts()), base_url="http://127.0.0.1:8000")
    answer = client.get(path)
    return answer.status_code, answer.text


PLACES = (
    "/", "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/country/pa/", "/feeds/country/pa.atom",
    "/feeds/unlabelled.atom", "/search?q=Xylographica", "/filter?words=xylographica",
    "/filter.atom?words=xylographica", "/sitemap.xml", "/feeds.opml", "/directory/", "/digests/",
)  # fmt: skip


def test_nothing_of_it_is_outside_before_its_minute(site: Parts, folder: WatchedFolder) -> None:
    joined(site)
    put(folder, TEXT.format(line=MINUTE), "a.md")
    ingest(folder)
    publish(site.store, site.press)
    compose(site.store, site.compose_rules, UNTIL - timedelta(seconds=1))
    item_id = changes.item_id(changes.identity(NOW.date(), "The minister of Panama resigns"))
    for place in PLACES:
        _, page = asked(site, place)
        assert "minister" not in page.lower(), place
        assert item_id not in page, place
    guessed, made_up = asked(site, f"/items/{item_id}/"), asked(site, f"/items/{item_id[::-1]}/")
    assert guessed[0] == 404
    assert guessed == made_up
    with site.store.read() as conn:
        assert conn.execute(select(delivery.c.id)).all() == []

    ingest(folder, minutes_to(UNTIL))
    publish(site.store, site.press)
    compose(site.store, site.compose_rules, UNTIL + timedelta(seconds=5))
    assert (asked(site, f"/items/{item_id}/"))[0] == 200
    assert "<published>2026-12-01T11:00:00Z</published>" in (asked(site, "/feeds/all.atom"))[1]
    with site.store.read() as conn:
        assert len(conn.execute(select(delivery.c.id)).all()) == 1


def restarted(site: Parts) -> WatchedFolder:
    """The folder of a process that knows nothing but what is stored."""
    parts = Parts(config.load(site.settings.file))
    parts.__dict__.update({"store": site.store, "_labels": site.__dict__["_labels"]})
    return parts.watched_folders[0]


@pytest.mark.parametrize(
    ("day", "at"),
    [
        ("2026-03-28", datetime(2026, 3, 28, 5, tzinfo=UTC)),
        ("2026-03-29", datetime(2026, 3, 29, 4, tzinfo=UTC)),  # the clocks of Madrid went forward at two
    ],
)
def test_the_minute_is_that_of_the_zone_through_a_change_of_its_clock_and_restarts(
    site: Parts, folder: WatchedFolder, day: str, at: datetime
) -> None:
    path = folder.inbox.root / "a.md"
    path.write_text(TEXT.format(line=f"embargo: {day} 06:00 Europe/Madrid"), encoding="utf-8")
    os.utime(path, (1, 1))
    ingest_ready(folder, lambda: datetime(2026, 3, 1, tzinfo=UTC))
    assert [row.embargo_at for row in rows(folder)] == [at]
    ingest_ready(restarted(site), lambda: at - timedelta(seconds=1))
    assert summaries(folder) == []
    ingest_ready(restarted(site), lambda: at)
    with site.store.read() as conn:
        (item,) = items.listing(conn, limit=9)
    assert item.not_before == at
    assert item.accepted_at - at < timedelta(seconds=1)


def test_a_person_sets_changes_and_lifts_an_embargo_whatever_the_head_says(
    site: Parts, folder: WatchedFolder
) -> None:
    put(folder, TEXT.format(line=MINUTE), "a.md")
    ingest(folder)
    (row,) = rows(folder)
    later = UNTIL + timedelta(days=1)
    assert set_embargo(site.store, row.id, later, NOW)
    ingest(folder, minutes_to(UNTIL))
    assert summaries(folder) == []
    assert lift_embargo(site.store, row.id, timedelta(minutes=10), UNTIL)
    ingest(folder, minutes_to(UNTIL) + 9)
    assert summaries(folder) == []
    (done,) = ingest(folder, minutes_to(UNTIL) + 10).receipts
    assert len(summaries(folder)) == 1
    assert [line.fault for line in done.lines if line.fault] == []
    with site.store.read() as conn:
        assert [line.act for line in audit.listing(conn, limit=9)][::-1] == [
            Act.EMBARGOED,
            Act.EMBARGO_LIFTED,
        ]
    assert not set_embargo(site.store, row.id, later, UNTIL)
    assert not lift_embargo(site.store, row.id, timedelta(0), UNTIL)


def test_releasing_moves_no_embargo_that_a_person_set(site: Parts, folder: WatchedFolder) -> None:
    put(folder, TEXT.format(line=MINUTE), "a.md")
    ingest(folder)
    (row,) = rows(folder)
    later = UNTIL + timedelta(days=1)
    set_embargo(site.store, row.id, later, NOW)
    release_now(site.store, row.id, NOW)
    ingest(folder, 1)
    assert rows(folder)[0].receipt.held_until == later
    assert len(ingest(folder, minutes_to(later)).receipts) == 1
    with site.store.read() as conn:
        (item,) = items.listing(conn, limit=9)
    assert item.not_before == later


def test_an_embargo_lets_no_file_go_that_waits_for_a_person(site: Parts, folder: WatchedFolder) -> None:
    from dataclasses import replace

    from feeds.intake.examining import Doubtful

    waiting = replace(folder, rules=replace(folder.rules, doubtful=Doubtful.WAIT))
    put(waiting, "18 November, 2026\n\nOne\n\nText.\n\n28 November, 2062\n\nTwo\n\nText two.\n")
    ingest(waiting)
    (row,) = rows(waiting)
    assert set_embargo(site.store, row.id, UNTIL, NOW)
    (row,) = rows(waiting)
    assert (row.receipt.held_until, row.embargo_at) == (WAITS, UNTIL)


def test_embargo_by_the_command_line(site: Parts, folder: WatchedFolder, feeds: RunFeeds) -> None:
    put(folder, TEXT.format(line="embargo: 2099-01-01"), "a.md")
    ingest(folder)

    def run(*arguments: str) -> tuple[int, str]:
        done = feeds("--config", site.settings.file, "bulletins", "embargo", *arguments)
        return done.code, done.out + done.err

    assert run("a.md", "2098-06-01 06:00 America/Panama") == (0, "a.md: embargo until 2098-06-01 11:00 UTC\n")
    assert rows(folder)[0].receipt.held_until == datetime(2098, 6, 1, 11, tzinfo=UTC)
    assert run("a.md", "--lift")[0] == 0
    assert run("a.md", "soon")[0] == 2
    assert run("a.md")[0] == 2
    assert run("a.md", "2098-06-01", "--lift")[0] == 2
    ingest(folder, minutes_to(datetime(2098, 1, 1, tzinfo=UTC)))
    assert run("a.md", "--lift")[0] == 2


# The end


ENDS = datetime(2026, 11, 20, 17, tzinfo=UTC)
END = "expiryDate: 2026-11-20 12:00 America/Panama"


def test_an_item_is_withdrawn_by_itself_when_its_time_is_over(site: Parts, folder: WatchedFolder) -> None:
    put(folder, TEXT.format(line=END), "a.md")
    (receipt,) = ingest(folder).receipts
    assert [line.fault.code for line in receipt.lines if line.fault] == ["expires-later"]
    assert next_by_itself(site) == ENDS
    assert lapse(site.store, ENDS - timedelta(seconds=1), "UTC") == []
    (item,) = lapse(site.store, ENDS, "America/Panama")
    assert item.withdrawn_reason == "Its time was over: 20 November 2026, 12:00, Panama time."
    assert summaries(folder) == []
    assert lapse(site.store, ENDS, "UTC") == []
    with site.store.read() as conn:
        (line,) = audit.listing(conn, limit=9)
    assert (line.act, line.way) == (Act.WITHDRAWN, CLOCK.way)
    # Whoever lets it stand again means that.
    editing.restore(site.store, item.id, "", ENDS)
    assert lapse(site.store, ENDS + timedelta(days=9), "UTC") == []
    assert len(summaries(folder)) == 1
    assert next_by_itself(site) is None


def test_the_end_that_was_read_last_counts(site: Parts, folder: WatchedFolder) -> None:
    put(folder, TEXT.format(line=END), "a.md")
    ingest(folder)
    put(folder, TEXT.format(line="expiryDate: 2026-11-25"), "a.md")
    ingest(folder, 1)
    assert lapse(site.store, ENDS, "UTC") == []
    assert len(lapse(site.store, datetime(2026, 11, 25, tzinfo=UTC), "UTC")) == 1


def test_an_item_that_is_restored_before_its_end_ends_all_the_same(
    site: Parts, folder: WatchedFolder
) -> None:
    put(folder, TEXT.format(line=END), "a.md")
    ingest(folder)
    with site.store.read() as conn:
        (item,) = items.listing(conn, limit=9)
    editing.withdraw(site.store, item.id, "", NOW)
    editing.restore(site.store, item.id, "", NOW)
    assert len(lapse(site.store, ENDS, "UTC")) == 1


def test_a_file_under_embargo_ends_too(site: Parts, folder: WatchedFolder) -> None:
    line = "embargo: 2026-11-19 06:00 America/Panama\n" + END
    put(folder, TEXT.format(line=line), "a.md")
    ingest(folder)
    ingest(folder, 60 * 24)
    assert len(summaries(folder)) == 1
    assert len(lapse(site.store, ENDS, "UTC")) == 1
