"""What the members of an audience are told, in words that are made once for all who are told the same.

Bodies are joined from pieces, feet made once for each set of filters (`letters.joining`); both are stored as
passages, which digests name.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from feeds import digest as digests_rule
from feeds.composing.rules import ComposeRules
from feeds.letters import Body, Passage, Wording
from feeds.letters.fitting import HTML_BUDGET
from feeds.model import Audience, Cadence, Digest, Filter, Period, Reason
from feeds.store import Connection, queueing

_FOOT_ALLOWANCE = 400  # the words of period and promise, and what escaping adds


@dataclass(frozen=True, slots=True)
class Telling:
    """A digest that is to be stored, and the keys of its passages."""

    digest: Digest
    variant: str
    subject: str
    body: str
    foot: str | None
    held: Sequence[tuple[str, str, int]]

    @property
    def news(self) -> int:
        """How many items it tells that are new."""
        return sum(not change for _, _, change in self.held)


class Teller:
    """Words for the digests of one pass, and which of them are stored already."""

    def __init__(self, rules: ComposeRules) -> None:
        self._rules = rules
        self._letters = rules.letters.joining()
        self._bodies: dict[Hashable, tuple[str, str, int] | None] = {}
        self._feet: dict[Hashable, tuple[str, int]] = {}
        self._made: dict[str, tuple[str, str]] = {}
        self._stored: dict[str, int] = {}
        self._worded = lru_cache(5_000)(self._say)
        self._heading = lru_cache(2_000)(self._over)
        self._reason = lru_cache(5_000)(queueing.reason_text)

    def telling(self, digest: Digest) -> Telling:
        """The words of a digest. Raises MailError when there can be none."""
        subject, body, foot = self._passages(digest)
        held = [(entry.item.id, self._reason(entry.reason), 0) for entry in digest.entries()]
        held += [(each.item.id, self._reason(Reason()), each.n) for each in digest.corrections]
        return Telling(digest, digests_rule.variant(digest), subject, body, foot, held)

    def wording(self, audience: Audience, period: Period, since_at: datetime) -> Wording:
        """What differs from audience to audience with the same body and foot."""
        found = self._worded(
            audience.cadence, audience.lang, audience.zone, audience.hour, audience.weekday, period.due_at,
            since_at,
        )  # fmt: skip
        return Wording(self._heading(audience.lang, audience.filters), found.period, found.promise)

    def _over(self, lang: str, filters: tuple[Filter, ...]) -> str:
        return self._letters.heading(Audience(cadence=Cadence.IMMEDIATE, filters=filters, lang=lang))

    def _say(
        self, cadence: Cadence, lang: str, zone: str, hour: int, weekday: int, due_at: datetime,
        since_at: datetime,
    ) -> Wording:  # fmt: skip
        bare = Audience(cadence=cadence, filters=(), lang=lang, zone=zone, hour=hour, weekday=weekday)
        period = Period(key="", due_at=due_at)
        return self._letters.wording(
            Digest(audience=bare, period=period, since_at=since_at, until_at=since_at, groups=())
        )

    def _passages(self, digest: Digest) -> tuple[str, str, str | None]:
        """Subject, body and foot; a mail that must be rendered whole has no foot."""
        body = self._body(digest)
        if body is not None:
            subject, key, size = body
            foot, more = self._foot(digest.audience)
            if size + more + _FOOT_ALLOWANCE <= HTML_BUDGET:
                return subject, key, foot
        whole = self._rules.letters.digest(digest)
        return whole.subject, self._keep(Passage(whole.text, whole.html)), None

    def _body(self, digest: Digest) -> tuple[str, str, int] | None:
        key = self._letters.key(digest)
        if key is None:
            return None
        if key not in self._bodies:
            made = self._letters.body(digest)
            self._bodies[key] = None if made is None else self._kept(made)
        return self._bodies[key]

    def _kept(self, body: Body) -> tuple[str, str, int]:
        return body.subject, self._keep(body.passage), len(body.passage.html.encode())

    def _foot(self, audience: Audience) -> tuple[str, int]:
        key = (audience.lang, audience.filters)
        known = self._feet.get(key)
        if known is None:
            if len(self._feet) > 2_000:  # who has the same filters comes one after the other
                self._feet.clear()
            made = self._letters.foot(audience)
            known = self._feet[key] = (self._keep(made), len(made.html.encode()))
        return known

    def _keep(self, passage: Passage) -> str:
        key = queueing.passage_key(passage.text, passage.html)
        if key not in self._stored:
            self._made[key] = (passage.text, passage.html)
        return key

    def store(self, conn: Connection, keys: Iterable[str]) -> dict[str, int]:
        """The ids of these passages, stored in this transaction if they were not; see `kept`."""
        wanted = set(keys)
        new = {key: self._made[key] for key in wanted if key not in self._stored}
        return queueing.store_passages(conn, new) | {
            key: self._stored[key] for key in wanted if key in self._stored
        }

    def kept(self, ids: Mapping[str, int]) -> None:
        """The transaction has ended well: these need not be stored again."""
        for key, number in ids.items():
            self._stored[key] = number
            self._made.pop(key, None)
