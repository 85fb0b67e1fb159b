"""Bulletins and what is read in them, as files: tests/golden/reading/CASE/.

`bulletin.txt` is the input, `options.json` (if any) the options, `expected.json` the
outcome. FEEDS_ACCEPT=1 writes the outcomes anew; read the difference before you keep it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading import ReadingOptions, read

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "reading"
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


def test_there_are_cases() -> None:
    assert len(CASES) >= 12


@pytest.mark.parametrize("case", CASES)
def test_a_bulletin_gives_the_accepted_outcome(case: str) -> None:
    folder = GOLDEN / case
    options = folder / "options.json"
    chosen = json.loads(options.read_text(encoding="utf-8")) if options.exists() else {}
    found = _outcome((folder / "bulletin.txt").read_bytes(), ReadingOptions(**chosen))
    expected = folder / "expected.json"
    if os.environ.get("FEEDS_ACCEPT") == "1":
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def _outcome(data: bytes, options: ReadingOptions) -> dict[str, Any]:
    try:
        found = read("bulletin.txt", data, options)
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
            }
            for draft in found.drafts
        ],
        "faults": [_fault(fault) for fault in found.faults],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {"code": fault.code, "line": fault.line, "detail": fault.detail}
