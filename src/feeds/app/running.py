"""`feeds run`: watcher, scheduler ticks, delivery loop and web in one process.

APScheduler and file events only wake the passes; what is due stands in the
database (P7, P8). Each pass runs in a thread and is fenced: a fault is logged
and the loop goes on (P9). SIGTERM ends it within 15 s, whatever hangs (P10).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import uvloop
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from feeds import log
from feeds.app import PUBLISHING, ROLES, coming_back, offices, operating
from feeds.app.alarming import Watchman, send_otherwise
from feeds.app.fence import Fence
from feeds.app.hubs import hub_loop
from feeds.app.moving_back import SEEN_EVERY, follower_of
from feeds.app.noticing import ConfigurationFiles, configuration_files, read_edited, tell_missing_topics
from feeds.app.operating import LOOK_FOR_CHANGES_EVERY_S, LOOK_FOR_TROUBLE_EVERY_S, SWEEP_EVERY_S
from feeds.app.parts import Parts, now
from feeds.app.pauses import next_pause, share_fairly, spread, tick, unless_ended, until
from feeds.app.presence import Presence
from feeds.app.serving import Current, Server, application_of, listen_on, server_for
from feeds.app.watchdog import Watchdog
from feeds.composing.compose import compose
from feeds.delivering.deliver import DeliverReport, deliver
from feeds.inbox import watch
from feeds.intake.folders import FolderMemory
from feeds.intake.ingest import ingest_inbox
from feeds.mail import Transport
from feeds.operating.hourly import count_hour
from feeds.operating.passing import LetterCount
from feeds.people.departing import Follower
from feeds.people.sweeping import sweep
from feeds.publishing.publish import PublishReport, publish
from feeds.restoring import Held

logger = log.get("running")

LOOK_FOR_MAIL_EVERY_S = 5
PUBLISHED_WITHIN_S = 5.0
# A folder on a disk that hangs keeps nobody from the rest of the site.
FIRST_PUBLISHED_WITHIN_S = 30.0
LOOK_AT_CONFIGURATION_EVERY_S = 2
TELL_LONG_PASSES_EVERY_S = 30
FOLLOW_DEPARTURES_EVERY_S = 2
# Of the 15 s of a stop: loops end by themselves, then they are cancelled, then the process is ended.
CANCEL_AFTER_S, END_AFTER_S = 12.0, 14.0
GOODBYE_S = 1.5


@dataclass
class Running:
    """One running process. `roles` says which of its loops it runs."""

    parts: Parts
    roles: tuple[str, ...] = ROLES
    on_ready: Callable[[str], None] = lambda _: None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    watchdog: Watchdog = field(default_factory=lambda: Watchdog(END_AFTER_S))
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _due: asyncio.Event = field(default_factory=asyncio.Event)
    _mail: asyncio.Event = field(default_factory=asyncio.Event)
    _changes: asyncio.Event = field(default_factory=asyncio.Event)
    _published: asyncio.Event = field(default_factory=asyncio.Event)
    _hub: asyncio.Event = field(default_factory=asyncio.Event)
    _publisher_hangs: bool = False
    _memories: dict[str, FolderMemory] = field(default_factory=lambda: defaultdict(FolderMemory))
    _unread: list[str] = field(default_factory=list)
    _next_at: Any = None  # when something goes out or ends by itself
    _socket: socket.socket | None = None
    _ended: threading.Event = field(default_factory=threading.Event)
    _current: Current | None = None
    _restart_for: list[str] = field(default_factory=list)
    _files: ConfigurationFiles = field(init=False)
    _departures: Follower = field(init=False)
    _presence: Presence = field(init=False)

    def __post_init__(self) -> None:
        settings = self.parts.settings
        self._files = ConfigurationFiles(configuration_files(settings), settings.path("templates"))
        self._departures = follower_of(self.parts)
        self._presence = Presence(self.parts, self.roles, now())
        self._fence = Fence(operating.passes_of(self.parts, now))
        self._letters = LetterCount(self.parts.store)
        self._watchman = Watchman(self.parts, now, self.roles)

    async def run(self) -> None:
        """Run until SIGTERM or SIGINT. Raises FeedsError when it cannot start."""
        await asyncio.to_thread(self.parts.store.require_current)
        await asyncio.to_thread(tell_missing_topics, self.parts)
        if "web" in self.roles:
            # Readers who come first find what is new, in a new folder at least the front page.
            first = asyncio.create_task(self._publish())
            await asyncio.wait({first}, timeout=FIRST_PUBLISHED_WITHIN_S)
            self._socket = listen_on(self.parts.settings.web.listen)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._told_to_stop)
        self._listen(loop)
        tasks = [asyncio.create_task(task, name=name) for name, task in self._loops()]
        scheduler = self._scheduler()
        scheduler.start()
        stopped = asyncio.create_task(self.stop.wait())
        try:
            done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            # A loop that ended by itself is a failure to start (a port in use): show it.
            for task in done - {stopped}:
                task.result()
        finally:
            scheduler.shutdown(wait=False)
            await self._finish(tasks)
            await self._say_goodbye()
            stopped.cancel()
            logger.info("stopped")

    def _told_to_stop(self) -> None:
        self.watchdog.let_go()
        self._ended.set()
        self.stop.set()

    def _listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear what processes on other hosts did; what is not heard is seen by looking."""
        wakes = {"changes": (self._changes, self._due), "mail": (self._mail,)}

        def heard(topic: str) -> None:
            for event in wakes[topic]:
                with contextlib.suppress(RuntimeError):  # the loop has just ended
                    loop.call_soon_threadsafe(event.set)

        listener = self.parts.store.listener(heard, self._ended.wait)
        if listener is not None:
            # Nobody waits for it at the end.
            threading.Thread(target=listener.run, name="listener", daemon=True).start()

    def _loops(self) -> Iterator[tuple[str, Coroutine[None, None, None]]]:
        if "watch" in self.roles:
            polling = self.parts.settings.inbox.polling
            for folder in self.parts.watched_folders:
                yield "watch", watch(folder.inbox.root, self._news.set, self.stop, polling=polling)
            yield "news", self._news_loop()
        if "schedule" in self.roles:
            yield "compose", self._compose_loop()
        if not PUBLISHING.isdisjoint(self.roles):
            yield "publish", self._publish_loop()
            if self.parts.settings.publish.hub:
                yield "hub", hub_loop(self.parts, self._fence, self._hub, self.stop)
        if "deliver" in self.roles:
            yield "deliver", self._mail_loop()
        if "web" in self.roles:
            yield "web", self._web()

    def _scheduler(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler()

        def each(seconds: float, job: Callable[[], Awaitable[object]], **more: Any) -> None:
            options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
            scheduler.add_job(unless_ended, "interval", seconds=seconds, args=[job], **options, **more)

        # Where files are taken in, digests follow: what they tell stands on its pages then.
        wake = self._news if "watch" in self.roles else self._due
        each(self.parts.settings.inbox.rescan, partial(tick, wake))
        each(LOOK_FOR_MAIL_EVERY_S, partial(tick, self._mail))
        each(LOOK_AT_CONFIGURATION_EVERY_S, self._look_at_configuration)
        box = self.parts.settings.bounces
        if "deliver" in self.roles and (box.maildir or box.imap_host):
            each(box.every, self._look_for_returns)
        each(TELL_LONG_PASSES_EVERY_S, self._tell_passes)
        each(LOOK_FOR_TROUBLE_EVERY_S, self._look_for_trouble)
        if self.parts.settings.alarms.host:
            send = partial(send_otherwise, self.parts, self.stop)
            each(LOOK_FOR_TROUBLE_EVERY_S, partial(self._fence.task, "alarm-mails", send))
        # Who leaves is known outside the database within seconds.
        each(FOLLOW_DEPARTURES_EVERY_S, partial(self._fence.run, "journal", self._departures.follow))
        each(SEEN_EVERY.total_seconds(), self._tell_presence, next_run_time=now())
        if "schedule" in self.roles:
            each(SWEEP_EVERY_S, self._sweep)
        return scheduler

    async def _tell_passes(self) -> None:
        """What runs for long is seen while it runs, and so is what became of letters."""
        await asyncio.to_thread(self._fence.passes.tell_long)
        await asyncio.to_thread(self._letters.note)

    async def _look_for_trouble(self) -> None:
        await self._fence.run("hourly", lambda: count_hour(self.parts.store, now()))
        done = await self._fence.run("alarms", self._watchman.look)
        if done and (done.up or done.over):
            self._mail.set()

    async def _tell_presence(self) -> None:
        await self._fence.run("presence", lambda: self._presence.tell(now(), " ".join(self._restart_for)))

    async def _sweep(self) -> None:
        swept = await self._fence.run("sweep", lambda: sweep(self.parts.store, now()))
        if swept and swept.resumed:
            self._due.set()  # what came while they paused

    async def _look_for_returns(self) -> None:
        await self._fence.run("bounces", lambda: coming_back.look(self.parts, now))

    async def _look_at_configuration(self) -> None:
        """Use what was edited, as far as that is safe, and say what waits for a restart."""
        files = await self._fence.run("configuration", self._files.changed)
        if not files:
            return
        edited = await self._fence.run("configuration", partial(read_edited, self.parts, files))
        if edited is None:
            return
        self.parts, self._restart_for = edited.parts, edited.restart_for
        self._presence.parts = self._watchman.parts = edited.parts
        self._memories.clear()
        if self._current is not None:
            made = await asyncio.to_thread(application_of, edited.parts)
            self._current.app, self._current.front = made
        for event in (self._news, self._changes):
            event.set()
        await self._tell_presence()

    async def _finish(self, tasks: list[asyncio.Task[None]]) -> None:
        self._told_to_stop()
        for event in (self._news, self._due, self._mail, self._changes, self._published, self._hub):
            event.set()
        _, late = await asyncio.wait(tasks, timeout=CANCEL_AFTER_S) if tasks else (set(), set())
        for task in late:
            logger.warning("stopping-late", task=task.get_name())
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _say_goodbye(self) -> None:
        """Not to be taken for running; a database that is away must not hold up the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_S):
                await self._fence.run("journal", self._departures.follow)
                await self._fence.run("presence", self._presence.gone)

    async def _news_loop(self) -> None:
        """Ingest whenever something may have come; then digests may be due."""
        while not self.stop.is_set():
            self._news.clear()
            if await self._fence.run("ingest", self._ingest):
                self._mail.set()  # receipts go out at once
            await self._see_published()
            self._due.set()
            await self._wait_for_news()

    async def _compose_loop(self) -> None:
        """Compose whenever something may be due. A long pass keeps nobody from taking files in."""
        store, stopped = self.parts.store, self.stop.is_set
        while not self.stop.is_set():
            self._due.clear()
            report = await self._fence.run(
                "compose", lambda: compose(store, self.parts.compose_rules, now(), stopped=stopped)
            )
            if report and report.composed:
                self._mail.set()
            await self._due.wait()

    def _ingest(self) -> bool:
        """Whether anything was taken in."""
        if (unread := offices.note_unread(self.parts)) != self._unread:
            self._unread = unread
            if unread:
                logger.warning("inbox-folders-not-read", folders=" ".join(unread))
        reports = [
            ingest_inbox(folder, self._memories[folder.prefix], now, time.monotonic)
            for folder in self.parts.watched_folders
        ]
        lapsed, self._next_at = offices.by_itself(self.parts, now())
        return lapsed or any(report.receipts for report in reports)

    async def _see_published(self) -> None:
        """Let what was taken in stand on its pages before mails lead there; a publisher that hangs is not
        waited for.
        """
        patience = 0.0 if self._publisher_hangs else PUBLISHED_WITHIN_S
        self._published.clear()
        self._changes.set()
        try:
            await asyncio.wait_for(self._published.wait(), patience)
        except TimeoutError:
            self._publisher_hangs = True

    async def _publish_loop(self) -> None:
        """Keep this host's public folder up to date, whoever took the news in; a rebuild in parts."""
        while not self.stop.is_set():
            self._changes.clear()
            report = await self._publish()
            self._publisher_hangs = False
            if not self._changes.is_set():
                self._published.set()
            self._hub.set()
            if report is None or not report.left or report.busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changes.wait(), LOOK_FOR_CHANGES_EVERY_S)

    async def _publish(self) -> PublishReport | None:
        """What is new, and one part of a rebuild at most."""
        store, stopped = self.parts.store, self.stop.is_set
        return await self._fence.run(
            "publish", lambda: publish(store, self.parts.press, briefly=True, stopped=stopped)
        )

    async def _wait_for_news(self) -> None:
        """Sleep until woken, until a file may have settled, or something goes out or ends by itself."""
        settle = self.parts.settings.inbox.settle
        unsettled = any(memory.unsettled for memory in self._memories.values())
        timeout = min(settle, 1.0) / 2 + 0.05 if unsettled else until(self._next_at, now())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), timeout)

    async def _mail_loop(self) -> None:
        """Deliver whenever something may be due; an absent server is asked again, ever more seldom."""
        away_s = 0.0
        transports = self.parts.transports()
        try:
            while not self.stop.is_set():
                self._mail.clear()
                away_s = next_pause(away_s, await self._deliver(transports))
                with contextlib.suppress(TimeoutError):
                    wait_for = self.stop if away_s else self._mail
                    await asyncio.wait_for(
                        wait_for.wait(), spread(away_s, self.parts.deliver_rules.jitter()) or None
                    )
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await asyncio.gather(*(transport.close() for transport in transports))

    async def _deliver(self, transports: Sequence[Transport]) -> DeliverReport | None:
        """One deliver pass, fenced; None when it failed."""
        report, held = DeliverReport(), False
        self._letters.begin(report.outcomes)

        async def run() -> DeliverReport:
            nonlocal held
            try:
                return await deliver(
                    self.parts.store, transports, self.parts.deliver_rules, self.stop,
                    dead_owners=self.parts.dead_owners, report=report,
                )  # fmt: skip
            except Held:
                held = True
                raise

        found = await self._fence.task(
            "deliver", run, lambda report: report.away.reason if report.away else ""
        )
        await asyncio.to_thread(self._letters.note)
        # A copy that is released goes on with the next tick.
        return report if held else found

    async def _web(self) -> None:
        warming = asyncio.create_task(self._fence.run("filters", self.parts.filtered.warm))
        self._current = Current(*application_of(self.parts))
        server = server_for(self._current, self._current, time.monotonic)
        serving = asyncio.create_task(server.serve(sockets=[self._socket] if self._socket else None))
        stopping = asyncio.create_task(self.stop.wait())
        ready = asyncio.create_task(self._announce(server))
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
        stopping.cancel()
        ready.cancel()
        warming.cancel()

    async def _announce(self, server: Server) -> None:
        while not server.started:
            await asyncio.sleep(0.02)
        self.on_ready(self.parts.settings.web.listen)


def run(
    parts: Parts, roles: tuple[str, ...] = ROLES, on_ready: Callable[[str], None] = lambda _: None
) -> None:
    """Run until told to stop."""

    log.catch_strays()
    running = Running(parts, roles, on_ready)
    share_fairly()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(running.run())
    finally:
        running.watchdog.call_off()
