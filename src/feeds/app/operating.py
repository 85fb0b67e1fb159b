"""Wiring of what the operator is told: what is measured, where passes are noted, who sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import config
from feeds.app import owners
from feeds.config import Settings
from feeds.operating.measuring import Gauge
from feeds.operating.passing import Passes
from feeds.publishing import marks
from feeds.web.metrics import Metrics

if TYPE_CHECKING:
    from feeds.app.parts import Parts

_SQLITE = "sqlite:///"


def gauge_of(parts: Parts, now: Callable[[], datetime]) -> Gauge:
    """What can be measured of this site from this host."""

    def published() -> int:
        mark = marks.read(parts.public)
        return mark.seq if mark else 0

    return Gauge(store=parts.store, published=published, folders=folders_of(parts.settings), now=now)


def folders_of(settings: Settings) -> dict[str, Path]:
    """Folders that must have room, by what lies in them."""
    folders = {"inbox": settings.path(settings.inbox.path), "public": settings.path(settings.publish.path)}
    url = settings.store.url
    return folders | (
        {"database": settings.path(url.removeprefix(_SQLITE))} if url.startswith(_SQLITE) else {}
    )


def passes_of(parts: Parts, now: Callable[[], datetime]) -> Passes:
    """Where this process notes how its passes go."""
    return Passes(parts.store, owners.me(), owners.here().host, now)


def metrics_of(parts: Parts, now: Callable[[], datetime]) -> Metrics:
    """Who sees the metrics. Raises ConfigError for a token that others can read or guess."""
    token = config.metrics_token(parts.settings)
    measure = gauge_of(parts, now).measure
    return Metrics(measure=measure, loopback=parts.settings.metrics.loopback, token=token)
