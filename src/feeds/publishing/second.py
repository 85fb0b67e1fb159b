"""A second process that makes half of a part while this one makes the other half: both cores for a rebuild.

Owns that process: begun by fork, so that it has tables, templates and the catalogue already, and gone when
its parent is, however that ends. Each half is brought to the disk by who made it; the mark is the parent's,
and moves when both halves are there. Only for commands: a service has threads, which do not go with a fork,
and keeps a core for readers.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe

from feeds.errors import FeedsError
from feeds.publishing.files import Files, PublishReport, Work
from feeds.publishing.press import Press
from feeds.store import Store

FEWEST = 40  # less is made sooner than it is asked for


class Second:
    """Asks the other process, and waits for what it made."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def begin(self, work: Work, site: str) -> None:
        """Ask for the files of some work, to be on the disk."""
        self._pipe.send((work, site))

    def end(self) -> PublishReport:
        """What it wrote; all of it is on the disk. FeedsError if it failed: then the mark may not move."""
        try:
            made = self._pipe.recv()
        except (EOFError, OSError):
            raise FeedsError("the second publishing process ended: publish again") from None
        if not isinstance(made, PublishReport):
            raise FeedsError(f"the second publishing process failed: {made}")
        return made


def halves(work: Work) -> tuple[Work, Work] | None:
    """Work for two, None if it is too little."""
    if len(work.items) + 10 * len(work.feeds) < FEWEST:
        return None
    mine = Work(items=work.items[::2], feeds=work.feeds[::2], site=work.site)
    return mine, Work(items=work.items[1::2], feeds=work.feeds[1::2])


@contextmanager
def second_process(store: Store, press: Press) -> Iterator[Second]:
    """The other process, until the end of the block."""
    ours, theirs = Pipe()
    store.close()  # connections do not go with a fork
    # What both know stays shared and is not gone through again and again; pages leave little behind.
    gc.freeze()
    before = gc.get_threshold()
    gc.set_threshold(20_000, 20, 20)
    process = get_context("fork").Process(target=_serve, args=(store, press, theirs, ours), daemon=True)
    process.start()
    theirs.close()
    try:
        with closing(ours):
            yield Second(ours)
    finally:
        process.join()  # it has a hold of the folder, too: whoever publishes next must not find it busy
    gc.set_threshold(*before)
    gc.unfreeze()


def _serve(store: Store, press: Press, pipe: Connection, parents: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    parents.close()  # or we would not see that the parent is gone
    while True:
        try:
            work, site = pipe.recv()
        except EOFError:
            return
        try:
            answer: object = _make(store, press, work, site)
        except Exception as error:  # told to the parent, who ends the pass
            answer = str(error) or type(error).__name__
        try:
            pipe.send(answer)
        except BrokenPipeError:
            return


def _make(store: Store, press: Press, work: Work, site: str) -> PublishReport:
    report = PublishReport()
    with press.public.part() as part:
        with store.read() as conn:
            catalogue = press.memory.up_to_date(conn, site)
            Files(conn, press, catalogue, part, report).write(work)
        part.commit()
    return report
