"""What must hold when processes die, race, or start on a restored backup."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.errors import StoreError
from feeds.filters import parse
from feeds.intake.folders import FolderMemory, WatchedFolder
from feeds.intake.ingest import ingest_inbox
from feeds.labels import read_choices
from feeds.model import Cadence, Outcome, SubscriberState
from feeds.office import editing
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.publishing.standing import waiting
from feeds.store import bulletins, items, subscribers
from taking import accept_one

NEWS = (
    "{day} November, 2026\n\n{country} opens a school, number {day}\n\n"
    "Children of {country} learn to read there.\n"
)


def take(
    parts: Parts, day: int = 18, country: str = "Panama", notify: str = "all"
) -> list[tuple[Outcome, str]]:
    data = NEWS.format(day=day, country=country).encode()
    done = accept_one(parts, f"{day}.txt", data, now(), notify, filed=True)
    return [(line.outcome, line.reason) for line in done.receipt.lines]


def join(parts: Parts, address: str, cadence: Cadence) -> int:
    joining = signup.Joining(
        address=address, filters=(parse("all"),), cadence=cadence, lang="en", zone="UTC",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    return signup.join(parts.store, joining, parts.joining_defaults, now())


def send(parts: Parts) -> dict[str, int]:
    return dict(asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules)).outcomes)


def feed(parts: Parts, stem: str = "all") -> bytes:
    return parts.press.public.read(f"feeds/{stem}.atom") or b""


# --- publishing


def test_publishers_take_turns_and_the_newest_state_stays(site: Parts) -> None:
    threads = [threading.Thread(target=publish, args=(site.store, site.press)) for _ in range(4)]
    take(site, 1)
    for number, thread in enumerate(threads):
        thread.start()
        take(site, number + 2)
    for thread in threads:
        thread.join(60)
    publish(site.store, site.press)
    assert feed(site).count(b"<entry") == 5
    assert waiting(site.store, site.public) == 0


def test_a_publisher_does_not_wait_for_the_one_before_who_sees_what_is_new_by_itself(site: Parts) -> None:
    take(site)
    with site.public.alone():
        assert publish(site.store, site.press).busy
        assert feed(site) == b""
    publish(site.store, site.press)
    assert feed(site).count(b"<entry") == 1


def test_an_older_process_with_an_older_look_does_not_write_it_back(site: Parts) -> None:
    take(site)
    old = site.press
    new = replace(old, look="new", started_at=old.started_at + timedelta(seconds=1))
    publish(site.store, old)
    assert publish(site.store, new).looked_at > 0
    assert publish(site.store, old).looked_at == 0
    assert publish(site.store, new).looked_at == 0


def test_a_feed_that_lost_its_items_stays_at_its_address(site: Parts) -> None:
    take(site)
    publish(site.store, site.press)
    with site.store.read() as conn:
        (item,) = items.listing(conn, limit=1)
    choices = read_choices(["-country:pa", "+country:hn"], site.vocabulary)
    editing.relabel(site.store, item.id, choices, "", now())
    publish(site.store, site.press)
    before = feed(site, "country/pa")
    site.press.public.remove("feeds/country/pa.atom")
    publish(site.store, site.press, everything=True)
    assert feed(site, "country/pa") == before != b""


def test_a_regions_feed_holds_the_items_of_its_countries_as_its_filter_does(site: Parts) -> None:
    take(site, 18, "Panama")
    take(site, 19, "Guyana")
    publish(site.store, site.press)
    assert b"Panama opens" in feed(site, "region/central-america")
    assert b"Guyana opens" not in feed(site, "region/central-america")
    take(site, 20, "Honduras")
    assert "feeds/region/central-america.atom" in publish(site.store, site.press).written
    page = site.press.public.read("region/central-america/index.html") or b""
    assert b"Honduras opens" in page


def test_a_wider_regions_feed_holds_the_items_of_the_regions_within_it(site: Parts) -> None:
    publish(site.store, site.press)
    take(site, 18, "Central America")
    written = publish(site.store, site.press).written
    assert "feeds/region/americas.atom" in written
    assert b"Central America opens" in feed(site, "region/americas")
    assert b"Central America opens" in (site.press.public.read("region/americas/index.html") or b"")
    assert "feeds/region/andean.atom" not in written
    assert b"Central America opens" not in feed(site, "region/andean")


def test_a_format_that_was_given_up_does_not_grow_stale(site: Parts) -> None:
    take(site)
    publish(site.store, site.press)
    assert site.press.public.read("feeds/all.json")
    publish(site.store, replace(site.press, formats=("atom",)), everything=True)
    assert site.press.public.read("feeds/all.json") is None
    assert feed(site)


# --- acceptance


def test_notify_mails_what_was_known_but_never_mailed(site: Parts) -> None:
    join(site, "reader@example.org", Cadence.IMMEDIATE)
    assert take(site, notify="none") == [(Outcome.NEW, "not mailed")]
    assert compose(site.store, site.compose_rules, now()).composed == []
    assert take(site) == [(Outcome.SAME, "mailed now")]
    assert take(site) == [(Outcome.SAME, "")]
    assert [row.items for row in compose(site.store, site.compose_rules, now()).composed] == [1]
    assert send(site) == {"sent": 1}
    assert compose(site.store, site.compose_rules, now()).composed == []


def drop(folder: WatchedFolder, name: str, text: str) -> None:
    (folder.inbox.root / name).write_text(text, encoding="utf-8")


def ingest(folder: WatchedFolder, memory: FolderMemory | None = None) -> list[str]:
    later = 1_000_000.0
    memory = memory or FolderMemory()
    ingest_inbox(folder, memory, now, lambda: 0.0)
    report = ingest_inbox(folder, memory, now, lambda: later)
    return [receipt.name for receipt in report.receipts]


def test_a_kill_between_acceptance_and_filing_loses_no_receipt(site: Parts) -> None:
    (folder,) = site.watched_folders
    text = NEWS.format(day=18, country="Panama")
    drop(folder, "a.txt", text)
    data = folder.inbox.take("a.txt")
    accept_one(site, "a.txt", data, now())
    assert ingest(folder) == ["a.txt"]
    receipt = (folder.inbox.root / "done" / "a.txt.receipt.txt").read_text(encoding="utf-8")
    assert "1 new" in receipt
    with site.store.read() as conn:
        assert len(bulletins.listing(conn, 9)) == 1
        assert bulletins.unfiled(conn) == []


def test_a_receipt_whose_file_is_gone_is_filed_all_the_same(site: Parts) -> None:
    (folder,) = site.watched_folders
    accept_one(site, "gone.txt", NEWS.format(day=18, country="Panama").encode(), now())
    assert ingest(folder) == []
    assert (folder.inbox.root / "done" / "gone.txt.receipt.txt").exists()
    with site.store.read() as conn:
        assert bulletins.unfiled(conn) == []


def test_one_file_taken_by_two_processes_is_one_bulletin(site: Parts) -> None:
    data = NEWS.format(day=18, country="Panama").encode()
    work = [threading.Thread(target=accept_one, args=(site, "a.txt", data, now())) for _ in range(6)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join(60)
    with site.store.read() as conn:
        assert len(bulletins.listing(conn, 9)) == 1


# --- backups


def test_a_database_that_is_gone_is_not_written_on_in_secret(site: Parts, tmp_path: Path) -> None:
    person = join(site, "reader@example.org", Cadence.IMMEDIATE)
    site.store.backup(tmp_path / "copy.db")
    database = site.settings.path("state/feeds.db")
    for path in database.parent.glob("feeds.db*"):
        path.unlink()
    with pytest.raises(StoreError, match="put a backup there"):
        signup.leave(site.store, person, None, now(), "asked")
    with pytest.raises(StoreError, match="put a backup there"):
        take(site)
    database.write_bytes((tmp_path / "copy.db").read_bytes())
    assert signup.leave(site.store, person, None, now(), "asked") is not None
    with site.store.read() as conn:
        assert subscribers.listing(conn)[0].state is SubscriberState.LEFT
