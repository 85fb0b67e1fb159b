"""Where bulletins come in: one inbox folder with all that taking its files in needs (intake)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from feeds.inbox import Inbox, Seen, shown_name
from feeds.intake.examining import IngestRules
from feeds.model import BulletinReceipt, Outcome
from feeds.store import Store

RenderReceipt = Callable[[BulletinReceipt], str]


@dataclass(slots=True)
class FolderMemory:
    """What a running process remembers of the folder between two looks.

    `unsettled`: some file may be ready soon. `swept`: all that was accepted has been filed.
    `watching`: what earlier processes filed is watched, too.
    """

    seen: dict[str, Seen] = field(default_factory=dict)
    unsettled: bool = False
    swept: bool = False
    watching: bool = False


@dataclass(slots=True)
class IngestReport:
    """What one pass did. `failed` names files that stay where they are, with the reason;
    `settling` counts those that may still be growing."""

    receipts: list[BulletinReceipt] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    settling: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many items had this outcome."""
        return sum(receipt.count(outcome) for receipt in self.receipts)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFolder:
    """One inbox folder with all that taking its bulletins in needs.

    `prefix` stands before file names in receipts and lists: the sub-folder's
    name and a slash, or nothing.
    """

    store: Store
    inbox: Inbox
    rules: IngestRules
    render: RenderReceipt
    prefix: str = ""

    def name(self, name: str) -> str:
        """A file's name as people and the database see it."""
        return self.prefix + shown_name(name)

    def is_mine(self, name: str) -> bool:
        """Whether a bulletin of this name came in here, and not in a sub-folder or another one."""
        return name.startswith(self.prefix) and "/" not in name.removeprefix(self.prefix)
