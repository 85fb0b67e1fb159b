"""What is wrong enough that a person must act: facts -> alarms (pure).

Each rule looks at what was measured and says nothing while the site mends itself. How an alarm is told,
and that it is told once, is for others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Trouble(StrEnum):
    """What an alarm is about."""

    SILENT = "silent"
    INBOX = "inbox"
    PUBLISHING = "publishing"
    MAIL = "mail"
    FEEDS = "feeds"
    DISK = "disk"
    BOUNCES = "bounces"
    COMPLAINTS = "complaints"
    CERTIFICATE = "certificate"
    DNS = "dns"
    CANARY = "canary"


# A share of few letters says nothing.
FEW_BOUNCES, FEW_COMPLAINTS = 20, 3
# A network folder is away for a moment now and then.
PASSING = timedelta(minutes=5)
# As long may a letter to the canary be on its way; older ones were told before.
ON_ITS_WAY, TOLD_BEFORE = timedelta(hours=2), timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From when on it is an alarm; an age or a share of 0 is none."""

    silent: timedelta = timedelta(0)
    behind: timedelta = timedelta(minutes=30)
    disk_free: float = 5.0
    bounces: float = 5.0
    complaints: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was measured at `at` on `host`.

    `last_bulletin_at`: the last one, or when the site began; `inbox`: why it cannot be read, and since when.
    `unpublished_since`, `due_at`: the oldest that waits to be published, or was to be sent; with the
    reason that the last pass gave, if it failed. `rooms`: free and all bytes of folders. `sent`, `bounced`,
    `complained`: letters and people of the last day. `outside`: what a look from outside found.
    `unseen`: when letters to the canary were sent that have not come back.
    """

    at: datetime
    host: str
    last_bulletin_at: datetime
    inbox: str = ""
    inbox_since: datetime | None = None
    unpublished_since: datetime | None = None
    publishing_failed: str = ""
    due_at: datetime | None = None
    waiting: int = 0
    mail_failed: str = ""
    rooms: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    sent: int = 0
    bounced: int = 0
    complained: int = 0
    outside: Sequence[tuple[Trouble, str]] = ()
    unseen: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One trouble. `where`: the host or folder that it is about, else empty; `since`: when it began, as far
    as is known; `values`: what a mail tells of it."""

    trouble: Trouble
    since: datetime
    where: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for the same trouble, whoever sees it."""
        return f"{self.trouble}/{self.where}" if self.where else str(self.trouble)


Rule = Callable[[Facts, Limits], Iterator[Alarm]]


def judge(facts: Facts, limits: Limits) -> list[Alarm]:
    """All that is wrong now."""
    rules: Sequence[Rule] = (
        _silent, _inbox, _publishing, _mail, _disk, _bounces, _complaints, _outside, _canary
    )  # fmt: skip
    return [alarm for rule in rules for alarm in rule(facts, limits)]


def is_ours(key: str, host: str, running: Collection[str]) -> bool:
    """Whether a look from this host says something about an alarm: about the whole site, this host, or one
    that is not among those on which processes run: it may never come back under that name.
    """
    _trouble, of_a_host, where = key.partition("/")
    of = where.partition(":")[0]
    return not of_a_host or of == host or of not in running


def _silent(facts: Facts, limits: Limits) -> Iterator[Alarm]:
    age = facts.at - facts.last_bulletin_at
    if limits.silent and age >= limits.silent:
        values = {"days": str(age.days)}
        yield Alarm(trouble=Trouble.SILENT, since=facts.last_bulletin_at, values=values)


def _inbox(facts: Facts, _: Limits) -> Iterator[Alarm]:
    since = facts.inbox_since
    if since is not None and facts.at - since >= PASSING:
        yield Alarm(trouble=Trouble.INBOX, where=facts.host, since=since, values={"reason": facts.inbox})


def _publishing(facts: Facts, limits: Limits) -> Iterator[Alarm]:
    since = facts.unpublished_since
    if since is not None and facts.at - since >= limits.behind:
        values = {"reason": facts.publishing_failed}
        yield Alarm(trouble=Trouble.PUBLISHING, where=facts.host, since=since, values=values)


def _mail(facts: Facts, limits: Limits) -> Iterator[Alarm]:
    since = facts.due_at
    if since is not None and facts.at - since >= limits.behind:
        values = {"waiting": str(facts.waiting), "reason": facts.mail_failed}
        yield Alarm(trouble=Trouble.MAIL, since=since, values=values)


def _disk(facts: Facts, limits: Limits) -> Iterator[Alarm]:
    for folder, (free, total) in facts.rooms.items():
        if free * 100 < total * limits.disk_free:
            values = {"folder": folder, "free": str(free), "total": str(total)}
            where = f"{facts.host}:{folder}"
            yield Alarm(trouble=Trouble.DISK, where=where, since=facts.at, values=values)


def _bounces(facts: Facts, limits: Limits) -> Iterator[Alarm]:
    if facts.bounced >= FEW_BOUNCES and _above(facts.bounced, facts.sent, limits.bounces):
        values = {"number": str(facts.bounced), "sent": str(facts.sent)}
        yield Alarm(trouble=Trouble.BOUNCES, since=facts.at, values=values)


def _complaints(facts: Facts, limits: Limits) -> Iterator[Alarm]:
    if facts.complained >= FEW_COMPLAINTS and _above(facts.complained, facts.sent, limits.complaints):
        values = {"number": str(facts.complained), "sent": str(facts.sent)}
        yield Alarm(trouble=Trouble.COMPLAINTS, since=facts.at, values=values)


def _above(number: int, of: int, percent: float) -> bool:
    return percent > 0 and number * 100 > of * percent


def _outside(facts: Facts, _: Limits) -> Iterator[Alarm]:
    for trouble in dict.fromkeys(trouble for trouble, _ in facts.outside):
        words = "; ".join(said for which, said in facts.outside if which is trouble)
        yield Alarm(trouble=trouble, since=facts.at, values={"reason": words})


def _canary(facts: Facts, _: Limits) -> Iterator[Alarm]:
    lost = [at for at in facts.unseen if ON_ITS_WAY <= facts.at - at < TOLD_BEFORE]
    if lost:
        yield Alarm(trouble=Trouble.CANARY, since=min(lost), values={"number": str(len(lost))})
