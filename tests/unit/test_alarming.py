"""What follows from a look at alarms that are up: raised once, cleared after a calm while."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.alarms import Alarm, Trouble
from feeds.app.alarming import SITE_EVERY, Remembered
from feeds.operating.alarming import CALM, Plan, alarm_of, plan
from feeds.operating.looking import OfTheDay, Seen, facts_of
from feeds.operating.measuring import Measured, Room
from feeds.operating.outside import Answer, NotReachedError, is_feed, look
from feeds.store.alarms import AlarmRow
from feeds.store.figures import Figures, QueueFigures
from feeds.store.passes import PassRow

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MAIL = Alarm(trouble=Trouble.MAIL, since=NOW)
HOSTS = {"news-1", "news-2"}
DISK = Alarm(trouble=Trouble.DISK, where="news-2:public", since=NOW)


def up(alarm: Alarm, well_at: datetime | None = None) -> dict[str, AlarmRow]:
    return {
        alarm.key: AlarmRow(key=alarm.key, raised_at=alarm.since, times=1, well_at=well_at, values={"a": "b"})
    }


def test_what_is_new_is_raised_and_what_is_up_is_not_raised_again() -> None:
    assert plan({}, [MAIL], "news-1", HOSTS, NOW) == Plan(up=(MAIL,))
    assert plan(up(MAIL), [MAIL], "news-1", HOSTS, NOW) == Plan()
    assert Plan().empty
    assert not Plan(up=(MAIL,)).empty


@pytest.mark.parametrize(
    ("well_for", "expected"),
    [(None, Plan(well=("mail",))), (CALM - SECOND, Plan()), (CALM, Plan(over=("mail",)))],
)
def test_what_looks_mended_is_over_after_a_while(well_for: timedelta | None, expected: Plan) -> None:
    rows = up(MAIL, NOW - well_for if well_for else None)
    assert plan(rows, [], "news-1", HOSTS, NOW) == expected
    assert expected.empty is (expected == Plan())


def test_what_comes_back_while_it_looked_mended_is_not_told_again() -> None:
    done = plan(up(MAIL, NOW - CALM), [MAIL], "news-1", HOSTS, NOW)
    assert done == Plan(bad=("mail",))
    assert not done.empty


def test_what_is_wrong_on_another_host_is_not_ours_to_clear() -> None:
    rows = up(DISK, NOW - CALM)
    assert plan(rows, [], "news-1", HOSTS, NOW) == Plan()
    assert plan(rows, [], "news-2", HOSTS, NOW) == Plan(over=(DISK.key,))


def test_an_alarm_of_a_host_that_is_gone_is_over_after_a_while_like_others() -> None:
    assert plan(up(DISK), [], "news-1", {"news-1"}, NOW) == Plan(well=(DISK.key,))
    assert plan(up(DISK, NOW - CALM), [], "news-1", {"news-1"}, NOW) == Plan(over=(DISK.key,))


def test_a_row_is_the_alarm_that_it_was() -> None:
    assert alarm_of(up(DISK)[DISK.key]) == Alarm(
        trouble=Trouble.DISK, where="news-2:public", since=NOW, values={"a": "b"}
    )


def test_what_is_found_twice_running_is_believed() -> None:
    kept, looks = Remembered(SITE_EVERY), []

    def finds(*troubles: Trouble) -> list[tuple[Trouble, str]]:
        looks.append(troubles)
        return [(trouble, "odd") for trouble in troubles]

    kept.again(NOW, lambda: finds(Trouble.FEEDS))
    assert kept.believed == []
    kept.again(NOW + SITE_EVERY - SECOND, finds)
    assert len(looks) == 1
    kept.again(NOW + SITE_EVERY, lambda: finds(Trouble.FEEDS, Trouble.CERTIFICATE))
    assert kept.believed == [(Trouble.FEEDS, "odd")]
    kept.again(NOW + 2 * SITE_EVERY, finds)
    assert kept.believed == []


FEED = b'<feed xmlns="http://www.w3.org/2005/Atom"/>'


def seen(*answers: Answer | NotReachedError, ends: datetime | None = None) -> list[tuple[Trouble, str]]:
    given, asked = iter(answers), []

    def ask(url: str, headers: object) -> Answer:
        asked.append((url, headers))
        found = next(given)
        if isinstance(found, NotReachedError):
            raise found
        return found

    found = list(look("https://news.example.org", ask, lambda _: ends, NOW))
    assert {url for url, _ in asked} == {"https://news.example.org/feeds/all.atom"}
    if len(asked) > 1:
        assert asked[1][1] == {"If-None-Match": '"1"'}
    return [
        (trouble, said.removeprefix("https://news.example.org/feeds/all.atom: ")) for trouble, said in found
    ]


def answer(status: int = 200, etag: str = '"1"', body: bytes = FEED) -> Answer:
    return Answer(status, {"etag": etag} if etag else {}, body)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([answer(), answer(304)], []),
        ([answer(), answer(200, '"2"')], []),  # it has changed between
        ([answer(), answer(200)], ["answers 200 to who has it already, instead of 304"]),
        ([answer(502)], ["answers 502 instead of 200"]),
        ([answer(body=b"<html/>")], ["is no Atom feed"]),
        ([answer(body=b"<feed")], ["is no Atom feed"]),
        ([answer(etag="")], ["has no ETag, so that readers fetch it whole each time"]),
        ([NotReachedError("refused")], ["refused"]),
    ],
)
def test_a_look_from_outside_sees_what_readers_meet(answers: list[Answer], said: list[str]) -> None:
    assert seen(*answers) == [(Trouble.FEEDS, each) for each in said]


@pytest.mark.parametrize(("days", "told"), [(10, []), (9, ["certificate"])])
def test_a_certificate_that_ends_soon_or_is_not_believed(days: int, told: list[str]) -> None:
    found = seen(answer(), answer(304), ends=NOW + timedelta(days=days))
    assert [str(trouble) for trouble, _ in found] == told
    if told:
        assert found[0][1] == "the certificate of news.example.org ends on 2026-12-07"
    assert seen(NotReachedError("self-signed", certificate=True)) == [(Trouble.CERTIFICATE, "self-signed")]


def test_only_atom_is_a_feed() -> None:
    assert is_feed(FEED)
    assert not is_feed(b"<feed/>")


def ran(name: str, host: str, minutes: int, failed: str) -> PassRow:
    at = NOW - timedelta(minutes=minutes)
    return PassRow(
        process="p", name=name, host=host, began_at=at, ended_at=at, took_ms=1, failed=failed
    )  # fmt: skip


def test_facts_are_what_was_measured_and_seen() -> None:
    later, soon = NOW + 2 * SECOND, NOW + SECOND
    figures = Figures(
        last_bulletin_at=None, held=0, unpublished=1, unpublished_since=NOW - SECOND,
        digests=QueueFigures(waiting=3, in_hand=1, due_at=later),
        notices=QueueFigures(waiting=2, in_hand=0, due_at=soon), due_at=None, letters={}, bounces={
            "hard": 4, "soft": 2, "policy": 100,
        }, passes=[
            ran("publish", "news-1", 5, "older"), ran("publish", "news-1", 1, "disk full"),
            ran("publish", "news-2", 0, "of another host"), ran("deliver", "news-2", 0, "421"),
        ],
    )  # fmt: skip
    measured = Measured(at=NOW, figures=figures, rooms={"public": Room(free=1, total=2)})
    day = OfTheDay(sent=7, complained=1, unseen=[NOW])
    mine = Seen(host="news-1", began_at=NOW - timedelta(days=1), inbox="gone", inbox_since=NOW)
    found = facts_of(measured, day, mine)
    assert found.last_bulletin_at == NOW - timedelta(days=1)
    assert (found.inbox, found.inbox_since, found.host) == ("gone", NOW, "news-1")
    assert (found.unpublished_since, found.publishing_failed) == (NOW - SECOND, "disk full")
    assert (found.due_at, found.waiting, found.mail_failed) == (soon, 5, "421")
    assert found.rooms == {"public": (1, 2)}
    assert facts_of(measured, day, replace(mine, publishes=False)).unpublished_since is None
    assert (found.sent, found.bounced, found.complained, found.unseen) == (7, 6, 1, [NOW])
