"""Recipients who have no mailbox any more, by their server: told from a server in trouble (pure).

A server that lost its list of users refuses everybody so. When more than one in twenty of a pass's
recipients of one host, or of all hosts, is refused, twenty at least, nobody is suspended for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from feeds.delivering.results import Claimed, Result
from feeds.model import Deferred, Refused, Sent
from feeds.store.deliveries import ClaimedDelivery

MANY, SHARE = 20, 0.05
EVERYWHERE = "all hosts"


@dataclass(frozen=True, slots=True)
class Bounced:
    """Somebody whose mailbox is gone, and what the server said."""

    subscriber_id: int
    reason: str


@dataclass(slots=True)
class Bounces:
    """What a pass saw. `many` is the host where too many were refused, once it is so."""

    many: str = ""
    people: list[Bounced] = field(default_factory=list)
    _tried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _gone: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def note(self, claimed: Claimed, result: Result) -> None:
        """Count what became of a letter that a server answered."""
        if not isinstance(result, Sent | Refused | Deferred):
            return
        hosts = (claimed.address.rpartition("@")[2].lower(), EVERYWHERE)
        for host in hosts:
            self._tried[host] += 1
        if not isinstance(result, Refused) or not result.gone:
            return
        for host in hosts:
            self._gone[host] += 1
        if isinstance(claimed, ClaimedDelivery):
            self.people.append(Bounced(claimed.subscriber_id, result.reason))
        for host in hosts:
            if self._gone[host] >= MANY and self._gone[host] > SHARE * self._tried[host] and not self.many:
                self.many = host

    @property
    def counts(self) -> tuple[int, int]:
        """How many of how many were refused where there were too many."""
        return self._gone[self.many], self._tried[self.many]
