"""Who does something to items and bulletins, and what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    """What is written down in the audit trail."""

    CORRECTED = "corrected"
    RELABELLED = "relabelled"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    RELEASED = "released"
    TAKEN_BACK = "taken-back"
    CAME_IN = "came-in"
    MENDED = "mended"
    CHOSEN = "labels-chosen"
    SCHEDULED = "scheduled"


@dataclass(frozen=True, slots=True)
class By:
    """Who, and by which way: ``maria@example.org`` by the ``desk``, a ``link`` of a receipt, the ``folder``
    or the ``command line``. `who` is empty where nobody can be named.
    """

    way: str
    who: str = ""


COMMAND_LINE = By("command line")
FOLDER = By("folder")
"""Somebody who can write to the inbox."""
