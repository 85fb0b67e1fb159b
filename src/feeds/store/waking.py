"""Wake-ups between processes on PostgreSQL: LISTEN and NOTIFY (store).

They are hints: what there is to do stands in rows, and every loop looks by itself from time to time. One is
told at the commit of what it is about; if it is lost, that costs the time until the next look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from sqlalchemy import URL, Connection, text

from feeds import log
from feeds.store.engine import REACH, libpq

if TYPE_CHECKING:
    import psycopg

logger = log.get("waking")

Topic = Literal["changes", "mail"]
TOPICS: tuple[Topic, ...] = ("changes", "mail")
CHANNEL = "feeds"
# So long a listener waits at most before it looks whether it shall end.
LOOK_S = 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
# One database may hold several sites, each in a schema.
_TELL = text("SELECT pg_notify(:channel, current_schema() || ' ' || :topic)")


def tell(conn: Connection, topic: Topic) -> None:
    """Once this transaction is committed, other processes look for changes, or for mail."""
    if conn.dialect.name == "postgresql":
        conn.execute(_TELL, {"channel": CHANNEL, "topic": topic})


class Listener:
    """Hears what other processes of the site tell."""

    def __init__(self, url: URL, heard: Callable[[Topic], None], wait: Callable[[float], bool]) -> None:
        """`heard` is called with each topic; `wait` waits so many seconds, or less if it shall end (True)."""
        self._url, self._heard, self._wait = url, heard, wait

    def run(self) -> None:
        """Listen until told to end. A lost line is made anew, ever more seldom; it never raises."""
        import psycopg

        pause = FIRST_PAUSE_S
        while not self._wait(0):
            try:
                with self._connected() as conn:
                    if pause > FIRST_PAUSE_S:
                        logger.info("wake-ups-back")
                    pause = FIRST_PAUSE_S
                    self._listen(conn)
            except psycopg.Error as error:
                if pause == FIRST_PAUSE_S:
                    logger.warning("wake-ups-lost", reason=type(error).__name__)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                if self._wait(pause / 2):
                    return

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        import psycopg

        conninfo, password = libpq(self._url)
        given = {name: value for name, value in REACH.items() if name not in self._url.query}
        if password:
            given["password"] = password
        with psycopg.connect(conninfo, autocommit=True, **given) as conn:
            yield conn

    def _listen(self, conn: psycopg.Connection) -> None:
        conn.execute(f'LISTEN "{CHANNEL}"')
        row = conn.execute("SELECT current_schema()").fetchone()
        known = {f"{row[0] if row else ''} {topic}": topic for topic in TOPICS}
        for topic in TOPICS:  # what was told before we listened
            self._heard(topic)
        while not self._wait(0):
            for note in conn.notifies(timeout=LOOK_S, stop_after=1):
                if note.payload in known:
                    self._heard(known[note.payload])
