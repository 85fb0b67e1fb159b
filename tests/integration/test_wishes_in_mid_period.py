"""Whatever somebody changes, and whenever: each item they wanted comes once, none twice (P4)."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from feeds.app.parts import Parts, now
from feeds.cadences import gathered, on_days
from feeds.composing.compose import compose
from feeds.composing.pace import Pace
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.model import Cadence, Habits, Suppression, Wished
from feeds.people import changing, ending, leaving, signup
from feeds.store import sharing, subscribers
from taking import accept_one

CADENCES = (*Cadence, on_days([1, 4]), gathered(3, 5))
START = (now() - timedelta(days=60)).replace(hour=12, minute=0)
HOUR = timedelta(hours=1)
# Of these filters somebody always has exactly one that wants news of Panama.
PANAMA = ("country:pa", "country:hn,pa", "country:pa,mx mentions:yes", "country:pa word:opens,closes")


class Died(BaseException):
    """The process ended between two transactions."""


class Mortal(Pace):
    """Takes each audience in parts, and dies before one of the transactions."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(parts_from=0, size=1)
        self.left = chance.randint(0, 6)

    def let_others(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Died


class Life:
    """Somebody who changes their mind, and news that goes on meanwhile.

    `mortal`: digests are queued in parts, by processes that die between them.
    """

    def __init__(self, site: Parts, seed: int, *, mortal: bool = False) -> None:
        self.site, self.chance, self.at, self.mortal = site, random.Random(seed), START, mortal
        self.news: list[str] = []
        joining = signup.Joining(
            address="ana@example.org", filters=(parse("country:pa"),), cadence=Cadence.DAILY, consent="x"
        )
        self.ana = signup.join(site.store, joining, site.joining_defaults, self.at)

    def rows(self) -> list[subscribers.SubscriptionRow]:
        with self.site.store.read() as conn:
            return subscribers.subscriptions_of(conn, self.ana)

    def panama(self) -> subscribers.SubscriptionRow:
        return next(row for row in self.rows() if ":pa" in row.filter_text or ",pa" in row.filter_text)

    def edit(self) -> None:
        wished = Wished(filter=parse(self.chance.choice(PANAMA)), cadence=self.chance.choice(CADENCES))
        changing.edit_as(self.site.store, self.site.vocabulary, self.ana, self.panama().id, wished, self.at)

    def other(self) -> None:
        """A second filter comes and goes."""
        rows = [row for row in self.rows() if row.filter_text == "country:hn"]
        if rows:
            leaving.leave(self.site.store, self.ana, None, self.at, "x", ids=[rows[0].id])
        else:
            joining = signup.Joining(
                address="ana@example.org", filters=(parse("country:hn"),), consent="x",
                cadence=self.chance.choice(CADENCES),
            )  # fmt: skip
            signup.join(self.site.store, joining, self.site.joining_defaults, self.at, again=True)

    def habits(self) -> None:
        zone = self.chance.choice(("UTC", "America/Panama", "Asia/Tokyo"))
        habits = Habits(
            lang="en", zone=zone, hour=self.chance.randint(0, 23), weekday=self.chance.randint(1, 7)
        )
        changing.set_habits(self.site.store, self.ana, habits, self.at)

    def pause(self) -> None:
        only = self.chance.choice((None, [self.panama().id]))
        changing.pause(self.site.store, self.ana, only, self.at + 2000 * HOUR, self.at)

    def resume(self) -> None:
        changing.resume(self.site.store, self.ana, None, self.at)

    def less(self) -> None:
        changing.less_often(self.site.store, self.ana, None, self.at)

    def leave_by_mistake(self) -> None:
        only = self.chance.choice((None, [self.panama().id]))
        left = leaving.leave(self.site.store, self.ana, None, self.at, "x", ids=only, tokens=self.site.tokens)
        assert left is not None
        assert left.undo is not None
        self.publish()
        self.compose()
        self.at += HOUR
        assert leaving.come_back(self.site.store, self.site.tokens, left.undo, self.at) is not None

    def bounce_by_mistake(self) -> None:
        ending.end(self.site.store, self.site.tokens, self.ana, Suppression.BOUNCED, "x", self.at)
        self.publish()
        self.compose()
        self.at += HOUR
        ending.restore(self.site.store, self.site.tokens, self.ana, self.at)

    def publish(self) -> None:
        title = f"Panama opens gate number {len(self.news) + 1000}"
        self.news.append(title)
        day = self.at.date()
        text = f"{day:%d %B, %Y}\n\n{title}\n\nThe gate of Panama opens.\n"
        accept_one(self.site, f"{len(self.news)}.txt", text.encode(), self.at, "all", filed=True)

    def compose(self) -> None:
        rules = self.site.compose_rules
        if self.mortal:
            rules = replace(rules, pace=lambda: Mortal(self.chance))
        with suppress(Died):
            assert compose(self.site.store, rules, self.at).failed == []

    def send(self) -> None:
        asyncio.run(deliver(self.site.store, self.site.transports(), self.site.deliver_rules))

    def step(self) -> None:
        acts = (
            self.edit, self.other, self.habits, self.pause, self.resume, self.less, self.leave_by_mistake,
            self.bounce_by_mistake, self.publish, self.publish, self.compose, self.compose, self.send,
        )  # fmt: skip
        self.chance.choice(acts)()
        self.at += self.chance.choice((HOUR, 5 * HOUR, 26 * HOUR))

    def end(self) -> None:
        """All is sent that is owed; a digest that was too late goes into that of the next week."""
        self.resume()
        self.mortal = False
        for _ in range(40):
            self.at += 11 * HOUR
            self.compose()
        self.send()

    def got(self) -> Counter[str]:
        mails = [path.read_text(errors="replace") for path in self.site.outbox.glob("*.eml")]
        # Not the bare number: the Message-ID, which begins with an instant, may hold it, too.
        return Counter(title for mail in mails for title in self.news if f"number {title[-4:]}" in mail)


@pytest.mark.parametrize("seed", range(12))
def test_what_somebody_wanted_all_along_comes_once_whatever_they_changed(site: Parts, seed: int) -> None:
    life = Life(site, seed)
    for _ in range(30):
        life.step()
    life.end()
    assert life.news
    assert life.got() == Counter(life.news)


@pytest.mark.parametrize("seed", range(20, 28))
def test_so_it_does_when_processes_die_between_the_parts_of_a_digest(site: Parts, seed: int) -> None:
    life = Life(site, seed, mortal=True)
    for _ in range(40):
        life.step()
    life.end()
    assert life.got() == Counter(life.news)


def test_the_test_above_would_see_what_is_lost(site: Parts) -> None:
    life = Life(site, 1)
    life.publish()
    with site.store.write() as conn:
        sharing.set_memberships(conn, life.ana, [], datetime.now(START.tzinfo))
    life.end()
    assert life.got() == Counter()
