"""A document written out as a text: what is shown says what the file said, whatever its words look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from feeds.intake.examining import Examined, IngestRules, Read, examine
from feeds.intake.writing_out import is_text, mended_name, written_out
from feeds.labels import Labeller
from feeds.model import Draft, Moment, Vocabulary
from feeds.reading import ReadingOptions

GOLDEN = Path(__file__).parents[1] / "golden"
FERRY = Draft(
    line=1, end_line=3, date_on=date(2026, 11, 18), title="A ferry starts", summary="It runs hourly."
)


@pytest.fixture
def rules(tables: tuple[Labeller, Vocabulary]) -> IngestRules:
    return IngestRules(
        reading=ReadingOptions(), labeller=tables[0], vocabulary=tables[1], lang="en", tag="tag:x,2026:",
        max_age=timedelta(days=30),
    )  # fmt: skip


def made(*drafts: Draft) -> Examined:
    return Examined(name="a.docx", drafts=tuple(Read(draft=each, lang="en", labels=()) for each in drafts))


def said(file: Examined) -> list[tuple[date, str, str, str | None]]:
    drafts = [each.draft for each in file.drafts]
    return [(each.date_on, each.title, each.summary, each.link) for each in drafts]


@pytest.mark.parametrize(
    "path",
    ["reading/word-document/bulletin.docx", "reading/pdf-document/bulletin.pdf", "strangers/gmail-html.eml"],
)
def test_documents_and_mails_are_written_in_the_form_that_the_office_knows(
    rules: IngestRules, path: str
) -> None:
    file = examine(rules, Path(path).name, (GOLDEN / path).read_bytes())
    text = written_out(rules, file)
    assert "---" not in text
    assert said(examine(rules, mended_name(file.name), text.encode())) == said(file) != []


def test_the_date_is_in_the_office_s_language(rules: IngestRules) -> None:
    text = written_out(replace(rules, lang="es"), made(FERRY))
    assert text == "18 de noviembre de 2026\n\nA ferry starts\n\nIt runs hourly.\n"


@pytest.mark.parametrize(
    "draft",
    [
        replace(FERRY, summary="From now on.\n\n17 November 2026\n\nThe second ferry\n\nStarts as well."),
        replace(FERRY, topics=("health",), countries=("pa", "hn"), external_id='7: "x"'),
    ],
)
def test_what_would_be_read_otherwise_stands_under_a_head(rules: IngestRules, draft: Draft) -> None:
    text = written_out(rules, made(draft))
    assert text.startswith('---\ntitle: "A ferry starts"\n')
    again = examine(rules, "a.docx.txt", text.encode())
    assert said(again) == said(made(draft))


def test_an_end_stays_that_of_the_file(rules: IngestRules) -> None:
    end = datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)
    file = replace(made(FERRY), expires_at=Moment(at=end, line=1, words="expires"))
    again = examine(rules, "a.docx.txt", written_out(rules, file).encode())
    assert again.expires_at is not None
    assert (again.expires_at.at, said(again)) == (end, said(file))


@pytest.mark.parametrize(
    ("name", "text"),
    [("a.docx", False), ("b/a.PDF", False), ("a.eml", False), ("a.TXT", True), ("a.md", True)],
)
def test_a_text_keeps_its_name_and_a_document_gets_one_of_a_text(name: str, text: bool) -> None:
    assert is_text(name) is text
    assert mended_name(name) == (name if text else f"{name}.txt")
