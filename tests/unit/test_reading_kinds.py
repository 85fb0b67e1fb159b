"""Kinds of files that lost a text, or put one under the wrong item, without a word."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import read, reader
from feeds.reading.markup import markdown
from feeds.reading.markup.template_marks import without_marks
from feeds.reading.text.furniture import link_line
from feeds.reading.text.names import DayOfName


def items(text: str, name: str = "b.md") -> list[tuple[int, str, str]]:
    return [(draft.date_on.day, draft.title, draft.summary) for draft in bulletin(text, name).drafts]


def bulletin(text: str, name: str = "b.md") -> Bulletin:
    return read(name, text.encode())


def told(text: str, name: str = "b.md") -> list[tuple[str, int | None, str]]:
    return [(fault.code, fault.line, fault.detail) for fault in bulletin(text, name).faults]


# -- dates that are headings, under one title


DAYS = ["They met the master", "They bought two boats.", "They rested", "Nothing was decided."]


@pytest.mark.parametrize("days", [2, 3, 4])
@pytest.mark.parametrize("lines", [("* {one}\n* {two}",), ("{one}\n\n{two}",), ("{two}\n\n{one}",)])
def test_what_stands_under_a_date_that_is_a_heading_belongs_to_it(days: int, lines: tuple[str]) -> None:
    parts = [
        f"## 2026-11-{day:02}\n\n" + lines[0].format(one=DAYS[day], two=f"Day {day}")
        for day in range(days)[1:]
    ]
    parts += ["## 2026-11-20\n\n" + lines[0].format(one="They went", two="Day 20")]
    found = items("# Ferry board\n\n" + "\n\n".join(parts))
    assert [day for day, _, _ in found] == [*range(1, days), 20]
    for day, title, summary in found:
        assert {title, summary} == {f"Day {day}", "They went" if day == 20 else DAYS[day]}


def test_it_does_so_on_a_web_page() -> None:
    days = "".join(
        f"<h2>{day} November 2026</h2><ul><li>Boat {day}</li><li>Sails {day}</li></ul>" for day in (3, 10)
    )
    assert items(f"<h1>Ferry board</h1>{days}", "b.html") == [
        (3, "Boat 3", "Sails 3"),
        (10, "Boat 10", "Sails 10"),
    ]


def test_a_heading_over_each_such_date_is_its_title() -> None:
    parts = [f"# Title {day}\n\n## {day} November 2026\n\nText {day}." for day in (3, 10)]
    assert items("\n\n".join(parts)) == [(3, "Title 3", "Text 3."), (10, "Title 10", "Text 10.")]


# -- a greeting over several headings


GREETING = "Hello and welcome to the news of the week."
TWO = "# From the boats\n\nThe ferry runs.\n\n# From the town\n\nThe school opens."


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        (f"{GREETING}\n\n{TWO}", "2026-11-22-news.md", 1),
        (f"---\ndate: 2026-11-22\n---\n{GREETING}\n\n{TWO}", "b.md", 4),
        (f"# 22 November 2026\n\n{GREETING}\n\n{TWO.replace('# ', '## ')}", "b.md", 3),
    ],
)
def test_a_greeting_over_several_headings_belongs_to_none_and_is_told_of(
    text: str, name: str, line: int
) -> None:
    assert items(text, name) == [
        (22, "From the boats", "The ferry runs."),
        (22, "From the town", "The school opens."),
    ]
    assert ("text-before-first-date", line, GREETING) in told(text, name)


def test_a_line_over_the_only_heading_is_text() -> None:
    assert items("PRESS RELEASE\n\n# From the boats\n\nThe ferry runs.", "2026-11-22.md") == [
        (22, "From the boats", "PRESS RELEASE\n\nThe ferry runs.")
    ]


# -- the day in a name


@pytest.mark.parametrize(
    "name",
    [
        "summer (Ana's conflicted copy 2026-11-21).txt", "summer (conflicted copy 2026-11-21 101112).txt",
        "summer (copia en conflicto de Ana 2026-11-21).txt", "summer [Conflict 2026-11-21].txt",
        "summer (In Konflikt stehende Kopie von Ana 2026-11-21).txt",
        "summer.sync-conflict-2026-11-21-101112.txt",
        "20261121x.txt", "summer.txt", "2026-13-01.txt", "1789-07-14.txt",
    ],
)  # fmt: skip
def test_the_stamp_of_a_copy_is_no_day_of_the_news(name: str) -> None:
    assert DayOfName(name).day is None
    with pytest.raises(BulletinError, match="no-items"):
        bulletin("Summer\n\nText.", name)


def test_the_day_before_such_a_stamp_is() -> None:
    assert DayOfName("2026-11-20 summer (conflicted copy 2026-11-21).txt").day == date(2026, 11, 20)
    assert DayOfName("1900-01-01.txt").day == date(1900, 1, 1)
    assert DayOfName("2199-12-31.txt").day == date(2199, 12, 31)
    assert DayOfName("2200-01-01.txt").day is None
    assert DayOfName("es/2026-11-20-conflict-in-the-north.md").day == date(2026, 11, 20)


POSTS = ["2026-11-20-school.md", "2026-11-20-a.html"]


@pytest.mark.parametrize("name", [*POSTS, "2026-11-20.md", "2026-11-20-a.txt", "a-2026-11-20-b.md"])
def test_the_day_of_a_post_goes_before_a_date_in_its_text(name: str) -> None:
    post = name in POSTS
    text = "---\ntitle: School\n---\n\nThe evenings:\n\n15 January, 2027\n\n22 January, 2027"
    if name.endswith("html"):
        text = "---\ntitle: School\n---\n<p>The evenings:</p><p>15 January, 2027</p><p>22 January, 2027</p>"
    ((day, title, summary),) = items(text, name)
    assert (day, title) == (20 if post else 15, "School")
    assert ("15 January, 2027" in summary) == post


# -- marks of site generators


@pytest.mark.parametrize(
    ("text", "left", "lines"),
    [
        ('a {{< figure src="/x.jpg" >}} b', "a  b", [1]),
        ("{{< quote >}}words{{< /quote >}}", "words", [1, 1]),
        ("{{% note %}}\nwords\n{{% /note %}}", "\nwords\n", [1, 3]),
        ("a\n{% include x.html\n a=1 %}\nb", "a\n\n\nb", [2]),
        ("{{ page.title }} and {%- if x -%}b{%- endif -%}", " and b", [1, 1, 1]),
        ("a {# note #} b", "a  b", [1]),
        ("a\n{: .lead}\n{:toc}\n## Title {#anchor .x}\n", "a\n\n\n## Title\n", [2, 3, 4]),
        ("a\n{% comment %}\nb\n{% endcomment %}\nc {{ d }}", "a\n\n\n\nc ", [2, 5]),
        ("{{< comment >}}a {{ b }}{{< /comment >}}c", "c", [1]),
        ("a {% comment %} b\nc", "a \n", [1]),
        ("{{/* a */}}b", "b", [1]),
        ("a { b } {c} {{ d", "a { b } {c} {{ d", []),
        ("{{" + "x" * 5_000 + "}}", "{{" + "x" * 5_000 + "}}", []),
        ("{%{{ a }}%}b", "b", [1]),
    ],
)
def test_marks_of_site_generators_are_dropped_and_lines_stay(text: str, left: str, lines: list[int]) -> None:
    assert without_marks(text) == (left, lines)
    assert left.count("\n") == text.count("\n")


def test_they_are_counted_with_the_line_of_the_file() -> None:
    text = (
        "---\ntitle: T\ndate: 2026-11-25\n---\nThe ferry.\n\n{{< figure >}}\n\n{% x %}\n\nMore {{ a }} text."
    )
    assert items(text) == [(25, "T", "The ferry.\n\nMore text.")]
    assert told(text) == [("lines-left-out", 7, "template-mark 3")]
    assert bulletin(text).drafts[0].original.startswith("The ferry.\n\n{{< figure >}}")


# -- an address at the end of a sentence


@pytest.mark.parametrize("stop", ["", ".", ",", ";", ":", "…", "!?"])
def test_a_stop_behind_an_address_is_none_of_it(stop: str) -> None:
    assert link_line(f"https://news.example.org/timetable{stop}") == "https://news.example.org/timetable"
    assert link_line(f"Times: https://news.example.org/a.b/?c=d{stop}") == "https://news.example.org/a.b/?c=d"


# -- more than a bulletin may have


def test_a_file_of_too_many_items_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n\n".join(f"{day} November 2026\n\nFerry\n\nIt runs." for day in (3, 4, 5))
    monkeypatch.setattr(reader, "MOST_ITEMS", 3)
    assert len(items(text, "b.txt")) == 3
    monkeypatch.setattr(reader, "MOST_ITEMS", 2)
    with pytest.raises(BulletinError) as error:
        items(text, "b.txt")
    assert (error.value.fault.code, error.value.fault.detail) == ("items-too-many", "2")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Text.", 1),
        ("One.\n\nTwo.", 2),
        ("# Title\n\nText.", 2),
        ("- One\n- Two", 5),  # the list, and each entry with its paragraph
        ("| a | b |\n|---|---|\n| 1 | 2 |", 9),  # the table, its head and body, two rows and four cells
    ],
)
def test_a_markdown_text_of_too_many_parts_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str, parts: int
) -> None:
    monkeypatch.setattr(markdown, "MOST_PARTS", parts)
    assert markdown.rows_of(text).text
    monkeypatch.setattr(markdown, "MOST_PARTS", parts - 1)
    with pytest.raises(BulletinError) as error:
        markdown.rows_of(text)
    assert (error.value.fault.code, error.value.fault.detail) == ("parts-too-many", f"{parts - 1:,}")


@pytest.mark.parametrize(
    "mark", ['{{< ref "ferry.md" >}}', "{% post_url 2026-11-20-ferry %}", "{{ site.baseurl }}/ferry"]
)
@pytest.mark.parametrize("title", ["", ' "The ferry"'])
def test_a_link_whose_address_is_a_mark_is_its_words(mark: str, title: str) -> None:
    text = f"---\ntitle: T\ndate: 2026-11-25\n---\nSee [the ferry]({mark}{title}) there.\n"
    assert read("a.md", text.encode()).drafts[0].summary == "See the ferry there."
