"""What is read in a bulletin, as plain data for files of accepted outcomes."""

from __future__ import annotations

from typing import Any

from feeds.errors import BulletinError
from feeds.model import Fault, Moment
from feeds.reading import ReadingOptions, read

# Fields that most items do not have.
SAID = ("link", "countries", "topics", "external_id")


def outcome(name: str, data: bytes, options: ReadingOptions, *, whole: bool = False) -> dict[str, Any]:
    """The items and faults of a bulletin, or why it is refused. `whole`: with forms, tags and instants."""
    try:
        found = read(name, data, options)
    except BulletinError as error:
        return {"rejected": _fault(error.fault)}
    return {
        "encoding": found.encoding,
        "items": [
            {
                "lines": [draft.line, draft.end_line],
                "date": draft.date_on.isoformat(),
                "title": draft.title,
                "summary": draft.summary.split("\n\n"),
                "lang": draft.lang,
                **{field: said for field in SAID if (said := _plain(getattr(draft, field))) is not None},
                **({"body": draft.body, "tags": list(draft.tags)} if whole else {}),
            }
            for draft in found.drafts
        ],
        "faults": [_fault(fault) for fault in found.faults],
        **({"shown": [_at(found.not_before), _at(found.expires_at)]} if whole else {}),
    }


def _at(moment: Moment | None) -> str | None:
    return moment.at.isoformat() if moment else None


def _plain(said: object) -> object:
    return list(said) if isinstance(said, tuple) else said


def _fault(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "line": fault.line, "detail": fault.detail}
