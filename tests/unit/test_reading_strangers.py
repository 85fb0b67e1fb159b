"""Files as other people send them, and what is read in each: tests/golden/strangers/.

NAME is the input, NAME.json the outcome that was looked at and found right. FEEDS_ACCEPT=1 writes the
outcomes anew; read the difference before you keep it. All names and sentences are invented.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from feeds.reading import ReadingOptions
from outcomes import outcome

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "strangers"
FILES = sorted(path.name for path in GOLDEN.iterdir() if path.suffix != ".json")
# What the inputs hold and nobody but their receivers, or nobody at all, is to read.
PRIVATE = (
    "555 01", "@ministry", "@office", "@home", "Secret", "secret", "thief", "ladrón", "miente", "Super User",
    "unsub", "u=77", "Preheader", "CONFIDENTIALITY", "CONFIDENCIALIDAD", "groups.google", "listinfo",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_stranger_s_file_gives_what_was_found_right(name: str) -> None:
    found = outcome(name, (GOLDEN / name).read_bytes(), ReadingOptions(), whole=True)
    expected = GOLDEN / f"{name}.json"
    if os.environ.get("FEEDS_ACCEPT") == "1":
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
    assert not [words for words in PRIVATE if words in _shown(found)]


def _shown(found: dict[str, Any]) -> str:
    return json.dumps(found.get("items", []), ensure_ascii=False)
