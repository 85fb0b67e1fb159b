"""The number of this program's way of reading rises when files of old are read in other words.

A file that is read otherwise than it was is news to everybody if its items count as read in today's way:
corrections and new items that no office made. So the words of many files stand here as one sum a file, with
the number that they were read under.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from feeds import changes
from feeds.reading import ReadingOptions
from outcomes import outcome

TESTS = Path(__file__).resolve().parents[1]
NOTED = TESTS / "golden" / "reading.json"
FILES = (
    *(path for path in (TESTS / "golden" / "strangers").iterdir() if path.suffix != ".json"),
    *(TESTS / "bulletins").glob("*.txt"),
    *(TESTS.parent / "benchmarks" / "labelled").glob("*.txt"),
)


def words_of(path: Path) -> str:
    """A sum of all that a file's items say."""
    items = outcome(path.name, path.read_bytes(), ReadingOptions()).get("items", [])
    said = [(item["date"], item["title"], item["summary"]) for item in items]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def test_files_are_read_in_the_words_that_the_number_of_reading_stands_for() -> None:
    found = {path.name: words_of(path) for path in FILES}
    if os.environ.get("FEEDS_ACCEPT") == "1":
        noted = {"reading": changes.READING, "files": dict(sorted(found.items()))}
        NOTED.write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")
    noted = json.loads(NOTED.read_text(encoding="utf-8"))
    other = sorted(name for name, words in noted["files"].items() if found.get(name, words) != words)
    assert not other, (
        f"{', '.join(other)}: read in other words than under number {noted['reading']}. If a release "
        "was made under that number, raise changes.READING; then accept."
    )
    assert noted["reading"] == changes.READING, "accept the number together with the words"
