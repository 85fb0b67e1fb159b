"""The operator's page: facts in words and plots."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from feeds.i18n import translator
from feeds.model import Cadence, Kind, SiteInfo, Staff, Term, Vocabulary
from feeds.operating.overview import growth_of_days, last_of_days, loops
from feeds.operating.topics import judged, readers_of
from feeds.pages.operator import plots
from feeds.pages.operator.pages import NAMED, OperatorPages, Seen
from feeds.pages.operator.views import AtHost, Loop, Next, Overview, Raised, Topics, Waiting
from feeds.shipped import folder
from feeds.store.passes import PassRow
from feeds.templating import environment

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
DAY = date(2026, 11, 1)
SITE = SiteInfo(
    name="Newsroom", base_url="https://news.example.org", languages=("en", "es"), description="",
    publisher="", contact="", address="", created_at=NOW,
)  # fmt: skip
WORDS = Vocabulary(
    terms={
        (Kind.TOPIC, code): Term(kind=Kind.TOPIC, code=code, names={"en": name})
        for code, name in (("health", "Health"), ("ports", "Ports"), ("visas", "Visas"))
    }
)


def days(*values: int) -> list[tuple[date, int]]:
    return [(DAY + timedelta(days=n), value) for n, value in enumerate(values)]


def overview(**values: Any) -> Overview:
    nothing = Waiting(waiting=0, in_hand=0, due_at=None)
    given: dict[str, Any] = {
        "at": NOW, "alarms": [], "loops": [], "last_bulletin_at": None, "held": 0, "unpublished": 0,
        "unpublished_since": None, "digests": nothing, "notices": nothing, "most": 100, "hosts": [],
        "nexts": [], "counted_at": None, "items": 0, "people": {}, "growth": [], "sent": [], "bounced": [],
        "bounces": {}, "topics": Topics(no_items=[], no_readers=[], gone=[]),
    }  # fmt: skip
    return Overview(**(given | values))


def shown(lang: str = "en", **values: Any) -> str:
    pages = OperatorPages(environment([str(folder("templates"))]), SITE, WORDS)
    staff = Staff(address="ops@example.org", lang=lang, zone="America/Panama")
    html = pages.speaking(lang).overview(overview(**values), Seen(staff, "stamp-7")).decode()
    assert "<script" not in html
    assert "style=" not in html
    return re.sub(r"\s+", " ", re.sub(r"<span class=\"narrowly\">.*?</span>", "", html))


def cells(html: str, row: str) -> list[str]:
    """The cells of the row that begins so."""
    found = re.search(rf'<th scope="row">{re.escape(row)}</th>(.*?)</tr>', html)
    assert found, row
    return [re.sub("<[^>]*>", "", each).strip() for each in re.findall("<td[^>]*>(.*?)</td>", found.group(1))]


def number(html: str, name: str) -> str:
    found = re.search(rf"<dt>{re.escape(name)}</dt><dd>(.*?)</dd>", html)
    assert found, name
    return re.sub("<[^>]*>", "", found.group(1)).strip()


def loop(name: str, **values: Any) -> Loop:
    given: dict[str, Any] = {
        "host": "news-1", "began_at": NOW - timedelta(seconds=65), "ended_at": NOW - timedelta(seconds=5),
        "took_ms": 1500, "failed": "", "next_at": NOW + timedelta(minutes=7),
    }  # fmt: skip
    return Loop(name=name, **(given | values))


def test_an_empty_site_says_so() -> None:
    html = shown()
    for told in (
        "None: nobody has to do anything.", "No process has noted a pass in the last two days.",
        "Nobody gets daily or weekly mail.", "Not counted yet", "Not enough days yet.",
    ):  # fmt: skip
        assert told in html, told
    assert number(html, "Last bulletin") == "none yet"
    assert cells(html, "Digests") == ["0", "0", "–"]
    assert "Waiting, by mail host" not in html
    assert "<svg" not in html
    assert 'value="stamp-7"' in html
    assert "28 November, 15:00, Panama time" in html


def test_alarms_that_are_up_come_first_with_since_when() -> None:
    html = shown(alarms=[Raised(since=NOW - timedelta(hours=1), title="The <inbox> cannot be read")])
    assert "The &lt;inbox&gt; cannot be read" in html
    assert "since 28 November, 14:00" in html
    assert "nobody has to do anything" not in html


def test_passes_tell_how_they_went_and_when_they_come_again() -> None:
    html = shown(
        loops=[
            loop("publish", failed="disk full", next_at=None),
            loop("deliver", ended_at=None, took_ms=90_000),
            loop("compose", next_at=NOW - timedelta(seconds=1)),
            loop("filters"),
        ]
    )
    assert cells(html, "Publish") == ["news-1", "disk full", "5 s ago", "1 s", "–"]
    assert cells(html, "Deliver mail") == ["news-1", "runs", "65 s ago", "90 s", "7 min"]
    assert cells(html, "Compose digests") == ["news-1", "well", "5 s ago", "1 s", "now"]
    assert html.count("state alarm") == 1
    assert html.count('<th scope="row">') == 5  # a pass without a name is not shown


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.4, "400 ms"), (1, "1 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"),
        (172_799, "47 h"), (172_800, "2 d"),
    ],
)  # fmt: skip
def test_spans_are_told_in_the_unit_that_is_short(seconds: float, told: str) -> None:
    assert number(shown(last_bulletin_at=NOW - timedelta(seconds=seconds)), "Last bulletin") == f"{told} ago"


def test_letters_that_wait_are_counted_up_to_a_limit_and_say_when_the_first_is_due() -> None:
    html = shown(
        digests=Waiting(waiting=100, in_hand=3, due_at=NOW - timedelta(minutes=41)),
        notices=Waiting(waiting=99, in_hand=0, due_at=NOW + timedelta(hours=3)),
        unpublished=100, unpublished_since=NOW - timedelta(minutes=3),
        hosts=[
            AtHost(host="a.example", waiting=1200, deferred=7),
            AtHost(host="b.example", waiting=1, deferred=0),
        ],
    )  # fmt: skip
    assert cells(html, "Digests") == ["100 or more", "3", "41 min late"]
    assert cells(html, "Other messages") == ["99", "0", "in 3 h"]
    assert cells(shown(digests=Waiting(waiting=1, in_hand=0, due_at=NOW)), "Digests")[2] == "0 ms late"
    assert number(html, "To publish") == "100 or more, 3 min ago"
    assert number(html, "a.example") == "1,200 (7 put off)"
    assert number(html, "b.example") == "1"


def test_next_digests_and_counts() -> None:
    html = shown(
        nexts=[Next(due_at=NOW, asks="Panama", cadence="every day", members=1234)], counted_at=NOW,
        items=300_000, held=2, people={"active": 12_345}, bounces={"hard": 4},
    )  # fmt: skip
    assert cells(html, "Panama") == ["every day", "1,234"]
    assert "28 November, 15:00" in html
    assert number(html, "Readers") == "12,345"
    assert number(html, "Paused") == "0"
    assert number(html, "Items") == "300,000"
    assert number(html, "Held") == "2"
    assert number(html, "No such mailbox") == "4"


def test_topics_are_named_up_to_a_dozen() -> None:
    many = [(f"Topic {n}", n) for n in range(NAMED + 2)]
    html = shown(topics=Topics(no_items=many, no_readers=many[:NAMED], gone=[("old-slug", 3)]))
    assert number(html, "Readers, but no items").endswith("Topic 11 (11) and 2 more")
    assert number(html, "Items, but no readers").endswith("Topic 10 (10) and Topic 11 (11)")
    assert number(html, "In filters, but gone from this site") == "old-slug (3)"
    assert number(shown(), "Readers, but no items") == "none"


def test_plots_say_in_words_what_they_draw() -> None:
    html = shown(growth=days(100, 300, 250), sent=days(0, 5))
    assert "Readers. From 1 Nov 2026 to 3 Nov 2026: between 100 and 300, at the end 250." in html
    assert "Messages sent each day. From 1 Nov 2026 to 2 Nov 2026: between 0 and 5, at the end 5." in html
    assert html.count("<svg") == 2
    assert html.count("<path") == 1


def test_it_speaks_spanish() -> None:
    html = shown("es", loops=[loop("publish")])
    assert '<html lang="es"' in html
    assert cells(html, "Publicar") == ["news-1", "bien", "hace 5 s", "1 s", "7 min"]
    assert "hora de Panamá" in html


def test_an_answer_and_a_fault_stand_over_the_next_question() -> None:
    pages = OperatorPages(environment([str(folder("templates"))]), SITE, WORDS)
    seen = Seen(Staff(address="ops@example.org", lang="en", zone="UTC"), "stamp-7")
    html = pages.why(seen, "a@example.org", "0a1b", "It was <sent>.", ["letter 7"], "").decode()
    assert '<p class="stand" lang="en">It was &lt;sent&gt;.</p>' in html
    assert "<li>letter 7</li>" in html
    assert 'value="a@example.org"' in html
    assert 'value="0a1b"' in html
    assert 'role="alert"' not in html
    wrong = pages.why(seen, "x", "", "", (), "must be an address").decode()
    assert '<p class="state alarm" role="alert">must be an address</p>' in wrong
    assert '<ul class="told"' not in wrong


def test_a_line_runs_from_edge_to_edge_and_begins_its_axis_at_the_least() -> None:
    plot = plots.line(days(100, 300, 200))
    assert plot.path == "M0 120L300 0L600 60"
    assert (plot.low, plot.high, plot.first, plot.last) == (100, 300, DAY, DAY + timedelta(days=2))
    assert plots.line(days(5, 5)).path == "M0 60L600 60"
    gap = [(DAY, 0), (DAY + timedelta(days=3), 3), (DAY + timedelta(days=4), 4)]
    assert plots.line(gap).path == "M0 120L450 30L600 0"


def test_columns_stand_on_zero_and_a_day_without_a_count_has_none() -> None:
    plot = plots.columns([(DAY, 5), (DAY + timedelta(days=3), 10)])
    assert plot.bars == ((0, 60, 149, 60), (450, 0, 149, 120))
    assert (plot.low, plot.high) == (0, 10)


@pytest.mark.parametrize(
    "plot", [plots.line(days(7)), plots.line([]), plots.columns([]), plots.columns(days(0, 0))]
)
def test_with_nothing_to_draw_there_is_no_plot(plot: plots.Plot) -> None:
    assert (plot.path, plot.bars) == ("", ())


def test_readers_are_counted_by_the_topics_that_canonical_filters_ask_for() -> None:
    wishes = [
        ("country:pa topic:health,ports -topic:visas", 2),
        ("topic:health", 3),
        ("all", 9),
        ("word:topic", 1),
    ]
    assert readers_of(wishes) == {"health": 5, "ports": 2}


def test_topics_to_look_at_are_sorted_out_by_readers_and_items() -> None:
    counts = {
        "readers/topic/health": 5, "readers/topic/old": 2, "readers/topic/visas": 1, "items/topic/ports": 4,
        "items/topic/visas": 9, "items/topic/gone": 1, "people/active": 3,
    }  # fmt: skip
    found = judged(counts, WORDS, "en")
    assert found.no_items == [("Health", 5)]
    assert found.no_readers == [("Ports", 4)]
    assert found.gone == [("old", 2)]


def ran(name: str, host: str, seconds: int, *, running: bool = False) -> PassRow:
    at = NOW - timedelta(seconds=seconds)
    return PassRow(
        process=f"{seconds}", name=name, host=host, began_at=at, ended_at=None if running else at, took_ms=1,
        failed="",
    )  # fmt: skip


def test_the_newest_run_of_each_pass_on_a_host_counts_and_when_it_comes_again() -> None:
    soon, mail = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    rows = [
        ran("publish", "a", 50), ran("publish", "a", 9), ran("publish", "b", 20), ran("compose", "a", 1),
        ran("deliver", "a", 1), ran("sweep", "a", 1, running=True), ran("other", "a", 1),
    ]  # fmt: skip
    every = {"publish": timedelta(seconds=1), "sweep": timedelta(minutes=1)}
    found = {(each.name, each.host): each for each in loops(rows, every, soon, mail)}
    assert len(found) == 6
    assert found["publish", "a"].began_at == NOW - timedelta(seconds=9)
    assert found["publish", "a"].next_at == NOW - timedelta(seconds=8)
    assert found["compose", "a"].next_at == soon
    assert found["deliver", "a"].next_at == mail
    assert found["sweep", "a"].next_at is None
    assert found["other", "a"].next_at is None


def test_days_of_a_count_are_their_last_hours_and_of_a_growing_number_what_it_grew() -> None:
    hours = [
        (datetime(2026, 11, day, hour, tzinfo=UTC), value)
        for day, hour, value in ((1, 0, 10), (1, 5, 14), (2, 0, 20), (3, 0, 21), (3, 9, 25))
    ]
    assert last_of_days(hours) == days(14, 20, 25)
    assert growth_of_days(hours) == days(10, 1, 4)
    assert growth_of_days([]) == []
    assert growth_of_days([hours[2], (hours[3][0], 5)])[0][1] == 0  # counted anew


def test_cadences_are_in_words() -> None:
    from feeds.operating.overview import _next
    from feeds.store.glances import NextRow

    row = NextRow(due_at=NOW, cadence=Cadence.DAILY, filters=["topic:health", "all"], members=3)
    told = _next(row, WORDS, translator("en"))
    assert (told.asks, told.cadence, told.members, told.due_at) == ("health; everything", "every day", 3, NOW)
