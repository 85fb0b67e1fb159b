"""A file that is no text (a document, a mail) as a text that reads the same, to be mended at the desk.

Owns how the items that were read are written down, and the name of what comes of it. Forms are tried, the
plainest first, and each is read again: what is shown says what the file said, if any form does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from feeds.errors import BulletinError
from feeds.i18n import translator
from feeds.intake.examining import TEXTS, Examined, IngestRules
from feeds.model import Draft

_ENDING = ".txt"


def is_text(name: str) -> bool:
    """Whether a file of this name is mended as it is."""
    return PurePosixPath(name).suffix.lower() in TEXTS


def mended_name(name: str) -> str:
    """What a bulletin is called once its text was mended: a document becomes a text beside it."""
    return name if is_text(name) else f"{name}{_ENDING}"


def written_out(rules: IngestRules, file: Examined) -> str:
    """The items of a file as one text."""
    drafts = [each.draft for each in file.drafts]
    forms = [_head(file) + form for form in _forms(drafts, rules.lang)]
    return next((each for each in forms if _says_the_same(rules, file.name, each, drafts)), forms[0])


def _forms(drafts: Sequence[Draft], lang: str) -> Iterator[str]:
    date = translator(lang).date
    yield "\n\n".join(_plainly(each, date(each.date_on)) for each in drafts) + "\n"
    yield "\n\n".join(_plainly(each, each.date_on.isoformat()) for each in drafts) + "\n"
    yield "\n\n".join(_under_a_head(each) for each in drafts) + "\n"


def _plainly(draft: Draft, day: str) -> str:
    """The form that the press office knows: date, title, text."""
    parts = [day, draft.title, draft.summary, draft.link or ""]
    return "\n\n".join(part for part in parts if part)


def _under_a_head(draft: Draft) -> str:
    """With its title and day in a head of its own: its text may begin like a date then."""
    said = {
        "title": draft.title, "date": draft.date_on.isoformat(), "link": draft.link, "lang": draft.lang,
        "id": draft.external_id, "translation-of": draft.translation_of,
        "countries": list(draft.countries) if draft.countries is not None else None,
        "topics": list(draft.topics) if draft.topics is not None else None,
        "tags": list(draft.tags) or None,
    }  # fmt: skip
    lines = [
        f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items() if value is not None
    ]
    return "\n".join(["---", *lines, "---", "", draft.summary])


def _head(file: Examined) -> str:
    """What the file says of its time as a whole; its embargo is stored with the bulletin."""
    if file.expires_at is None:
        return ""
    return f"---\nexpiryDate: {file.expires_at.at:%Y-%m-%dT%H:%M:%SZ}\n---\n\n"


def _says_the_same(rules: IngestRules, name: str, text: str, drafts: Sequence[Draft]) -> bool:
    try:
        again = rules.reader(mended_name(name), text.encode(), rules.reading)
    except BulletinError:
        return False
    return [_said(each) for each in again.drafts] == [_said(each) for each in drafts]


def _said(draft: Draft) -> tuple[object, ...]:
    return (
        draft.date_on, draft.title, draft.summary, draft.link, draft.countries, draft.topics, draft.tags,
        draft.external_id, draft.translation_of,
    )  # fmt: skip
