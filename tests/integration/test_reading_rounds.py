"""Ten rounds of change as four real readers see them: each new item once, each correction in place, nothing
unread again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from feed_readers import FeedReader, Lemon24, Newsboat, Parsed, Rss2Email
from feeds.app.parts import Parts, now
from feeds.labels import read_choices
from feeds.office import editing
from feeds.publishing.press import Memory
from feeds.publishing.publish import publish
from feeds.store import items
from serving import serving
from taking import accept_one

pytestmark = pytest.mark.slow

READERS = {"feedparser": Parsed, "newsboat": Newsboat, "rss2email": Rss2Email, "reader": Lemon24}


@dataclass
class Office:
    """What an office does to the feed of Panama, and what a reader of it should see."""

    site: Parts
    number: int = 0
    titles: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)

    def announces(self, name: str, day: int, place: str = "Panama", notify: str = "all") -> None:
        """An item of that day of November."""
        self.number += 1
        text = (
            f"{day} November, 2026\n\n{place} opens school {name} & <more>\n\nChildren read in room {name}.\n"
        )
        accept_one(self.site, f"{self.number}.txt", text.encode(), now(), notify, filed=True)
        if place == "Panama":
            self.appears(name, f"{place} opens school {name} & <more>")

    def appears(self, name: str, title: str) -> None:
        self.titles[name] = title
        self.new.append(title)

    def corrects(self, name: str) -> None:
        self.titles[name] = f"Panama opens school {name}, put right"
        words = editing.Words(title=self.titles[name])
        editing.correct(self.site.store, self.site.labeller, self.ref(name), words, "A slip", now())

    def withdraws(self, name: str) -> None:
        editing.withdraw(self.site.store, self.ref(name), "It was wrong", now())

    def relabels(self, name: str, choice: str) -> None:
        choices = read_choices([choice], self.site.vocabulary)
        editing.relabel(self.site.store, self.ref(name), choices, "", now())

    def ref(self, name: str) -> str:
        with self.site.store.read() as conn:
            found = items.listing(conn, limit=100)
        (item,) = [each for each in found if f"school {name}" in each.title]
        return item.id

    def publishes(self, *, everything: bool = False) -> None:
        publish(self.site.store, replace(self.site.press, memory=Memory()), everything=everything)


def several(office: Office) -> None:
    for name in ("ab", "cd", "ef"):
        office.announces(name, 10)


def nothing_but_a_rebuild(office: Office) -> None:
    office.publishes(everything=True)


def a_correction(office: Office) -> None:
    office.corrects("cd")


def news_and_a_correction_at_once(office: Office) -> None:
    office.announces("gh", 12)
    office.corrects("ab")


def a_withdrawal(office: Office) -> None:
    office.withdraws("ef")


def labels_given_and_taken(office: Office) -> None:
    office.announces("ij", 13, place="Honduras")
    office.relabels("ij", "+country:pa")
    office.appears("ij", "Honduras opens school ij & <more>")
    office.relabels("gh", "-country:pa")


def an_item_out_of_order(office: Office) -> None:
    office.announces("kl", 2)


def old_news(office: Office) -> None:
    for day in (1, 3, 4):
        office.announces(f"old{day}", day, notify="none")


def a_second_correction_and_labels_given_back(office: Office) -> None:
    office.corrects("old3")
    office.corrects("kl")
    office.relabels("gh", "+country:pa")


def a_lost_folder_with_news(office: Office) -> None:
    shutil.rmtree(office.site.public.root)
    office.withdraws("old1")
    office.announces("mn", 14)
    office.publishes()
    # A folder is not lost and filled again within the second in which it was read: newsboat goes by seconds.
    for path in office.site.public.root.rglob("*"):
        later = path.stat().st_mtime + 3
        os.utime(path, (later, later))


ROUNDS: tuple[Callable[[Office], None], ...] = (
    several, nothing_but_a_rebuild, a_correction, news_and_a_correction_at_once, a_withdrawal,
    labels_given_and_taken, an_item_out_of_order, old_news, a_second_correction_and_labels_given_back,
    a_lost_folder_with_news,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "form"),
    [("feedparser", "rss"), ("newsboat", "atom"), ("newsboat", "rss"), ("rss2email", "atom"),
     ("reader", "atom"), ("reader", "rss")],
)  # fmt: skip
def test_ten_rounds_of_change(site: Parts, tmp_path: Path, name: str, form: str) -> None:
    office = Office(site)
    office.announces("zz", 9)
    office.publishes()
    folder = tmp_path / name
    folder.mkdir()
    with serving(site) as base:
        reader: FeedReader = READERS[name](f"{base}/feeds/country/pa.{form}", folder)
        assert reader.fetch() == office.new
        for change in ROUNDS:
            office.new.clear()
            change(office)
            office.publishes()
            assert reader.fetch() == sorted(office.new), change.__name__
            assert reader.fetch() == [], change.__name__
            if READERS[name].keeps_up:
                assert reader.shown() == sorted(office.titles.values()), change.__name__
        assert len(reader.shown()) == len(office.titles) == 11
