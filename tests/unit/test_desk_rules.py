"""What the desk makes of what is typed: names, times, ticks, words; and what it takes in at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.datastructures import FormData

from feeds import changes
from feeds.inbox import Inbox
from feeds.intake import dropping
from feeds.intake.examining import Examined, Read, with_choices
from feeds.intake.folders import WatchedFolder
from feeds.model import Choice, Draft, DraftChoice, Evidence, Kind, Label, Strength
from feeds.office import editing
from feeds.pages.desk.bulletin import When, moment_of
from feeds.pages.desk.items import Typed, typed_of
from feeds.web.desk.bulletin import chosen_of
from feeds.web.desk.coming_in import name_of
from feeds.web.desk.items import read_words
from feeds.web.edge import Posted
from golden.pages import sample

NOW = datetime(2026, 11, 28, 19, 17, tzinfo=UTC)
ITEM = sample.items(1)[0]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("", "desk-20261128-141700.txt"),
        (" . ", "desk-20261128-141700.txt"),
        ("Bulletin 48", "Bulletin 48.txt"),
        ("Bulletin 48.TXT", "Bulletin 48.TXT"),
        ("b.md", "b.md"),
        ("../etc/passwd", "etc passwd.txt"),
        ("a\\b", "a b.txt"),
        ("x" * 300, "x" * 120 + ".txt"),
    ],
)
def test_a_pasted_text_gets_a_name_that_is_one(typed: str, name: str) -> None:
    assert name_of(typed, "20261128-141700") == name


@pytest.mark.parametrize(
    ("day", "hour", "at"),
    [
        ("2026-11-28", "14:18", datetime(2026, 11, 28, 19, 18, tzinfo=UTC)),
        ("2026-11-28", "14:17", None),  # now is not to come
        ("2026-11-29", "00:30", datetime(2026, 11, 29, 5, 30, tzinfo=UTC)),
        ("2026-11-29", "", None),
        ("", "10:00", None),
        ("soon", "10:00", None),
        ("2026-11-29", "10:00+00:00", None),
    ],
)
def test_a_chosen_time_is_that_of_their_zone_and_still_to_come(
    day: str, hour: str, at: datetime | None
) -> None:
    assert moment_of(When("at", day, hour), NOW, "America/Panama") == at


def test_a_chosen_time_that_the_clock_skips_is_the_next_there_is() -> None:
    spring = datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert moment_of(When("at", "2027-03-28", "02:30"), NOW, "Europe/Madrid") == spring
    autumn = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert moment_of(When("at", "2027-10-31", "02:30"), NOW, "Europe/Madrid") == autumn


def test_what_is_ticked_is_given_and_what_is_not_any_more_is_taken() -> None:
    form = Posted(FormData([("country", "pa"), ("country", "mx"), ("topic", "health"), ("other", "x")]))
    before = {(Kind.COUNTRY, "pa"), (Kind.REGION, "caribbean")}
    assert chosen_of(form, before) == [
        Choice(Kind.COUNTRY, "mx", give=True),
        Choice(Kind.TOPIC, "health", give=True),
        Choice(Kind.REGION, "caribbean", give=False),
    ]


def words(**typed: Any) -> tuple[editing.Words | None, dict[str, str]]:
    return read_words(ITEM, replace(typed_of(ITEM), **typed), lambda what: f"<{what}>")


def test_only_what_is_different_is_corrected() -> None:
    assert words() == (editing.Words(), {})
    assert words(title=" A  new title ") == (editing.Words(title="A new title"), {})
    assert words(summary=ITEM.summary + "\n") == (editing.Words(), {})
    assert words(summary="Other words")[0] == editing.Words(summary="Other words")
    assert words(day="2020-02-29")[0] == editing.Words(date_on=date(2020, 2, 29))
    assert words(link="https://example.org/x")[0] == editing.Words(link="https://example.org/x")


def test_what_is_wrong_is_told_beside_its_field_all_at_once() -> None:
    assert words(title=" ", day="soon", link="javascript:x") == (
        None, {"title": "<title>", "day": "<day>", "link": "<link>"},
    )  # fmt: skip
    assert isinstance(typed_of(ITEM), Typed)


def label(code: str, kind: Kind = Kind.COUNTRY, strength: Strength = Strength.ABOUT) -> Label:
    found = Evidence(field="title", start=0, end=1, words="x", rule="name", role="plain")
    return Label(kind=kind, code=code, strength=strength, evidence=(found,))


def test_labels_chosen_while_a_bulletin_is_held_count_as_stated_by_it() -> None:
    one = Draft(line=1, end_line=2, date_on=date(2026, 11, 28), title="One")
    two = Draft(line=3, end_line=4, date_on=date(2026, 11, 28), title="Two")
    labels = (label("pa"), label("mx", strength=Strength.MENTIONS), label("health", Kind.TOPIC))
    file = Examined(
        name="b.txt", drafts=tuple(Read(draft=each, lang="en", labels=labels) for each in (one, two))
    )
    key = changes.identity(one.date_on, one.title)
    made = [
        DraftChoice(key, Choice(Kind.COUNTRY, "hn", give=True)),
        DraftChoice(key, Choice(Kind.COUNTRY, "pa", give=False)),
        DraftChoice("another", Choice(Kind.TOPIC, "health", give=False)),
    ]
    first, second = with_choices(file, made).drafts
    assert [each.code for each in first.labels] == ["hn", "mx", "health"]
    assert (first.draft.countries, first.draft.topics) == (("hn", "mx"), None)
    assert second == file.drafts[1]
    assert with_choices(file, ()) is file


@pytest.fixture
def folder(tmp_path: Path) -> WatchedFolder:
    inbox = Inbox(tmp_path, patterns=("*.txt", "*.docx", "*.pdf"), max_bytes=1000)
    return WatchedFolder(store=cast(Any, None), inbox=inbox, rules=cast(Any, None), render=cast(Any, None))


@pytest.mark.parametrize(
    ("name", "data", "codes"),
    [
        ("a.txt", b"words", []),
        ("a.txt", b"x" * 1000, []),
        ("a.txt", b"x" * 1001, ["file-too-large"]),
        ("a.txt", b" \n", ["file-empty"]),
        ("a.exe", b"words", ["file-kind"]),
        ("a.exe", b"", ["file-kind", "file-empty"]),
        (".a.txt", b"words", ["file-kind"]),
        ("a/b.txt", b"words", ["file-kind"]),
        ("a\\b.txt", b"words", ["file-kind"]),
        ("a\n.txt", b"words", ["file-kind"]),
        ("x" * 196 + ".txt", b"words", []),
        ("x" * 197 + ".txt", b"words", ["file-kind"]),
        ("a.docx", b"PK\x03\x04...", []),
        ("a.docx", b"words", ["file-binary"]),
        ("a.pdf", b"\n%PDF-1.7", []),
        ("a.pdf", b"words", ["file-binary"]),
        ("a.txt", b"%PDF-1.7", ["file-binary"]),
        ("a.txt", b"\x89PNG....", ["file-binary"]),
    ],
)
def test_a_file_is_looked_at_before_it_is_read(
    folder: WatchedFolder, name: str, data: bytes, codes: list[str]
) -> None:
    assert [each.code for each in dropping.faults(folder, name, data)] == codes
