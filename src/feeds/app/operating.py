"""Wiring of what the operator is told: what is measured, where passes are noted, who sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from feeds import config
from feeds.app import desk, owners
from feeds.config import Settings
from feeds.i18n import translator
from feeds.model import Place
from feeds.operating.measuring import Gauge
from feeds.operating.overview import overview
from feeds.operating.passing import Passes
from feeds.pages.operator.pages import OperatorPages
from feeds.pages.operator.views import Overview
from feeds.publishing import marks
from feeds.templating import environment
from feeds.web.metrics import Metrics
from feeds.web.operator import OperatorParts
from feeds.web.people import PeopleParts

if TYPE_CHECKING:
    from feeds.app.parts import Parts

_SQLITE = "sqlite:///"
# How often `running` wakes these by itself; of changes that other hosts made nobody tells us.
LOOK_FOR_CHANGES_EVERY_S, SWEEP_EVERY_S, LOOK_FOR_TROUBLE_EVERY_S = 1.0, 60, 60


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


def operator_of(
    parts: Parts, web: PeopleParts, now: Callable[[], datetime], every: Mapping[str, timedelta]
) -> OperatorParts | None:
    """What the operator's pages work with; None unless the configuration names people for them."""
    named = parts.settings.operator.people
    if not named:
        return None
    sheets = (folder / "web" / "operator" / "operator.css" for folder in parts.template_folders)
    templates = environment([str(path) for path in parts.template_folders])
    gauge = gauge_of(parts, now)

    def gathered(lang: str) -> Overview:
        measured = gauge.measure()
        with parts.store.read() as conn:
            return overview(conn, measured, parts.vocabulary, every, translator(lang))

    return OperatorParts(
        at=desk.door_of(parts, web, Place.OPERATOR, named), store=parts.store, vocabulary=parts.vocabulary,
        pages=OperatorPages(templates, parts.site, parts.vocabulary),
        sheet=next(path for path in sheets if path.is_file()).read_bytes(), overview=gathered, now=now,
    )  # fmt: skip


def rounds(settings: Settings) -> dict[str, timedelta]:
    """How often each pass runs by itself."""
    seconds = {
        "ingest": settings.inbox.rescan, "publish": LOOK_FOR_CHANGES_EVERY_S, "sweep": SWEEP_EVERY_S,
        "alarms": LOOK_FOR_TROUBLE_EVERY_S, "bounces": settings.bounces.every,
    }  # fmt: skip
    return {name: timedelta(seconds=each) for name, each in seconds.items()}


def metrics_of(parts: Parts, now: Callable[[], datetime]) -> Metrics:
    """Who sees the metrics. Raises ConfigError for a token that others can read or guess."""
    token = config.metrics_token(parts.settings)
    measure = gauge_of(parts, now).measure
    return Metrics(measure=measure, loopback=parts.settings.metrics.loopback, token=token)
