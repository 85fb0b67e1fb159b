"""A year of a site in minutes, with a moved clock: what its promises come to at the end, and how it grows.

    PYTHONPATH=src python benchmarks/year.py [--days 365] [--people 60] [--step 240] [--asleep 0]
        [--store URL] [--seed 1]

Each day two bulletins come, people join, leave, pause and are erased, mailboxes vanish, servers put letters
off, an item is corrected or withdrawn now and then. Every `--step` minutes of the moved clock the passes run
once, as in `feeds run`; pages are published once a week, which is what most of the time goes to. Letters go
to a sink in this process. In the middle the host sleeps for `--asleep` days. At the end P1 to P7 are asked of
the rows, of the letters that the sink took, and of the folder, one line each; what was to be forgotten is
looked for in every column; and the size of the database is told for each item and each letter. Ends with 1 if
a promise was not kept. `--store postgresql://…` needs an empty database.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import year_promises  # noqa: E402
import year_size  # noqa: E402

from feeds import log  # noqa: E402
from feeds.app.founding import found  # noqa: E402
from feeds.app.parts import Parts  # noqa: E402
from feeds.composing.compose import compose  # noqa: E402
from feeds.delivering.deliver import deliver  # noqa: E402
from feeds.errors import InputError  # noqa: E402
from feeds.filters import parse  # noqa: E402
from feeds.intake.acceptance import accept_where_it_lies  # noqa: E402
from feeds.intake.examining import examine  # noqa: E402
from feeds.mail import Hand  # noqa: E402
from feeds.model import Cadence, Deferred, HostAway, Kind, Receipt, Refused, Sent, Suppression  # noqa: E402
from feeds.office import editing  # noqa: E402
from feeds.operating.hourly import count_hour  # noqa: E402
from feeds.people import changing, ending, erasing, signup  # noqa: E402
from feeds.people.sweeping import sweep  # noqa: E402
from feeds.publishing.publish import publish  # noqa: E402

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("America/Panama", "America/New_York", "Europe/Madrid", "America/Santiago")
CADENCES = (Cadence.IMMEDIATE, Cadence.DAILY, Cadence.DAILY, Cadence.WEEKLY)
NEWS = """{on:%-d %B, %Y}

{name} opens school {number} to help migrant workers

Children and workers of {name} learn there from now on. It is school {number} of its kind.

"""


@dataclass
class Sink:
    """Takes letters and remembers to whom each went, and when."""

    now: datetime
    chance: random.Random
    vanished: set[str] = field(default_factory=set)
    took: list[tuple[datetime, str, str]] = field(default_factory=list)

    async def carry(self, hand: Hand) -> HostAway | None:
        while await hand.more():
            while parcel := hand.take():
                hand.done(parcel, self._answer(parcel.recipient, parcel.message_id))
        return None

    def _answer(self, recipient: str, message_id: str) -> Receipt:
        if recipient in self.vanished:
            return Refused("550 5.1.1 no such user here")
        if self.chance.random() < 0.01:
            return Deferred("451 4.3.0 try again later")
        self.took.append((self.now, recipient, message_id))
        return Sent("250 2.0.0 taken")

    async def close(self) -> None:
        pass


class Year:
    """The site and what happens to it, day by day. `ids`: of each item, and its Atom id, as announced."""

    def __init__(self, parts: Parts, begins: datetime, asked: argparse.Namespace) -> None:
        self.parts, self.now, self.people = parts, begins, asked.people
        self.step = timedelta(minutes=asked.step)
        self.woke: datetime | None = None
        self.drops: list[datetime] = []
        self.chance = random.Random(asked.seed)
        self.sink = Sink(begins, random.Random(asked.seed + 1))
        self.ids: dict[str, str] = {}
        self.files: list[tuple[str, bytes]] = []
        self.active: list[int] = []
        self.erased: list[str] = []
        self.left: dict[str, datetime] = {}
        self.addresses: dict[int, str] = {}
        rules = replace(parts.deliver_rules, now=lambda: self.now, jitter=self.chance.random)
        self.rules = replace(rules, bounced=self._bounced)
        self.places = [term.names["en"] for term in parts.vocabulary.of(Kind.COUNTRY)][:20]
        self.codes = [term.code for term in parts.vocabulary.of(Kind.COUNTRY)][:20]

    def _bounced(self, subscriber_id: int, reason: str) -> None:
        parts = self.parts
        ending.end(parts.store, parts.tokens, subscriber_id, Suppression.BOUNCED, reason, self.now)

    def day(self) -> None:
        """Twenty-four hours."""
        ends = self.now + DAY
        self.drops += [self.now + 9 * HOUR, self.now + 15 * HOUR]
        self._people_come_and_go()
        self._office()
        while self.now < ends:
            while self.drops and self.drops[0] <= self.now:
                del self.drops[0]
                self.bulletin()
            self.passes()
            self.now = self.sink.now = self.now + self.step

    def sleep(self, how_long: timedelta) -> None:
        """Nothing runs, as on a host that is off."""
        self.woke = self.now = self.sink.now = self.now + how_long

    def passes(self) -> None:
        """What each tick of `feeds run` does."""
        parts = self.parts
        sweep(parts.store, self.now)
        report = compose(parts.store, parts.compose_rules, self.now)
        assert report.failed == [], report.failed
        asyncio.run(deliver(parts.store, [self.sink], self.rules))
        count_hour(parts.store, self.now)

    def bulletin(self) -> None:
        """A file of three to five items that nobody has told before."""
        number = len(self.files) + 1
        text = ""
        for n in range(self.chance.randint(3, 5)):
            name = self.chance.choice(self.places)
            text += NEWS.format(on=self.now, name=name, number=f"{number}.{n}")
        self.files.append((f"{number}.txt", text.encode()))
        self.ids |= {item: atom for item, atom in self.take(*self.files[-1]) if item not in self.ids}

    def take(self, name: str, data: bytes) -> list[tuple[str, str]]:
        """Take a file in: ids of what it told."""
        file = examine(self.parts.ingest_rules, name, data)
        (done,) = accept_where_it_lies(self.parts.store, self.parts.ingest_rules, [file], self.now, "default")
        assert done is not None
        told = [line.item_id for line in done.receipt.lines if line.item_id]
        return year_promises.atom_ids(self.parts.store, told)

    def _office(self) -> None:
        """A correction each week or so, seldom a withdrawal."""
        if not self.ids or self.chance.random() > 0.15:
            return
        item = self.chance.choice(list(self.ids)[-30:])
        store = self.parts.store
        try:
            if self.chance.random() < 0.2:
                editing.withdraw(store, item, "it was not so", self.now)
            else:
                words = editing.Words(title=f"A better title of {len(self.files)}")
                editing.correct(store, self.parts.labeller, item, words, "a slip", self.now)
        except InputError:
            pass  # withdrawn before

    def _people_come_and_go(self) -> None:
        if not self.addresses:
            for _ in range(self.people):
                self._join()
        for _ in range(max(1, self.people // 100)):
            self._join()
            self._leave(self.chance.random())

    def _join(self) -> None:
        number, chance = len(self.addresses) + 1, self.chance
        address = f"person{number}@host{number % 40}.example.org"
        wishes = [f"country:{code}" for code in chance.sample(self.codes, chance.randint(1, 3))]
        joining = signup.Joining(
            address=address, filters=tuple(map(parse, chance.choice((wishes, ["all"])))),
            cadence=chance.choice(CADENCES), lang=chance.choice(("en", "es")), zone=chance.choice(ZONES),
            hour=chance.choice((6, 7, 12, 18)), weekday=chance.randint(1, 7), consent="a simulated year",
        )  # fmt: skip
        key = signup.join(self.parts.store, joining, self.parts.joining_defaults, self.now)
        self.addresses[key] = address
        self.active.append(key)
        if chance.random() < 0.02:
            self.sink.vanished.add(address)

    def _leave(self, dice: float) -> None:
        """Somebody leaves, pauses, is erased, or changes how often they get mail."""
        who = self.active.pop(self.chance.randrange(len(self.active)))
        parts, address = self.parts, self.addresses[who]
        if dice < 0.4:
            signup.leave(parts.store, who, None, self.now, "enough")
            self.left[address] = self.now
        elif dice < 0.6:
            erasing.erase(parts.store, parts.tokens, who, self.now)
            self.left[address] = self.now
            self.erased.append(address)
        else:
            changing.pause(parts.store, who, None, self.now + 10 * DAY, self.now)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--step", type=int, default=240, help="minutes between two ticks")
    parser.add_argument("--asleep", type=int, default=0, help="days in the middle in which nothing runs")
    parser.add_argument("--store", default="sqlite:///state/feeds.db")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    log.configure("error", "plain")
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        parts = found(Path(folder) / "site", {"store.url": f'"{asked.store}"'})
        ends = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        year = Year(parts, ends - (asked.days + asked.asleep) * DAY, asked)
        began, cpu = time.monotonic(), time.process_time()
        for day in range(1, asked.days + 1):
            year.day()
            if asked.asleep and day == asked.days // 2:
                year.sleep(asked.asleep * DAY)
            if day % 7 == 0:
                publish(parts.store, parts.press)
            if day % 30 == 0 or day == asked.days:
                print(f"day {day:>4}  {year_size.line(parts.store)}", flush=True)
        took = f"{time.monotonic() - began:.0f} s, {time.process_time() - cpu:.0f} s of one core"
        print(f"{asked.days} days in {took}, seed {asked.seed}\n")
        print("\n".join(year_size.table(parts.store)) + "\n")
        kept = [line for promise in year_promises.ALL for line in promise(year)]
        parts.close()
    for good, words in kept:
        print(f"{'kept    ' if good else 'NOT KEPT'}  {words}")
    return 0 if all(good for good, _ in kept) else 1


if __name__ == "__main__":
    sys.exit(main())
