"""Public folders: each right by itself, what is new first, and no more questions than needed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from conftest import RunFeeds
from feeds.app.parts import Parts, now
from feeds.publishing import marks, plan
from feeds.publishing.fragments import Fragments
from feeds.publishing.press import Memory, Press
from feeds.publishing.publish import publish
from feeds.publishing.standing import waiting
from feeds.site import Site
from feeds.store import items, publishing
from feeds.store.schema import stale
from taking import accept_one

NEWS = "{day} November, 2026\n\n{place} opens school {n}\n\nChildren of {place} learn to read in {n} rooms.\n"


def take(parts: Parts, *numbers: int, place: str = "Panama") -> None:
    texts = (NEWS.format(day=1 + n % 17, place=place, n=n) for n in numbers)
    accept_one(parts, f"{numbers[0]}.txt", "\n".join(texts).encode(), now(), "all", filed=True)


def tree(root: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != marks.FILE)
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def elsewhere(parts: Parts, folder: Path, **fields: Any) -> Press:
    """Another host's publisher of the same database."""
    return replace(parts.press, public=Site(folder), memory=Memory(), **fields)


def test_each_folder_goes_on_from_where_it_has_come_to(site: Parts, tmp_path: Path) -> None:
    other = elsewhere(site, tmp_path / "other")
    take(site, 1)
    publish(site.store, site.press)
    take(site, 2)
    publish(site.store, other)
    take(site, 3, place="Honduras")
    publish(site.store, site.press)
    publish(site.store, other)
    assert tree(site.public.root) == tree(other.public.root)
    assert tree(site.public.root)["feeds/all.atom"].count(b"<entry") == 3


def test_a_lost_folder_fills_itself(site: Parts) -> None:
    take(site, 1, 2)
    publish(site.store, site.press)
    before = tree(site.public.root)
    shutil.rmtree(site.public.root)
    publish(site.store, site.press)
    assert tree(site.public.root) == before


def test_a_folder_of_another_site_or_ahead_of_its_database_is_written_anew(site: Parts) -> None:
    take(site, 1)
    publish(site.store, site.press)
    before = tree(site.public.root)
    mark = marks.read(site.public)
    assert mark is not None
    for wrong in (replace(mark, seq=mark.seq + 1), replace(mark, site="tag:other")):
        (site.public.root / "feeds" / "all.atom").write_bytes(b"of another database")
        site.public.write(marks.FILE, wrong.to_bytes())
        publish(site.store, site.press)
        assert tree(site.public.root) == before


def test_after_a_restored_backup_everything_is_written_anew(site: Parts) -> None:
    take(site, 1)
    publish(site.store, site.press)
    (site.public.root / "feeds" / "all.atom").write_bytes(b"newer than the backup")
    site.store.transact(lambda conn: publishing.set_meta(conn, publishing.EPOCH, "restored"))
    publish(site.store, site.press)
    assert b"<entry" in tree(site.public.root)["feeds/all.atom"]


def test_what_a_process_of_the_release_before_marks_is_published(site: Parts) -> None:
    take(site, 1)
    publish(site.store, site.press)
    (site.public.root / "feeds" / "all.atom").write_bytes(b"old")
    site.store.transact(lambda conn: conn.execute(stale.insert(), [{"key": "all", "at": now()}]))
    assert "feeds/all.atom" in publish(site.store, site.press).written
    assert publish(site.store, site.press).looked_at == 0


def test_a_folder_is_the_same_whether_filled_in_parts_or_at_once_by_one_process_or_two(
    site: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(site, *range(1, 60))
    publish(site.store, whole := elsewhere(site, tmp_path / "whole"))
    monkeypatch.setattr(plan, "ITEMS_AT_ONCE", 7)
    monkeypatch.setattr(plan, "FEEDS_AT_ONCE", 3)
    publish(site.store, parts := elsewhere(site, tmp_path / "parts"))
    monkeypatch.setattr("feeds.publishing.second.FEWEST", 4)
    publish(site.store, two := elsewhere(site, tmp_path / "two"), cores=2)
    assert tree(whole.public.root) == tree(parts.public.root) == tree(two.public.root)


def test_what_is_new_goes_before_a_rebuild(site: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "ITEMS_AT_ONCE", 5)
    take(site, *range(1, 40))
    publish(site.store, site.press)
    new = replace(site.press, look="new", started_at=now() + timedelta(seconds=1))
    begun = publish(site.store, new, briefly=True)
    assert begun.left
    take(site, 99, place="Honduras")
    then = publish(site.store, new, briefly=True)
    assert "feeds/country/hn.atom" in then.written
    assert then.left
    slices = 0
    while publish(site.store, new, briefly=True).left:
        slices += 1
    assert slices > 5
    assert publish(site.store, new).looked_at == 0
    assert publish(site.store, new, everything=True).written == []


def test_an_empty_folder_gets_its_front_page_and_the_newest_items_first(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "ITEMS_AT_ONCE", 5)
    take(site, *range(1, 70))
    report = publish(site.store, site.press, briefly=True)
    with site.store.read() as conn:
        newest = [item.id for item in items.listing(conn, limit=50)]
    pages = {path for path in report.written if path.startswith("items/")}
    assert pages == {f"items/{item_id}/index.html" for item_id in newest}
    assert {"index.html", "feeds/all.atom", "style.css"} <= set(report.written)
    assert report.left


def test_a_burst_puts_its_pages_off_and_forgets_none(
    site: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(site, 1)
    publish(site.store, site.press)
    monkeypatch.setattr(plan, "ITEMS_AT_ONCE", 6)
    take(site, *range(2, 30))
    publish(site.store, site.press, briefly=True)
    take(site, *range(30, 60), place="Honduras")
    take(site, 61)
    while publish(site.store, site.press, briefly=True).left:
        pass
    assert waiting(site.store, site.public) == 0
    publish(site.store, other := elsewhere(site, tmp_path / "other"))
    assert tree(site.public.root) == tree(other.public.root)


def test_a_stopped_pass_is_gone_on_with(site: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "FEEDS_AT_ONCE", 5)
    take(site, 1, 2, 3)
    asked = iter([False, False, True])
    report = publish(site.store, site.press, stopped=lambda: next(asked, True))
    assert report.left
    assert waiting(site.store, site.public) > 0
    again = publish(site.store, site.press)
    assert not again.left
    assert publish(site.store, site.press, everything=True).written == []


def test_the_number_of_statements_of_a_pass_does_not_grow_with_its_items(site: Parts) -> None:
    publish(site.store, site.press)
    said: list[str] = []
    event.listen(site.store._engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    counts = []
    for base in (100, 200):
        take(site, *range(base, base + base // 10 * (1 if base == 100 else 8)))
        said.clear()
        publish(site.store, site.press)
        counts.append(len(said))
    assert counts[0] >= counts[1] > 5


def test_an_older_process_takes_over_when_the_newer_one_is_gone(site: Parts) -> None:
    take(site, 1)
    new = replace(site.press, look="new", started_at=now() + timedelta(seconds=1))
    publish(site.store, new)
    take(site, 2)
    assert publish(site.store, site.press).superseded
    later = replace(site.press, now=lambda: now() + timedelta(minutes=11))
    assert "feeds/all.atom" in publish(site.store, later).written
    assert publish(site.store, new).looked_at > 0


def test_copies_of_every_file_lie_beside_it(site: Parts) -> None:
    take(site, 1)
    publish(site.store, site.press)
    found = tree(site.public.root)
    plain = [name for name in found if not name.endswith((".gz", ".br"))]
    assert len(plain) > 50
    assert [name for name in plain if not {f"{name}.gz", f"{name}.br"} <= found.keys()] == []


def test_the_command_says_that_nothing_has_changed_and_what_a_second_process_wrote(
    feeds: RunFeeds, site: Parts
) -> None:
    take(site, *range(1, 70))
    config = ("--config", site.settings.file)
    first = feeds(*config, "publish")
    assert first.code == 0
    assert "files written" in first.out
    assert feeds(*config, "publish").out == "Nothing has changed.\n"
    assert feeds(*config, "publish", "--all").out.startswith("0 of ")
    with site.public.alone():
        take(site, 99)
        assert "Left to another process" in feeds(*config, "publish").err


def test_a_feed_is_ordered_by_announcement_and_its_page_by_date(site: Parts) -> None:
    for name, day, notify in (("a", 15, "all"), ("b", 2, "all"), ("c", 10, "none")):
        text = f"{day} November, 2026\n\nPanama opens school {name}\n\nChildren learn to read there.\n"
        accept_one(site, f"{name}.txt", text.encode(), now(), notify, filed=True)
    publish(site.store, site.press)
    feed = order(tree(site.public.root)["feeds/country/pa.atom"])
    page = order(tree(site.public.root)["country/pa/index.html"])
    assert (feed, page) == (["b", "a", "c"], ["a", "c", "b"])


def order(data: bytes) -> Sequence[str]:
    """In which the schools are first named."""
    places = {name: data.find(f"opens school {name}".encode()) for name in "abc"}
    return sorted(places, key=places.__getitem__)


def test_memory_of_fragments_that_is_too_small_changes_no_byte(site: Parts, tmp_path: Path) -> None:
    take(site, *range(1, 30))
    publish(site.store, site.press)
    small = elsewhere(site, tmp_path / "small")
    small.memory._fragments = {lang: Fragments(most_bytes=1) for lang in small.site.langs}
    publish(site.store, small)
    assert tree(site.public.root) == tree(small.public.root)
