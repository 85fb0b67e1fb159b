"""The publish pass: changes -> feeds and pages in a public folder (P3).

A pass goes on from the folder's mark, in parts: what is new first, then what is left of a
rebuild. The mark moves when a part is on the disk, so a pass that is killed is gone on with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

from feeds import log
from feeds.errors import FeedsError
from feeds.publishing import marks, plan
from feeds.publishing.files import Files, PublishReport, Work, addresses_of
from feeds.publishing.marks import Mark
from feeds.publishing.press import Press
from feeds.publishing.relating import is_behind, relate
from feeds.publishing.renaming import carry_over, settle_renames
from feeds.publishing.second import Second, halves, second_process
from feeds.publishing.standing import is_current, site_name
from feeds.publishing.word_index import index_words
from feeds.store import Store, publishing, tracing
from feeds.syndication.keys import feed_key

__all__ = ["PublishReport", "publish"]

logger = log.get("publish")

# So long a process with an older look leaves what is new to the newer one.
PATIENCE = timedelta(minutes=10)


def publish(
    store: Store,
    press: Press,
    *,
    everything: bool = False,
    briefly: bool = False,
    stopped: Callable[[], bool] = lambda: False,
    cores: int = 1,
) -> PublishReport:
    """Bring the public folder up to date; with `everything`, or after a change of templates or settings,
    write all of it anew. Topics that were renamed are carried over first.

    `briefly`: what is new, and one part of a rebuild at most. `stopped` is asked between parts. Another
    process that is publishing the folder is not waited for. With two `cores` a second process helps; only
    for a process without threads. Raises FeedsError where the folder cannot be written (a full disk): what is
    missing is published by the next pass.
    """
    report = PublishReport()
    current = is_current(store, press.public, press.look, press.tag, press.site.created_at)
    if everything or not current or is_behind(store):
        with _writable(press):
            _publish(
                store, press, report, everything=everything, briefly=briefly, stopped=stopped, cores=cores
            )
    report.left |= index_words(store, briefly=briefly, stopped=stopped)
    return report


@contextmanager
def _writable(press: Press) -> Iterator[None]:
    """Says in one line what a folder objects to."""
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        told = f"{press.public.root} cannot be written: {why}; what is missing there follows once it can"
        raise FeedsError(told) from None


def _publish(
    store: Store,
    press: Press,
    report: PublishReport,
    *,
    everything: bool,
    briefly: bool,
    stopped: Callable[[], bool],
    cores: int,
) -> None:
    carry_over(store, press.vocabulary, press.started_at)
    _adopt_stale(store)
    again = True
    while again:
        with press.public.alone() as alone:
            report.busy = not alone
            if alone:
                left = relate(store, press, briefly=briefly, stopped=stopped)
                with ExitStack() as stack:
                    a_pass = _Pass(store, press, report, stack if cores > 1 else None)
                    a_pass.run(everything=everything, briefly=briefly, stopped=stopped)
                report.left |= left
        everything = False
        # Whoever found us at work did not wait: what it wanted to publish is ours to see.
        again = alone and not (briefly or report.superseded or stopped()) and _has_news(store, press)
    if report.written:
        told = sorted(report.bulletins)[-tracing.MOST :]
        logger.info("published", bulletins=told, written=len(report.written), looked_at=report.looked_at)


def _adopt_stale(store: Store) -> None:
    with store.read() as conn:
        found = publishing.is_stale(conn)
    if found:
        store.transact(publishing.adopt_stale)


def _has_news(store: Store, press: Press) -> bool:
    mark = marks.read(press.public)
    with store.read() as conn:
        return mark is not None and mark.seq < publishing.latest_change(conn)


class _Pass:
    """One pass over a folder that nobody else publishes meanwhile."""

    def __init__(self, store: Store, press: Press, report: PublishReport, helped: ExitStack | None) -> None:
        """`helped` holds the second process, if there may be one."""
        self._helped = helped
        self._store = store
        self._press = press
        self._report = report
        self._second: Second | None = None

    def run(self, *, everything: bool, briefly: bool, stopped: Callable[[], bool]) -> None:
        """Part after part, until nothing is left."""
        self._press.public.sweep()
        mark = self._counting(marks.read(self._press.public))
        if mark is not None and self._is_older(mark):
            self._report.superseded = True
            return
        if everything or mark is None or mark.look != self._press.look:
            self._store.transact(lambda conn: settle_renames(conn, self._press.vocabulary))
            mark = self._begin_anew()
            most = 0 if briefly else None
        else:
            most = 1 if briefly else None
        self._go_on(mark, most, stopped)

    def _go_on(self, mark: Mark, most: int | None, stopped: Callable[[], bool]) -> None:
        """All that is new, and at most so many parts of what is left."""
        following: Mark | None = mark
        while following is not None and not stopped():
            mark = following
            following = self._next(mark, news_only=most == 0)
            if most and following is not None and following.seq == mark.seq:
                most -= 1
        self._report.left = not (following or mark).is_done

    def _counting(self, mark: Mark | None) -> Mark | None:
        """The mark, if it is one of this site and not ahead of its database."""
        with self._store.read() as conn:
            site = site_name(conn, self._press.tag, self._press.site.created_at)
            head = publishing.latest_change(conn)
        return mark if mark is not None and mark.site == site and mark.seq <= head else None

    def _is_older(self, mark: Mark) -> bool:
        """Whether a process that started later gave the folder another look, and keeps it up to date."""
        if mark.look == self._press.look or mark.started_at <= self._press.started_at:
            return False
        with self._store.read() as conn:
            since = publishing.waiting_since(conn, mark.seq)
        if since is not None and self._press.now() - since > PATIENCE:
            return False
        logger.warning("publishing-left-to-newer", since=mark.started_at.isoformat())
        return True

    def _begin_anew(self) -> Mark:
        press = self._press
        with press.public.part() as part:
            with self._store.read() as conn:
                site = site_name(conn, press.tag, press.site.created_at)
                catalogue = press.memory.up_to_date(conn, site)
                now = press.now()
                empty = Mark(site=site, seq=0, look=press.look, started_at=press.started_at, at=now)
                work, mark = plan.everything(conn, empty, catalogue, press.vocabulary, press.length)
                Files(conn, press, catalogue, part, self._report).write(work)
            part.put_last(marks.FILE, mark.to_bytes())
            part.commit()
        self._remember(work)
        return mark

    def _next(self, mark: Mark, *, news_only: bool) -> Mark | None:
        """Write one part; the mark as it is then, None if there was nothing to write."""
        press = self._press
        if self._helped and self._second is None and not mark.is_done:
            self._second = self._helped.enter_context(second_process(self._store, press))
        with press.public.part() as part:
            with self._store.read() as conn:
                found = plan.next_work(
                    conn, mark, press.vocabulary, news_only=news_only,
                    cores=2 if self._second else 1, langs=len(press.site.langs),
                )  # fmt: skip
                if found is None:
                    return None
                work, after = found
                self._report.bulletins.update(tracing.of_changes(conn, mark.seq, after.seq))
                catalogue = press.memory.up_to_date(conn, mark.site)
                shared = self._share(work, mark.site)
                Files(conn, press, catalogue, part, self._report).write(shared)
            after = replace(after, at=press.now())
            part.put_last(marks.FILE, after.to_bytes())
            part.settle()
            if self._second is not None and shared is not work:
                self._report.add(self._second.end())
            part.commit()
        self._remember(work)
        return after

    def _share(self, work: Work, site: str) -> Work:
        """What is ours of some work; the second process begins with the rest of it."""
        shared = halves(work) if self._second else None
        if self._second is None or shared is None:
            return work
        mine, theirs = shared
        self._second.begin(theirs, site)
        return mine

    def _remember(self, work: Work) -> None:
        """The feeds of a part have been published: their addresses are for ever."""
        vocabulary = self._press.vocabulary
        addresses = {each.stem for stem in work.feeds for each in addresses_of(feed_key(stem), vocabulary)}
        new = addresses - self._press.memory.published
        if new:
            self._store.transact(lambda conn: publishing.remember(conn, new))
            self._press.memory.published |= new
