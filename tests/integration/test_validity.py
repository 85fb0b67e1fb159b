"""Every kind of feed of a site with corrections and withdrawals, judged from outside (tests/judges.py)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from starlette.testclient import TestClient

from feeds import config, filters, shipped
from feeds.app.parts import Parts, now
from feeds.app.samples import shifted
from feeds.model import Cadence
from feeds.office import editing
from feeds.people import private_feed, signup
from feeds.publishing.publish import publish
from feeds.store import items
from feeds.syndication.atom import TOMBSTONES
from feeds.web import create_app
from judges import atom_faults, json_faults, validator_says
from taking import accept_one

BASE = "https://news.example.org"
AWKWARD = (
    "3 November, 2026\n\nPanama & <b>Honduras</b> agree, &amp; sign ]]>\n\nA <script>, &lt;, \U0001f600.\n\n"
    "4 November, 2026\n\nPanama's office says: \u201cno\u201d\n\nhttps://office.example/a?b=c&d=e\n\nWork.\n\n"
    "5 November, 2026\n\nReunión en Panamá\n\nEl gobierno de Panamá acordó con México un plan de trabajo.\n"
)


@dataclass
class Published:
    """All feeds of a site: by their own address."""

    atom: dict[str, bytes]
    rss: dict[str, bytes]
    json: dict[str, bytes]
    opml: bytes

    @property
    def xml(self) -> dict[str, bytes]:
        return {**self.atom, **self.rss}


@pytest.fixture(scope="module")
def published(founded: Path, tables: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    folder = tmp_path_factory.mktemp("valid") / "site"
    shutil.copytree(founded, folder)
    parts = Parts(config.load(folder / "config" / "feeds.toml"))
    parts.__dict__["_labels"] = tables
    for path in shipped.samples():
        text = shifted(path.read_text(encoding="utf-8"), now().date() - date(2026, 11, 28))
        accept_one(parts, path.name, text.encode(), now(), "all", filed=True)
    accept_one(parts, "awkward.txt", AWKWARD.encode(), now(), "all", filed=True)
    with parts.store.read() as conn:
        first, second, third = items.listing(conn, kind="country", code="pa", limit=3)
    editing.withdraw(parts.store, first.id, "It was <wrong> & more", now())
    editing.withdraw(parts.store, third.id, "", now())
    editing.correct(
        parts.store, parts.labeller, second.id, editing.Words(title="Put right & <done>"), "A slip", now()
    )
    publish(parts.store, parts.press)
    yield gathered(parts)
    parts.store.close()


def gathered(parts: Parts) -> Published:
    """Every published feed, some of filters, and a private one."""
    root = parts.public.root
    made: dict[str, dict[str, bytes]] = {}
    for form in ("atom", "rss", "json"):
        paths = (root / "feeds").rglob(f"*.{form}")
        made[form] = {f"{BASE}/{path.relative_to(root)}": path.read_bytes() for path in paths}
    joining = signup.Joining(
        address="ana@reader.example", filters=(filters.parse("country:pa"), filters.parse("topic:health")),
        cadence=Cadence.WEEKLY, consent="a test",
    )  # fmt: skip
    owner = signup.join(parts.store, joining, parts.joining_defaults, now())
    secret = private_feed.make(parts.store, parts.people, owner, now())
    with TestClient(create_app(parts.web_parts()), base_url=BASE, follow_redirects=False) as web:
        for form, feeds in made.items():
            for path in (
                f"/filter.{form}?country=hn,pa&topic=labour-migration",
                f"/filter.{form}?word=no%20such%20word",
                f"/filter.{form}?country=pa&q=panam%C3%A1&not-topic=health",
                f"/private/{secret}.{form}",
            ):
                answer = web.get(path)
                assert answer.status_code == 200, (path, answer.headers.get("location"))
                feeds[BASE + path] = answer.content
    return Published(**made, opml=(root / "feeds.opml").read_bytes())


def test_every_atom_feed_keeps_the_grammar_and_rules_of_rfc_4287(published: Published) -> None:
    assert len(published.atom) > 30
    assert any(b"deleted-entry" in data for data in published.atom.values())
    assert {own: faults for own, data in published.atom.items() if (faults := atom_faults(data))} == {}


def test_the_grammar_sees_what_is_wrong(published: Published) -> None:
    good = published.atom[f"{BASE}/feeds/country/pa.atom"]
    for right, wrong in (
        (b"<id>tag:", b"<id>tag :"), (b"Z</updated>", b"</updated>"), (b" term=", b" trem="),
        (b"</title>", b"</title><title>Again</title>"), (b' rel="self"', b' rel="other"'),
        (b"<author>", b"<author><phone/>"), (b"<name>", b"<nom>".replace(b"nom", b"name") + b"<b/>"),
    ):  # fmt: skip
        assert right in good
        assert atom_faults(good.replace(right, wrong)), wrong


def test_every_json_feed_keeps_the_rules_of_json_feed(published: Published) -> None:
    assert {own: faults for own, data in published.json.items() if (faults := json_faults(data))} == {}


def test_each_feed_names_its_own_address(published: Published) -> None:
    for own, data in published.xml.items():
        links = etree.fromstring(data).iterfind(".//{http://www.w3.org/2005/Atom}link[@rel='self']")
        assert [link.get("href") for link in links] == [own]


def test_the_feed_validator_finds_no_error_and_no_warning_in_any_kind(
    published: Published, tmp_path: Path
) -> None:
    asked = {**published.xml, f"{BASE}/feeds.opml": published.opml}
    told = validator_says(asked, tmp_path)
    assert told.keys() == asked.keys()
    assert min(events for events, _ in told.values()) > 5
    faulty = {own: faults for own, (_, found) in told.items() if (faults := list(map(shortened, found)))}
    # It does not know RFC 6721, by which feeds tell of what was withdrawn.
    stones = {own for own, data in published.atom.items() if b"deleted-entry" in data}
    assert faulty == {own: [f"UnknownNamespace {TOMBSTONES}"] for own in stones}


def shortened(fault: list[str]) -> str:
    """Its name, and the namespace that it is about."""
    return f"{fault[0]} {TOMBSTONES}" if TOMBSTONES in fault[1] else " ".join(fault)
