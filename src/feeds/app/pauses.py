"""How long a server that is away is left alone."""

from __future__ import annotations

from feeds.delivering.deliver import DeliverReport

AWAY_FIRST_S, AWAY_MOST_S = 5.0, 300.0


def next_pause(before_s: float, report: DeliverReport | None) -> float:
    """Seconds until a server that was away is asked again, 0 when it is not away.

    `report` None: the pass itself failed. Twice as long each time, unless the
    server took a letter meanwhile: then it is a trouble that has just begun.
    """
    if report is not None and report.away is None:
        return 0.0
    fresh = report is not None and report.outcomes["sent"] > 0
    return AWAY_FIRST_S if fresh else longer(before_s)


def longer(before_s: float) -> float:
    """Seconds until a server that is away is asked again, when the last pause was `before_s`, 0 at first."""
    return min(before_s * 2, AWAY_MOST_S) or AWAY_FIRST_S


def spread(pause_s: float, jitter: float) -> float:
    """A pause that is up to a tenth shorter or longer: several senders don't come back to a server together.

    `jitter` from 0 to 1.
    """
    return pause_s * (0.9 + 0.2 * jitter)
