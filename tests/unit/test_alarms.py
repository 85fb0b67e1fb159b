"""Alarms: what is wrong enough that a person must act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.alarms import (
    FEW_BOUNCES,
    FEW_COMPLAINTS,
    ON_ITS_WAY,
    PASSING,
    TOLD_BEFORE,
    Alarm,
    Facts,
    Limits,
    Trouble,
    is_ours,
    judge,
)

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
LIMITS = Limits(silent=timedelta(days=7))


def facts(**values: Any) -> Facts:
    return Facts(**({"at": NOW, "host": "news-1", "last_bulletin_at": NOW - timedelta(days=1)} | values))


def found(limits: Limits = LIMITS, **values: Any) -> list[Alarm]:
    return judge(facts(**values), limits)


def keys(limits: Limits = LIMITS, **values: Any) -> list[str]:
    return [alarm.key for alarm in found(limits, **values)]


def test_a_site_that_works_has_no_alarm() -> None:
    assert found(
        unpublished_since=NOW, due_at=NOW + MINUTE, rooms={"public": (50, 100)}, sent=1000, bounced=19,
        complained=2, unseen=[NOW],
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("days", "seconds", "silent", "alarms"),
    [(7, 0, 7, ["silent"]), (7, -1, 7, []), (400, 0, 0, [])],
)
def test_no_bulletin_for_so_many_days(days: int, seconds: int, silent: int, alarms: list[str]) -> None:
    last = NOW - timedelta(days=days, seconds=seconds)
    limits = Limits(silent=timedelta(days=silent))
    assert keys(limits, last_bulletin_at=last) == alarms
    if alarms:
        assert found(limits, last_bulletin_at=last) == [
            Alarm(trouble=Trouble.SILENT, since=last, values={"days": "7"})
        ]


def test_a_folder_that_cannot_be_read_is_its_hosts_alarm() -> None:
    since = NOW - PASSING
    (alarm,) = found(inbox="no such folder", inbox_since=since)
    assert (alarm.key, alarm.since, alarm.values) == ("inbox/news-1", since, {"reason": "no such folder"})
    assert found(inbox="no such folder", inbox_since=since + SECOND) == []


@pytest.mark.parametrize(("late", "alarms"), [(30 * MINUTE, 1), (30 * MINUTE - SECOND, 0)])
def test_publishing_and_mail_may_be_late_for_a_while(late: timedelta, alarms: int) -> None:
    since = NOW - late
    assert keys(unpublished_since=since) == ["publishing/news-1"] * alarms
    assert keys(due_at=since) == ["mail"] * alarms
    assert len(keys(Limits(behind=late), due_at=since, unpublished_since=since)) == 2


def test_what_is_late_says_since_when_and_why() -> None:
    since = NOW - timedelta(hours=1)
    published, mail = found(
        unpublished_since=since, publishing_failed="disk full", due_at=since, waiting=1214, mail_failed="421"
    )
    assert (published.since, published.values) == (since, {"reason": "disk full"})
    assert (mail.since, mail.values) == (since, {"waiting": "1214", "reason": "421"})


@pytest.mark.parametrize(("free", "alarms"), [(49, ["disk/news-1:public"]), (50, [])])
def test_a_disk_that_is_nearly_full_is_named_by_host_and_folder(free: int, alarms: list[str]) -> None:
    assert keys(rooms={"public": (free, 1000), "inbox": (900, 1000)}) == alarms
    assert keys(Limits(disk_free=0), rooms={"public": (0, 1000)}) == []
    if alarms:
        (alarm,) = found(rooms={"public": (free, 1000)})
        assert alarm.values == {"folder": "public", "free": "49", "total": "1000"}


@pytest.mark.parametrize(
    ("bounced", "sent", "alarm"),
    [(FEW_BOUNCES, 399, True), (FEW_BOUNCES, 400, False), (FEW_BOUNCES - 1, 19, False), (51, 1000, True)],
)
def test_too_many_letters_that_come_back(bounced: int, sent: int, alarm: bool) -> None:
    assert keys(bounced=bounced, sent=sent) == ["bounces"] * alarm
    assert keys(Limits(bounces=0), bounced=bounced, sent=sent) == []


@pytest.mark.parametrize(
    ("complained", "sent", "alarm"),
    [(FEW_COMPLAINTS, 999, True), (FEW_COMPLAINTS, 1000, False), (FEW_COMPLAINTS - 1, 2, False)],
)
def test_too_many_readers_who_complain(complained: int, sent: int, alarm: bool) -> None:
    assert keys(complained=complained, sent=sent) == ["complaints"] * alarm
    if alarm:
        assert found(complained=complained, sent=sent)[0].values == {"number": "3", "sent": "999"}
        assert found(bounced=20, sent=30)[0].values == {"number": "20", "sent": "30"}


def test_what_is_seen_from_outside_is_one_alarm_of_each_kind() -> None:
    outside = [(Trouble.DNS, "no SPF"), (Trouble.FEEDS, "no 304"), (Trouble.DNS, "no DKIM record")]
    assert [(alarm.key, alarm.values["reason"]) for alarm in found(outside=outside)] == [
        ("dns", "no SPF; no DKIM record"), ("feeds", "no 304"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ages", "lost"),
    [
        ([ON_ITS_WAY], 1),
        ([ON_ITS_WAY - SECOND], 0),
        ([TOLD_BEFORE], 0),
        ([TOLD_BEFORE - SECOND, ON_ITS_WAY, timedelta(0)], 2),
    ],
)
def test_letters_to_the_canary_that_have_not_come_back(ages: list[timedelta], lost: int) -> None:
    alarms = found(unseen=[NOW - age for age in ages])
    assert [alarm.values for alarm in alarms] == ([{"number": str(lost)}] if lost else [])
    if lost:
        assert (alarms[0].key, alarms[0].since) == ("canary", NOW - ages[0])


@pytest.mark.parametrize(
    ("key", "ours"),
    [
        ("mail", True),
        ("publishing/news-1", True),
        ("disk/news-1:public", True),
        ("publishing/news-10", False),
        ("disk/news-2:public", False),
    ],
)
def test_a_look_from_one_host_says_nothing_of_another(key: str, ours: bool) -> None:
    assert is_ours(key, "news-1", {"news-2", "news-10"}) is ours
    assert is_ours(key, "news-1", ())  # no other host is there to say so
