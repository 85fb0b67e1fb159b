"""Heads of all systems: what they say, what keeps a text from being published, and what is hostile."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin, Draft, Fault
from feeds.reading import ReadingOptions, read, timely

OPTIONS = ReadingOptions(zone="America/Panama")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def outcome(text: str, name: str = "b.md", options: ReadingOptions = OPTIONS) -> Bulletin | Fault:
    try:
        return read(name, text.encode(), options)
    except BulletinError as error:
        return error.fault


def bulletin(text: str, name: str = "b.md") -> Bulletin:
    found = outcome(text, name)
    assert isinstance(found, Bulletin), found
    return found


def item(text: str, name: str = "b.md") -> Draft:
    (draft,) = bulletin(text, name).drafts
    return draft


def headed(*lines: str, text: str = "Text.") -> str:
    return "\n".join(["---", *lines, "---", "", text])


def fault(text: str, name: str = "b.md") -> tuple[str, int | None]:
    found = outcome(text, name)
    assert isinstance(found, Fault), found
    return found.code, found.line


# -- not for publication


@pytest.mark.parametrize(
    "line",
    [
        "draft: true", "draft: yes", "Draft: 'True'", "draft: 1", "draft: until Monday", "drafts: on",
        "published: false", "published: no", "publish: off", "isPublished: False", "published: draft",
        "status: draft", "status: DRAFT", "status: pending review", "post_status: private", "status: future",
        "status: something else", "visibility: private", "visibility: members", "private: true",
        "unlisted: true", "hidden: true", "public: false", "embargo: true", "embargoed: yes",
        "state: draft", "borrador: sí", "estado: borrador", "publicado: no", "brouillon: oui",
        "rascunho: sim", "visibilidad: privado", "params:\n  draft: true", "build: {render: never}",
    ],
)  # fmt: skip
def test_what_a_head_keeps_back_is_not_taken(line: str) -> None:
    text = headed("title: Minister resigns", "date: 2026-11-25", line)
    assert fault(text) == ("not-for-publication", 4)


@pytest.mark.parametrize(
    "line",
    [
        "draft: false", "draft: no", "draft:", "draft: ~", "published: true", "published: 2026-11-25",
        "status: published", "status: Publish", "status:", "visibility: public", "private: false",
        "hidden: false", "embargo: none", "embargo: false", "state: Chiapas", "estado: aprobado",
        "layout: draft", "tags: [drafts of laws]", "menu:\n  hidden: true", "comments: false",
    ],
)  # fmt: skip
def test_what_a_head_does_not_keep_back_is_taken(line: str) -> None:
    assert item(headed("title: Minister stays", "date: 2026-11-25", line)).title == "Minister stays"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("+++\ntitle = 'T'\ndate = 2026-11-25\ndraft = true\n+++\nText.", "b.md"),
        ('{"title": "T", "date": "2026-11-25", "draft": true}\n\nText.', "b.md"),
        ('{\n  "title": "T",\n  "date": "2026-11-25",\n  "draft": true\n}\nText.', "b.txt"),
        ("Title: T\nDate: 2026-11-25 10:20\nStatus: draft\n\nText.", "b.md"),
        ("title: T\nstatus: hidden\n\nText.", "2026-11-25-t.txt"),
        ("---\r\ntitle: T\r\ndate: 2026-11-25\r\ndraft: true\r\n---\r\nText.", "b.md"),
        ("\ufeff---\ntitle: T\ndate: 2026-11-25\ndraft: true\n---\nText.", "b.md"),
        ("---\ntitle: T\ndraft: true\n---\n<h1>T</h1><p>25 November 2026</p><p>Text.</p>", "b.html"),
        ("---\ntitle: T: the tale\ndate: 2026-11-25\ndraft: true\n---\nText.", "b.md"),
        ("---\ndraft: true\n---\n25 November 2026\n\nOne\n\nA.\n\n24 November 2026\n\nTwo\n\nB.", "b.txt"),
    ],
)
def test_a_draft_is_a_draft_in_every_kind_of_head(text: str, name: str) -> None:
    assert fault(text, name)[0] == "not-for-publication"


# -- before its time, and after it


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("embargo: 2026-12-01 06:00 America/Panama", "2026-12-01T11:00"),
        ("embargo: 2026-12-01 06:00", "2026-12-01T11:00"),
        ("embargo: 2026-12-01", "2026-12-01T05:00"),
        ("embargo: '1 December 2026, 6:30 pm EST'", "2026-12-01T23:30"),
        ("embargo_until: 2026-12-01T06:00:00Z", "2026-12-01T06:00"),
        ("publishDate: 2026-12-01T06:00:00-03:00", "2026-12-01T09:00"),
        ("publishDate: 2026-12-01T06:00:00.250+0530", "2026-12-01T00:30"),
        ("publish_date: 2026-12-01 06:00:00 -0500", "2026-12-01T11:00"),
        ("publishDate: Tue, 01 Dec 2026 06:00:00 GMT", "2026-12-01T06:00"),
        ("embargo: 1 de diciembre de 2026 a las 18:00", "2026-12-01T23:00"),
        ("embargo: 2026-12-01 06:00 (Europe/Madrid)", "2026-12-01T05:00"),
        ("embargo: 2026-12-01 12 am UTC", "2026-12-01T00:00"),
        ("params:\n  embargo: 2026-12-01 12:15 p.m. UTC", "2026-12-01T12:15"),
    ],
)
def test_the_head_says_when_a_text_may_be_shown(line: str, at: str) -> None:
    found = bulletin(headed("title: T", "date: 2026-11-25", line))
    assert found.not_before is not None
    assert found.not_before.at.strftime("%Y-%m-%dT%H:%M %Z") == f"{at} UTC"
    assert found.not_before.line == 4
    assert found.drafts[0].date_on == date(2026, 11, 25)


def test_the_hour_of_a_date_is_when_it_may_be_shown_and_a_day_alone_is_not() -> None:
    with_hour = bulletin(headed("title: T", "date: 2026-12-05 08:00"))
    assert with_hour.not_before is not None
    assert with_hour.not_before.at == datetime(2026, 12, 5, 13, tzinfo=UTC)
    assert with_hour.drafts[0].date_on == date(2026, 12, 5)
    assert bulletin(headed("title: T", "date: 2026-12-05")).not_before is None
    toml = bulletin("+++\ntitle = 'T'\ndate = 2026-12-05T08:00:00Z\n+++\nText.")
    assert toml.not_before is not None
    assert toml.not_before.at == datetime(2026, 12, 5, 8, tzinfo=UTC)


def test_what_is_said_of_showing_goes_before_the_hour_of_the_date_and_the_latest_holds() -> None:
    early = bulletin(headed("title: T", "date: 2026-12-05 08:00", "publishDate: 2026-12-01"))
    both = bulletin(headed("title: T", "publishDate: 2026-12-01", "embargo: 2026-12-03"))
    assert early.not_before is not None
    assert both.not_before is not None
    assert early.not_before.at == datetime(2026, 12, 1, 5, tzinfo=UTC)
    assert both.not_before.words == "embargo: 2026-12-03"
    assert both.drafts[0].date_on == date(2026, 12, 1)


@pytest.mark.parametrize(
    "line",
    ["embargo: soon", "publishDate: tomorrow", "embargo: 2026-12-01 25:00",
     "embargo: 2026-12-01 06:00 Atlantis/North", "embargo: 2026-12-01 13:00 pm", "expiryDate: never again",
     "embargo: 2026-12-01 06:00 +24:00", "embargo: 2026-12-01 06:00 +99:00", "embargo: 2026-12-01 24:00",
     "embargo: 2026-12-01 6", "embargo: 31 November 2026"],
)  # fmt: skip
def test_an_instant_that_cannot_be_read_refuses_the_file_with_its_line(line: str) -> None:
    assert fault(headed("title: T", "date: 2026-11-25", line)) == ("front-matter-broken", 4)


def test_before_its_time_a_bulletin_says_so_and_afterwards_it_does_not() -> None:
    found = bulletin(headed("title: T", "date: 2026-11-25", "embargo: 2026-12-01 06:00"))
    before, after = timely(found, NOW), timely(found, NOW + timedelta(days=3))
    assert before.not_before == found.not_before
    assert [(one.code, one.line, one.detail) for one in before.faults] == [
        ("embargoed", 4, "embargo: 2026-12-01 06:00")
    ]
    assert (after.not_before, after.faults) == (None, ())
    at = found.not_before.at if found.not_before else NOW
    assert timely(found, at).not_before is None
    assert timely(found, at - timedelta(seconds=1)).not_before is not None


def test_what_has_no_time_stays_as_it_is() -> None:
    found = bulletin(headed("title: T", "date: 2026-11-25"))
    assert timely(found, NOW) is found


def test_what_is_over_is_refused_and_what_will_be_over_is_told_of() -> None:
    over = bulletin(headed("title: T", "date: 2026-11-25", "expiryDate: 2026-11-27"))
    with pytest.raises(BulletinError) as refused:
        timely(over, NOW)
    assert (refused.value.fault.code, refused.value.fault.line) == ("expired", 4)
    coming = timely(bulletin(headed("title: T", "date: 2026-11-25", "expires: 2026-12-27")), NOW)
    assert [(one.code, one.detail) for one in coming.faults] == [("expires-later", "expires: 2026-12-27")]
    assert len(coming.drafts) == 1


# -- real YAML


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (
            ['title: "Ferry starts again between', '  the two banks"'],
            "Ferry starts again between the two banks",
        ),
        (
            ["title: Ferry starts again between", "  the two banks"],
            "Ferry starts again between the two banks",
        ),
        (["title: >-", "  Ferry starts", "  again"], "Ferry starts again"),
        (["title: |", "  Ferry starts", "  again"], "Ferry starts again"),
        (["title: Minister&#8217;s house opens"], "Minister’s house opens"),
        (["title: Fish &amp; chips &#x2014; a day"], "Fish & chips — a day"),
        (['title: "Organizaci\\u00f3n abierta"'], "Organización abierta"),
        (["title: Organizaci\\u00f3n abierta"], "Organización abierta"),
        (['title: "Boat \\ud83d\\udea2 comes"'], "Boat 🚢 comes"),
        (['title: "Route # 5 closed" # internal'], "Route # 5 closed"),
        (["title: Route 5 closed # internal"], "Route 5 closed"),
        (["title: 'It''s open' # yes"], "It's open"),
        (["title: Ferry: it starts"], "Ferry: it starts"),
        (
            ["title: Ferry: it starts again between", "  the banks"],
            "Ferry: it starts again between the banks",
        ),
        (["title: @office opens"], "@office opens"),
        (["title: *Breaking* news"], "*Breaking* news"),
        (["title: !Important news"], "!Important news"),
        (["title: &Co opens"], "&Co opens"),
        (['title: "Ferry" starts'], '"Ferry" starts'),
        (["title: [Video] Ferry starts"], "[Video] Ferry starts"),
        (["title: 2026"], "2026"),
        (["title: No"], "No"),
        (["title: <em>Ferry</em> starts &lt;again&gt;"], "Ferry starts <again>"),
        (['"title": Ferry starts'], "Ferry starts"),
        (["title:\tFerry starts"], "Ferry starts"),
        (["name: &n Ferry", "title: *n"], "Ferry"),
        (["headline: Ferry starts"], "Ferry starts"),
        (["título: El barco sale"], "El barco sale"),
    ],
)
def test_a_title_is_read_as_it_is_meant(lines: list[str], title: str) -> None:
    assert item(headed(*lines, "date: 2026-11-25")).title == title


@pytest.mark.parametrize(
    "lines",
    [
        ["tags: [", "  ferry,", "]"], ["tags: [ferry", "more: x"], ["author: @ana"],
        ["cover:", "  image: a.jpg", "  alt: x: y"],
        ["aliases:", "  - /old/", "  - /older/"], ["slug: ferry", "slug: other"], ["lastmod: 2026-11-27"],
        ["weight: !!int 5"], ["x: {a: [1, {b: 2}]}"], ["layout: post", "\tindented: oddly"],
        ["url: /2026/ferry/", "link: https://e.example/a"],
        ["created: soon"], ["permalink: /a/:title/"], ["? odd", ": pair"],
    ],
)  # fmt: skip
def test_names_that_say_nothing_here_never_refuse_a_file(lines: list[str]) -> None:
    found = item(headed("title: T", "date: 2026-11-25", *lines))
    assert (found.title, found.date_on) == ("T", date(2026, 11, 25))


def test_the_line_of_a_fault_is_that_of_the_file_behind_wrapped_values_and_line_ends() -> None:
    head = ["", "---", 'title: "a', '  b"', "# c", "countries: [Atlantis, PA]", "lang: <b>", "---", "Text."]
    assert fault("\r\n".join(head)) == ("front-matter-broken", 7)
    head[6] = "lang: es"
    found = bulletin("\r\n".join([*head[:7], "date: 2026-11-25", *head[7:]]))
    assert [(one.code, one.line) for one in found.faults] == [("country-unknown", 6)]


def test_a_list_in_brackets_that_is_no_yaml_is_read_as_it_stands() -> None:
    found = bulletin(headed("title: T", "date: 2026-11-25", "countries: [PA, @x, 'Haiti']  # all"))
    assert found.drafts[0].countries == ("pa", "ht")
    assert [(one.code, one.line, one.detail) for one in found.faults] == [("country-unknown", 4, "@x")]
    assert item(headed("title: T: x", "date: 2026-11-25", "topics:", "- a: b", "# no", "- @c")).topics == (
        "a: b",
        "@c",
    )


def test_so_much_of_a_list_is_read_as_is_bounded() -> None:
    many = ", ".join(f"t{n}" for n in range(150))
    assert len(item(headed("title: T", "date: 2026-11-25", f"tags: [{many}]")).tags) == 100
    assert len(item(headed("title: T", "date: 2026-11-25", f"id: {'x' * 300}")).external_id or "") == 200


def test_a_summary_is_the_text_where_there_is_no_other() -> None:
    for name in ("description", "summary", "excerpt"):
        found = bulletin(
            headed("title: T", "date: 2026-11-25", f"{name}: The ferry&#8217;s <b>hour</b>", text="")
        )
        assert found.drafts[0].summary == "The ferry’s hour"
        assert found.faults == ()
    assert item(headed("title: T", "date: 2026-11-25", "description: Else.")).summary == "Text."
    paragraphs = headed(
        "title: T", "date: 2026-11-25", "summary: |", "  One", "  more.", "", "  Two.", text=""
    )
    assert item(paragraphs).summary == "One more.\n\nTwo."


def test_tags_and_categories_are_kept_for_the_labels() -> None:
    found = item(headed("title: T", "date: 2026-11-25", "tags: [health, Panama]", "categories: news, health"))
    assert found.tags == ("health", "Panama", "news")
    assert item("+++\ntitle='T'\ndate=2026-11-25\n[taxonomies]\ntags=['health']\n+++\nText.").tags == (
        "health",
    )


def test_the_address_of_the_page_itself_is_the_link_where_no_other_is_said() -> None:
    head = ["title: T", "date: 2026-11-25", "url: /here/", "canonical_url: https://e.example/here/"]
    assert item(headed(*head)).link == "https://e.example/here/"
    assert item(headed(*head, "link: https://e.example/a")).link == "https://e.example/a"


# -- other ways of writing a head


def test_a_head_in_json_is_read() -> None:
    head = {"title": "Ferry’s hour", "date": "2026-11-25T10:00:00Z", "countries": ["PA"], "menu": {"a": [1]}}
    for indent in (None, 2):
        found = item(json.dumps(head, indent=indent) + "\n\nText.\n\nMore.")
        assert (found.title, found.date_on, found.countries) == ("Ferry’s hour", date(2026, 11, 25), ("pa",))
        assert found.summary == "Text.\n\nMore."
        assert found.line == (3 if indent is None else 14)


def test_a_head_in_json_that_is_broken_refuses_the_file_with_its_line() -> None:
    assert fault('{\n"title": "T",\n"date": 2026-11-25\n}\nText.') == ("front-matter-broken", 3)
    assert fault('{"title": "T"')[0] == "front-matter-broken"
    assert fault('{"title": ' + "[" * 9_000)[0] == "front-matter-broken"


def test_a_text_that_begins_with_a_brace_is_no_head() -> None:
    assert item("{1}\n\n25 November 2026\n\nOne\n\nText.", "b.txt").title == "One"


def test_a_head_without_marks_is_read() -> None:
    text = "Title: Ferry starts again\nDate: 2026-11-25 10:20\nCategory: x\nTags: a, b\n\n"
    text += "The ferry runs.\n\n# Below\n\nMore."
    for name in ("b.md", "2026-11-22-ferry.md", "b.txt"):
        found = item(text, name)
        assert (found.title, found.date_on, found.tags) == (
            "Ferry starts again",
            date(2026, 11, 25),
            ("x", "a", "b"),
        )
        assert found.summary.startswith("The ferry runs.\n\n")
        assert found.line == 6
    wrapped = item("title: T\nsummary: One\n    two\ndate: 2026-11-25\n\n")
    assert wrapped.summary == "One two"


@pytest.mark.parametrize(
    "text",
    [
        "Title: One\n\n25 November 2026\n\nTwo\n\nText.",
        "Title: One\nVenue: here\n\n25 November 2026\n\nTwo\n\nText.",
        "Date: 25 November 2026\n\nTwo\n\nText.",
        "Title: Two\nDate: 25 November 2026\n\nText.\n\nTitle: Three\nDate: 24 November 2026\n\nText.",
    ],
)
def test_a_text_that_begins_like_such_a_head_is_none(text: str) -> None:
    found = outcome(text, "b.txt")
    assert not isinstance(found, Bulletin) or len(found.drafts) != 1 or found.drafts[0].title != "One"


# -- hostile


def bomb() -> str:
    names = "abcdefghi"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise(names)]
    return headed("title: T", *lines)


@pytest.mark.parametrize(
    "text",
    [
        bomb(),
        headed("title: T", "x: " + "[" * 2_000 + "]" * 2_000),
        headed("title: T", "x: " + "{a: " * 500 + "1" + "}" * 500),
        headed("title: T", "x: [" + "a," * 7_000 + "]"),
    ],
)
def test_a_head_that_unfolds_is_refused_with_its_line(text: str) -> None:
    code, line = fault(text)
    assert code == "front-matter-too-much"
    assert line is not None
    assert line >= 3


@pytest.mark.parametrize("mark", ["---", "+++"])
def test_a_head_of_a_mebibyte_is_refused(mark: str) -> None:
    sign = ":" if mark == "---" else " ="
    text = f"{mark}\ntitle{sign} 'T'\n" + f"x{sign} 1\n" * 150_000 + f"{mark}\nText."
    assert fault(text) == ("front-matter-broken", 1)


def test_what_refers_to_itself_ends() -> None:
    assert item(headed("title: T", "date: 2026-11-25", "x: &x [*x]")).title == "T"


MAIL = "From: a@example.org\nSubject: Two towns\nDate: Tue, 12 May 2025 23:30:00 -0500\n\n"


def test_a_head_in_a_mail_goes_before_what_the_mail_says() -> None:
    found = item(MAIL + "---\ntitle: Ferry starts\ncountries: [PA]\n---\n\nText.\n", "b.eml")
    assert (found.title, found.date_on, found.countries) == ("Ferry starts", date(2025, 5, 12), ("pa",))
    assert found.summary == "Text."
    assert fault(MAIL + "---\ntitle: T\ndraft: true\n---\n\nText.\n", "b.eml")[0] == "not-for-publication"
    assert item(MAIL + "Text.\n", "b.eml").title == "Two towns"


def test_lines_above_a_text_are_counted_in_every_kind_of_head() -> None:
    for text, line in (
        ("\n\n---\ntitle: T\ndate: 2026-11-25\n---\nText.", 7),
        ("+++\ntitle = 'T'\ndate = 2026-11-25\n+++\n\nText.", 6),
        ('\n{\n"title": "T",\n"date": "2026-11-25"\n}\n\nText.', 7),
        ("\nTitle: T\nDate: 2026-11-25\n\nText.", 5),
    ):
        assert item(text).line == line


def test_the_lines_of_a_head_in_json_are_told() -> None:
    head = '{\n  "title": "T",\n  "date": "2026-11-25",\n\n  "countries": ["Atlantis"],\n  "topics": []\n}\n'
    head += "\nText."
    assert [(one.code, one.line) for one in bulletin(head).faults] == [("country-unknown", 5)]
    assert fault(head.replace('"topics": []', '"embargo": "soon"')) == ("front-matter-broken", 6)
    assert fault(headed("title: T", "author: a: b", "countries: [PA", "x: y")) == ("front-matter-broken", 4)
    toml = "+++\na = 1\ntitle = T\nb = 2\n+++\nText."
    assert fault(toml) == ("front-matter-broken", 3)
    assert fault(toml.replace("title = T", "date = 'soon'")) == ("front-matter-broken", 3)
    bare = "Title: T\nDate: 2026-11-25\nStatus: draft\n\nText."
    assert fault(bare) == ("not-for-publication", 3)
    assert fault("\n" + bare) == ("not-for-publication", 4)


def test_blank_lines_and_comments_may_stand_first_in_a_head() -> None:
    assert item("---\n\n# ours\n\ntitle: T\ndate: 2026-11-25\n---\nText.").title == "T"
    found = bulletin("---\n# Ferry\n\n25 November 2026\n\nText: it runs.\n---\n", "b.txt")
    assert [(draft.title, draft.summary) for draft in found.drafts] == [("# Ferry", "Text: it runs.")]


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Z", 12), ("gmt", 12), ("UTC+2", 10), ("GMT-0530", 17), ("CET", 11), ("CEST", 10), ("BST", 11),
     ("MSK", 9),
     ("EST", 17), ("EDT", 16), ("CST", 18), ("CDT", 17), ("MST", 19), ("MDT", 18), ("PST", 20), ("PDT", 19),
     ("AST", 16), ("BRT", 15), ("ART", 15), ("CLT", 16), ("COT", 17), ("PET", 17), ("JST", 3), ("WEST", 11),
     ("EET", 10), ("EEST", 9), ("WET", 12), ("America/Lima", 17), ("", 17)],
)  # fmt: skip
def test_zones_are_known_by_name_and_by_hours(zone: str, hour: int) -> None:
    found = bulletin(headed("title: T", f"embargo: 2026-12-01 12:00 {zone}"), "2026-11-25-t.md")
    assert found.not_before is not None
    assert found.not_before.at.hour == hour


@pytest.mark.parametrize(
    "head",
    ["FECHA: 25/11/2026\nTÍTULO: Vuelve el transbordador\nPAÍS: Panamá",
     "Título: Vuelve el transbordador\nFecha : 25/11/2026\npais: PA",
     "Titre : Vuelve el transbordador\nDate : 25/11/2026\nPays : Panama"],
)  # fmt: skip
def test_lines_of_a_head_may_be_in_the_office_s_own_language(head: str) -> None:
    (draft,) = read("a.txt", f"{head}\n\nSale cada hora.\n".encode()).drafts
    assert (draft.title, draft.date_on.isoformat(), draft.countries) == (
        "Vuelve el transbordador", "2026-11-25", ("pa",),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["Text", "Texto", "TEXTE", "Summary", "Resumen"])
def test_each_of_several_heads_may_hold_its_text(name: str) -> None:
    one = "Date: 25 November 2026\nTitle: Ferry starts\n{}: It runs every hour.\n\n"
    two = "Date: 24 November 2026\nTitle: School opens\nAuthor: Ana\n{}: At seven.\n"
    found = read("a.txt", (one + two).format(name, name).encode())
    assert [(draft.title, draft.summary) for draft in found.drafts] == [
        ("Ferry starts", "It runs every hour."), ("School opens", "At seven."),
    ]  # fmt: skip
    assert [fault.detail for fault in found.faults] == ["line-of-head 1"]


def test_a_summary_beside_a_text_is_left_out_and_told_of() -> None:
    one = "Date: 25 November 2026\nTitle: {}\nSummary: Short.\n\nThe whole of it.\n\n"
    found = read("a.txt", (one.format("One") + one.format("Two")).encode())
    assert [draft.summary for draft in found.drafts] == ["The whole of it."] * 2
    assert [fault.detail for fault in found.faults] == ["line-of-head 2"]
