"""Bulletins and what is read in them, as files: tests/golden/reading/CASE/.

`bulletin.*` (or the one file with a name of its own) is the input, `options.json` (if any) the
options, `expected.json` the outcome. FEEDS_ACCEPT=1 writes the outcomes anew; read the
difference before you keep it.
"""

from __future__ import annotations

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from feeds.reading import ReadingOptions
from outcomes import outcome

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "bulletins.md"
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "reading"
NEEDS = {"word-document": "mammoth", "pdf-document": "pypdf"}
CASES = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


def test_the_guide_names_every_case_and_only_cases() -> None:
    named = set(re.findall(r"golden/reading/([a-z0-9-]+)/?\)", GUIDE.read_text(encoding="utf-8")))
    assert named == set(CASES)


def test_there_are_cases() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES)
def test_a_bulletin_gives_the_accepted_outcome(case: str) -> None:
    folder = GOLDEN / case
    options = folder / "options.json"
    chosen = json.loads(options.read_text(encoding="utf-8")) if options.exists() else {}
    needed = NEEDS.get(case)
    if needed and find_spec(needed) is None:
        pytest.skip(f"the extra docs is not installed: {needed}")
    (given,) = (path for path in folder.iterdir() if path.suffix != ".json")
    found = outcome(given.name, given.read_bytes(), ReadingOptions(**chosen))
    expected = folder / "expected.json"
    if os.environ.get("FEEDS_ACCEPT") == "1":
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))
