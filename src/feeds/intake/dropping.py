"""A bulletin that comes in at the desk: checked, read and taken in like a file of the folder, but held until
its people say when.

The commit is the acceptance here too (P2): a kill before it leaves nothing, one after it a bulletin that
waits, whose file and receipt the next pass puts into held/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from feeds import log
from feeds.errors import FeedsError
from feeds.inbox import Where, is_ignored, shown_name
from feeds.intake.acceptance import Accepted, accept
from feeds.intake.filing import remember_filed, replace_waiting, tell
from feeds.intake.folders import WatchedFolder
from feeds.intake.previewing import examine
from feeds.model import By, Fault

logger = log.get("ingest")

# How files begin that are no text, by their endings; of all others none may begin so.
_BEGINNINGS = {".docx": b"PK\x03\x04", ".pdf": b"%PDF-"}
_OTHERS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ\x90", b"\x1f\x8b", b"Rar!")
_NO_TEXT = (*_BEGINNINGS.values(), *_OTHERS)
_LONGEST_NAME = 200


class NotTakenError(FeedsError):
    """A file that was not taken in, for these faults; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(each.code for each in faults))


def drop(folder: WatchedFolder, name: str, data: bytes, now: datetime, by: By) -> Accepted:
    """Take a file in that waits from then on. Raises NotTakenError for one that cannot be a bulletin."""
    if found := faults(folder, name, data):
        raise NotTakenError(found)
    file = examine(folder, folder.name(name), data)
    rules = replace(folder.rules, waits=True)
    (accepted,) = accept(folder.store, rules, [file], now, by=by)
    assert accepted is not None  # it lies nowhere from where another process could have taken it
    if not accepted.receipt.rejected:
        replace_waiting(folder, accepted, now, by)
    tell([accepted])
    _put(folder, name, data, accepted, now)
    return accepted


def faults(folder: WatchedFolder, name: str, data: bytes) -> list[Fault]:
    """What is wrong with a file before it is read: its name, its size, what it holds."""
    found, inbox = [], folder.inbox
    plain = name == shown_name(name) and not set(name) & set("/\\") and len(name.encode()) <= _LONGEST_NAME
    if not plain or is_ignored(name) or not inbox.is_wanted(name):
        found.append(Fault(code="file-kind", detail=name[:80]))
    if not data.strip():
        found.append(Fault(code="file-empty"))
    elif len(data) > inbox.max_bytes:
        found.append(Fault(code="file-too-large", detail=str(inbox.max_bytes)))
    elif not _holds_what_it_says(name, data):
        found.append(Fault(code="file-binary", detail=name[:80]))
    return found


def _holds_what_it_says(name: str, data: bytes) -> bool:
    """Whether a file begins as files of its ending do."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    begins = _BEGINNINGS.get(ending)
    return begins in data[:1024] if begins else not data.startswith(_NO_TEXT)


def _put(folder: WatchedFolder, name: str, data: bytes, one: Accepted, now: datetime) -> None:
    """Into held/ or rejected/. What cannot be written there now, the next pass of the folder files."""
    where: Where = "rejected" if one.receipt.rejected else "held"
    try:
        filed_as = folder.inbox.put(name, where, data, folder.render(one.receipt))
    except OSError as error:
        logger.error("bulletin-not-filed", name=shown_name(one.receipt.name), reason=str(error.strerror))
        return
    remember_filed(folder, {one.bulletin_id: filed_as}, now)
