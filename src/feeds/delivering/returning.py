"""What comes back: each mail of a box -> who it is about -> what follows, one transaction each (T22).

In: mails of the bounce address. Out: readers suspended or gone, and one line for each mail. Only a tag or a
token that we made ourselves has any effect; a mail has its effect once, however often it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from feeds import log
from feeds.delivering.bounces import MANY, SHARE
from feeds.mail.addresses import address_key, masked
from feeds.mail.envelope import BounceAddress
from feeds.mail.returned import Box, Kind, ReturnedMail
from feeds.mail.returned.reading import read
from feeds.model import SubscriberState, Suppression
from feeds.store import Connection, Store, notices, returns, subscribers
from feeds.store.returns import SentLetter
from feeds.store.subscribers import SubscriberRow
from feeds.tokens import Tokens

logger = log.get("bounces")

# A tag is good for so long: whoever finds an old mail can do nothing with it.
TAG_LASTS = timedelta(days=30)
# So many letters given up, over so long a time, are a mailbox that nobody reads any more.
SOFT_MOST, SOFT_WITHIN, SOFT_OVER = 5, timedelta(days=45), timedelta(days=7)
# Of a host that says so of too many, in so long a time, nobody is suspended.
HOST_WITHIN, SENT_WITHIN = timedelta(hours=24), timedelta(days=7)
AT_ONCE = 500


class Leave(Protocol):
    """End what letters of this audience brought somebody, or everything for None. False: that had ended."""

    def __call__(
        self, conn: Connection, subscriber_id: int, audience_id: int | None, now: datetime
    ) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRules:
    """What happens to people is handed in: `suspend` ends somebody's mail, False if it had ended; `restore`
    takes that back; `leave` is their own wish. `canary`: the key of an address whose digests lie in the same
    box, to see that they arrive; empty for none.
    """

    address: BounceAddress
    tokens: Tokens
    now: Callable[[], datetime]
    suspend: Callable[[Connection, int, Suppression, str, datetime], bool]
    restore: Callable[[Connection, int, datetime], bool]
    leave: Leave
    canary: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mail, in a `word` for counting and a line for people; no address stands in it."""

    word: str
    line: str


@dataclass(slots=True)
class ReturnReport:
    """Outcomes by word; `failed` counts mails that a fault of ours left where they were."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failed: int = 0


def read_box(
    store: Store,
    box: Box,
    rules: ReturnRules,
    tell: Callable[[Outcome], object] = lambda _: None,
    limit: int = AT_ONCE,
) -> ReturnReport:
    """Deal with the unread mails of a box. Raises BoxError when it cannot be read (any more)."""
    report = ReturnReport()
    for mail in box.unread(limit):
        found = read(mail.raw, rules.address)
        try:
            outcome = deal_with(store, found, rules)
        except Exception:
            # It stays unread, and holds up no other (P9).
            logger.exception("return-failed", key=found.key[:12])
            report.failed += 1
            continue
        report.outcomes[outcome.word] += 1
        tell(outcome)
        mail.done()
    if report.outcomes or report.failed:
        logger.info("returns-read", failed=report.failed, **dict(report.outcomes))
    return report


def deal_with(store: Store, mail: ReturnedMail, rules: ReturnRules) -> Outcome:
    """What follows from one mail."""
    if rules.canary and mail.message_id:
        ours = store.transact(lambda conn: returns.arrived(conn, mail.message_id, rules.canary, rules.now()))
        if ours:
            return Outcome("arrived", "a digest to the canary: it arrived")
    if mail.kind is Kind.AUTOMATIC:
        return Outcome("ignored", "an answer of a machine: nothing follows")
    if mail.kind is Kind.DELAYED:
        return Outcome("ignored", "a report of no failure: nothing follows")
    return store.transact(lambda conn: _Dealing(conn, mail, rules).outcome())


class _Dealing:
    """One mail in its transaction."""

    def __init__(self, conn: Connection, mail: ReturnedMail, rules: ReturnRules) -> None:
        self._conn = conn
        self._mail = mail
        self._rules = rules
        self._now = rules.now()

    def outcome(self) -> Outcome:
        """Who it is about; then, unless it was dealt with before, what follows."""
        mail = self._mail
        number = next(filter(None, map(self._rules.tokens.read_bounce, mail.tags)), None)
        ids = next(filter(None, map(self._rules.tokens.read_unsubscribe, mail.tokens)), None)
        if mail.kind is Kind.OTHER:
            why = f": {mail.reason}" if mail.reason else ""
            return Outcome("left alone", f"no report and no wish{why}; somebody may want to read it")
        if number is None and ids is None:
            return Outcome("not ours", f"a {mail.kind} without a tag that we made: nothing follows")
        if not returns.add(self._conn, mail.key, self._now):
            return Outcome("known", "it was dealt with before")
        if number is not None and mail.kind is not Kind.LEAVE:
            return self._about(number)
        return self._leave(number, ids)

    def _about(self, number: str) -> Outcome:
        letter = returns.letter(self._conn, number, notices.MARK)
        if letter is None:
            return Outcome("too late", f"letter {number} is not kept any more: nothing follows")
        if letter.at < self._now - TAG_LASTS:
            return Outcome(
                "too late", f"letter {number} is older than {TAG_LASTS.days} days: nothing follows"
            )
        if self._mail.kind is Kind.POLICY:
            return self._policy(letter)
        if letter.subscriber_id is None:
            logger.warning("notice-bounced", letter=number, kind=self._mail.kind, status=self._mail.status)
            return Outcome("nobody's", f"letter {number} went to nobody who subscribes: {self._said}")
        person = subscribers.get(self._conn, letter.subscriber_id, lock=True)
        if person is None or address_key(letter.address) != person.address_key:
            return Outcome(
                "too late", f"letter {number}: its reader has another address now: nothing follows"
            )
        if person.consent_at and person.consent_at > letter.at:
            return Outcome("too late", f"letter {number}: its reader asked again since: nothing follows")
        return self._end(letter, person)

    def _end(self, letter: SentLetter, person: SubscriberRow) -> Outcome:
        if self._mail.kind is Kind.COMPLAINT:
            gone = self._suspend(person, Suppression.COMPLAINED, f"complained about letter {letter.number}")
            return Outcome(
                "complaint", f"letter {letter.number}: {masked(person.address)} complained: {gone}"
            )
        if not returns.note(
            self._conn, letter.number, person.id, self._mail.kind, self._mail.status, self._now,
            worse=Kind.HARD,
        ):  # fmt: skip
            return Outcome("known", f"letter {letter.number}: as much was known")
        return self._hard(letter, person) if self._mail.kind is Kind.HARD else self._soft(letter, person)

    def _hard(self, letter: SentLetter, person: SubscriberRow) -> Outcome:
        if many := self._many(person):
            return many
        gone = self._suspend(person, Suppression.BOUNCED, self._said)
        return Outcome("hard", f"letter {letter.number}: {masked(person.address)}: {self._said}: {gone}")

    def _soft(self, letter: SentLetter, person: SubscriberRow) -> Outcome:
        since = self._now - SOFT_WITHIN
        if person.consent_at and person.consent_at > since:
            since = person.consent_at
        at = returns.instants(self._conn, person.id, Kind.SOFT, since)
        where = f"letter {letter.number}: {masked(person.address)}: {self._said}"
        if len(at) < SOFT_MOST or at[-1] - at[0] < SOFT_OVER:
            return Outcome("soft", f"{where}: {len(at)} of {SOFT_MOST} in {SOFT_WITHIN.days} days")
        gone = self._suspend(person, Suppression.BOUNCED, f"{len(at)} letters came back: {self._said}")
        return Outcome("soft", f"{where}: {len(at)} letters came back: {gone}")

    def _policy(self, letter: SentLetter) -> Outcome:
        """Ours to mend: nobody's mailbox is at fault."""
        host = letter.address.rpartition("@")[2]
        logger.error("bounce-policy", letter=letter.number, host=host, reason=self._said)
        return Outcome(
            "policy", f"letter {letter.number}: {host} refuses us: {self._said}: look at feeds check"
        )

    def _many(self, person: SubscriberRow) -> Outcome | None:
        """Whether a host says so of too many: then it is in trouble, and nobody is suspended for it."""
        host = person.address_key.rpartition("@")[2]
        people = returns.people_at(self._conn, host, Kind.HARD, self._now - HOST_WITHIN)
        if len(people) < MANY:
            return None
        tried = returns.sent_to(self._conn, host, self._now - SENT_WITHIN)
        if len(people) <= SHARE * tried:
            return None
        back = [
            each
            for each in people
            if self._bounced(each) and self._rules.restore(self._conn, each, self._now)
        ]
        logger.error("bounces-many", host=host, refused=len(people), tried=tried)
        took_back = f", {len(back)} of today get mail again" if back else ""
        why = f"{host} says so of {len(people)} of {tried} people"
        return Outcome("too many", f"{why}: nobody is suspended{took_back}; look at that server")

    def _bounced(self, subscriber_id: int) -> bool:
        person = subscribers.get(self._conn, subscriber_id)
        return person is not None and person.state is SubscriberState.BOUNCED

    def _leave(self, number: str | None, ids: tuple[int, int] | None) -> Outcome:
        """A wish to leave. A complaint known by its link alone is no more than that: links are passed on."""
        subscriber, audience = ids or (None, None)
        if subscriber is None and number is not None:
            letter = returns.letter(self._conn, number, notices.MARK)
            subscriber, audience = (letter.subscriber_id, letter.audience_id) if letter else (None, None)
        if self._mail.kind is Kind.COMPLAINT:
            audience = None
        if subscriber is None or not self._rules.leave(self._conn, subscriber, audience, self._now):
            return Outcome("left", "a wish to leave what had ended before: nothing follows")
        return Outcome(
            "left", f"subscriber {subscriber} left {'everything' if audience is None else 'by mail'}"
        )

    def _suspend(self, person: SubscriberRow, why: Suppression, reason: str) -> str:
        if not self._rules.suspend(self._conn, person.id, why, reason, self._now):
            return "had ended before"
        logger.info("suspended", subscriber=person.id, why=why, status=self._mail.status)
        return (
            "gets no more mail" if why is Suppression.COMPLAINED else "gets no more mail until they ask again"
        )

    @property
    def _said(self) -> str:
        return " ".join(filter(None, (self._mail.status, self._mail.reason))) or "no reason given"
