"""The words for faults, and the guide that lists them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from feeds.model import Fault
from feeds.reading import BLOCKING, REJECTING, WARNINGS, explain
from feeds.reading.faults import WORDS, cut

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "feeds"
GUIDE = ROOT / "docs" / "bulletins.md"
ALL = BLOCKING | WARNINGS | REJECTING


def test_a_code_has_one_kind_and_one_row() -> None:
    assert len(ALL) == len(BLOCKING) + len(WARNINGS) + len(REJECTING)
    assert set(WORDS) == ALL


def test_every_code_that_is_given_has_a_row() -> None:
    rooms = [path for room in ("reading", "labels") for path in (SOURCE / room).rglob("*.py")]
    others = [path for room in ("changes", "intake") for path in (SOURCE / room).rglob("*.py")]
    paths = [path for path in (*rooms, *others) if path.name != "faults.py"]
    sources = "".join(path.read_text(encoding="utf-8") for path in paths)
    given = set(
        re.findall(
            r'"((?:file|date|title|summary|text|encoding|no|too|lines|country|topic|front|form|extra|head|not|expires|tags|like|notice|item|reads|held|earlier)-[a-z-]+)"',
            sources,
        )
    ) | set(re.findall(r'"(expired|embargoed)"', sources))
    assert given <= ALL
    assert given >= BLOCKING | WARNINGS | {"file-empty", "file-binary", "file-too-large", "no-items"}


@pytest.mark.parametrize("code", sorted(ALL))
def test_a_fault_says_in_sentences_what_is_wrong_and_what_to_do(code: str) -> None:
    what, remedy = explain(Fault(code=code, line=3, detail="{x} of ours"))
    for sentence in (what, remedy):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert "{detail}" not in what + remedy
    assert ("{x} of ours" in what) == ("{detail}" in WORDS[code][0])


def test_a_fault_speaks_the_language_of_the_office() -> None:
    spanish = {WORDS["file-binary"][0]: "No es texto: {detail}.", "a PDF document": "un documento PDF"}
    what, remedy = explain(
        Fault(code="file-binary", detail="a PDF document"), lambda text: spanish.get(text, text)
    )
    assert what == "No es texto: un documento PDF."
    assert remedy == WORDS["file-binary"][1]


def test_a_translation_is_never_asked_for_nothing() -> None:
    # gettext("") answers with the header of its catalogue.
    asked: list[str] = []
    explain(Fault(code="file-binary"), lambda text: asked.append(text) or text)
    assert "" not in asked


def test_a_code_without_a_row_still_gets_an_answer() -> None:
    what, remedy = explain(Fault(code="from-the-future", detail="odd words"))
    assert "odd words" in what
    assert remedy


def test_a_detail_is_cut_short_visibly() -> None:
    assert cut("word " * 40, 20) == "word word word word…"
    assert cut("short", 20) == "short"


def test_the_guide_lists_each_fault_with_its_own_words() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (.+?) \| (.+?) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE
    )
    listed = {code: (what, remedy) for code, what, remedy in rows}
    shown = {code: tuple(words.replace("{detail}", "…") for words in row) for code, row in WORDS.items()}
    assert listed == shown
