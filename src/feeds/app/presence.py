"""That this process runs, written into the database so that others and the operator see it."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from feeds import __version__
from feeds.app import owners
from feeds.store import processes
from feeds.store.processes import ProcessRow

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.config import Settings

# What each host has to itself: it may differ and the site is the same.
_OF_THE_HOST: Mapping[str, Any] = {
    "store": True, "log": True, "root": True, "file": True, "sources": True,
    "inbox": {"path", "polling", "settle", "rescan"}, "publish": {"path"},
    "mail": {"outbox", "local_hostname"},
    "web": {"listen", "hosts", "proxies", "secret_file", "show_outbox"}, "bounces": {"maildir"},
}  # fmt: skip


@dataclass
class Presence:
    """The row of one process, kept fresh."""

    parts: Parts
    roles: tuple[str, ...]
    started_at: datetime
    name: str = field(default_factory=owners.me)

    def tell(self, now: datetime, restart_for: str = "") -> None:
        """It runs now. `restart_for`: what was edited and waits for its next start. Raises StoreError."""
        row = ProcessRow(
            name=self.name, host=socket.gethostname(), roles=",".join(self.roles), version=__version__,
            settings=fingerprint(self.parts.settings), restart_for=restart_for, started_at=self.started_at,
            seen_at=now,
        )  # fmt: skip
        self.parts.store.transact(lambda conn: processes.seen(conn, row))

    def gone(self) -> None:
        """It ends. Raises StoreError."""
        self.parts.store.transact(lambda conn: processes.gone(conn, [self.name]))


def fingerprint(settings: Settings) -> str:
    """A short hash of what all processes of a site must have alike: settings and tables, no secret."""
    return hashlib.sha256(settings.model_dump_json(exclude=_OF_THE_HOST).encode()).hexdigest()[:12]
