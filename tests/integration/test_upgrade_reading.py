"""Better reading is no news: a site of an earlier release gets its files again after the upgrade.

`tests/golden/upgrade/files` are files of all forms, `read-before.json` what the release before bodies read in
them. The site is made of that, and then the same files come again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from feeds.app.parts import Parts, now
from feeds.intake.acceptance import accept_where_it_lies
from feeds.intake.examining import Examined, Read
from feeds.labels import label_draft
from feeds.model import BulletinReceipt, Draft, Item, Outcome
from feeds.store import history, items
from feeds.store.schema import item as item_table
from taking import accept_one

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "upgrade"
FILES = sorted(path for path in (GOLDEN / "files").iterdir())
BEFORE: dict[str, list[dict[str, Any]]] = json.loads(
    (GOLDEN / "read-before.json").read_text(encoding="utf-8")
)


def former_draft(told: dict[str, Any]) -> Draft:
    lists = {name: tuple(told[name]) for name in ("countries", "topics") if told.get(name) is not None}
    return Draft(**told | lists | {"date_on": date.fromisoformat(told["date_on"])})


def formerly(parts: Parts, path: Path) -> Examined:
    """A file as the earlier release read it."""
    rules = parts.ingest_rules
    drafts = []
    for draft in map(former_draft, BEFORE[path.name]):
        lang, labels, _ = label_draft(rules.labeller, rules.vocabulary, draft, rules.lang, "x")
        drafts.append(Read(draft=draft, lang=lang, labels=labels))
    return Examined(name=path.name, data=path.read_bytes(), encoding="utf-8", drafts=tuple(drafts))


@pytest.fixture
def upgraded(site: Parts) -> Parts:
    accept_where_it_lies(
        site.store, site.ingest_rules, [formerly(site, path) for path in FILES], now(), "all"
    )
    with site.store.write() as conn:
        conn.execute(update(item_table).values(body=None, reading=None))
    return site


def state(parts: Parts) -> dict[str, Item]:
    with parts.store.read() as conn:
        return items.by_ids(conn, items.ids(conn))


def take(parts: Parts, name: str, data: bytes) -> BulletinReceipt:
    return accept_one(parts, name, data, now(), "all", filed=True).receipt


def outcomes(receipt: BulletinReceipt) -> list[tuple[Outcome, str]]:
    return [(line.outcome, line.reason) for line in receipt.lines if line.item_id is not None]


def test_there_is_a_file_of_every_form() -> None:
    assert {path.suffix for path in FILES} == {".md", ".txt", ".html", ".eml", ".docx"}
    assert {path.name for path in FILES} == set(BEFORE)


@pytest.mark.parametrize("prefix", ["", "again-"])
def test_every_file_again_is_the_same(upgraded: Parts, prefix: str) -> None:
    before = state(upgraded)
    for _ in range(2):
        for path in FILES:
            receipt = take(upgraded, prefix + path.name, path.read_bytes())
            assert outcomes(receipt), path.name
            assert {outcome for outcome, _ in outcomes(receipt)} == {Outcome.SAME}, (
                path.name,
                outcomes(receipt),
            )
    after = state(upgraded)
    names = (
        "id",
        "atom_id",
        "title",
        "summary",
        "date_on",
        "updated_at",
        "accepted_at",
        "labels",
        "mailable",
    )
    assert {key: [getattr(item, name) for name in names] for key, item in before.items()} == {
        key: [getattr(item, name) for name in names] for key, item in after.items()
    }
    with upgraded.store.read() as conn:
        assert [history.revisions(conn, key) for key in after] == [[] for _ in after]


def test_the_form_is_filled_in_and_private_links_go(upgraded: Parts) -> None:
    for path in FILES:
        take(upgraded, path.name, path.read_bytes())
    by_title = {item.title: item for item in state(upgraded).values()}
    ferry = by_title["Ferry keeps its winter timetable"]
    assert '<a href="https://news.river.example/timetable">the timetable</a>' in ferry.body
    assert "<li>Every hour until noon</li>" in ferry.body
    assert by_title["Night school opens for harvest workers"].body.count("<ul>") == 2
    assert "<li>Bring a bucket</li>" in by_title["Wells for the dry valley"].body
    assert by_title["Four newspapers on the bridge"].link == "https://north.example/ferry"
    assert by_title["Bread and fish at the night market"].link is None


def overlapping(path: Path) -> bytes | None:
    """A later capture: something new in front of what was there; None for forms that hold one item."""
    data = path.read_bytes()
    if path.suffix == ".txt":
        day = b"26 de noviembre de 2026" if path.name == "mezcla.txt" else b"26 November, 2026"
        return (
            day + b"\n\nSomething that nobody has heard of\n\nIt is quite new to all of us here.\n\n" + data
        )
    if path.name == "letter-of-the-week.md":
        new = b"## 26 November 2026\n\n### Something that nobody has heard of\n\nIt is new.\n\n"
        return data.replace(b"## 25 November", new + b"## 25 November")
    if path.name in ("listing.html", "newsletter.html"):
        day = b"<time datetime='2026-11-26'>26 November 2026</time>"
        item = b"<h3>Something new</h3>" + day + b"<p>It is quite new to all.</p>"
        if path.name == "listing.html":
            return data.replace(b'<ul class="news">', b'<ul class="news"><li>' + item + b"</li>")
        item = item.replace(b"h3>", b"h2>")
        return data.replace(b"<h2>Ferry", item + b"<h2>Ferry")
    return None


@pytest.mark.parametrize("path", [path for path in FILES if overlapping(path)], ids=lambda path: path.name)
@pytest.mark.parametrize("name", ["", "capture-"])
def test_an_overlapping_capture_brings_only_what_is_new(upgraded: Parts, path: Path, name: str) -> None:
    data = overlapping(path)
    assert data is not None
    receipt = take(upgraded, name + path.name, data)
    every = [outcome for outcome, _ in outcomes(receipt)]
    assert every.count(Outcome.NEW) == 1, outcomes(receipt)
    assert every.count(Outcome.SAME) == len(every) - 1 >= len(BEFORE[path.name]), outcomes(receipt)


def edited(path: str, old: bytes, new: bytes) -> tuple[str, bytes]:
    data = (GOLDEN / "files" / path).read_bytes()
    assert data.count(old) == 1
    return path, data.replace(old, new)


@pytest.mark.parametrize(
    ("path", "old", "new", "reason"),
    [
        ("letter-of-the-week.md", b"* Every hour until noon", b"* Every hour until ten", "summary"),
        ("letter-of-the-week.md", b"1. Buy a ticket\n", b"", "summary"),
        ("letter-of-the-week.md", b"### Four newspapers on", b"### Five newspapers on", "title"),
        ("letter-of-the-week.md", b"| Monday | four |", b"| Monday | nine |", "summary"),
        ("school.md", b"link: https://news.river.example/school", b"link: https://x.example/night", "link"),
        ("school.md", b"countries: [PA, HN]", b"countries: [PA]", "labels"),
        ("school.md", b"- Writing", b"- Writing and sums", "summary"),
        ("harbour.txt", b"example/plan.", b"example/map.", "summary"),
        ("harbour.txt", b"opens at eight", b"opens at nine", "summary"),
        ("harbour.txt", b"river.example/cranes", b"river.example/both-cranes", "link"),
        ("article.html", b"bought two lifeboats", b"bought six lifeboats", "summary"),
        ("listing.html", b"further notice", b"Sunday", "summary"),
        ("mezcla.txt", b"dos semanas", b"tres semanas", "summary"),
    ],
)  # fmt: skip
def test_what_the_office_itself_changes_is_a_correction(
    upgraded: Parts, path: str, old: bytes, new: bytes, reason: str
) -> None:
    receipt = take(upgraded, *edited(path, old, new))
    changed = [told for outcome, told in outcomes(receipt) if outcome is Outcome.CHANGED]
    assert [reason in told for told in changed] == [True], outcomes(receipt)
    assert not [outcome for outcome, _ in outcomes(receipt) if outcome is Outcome.NEW]


def test_what_was_corrected_by_hand_stays_so(upgraded: Parts) -> None:
    (ferry,) = [item for item in state(upgraded).values() if item.title == "Ferry keeps its winter timetable"]
    with upgraded.store.write() as conn:
        (at,) = items.announce_instants(conn, 1, now())
        history.revise(conn, replace(ferry, summary="See the new timetable."), at, fields=("summary",))
    path = GOLDEN / "files" / "letter-of-the-week.md"
    receipt = take(upgraded, path.name, path.read_bytes())
    assert {outcome for outcome, _ in outcomes(receipt)} == {Outcome.SAME}
    now_said = state(upgraded)[ferry.id]
    assert (now_said.summary, now_said.body) == ("See the new timetable.", "")


def test_what_reads_otherwise_now_is_told_of_and_changes_nothing(site: Parts) -> None:
    path = next(each for each in FILES if each.suffix == ".txt")
    told = BEFORE[path.name][0] | {"summary": "Words that the former reading got wrong."}
    former = formerly(site, path)
    wrong = replace(former.drafts[0], draft=former_draft(told))
    accept_where_it_lies(
        site.store, site.ingest_rules, [replace(former, drafts=(wrong, *former.drafts[1:]))], now(), "all"
    )
    with site.store.write() as conn:
        conn.execute(update(item_table).values(body=None, reading=None))
    before = state(site)
    receipt = take(site, "again-" + path.name, path.read_bytes())
    faults = [line.fault for line in receipt.lines if line.fault]
    told_of = [fault.detail for fault in faults if fault.code == "reads-otherwise"]
    assert len(told_of) == 1
    assert before[told_of[0]].summary == told["summary"]
    assert {outcome for outcome, _ in outcomes(receipt)} == {Outcome.SAME}
    assert {key: item.summary for key, item in state(site).items()} == {
        key: item.summary for key, item in before.items()
    }
