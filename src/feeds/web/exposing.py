"""Figures of the site and counts of this process, in the text form of Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from feeds.operating.measuring import Measured
from feeds.web.tallying import Tally


def as_text(tally: Tally, measured: Measured) -> bytes:
    """What Prometheus reads."""
    of_site = CollectorRegistry()
    of_site.register(_Told(list(families(measured))))
    return generate_latest(of_site) + generate_latest(tally.registry)


class _Told:
    """Families of metrics that are known already."""

    def __init__(self, told: Iterable[Metric]) -> None:
        self._told = told

    def collect(self) -> Iterable[Metric]:
        return self._told


def families(measured: Measured) -> Iterator[Metric]:
    """The figures of the site. Ages are left out where there is nothing that could age."""
    yield from _news(measured)
    yield from _letters(measured)
    yield from _passes(measured)
    rooms = measured.rooms.items()
    free = ((name, room.free) for name, room in rooms)
    yield _labelled("feeds_disk_free_bytes", "Bytes free where a folder lies", "folder", free)
    total = ((name, room.total) for name, room in rooms)
    yield _labelled("feeds_disk_size_bytes", "Bytes in all where a folder lies", "folder", total)


def _news(measured: Measured) -> Iterator[Metric]:
    found, at = measured.figures, measured.at
    yield from _age(
        "feeds_last_bulletin_age_seconds", "Since the last bulletin was taken in", found.last_bulletin_at, at
    )
    yield GaugeMetricFamily("feeds_held_bulletins", "Bulletins that are held", found.held)
    what = "Changed feeds and pages that this host's folder lacks"
    yield GaugeMetricFamily("feeds_unpublished_changes", what, found.unpublished)
    oldest = "Since the oldest of them changed"
    yield from _age("feeds_oldest_unpublished_age_seconds", oldest, found.unpublished_since, at)


def _letters(measured: Measured) -> Iterator[Metric]:
    found, at = measured.figures, measured.at
    queues = {"digest": found.digests, "notice": found.notices}
    waiting = ((kind, queue.waiting) for kind, queue in queues.items())
    yield _labelled("feeds_letters_waiting", "Letters that wait, up to 100000", "kind", waiting)
    in_hand = ((kind, queue.in_hand) for kind, queue in queues.items())
    yield _labelled("feeds_letters_in_hand", "Letters that are being sent", "kind", in_hand)
    overdue = ((kind, max(0.0, _seconds(queue.due_at, at))) for kind, queue in queues.items() if queue.due_at)
    yield _labelled(
        "feeds_oldest_waiting_letter_overdue_seconds",
        "How long the first that waits has been due",
        "kind",
        overdue,
    )
    sent = CounterMetricFamily("feeds_letters", "Letters by what became of them", labels=["outcome"])
    for outcome, number in found.letters.items():
        sent.add_metric([outcome], number)
    yield sent
    what = "Letters of the last day that came back"
    yield _labelled("feeds_bounces_last_day", what, "kind", found.bounces.items())


def _passes(measured: Measured) -> Iterator[Metric]:
    last = GaugeMetricFamily("feeds_pass_seconds", "Seconds that the last pass took", labels=["name", "host"])
    age = GaugeMetricFamily("feeds_pass_age_seconds", "Since the last pass", labels=["name", "host"])
    failed = GaugeMetricFamily("feeds_pass_failed", "1: the last pass ended early", labels=["name", "host"])
    seen: set[tuple[str, str]] = set()
    for row in measured.figures.passes:
        labels = (row.name, row.host)
        if labels in seen:
            continue  # an older process of the same host
        seen.add(labels)
        last.add_metric(labels, row.took_ms / 1000)
        age.add_metric(labels, _seconds(row.ended_at or measured.at, measured.at))
        failed.add_metric(labels, float(bool(row.failed)))
    yield from (last, age, failed)


def _labelled(name: str, what: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=[label])
    for value, number in values:
        family.add_metric([value], number)
    return family


def _age(name: str, what: str, since: datetime | None, at: datetime) -> Iterator[Metric]:
    if since is not None:
        yield GaugeMetricFamily(name, what, _seconds(since, at))


def _seconds(since: datetime, at: datetime) -> float:
    return (at - since).total_seconds()
