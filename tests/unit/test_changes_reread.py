"""Better reading is no news: which differences come from the reading alone, and which from the office."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from feeds.changes import READING, Candidates, Changed, Known, New, Same, plainest
from feeds.changes.decisions import Decision, wanted
from feeds.changes.reread import reads_the_same
from feeds.model import Draft

DAY = date(2026, 11, 18)
TEXT = "The ferry runs every hour from six.\n\nTickets are sold on board, says the captain."
OLD = Known(
    "a",
    DAY,
    "Ferry starts again",
    TEXT,
    source="news.html",
    former=True,
    original=TEXT,
    places=(("sha", 5), ("sha", 40)),
)
DRAFT = Draft(line=5, end_line=9, date_on=DAY, title="Ferry starts again", summary=TEXT, original=TEXT)


def decide(
    draft: Draft, *known: Known, source: str = "news.html", digest: str = "", recaptured: bool = False
) -> Decision:
    return Candidates(known or [OLD]).decide(draft, source=source, digest=digest, recaptured=recaptured)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("La regiÃ³n de MÃ©xico", "La región de México"),
        ("It is â€œopenâ€\x9d", "It is “openâ€\x9d"),
        ("* One\n* Two", "One\nTwo"),
        ("1. One\n2) Two", "One\nTwo"),
        ("See the plan.[^1]", "See the plan. [1]"),
        ("IMG_2041.JPG\n\nThe quay", "The quay"),
        ("See <https://x.example/a> now", "See now"),
        ("Write to mailto:a@x.example", "Write to a@x.example"),
        ("The end at https://x.example/a.Next day", "The end at Next day"),
    ],
)
def test_the_plainest_words_are_without_what_reading_lost_kept_or_spoiled(before: str, now: str) -> None:
    assert plainest(before) == plainest(now)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3-5 boats", "3.5 boats"),
        ("It opens at 8", "It opens at 9"),
        ("It opens?", "It opens"),
        ("año", "ano"),
    ],
)
def test_what_is_said_differently_stays_different(one: str, other: str) -> None:
    assert plainest(one) != plainest(other)


BYLINE = f"Ana Writer\n\n{TEXT}"


@pytest.mark.parametrize(
    ("known", "draft"),
    [
        (OLD, DRAFT),
        (replace(OLD, summary=BYLINE, original=BYLINE), replace(DRAFT, passed="Ana Writer")),
        (replace(OLD, summary=BYLINE, original=BYLINE), replace(DRAFT, original=BYLINE)),
        (replace(OLD, title="By Ana", original=f"By Ana\n{TEXT}"),
         replace(DRAFT, original=f"Ferry starts again\nBy Ana\n{TEXT}")),
        (replace(OLD, summary="Ferry", original=TEXT), replace(DRAFT, original=f"{TEXT}\nFerry")),
        (replace(OLD, summary=f"{TEXT} https://x.example/a", original=f"{TEXT} https://x.example/a"),
         replace(DRAFT, original=f"{TEXT} [a](https://x.example/a)")),
    ],
)  # fmt: skip
def test_what_still_stands_in_the_file_reads_the_same(known: Known, draft: Draft) -> None:
    if known.title != draft.title:
        known = replace(known, original=f"{known.original}\n{draft.title}")
    assert reads_the_same(draft, known)


@pytest.mark.parametrize(
    ("known", "draft"),
    [
        (replace(OLD, summary=BYLINE, original=BYLINE), DRAFT),
        (OLD, replace(DRAFT, summary=BYLINE, original=BYLINE)),
        (OLD, replace(DRAFT, title="Ferry stops again", original=f"Ferry stops again\n{TEXT}")),
        (replace(OLD, summary=f"{TEXT} https://x.example/a", original=f"{TEXT} https://x.example/a"), DRAFT),
        (OLD, replace(DRAFT, summary=f"{TEXT} https://x.example/b", original=f"{TEXT} https://x.example/b")),
    ],
)
def test_what_has_left_the_file_or_come_into_it_does_not(known: Known, draft: Draft) -> None:
    assert not reads_the_same(draft, known)


@pytest.mark.parametrize(("line", "item"), [(1, "a"), (5, "a"), (39, "a"), (40, "b"), (99, "b")])
def test_a_file_of_the_same_bytes_holds_the_items_that_stood_at_its_lines(line: int, item: str) -> None:
    b = replace(OLD, item_id="b", title="Something else", places=(("sha", 40),))
    a = replace(OLD, places=(("sha", 5),))
    draft = replace(
        DRAFT, line=line, title="Read anew", summary="In other words.", original="x", date_on=date(2026, 1, 1)
    )
    assert decide(draft, a, b, digest="sha") == Same(item, reread=True, whole=True)
    assert isinstance(decide(draft, a, b, digest="other"), New)


def test_only_items_of_an_earlier_reading_are_looked_at_so() -> None:
    draft = replace(DRAFT, summary=BYLINE, original=TEXT)
    assert decide(draft) == Same("a", reread=True)
    assert decide(draft, replace(OLD, former=False)) == Changed("a", ("summary",))


def test_all_that_was_published_within_an_item_is_no_news() -> None:
    two = replace(
        OLD,
        title="View this",
        summary=f"Ferry starts again\n\n{TEXT}\n\nSchool opens\n\nIt begins at seven o’clock.",
    )
    school = replace(DRAFT, title="School opens", summary="It begins at seven o’clock.", original="x")
    assert decide(school, two) == Same("a", reread=True)
    assert isinstance(decide(replace(school, title="School closes"), two), New)
    assert isinstance(decide(replace(school, summary="It begins."), two), New)


def test_a_title_alone_corrected_is_a_correction_while_the_text_reads_better() -> None:
    old = replace(OLD, summary=f"* {TEXT}", original=f"* {TEXT} IMG_1.jpg")
    draft = replace(DRAFT, title="Ferry starts anew again", original=f"{TEXT}")
    assert decide(draft, old) == Changed("a", ("title",))
    assert isinstance(decide(draft, old, source="other.html"), New)


@pytest.mark.parametrize(
    ("said", "original", "decision"),
    [
        (True, TEXT, Changed("a", ("link",))),
        (True, f"{TEXT} https://x.example/old.", Same("a", reread=True)),
        (False, TEXT, Same("a", reread=True)),
    ],
)
def test_another_link_is_a_change_only_where_the_office_writes_it(
    said: bool, original: str, decision: Decision
) -> None:
    old = replace(OLD, link="https://x.example/old", original=f"{TEXT} https://x.example/old.")
    draft = replace(DRAFT, link="https://x.example/new", link_said=said, original=original)
    assert decide(draft, old) == decision


@pytest.mark.parametrize("of_day", [1, 12, 13, 200])
def test_better_reading_is_no_news_however_many_items_of_old_a_day_has(of_day: int) -> None:
    old = [
        replace(OLD, item_id=str(n), title=f"Ferry {n}a", summary=f"Ship {n}. {TEXT}", places=(),
                original=f"Ferry {n}\nShip {n}. {TEXT}")
        for n in range(of_day)
    ]  # fmt: skip
    among = Candidates(old)
    for n in {0, of_day // 2, of_day - 1}:
        draft = replace(DRAFT, title=f"Ferry {n}", summary=f"Ship {n}. {TEXT}", original=old[n].original)
        assert among.decide(draft, source="news.html") == Same(str(n), reread=True)
        part = replace(
            draft, title=f"Ship {n}", summary=TEXT.split("\n")[0], date_on=date(2026, 12, 9), original=""
        )
        assert among.decide(part, source="other.html") == Same(str(n), reread=True)
        assert len(among.formers(draft, DAY)) <= 12


def test_items_under_one_heading_that_were_read_as_one_are_no_news() -> None:
    """The release before took “News” for the title of all that stands below; the number of the way of
    reading tells its items from ours.
    """
    first = "The ministers signed an accord on free movement in Desaguadero on Thursday."
    second = "A shelter with sixty beds opened in Tacna. It is run by the parish."
    text = f"Ministers sign accord\n\n{first}\n\nShelter for families opens\n\n{second}"
    one = Known("a", DAY, "News", text, source="news.html", former=True, original=f"News\n\n{text}")
    for title, summary in (("Ministers sign accord", first), ("Shelter for families opens", second)):
        draft = replace(DRAFT, title=title, summary=summary, original=f"{title}\n\n{summary}")
        for source in ("news.html", "again.html"):
            assert isinstance(decide(draft, one, source=source), Same)
            assert isinstance(decide(draft, replace(one, former=False), source=source), New)
    assert READING > 1


def test_of_a_bulletin_only_the_digests_that_files_have_are_looked_for() -> None:
    assert wanted([("news.html", DRAFT)], ["sha", ""]).digests == {"sha"}
