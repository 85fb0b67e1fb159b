"""The receipt as a remote control: each link does one act on one bulletin, once, for who has the mail."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from feeds import config, filters
from feeds.app.founding import with_values
from feeds.app.parts import Parts
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.intake.folders import WatchedFolder
from feeds.intake.ingest import ingest_ready
from feeds.mail.outbox import OpenedMail, read_mail, read_outbox
from feeds.model import LINK, Act, Cadence, Item, Kind, ReceiptAct
from feeds.people import signup
from feeds.store import audit, history, items
from feeds.store.schema import link as link_table
from feeds.store.schema import notice
from feeds.web import create_app
from forms import Forms
from holding import GLUED, NEWS, put, rows, slip, titles
from postgres import schemas
from reader import OURS, Clock

OFFICE = "press@office.example"


@dataclass
class Press:
    """The press office: its folder, its mailbox and a browser."""

    parts: Parts
    clock: Clock
    client: TestClient
    html: str = ""
    status: int = 0

    @property
    def folder(self) -> WatchedFolder:
        (folder,) = self.parts.watched_folders
        return folder

    def drop(self, text: str = NEWS.format(what="to read"), name: str = "a.txt") -> None:
        put(self.folder, text, name)
        self.look()

    def look(self, **later: float) -> None:
        """The next pass over the folder."""
        self.clock.on(**later)
        ingest_ready(self.folder, self.clock)

    def mail(self) -> OpenedMail:
        """The newest mail, once all that waits was sent."""
        before = {mail.name for mail in read_outbox(self.parts.outbox)}
        rules = replace(self.parts.deliver_rules, now=self.clock)
        asyncio.run(deliver(self.parts.store, self.parts.transports(), rules))
        (name,) = {each.name for each in read_outbox(self.parts.outbox) if each.recipient == OFFICE} - before
        mail = read_mail(self.parts.outbox, name)
        assert mail is not None
        return mail

    def links(self) -> dict[str, str]:
        """The links of the newest mail by the words on their buttons; text and HTML have the same."""
        mail = self.mail()
        found = re.findall(r'<a href="[^"]*?(/receipt/[^"]+)"[^>]*>([^<]+)</a>', mail.html)
        assert all(path in mail.text for path, _ in found)
        return {words: path for path, words in found}

    def open(self, path: str) -> str:
        answer = self.client.get(path)
        self.html, self.status = answer.text, answer.status_code
        return self.html

    def press(self, button: str, **typed: str | list[str]) -> str:
        action, fields = Forms(self.html).press(button, **typed)
        answer = self.client.post(action, data=_by_name(fields), headers=OURS)
        self.html, self.status = answer.text, answer.status_code
        return self.html


def _by_name(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def press(request: pytest.FixtureRequest, tmp_path: Path, founded: Path, tables: object) -> Iterator[Press]:
    """A site without a desk that holds bulletins and mails receipts, with two readers, on each database."""
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        if request.param == "postgresql":
            patched.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        yield from _press(tmp_path, founded, tables)


def _press(tmp_path: Path, founded: Path, tables: object) -> Iterator[Press]:
    file = Path(shutil.copytree(founded, tmp_path / "office")) / "config" / "feeds.toml"
    values = {
        "inbox.hold": "10.0", "inbox.settle": "0.0", "inbox.doubtful": '"wait"', "digest.max_age": "36500",
        "inbox.receipts_to": f'"{OFFICE}"', "digest.zone": '"America/Panama"',
    }  # fmt: skip
    file.write_text(with_values(file.read_text(encoding="utf-8"), values), encoding="utf-8")
    parts = Parts(config.load(file))
    parts.__dict__["_labels"] = tables
    parts.store.migrate()
    clock = Clock()
    web = parts.web_parts()
    assert web.receipts is not None
    people = replace(web.people, now=clock)
    app = create_app(replace(web, people=people, receipts=replace(web.receipts, people=people)))
    for name, cadence in (("ana", Cadence.IMMEDIATE), ("bea", Cadence.WEEKLY)):
        joining = signup.Joining(
            address=f"{name}@reader.example", filters=(filters.parse("country:pa"),), cadence=cadence,
            lang="en", zone="UTC", hour=7, weekday=1, consent="a test",
        )  # fmt: skip
        signup.join(parts.store, joining, parts.joining_defaults, clock())
    yield Press(parts, clock, TestClient(app, base_url="http://127.0.0.1:8000"))
    parts.store.close()


def text(press: Press) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", press.html).split())


def acts(press: Press) -> list[tuple[Act, str]]:
    with press.parts.store.read() as conn:
        return [(line.act, line.way) for line in audit.listing(conn, limit=9)][::-1]


def test_a_held_file_is_looked_at_and_released_before_its_time(press: Press) -> None:
    press.drop()
    links = press.links()
    assert list(links) == ["Release now", "See how it will look", "Fix labels", "Take it back"]
    press.open(links["See how it will look"])
    assert "2 people will get it" in text(press)
    assert "at once 1" in text(press)
    assert "Children and parents learn to read there." in text(press)
    assert "Panama time" in text(press)
    press.open(links["Release now"])
    assert (press.status, titles(press.folder)) == (200, set())
    press.press("Release now to 2 people")
    press.look()
    assert titles(press.folder) == {"A school opens in Panama"}
    assert acts(press) == [(Act.RELEASED, LINK.way)]
    press.open(links["Release now"])
    assert press.status == 404
    press.open(links["Take it back"])
    assert press.status == 404
    assert "It is out." in text(press)


def test_a_held_file_is_taken_back(press: Press) -> None:
    press.drop()
    links = press.links()
    press.open(links["Take it back"])
    press.press("Take it back")
    assert "Nothing of it was announced" in text(press)
    press.look(hours=1)
    assert titles(press.folder) == set()
    assert [row.receipt.undone_at is not None for row in rows(press.folder)] == [True]
    for path in links.values():
        if path != links["See how it will look"]:
            press.open(path)
            assert press.status == 404


def test_a_file_in_doubt_is_let_go_as_it_is(press: Press) -> None:
    press.drop(GLUED)
    links = press.links()
    assert "Let it go as it is" in links
    press.open(links["Let it go as it is"])
    assert "waits until somebody says so" in text(press)
    press.press("Release now to 2 people")
    press.look()
    assert len(titles(press.folder)) == 2


def out(press: Press) -> dict[str, str]:
    """A file that went out by itself and was mailed to the reader; the links of its receipt."""
    press.drop(
        NEWS.format(what="to read") + "\n17 November, 2026\n\nA road opens in Panama\n\nLorries pass.\n"
    )
    press.mail()
    press.look(minutes=11)
    links = press.links()
    compose(press.parts.store, press.parts.compose_rules, press.clock())
    asyncio.run(deliver(press.parts.store, press.parts.transports(), press.parts.deliver_rules))
    return links


def test_an_item_is_withdrawn_after_the_release_with_a_reason_and_the_number_who_are_told(
    press: Press,
) -> None:
    links = out(press)
    assert list(links) == ["See it as readers do", "Fix labels", "Withdraw"]
    press.open(links["Withdraw"])
    assert "1 person was sent one of them and is told" in text(press)
    road = next(each.id for each in everything(press) if "road" in each.title)
    press.press("Withdraw what is ticked", item=road, reason="It opens in spring.")
    assert titles(press.folder) == {"A school opens in Panama"}
    gone = next(each for each in everything(press) if each.id == road)
    assert gone.withdrawn_reason == "It opens in spring."
    press.open(links["Withdraw"])
    assert press.status == 404


def everything(press: Press) -> list[Item]:
    with press.parts.store.read() as conn:
        return list(items.by_ids(conn, items.ids(conn)).values())


def test_labels_are_fixed_by_ticks_and_names_in_any_language_of_the_site(press: Press) -> None:
    links = out(press)
    press.open(links["Fix labels"])
    road = next(each.id for each in everything(press) if "road" in each.title)
    press.press("Save the labels", **{f"keep-{road}": [], f"add-{road}": "Honduras, Nowhere"})
    assert press.status == 422
    assert "Nowhere" in text(press)
    press.open(links["Fix labels"])
    press.press("Save the labels", **{f"keep-{road}": [], f"add-{road}": "México, honduras"})
    assert press.status == 200
    with press.parts.store.read() as conn:
        item = items.get(conn, road)
        assert item is not None
        assert set(item.codes(Kind.COUNTRY, None)) == {"hn", "mx"}
        assert history.is_labelled_by_hand(conn, road)
    school = next(each.id for each in everything(press) if "school" in each.title)
    with press.parts.store.read() as conn:
        assert not history.is_labelled_by_hand(conn, school)
    assert press.open(links["Fix labels"])
    assert press.status == 404


def test_labels_are_fixed_while_it_is_held_and_only_those_go_out(press: Press) -> None:
    press.drop()
    links = press.links()
    press.open(links["Fix labels"])
    assert "2 people will get it" in text(press)
    assert "It stays held" in text(press)
    (item,) = re.findall(r'id="add-([^"]+)"', press.html)[:1]
    press.press("Save the labels", **{f"keep-{item}": [], f"add-{item}": "Mexico"})
    assert "It stays held; 0 people will get it." in text(press)
    assert (titles(press.folder), acts(press)) == (set(), [(Act.CHOSEN, LINK.way)])
    assert "Mexico" in slip(press.folder, "held")
    press.open(links["Fix labels"])
    assert press.status == 404
    press.look(minutes=11)
    (out,) = everything(press)
    assert [(label.kind, label.code) for label in out.labels] == [(Kind.COUNTRY, "mx")]


def test_labels_that_were_fixed_leave_the_file_its_say(press: Press) -> None:
    press.drop()
    press.open(press.links()["Fix labels"])
    (item,) = re.findall(r'id="add-([^"]+)"', press.html)[:1]
    (press.folder.inbox.root / "held" / "a.txt").unlink()
    press.press("Save the labels", **{f"add-{item}": "Mexico"})
    press.look(minutes=1)
    press.look(minutes=11)
    assert titles(press.folder) == set()
    assert [row.receipt.undone_at is not None for row in rows(press.folder)] == [True]


def test_a_scanner_that_follows_all_links_twice_changes_nothing(press: Press) -> None:
    press.drop()
    links = list(press.links().values())
    for path in links * 2:
        for method in ("GET", "HEAD"):
            assert press.client.request(method, path).status_code == 200
    press.look(minutes=11)
    after = list(press.links().values())
    for path in (*links, *after) * 2:
        for method in ("GET", "HEAD"):
            press.client.request(method, path)
    assert titles(press.folder) == {"A school opens in Panama"}
    assert acts(press) == []
    with press.parts.store.read() as conn:
        assert set(conn.scalars(select(link_table.c.used_at))) == {None}
    press.open(after[-1])
    assert press.status == 200


def test_a_link_is_dead_after_seven_days(press: Press) -> None:
    press.drop(GLUED)
    links = press.links()
    press.clock.on(days=6, hours=23)
    press.open(links["Let it go as it is"])
    assert press.status == 200
    press.clock.on(hours=2)
    press.open(links["Let it go as it is"])
    assert press.status == 404
    press.client.post(links["Let it go as it is"], data={"do": "release"}, headers=OURS)
    press.look()
    assert titles(press.folder) == set()


def test_a_form_of_another_site_or_a_made_up_link_does_nothing(press: Press) -> None:
    press.drop()
    path = press.links()["Release now"]
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    assert press.client.post(path, data={"do": "release"}, headers=foreign).status_code == 403
    assert press.client.post("/receipt/abcdef", data={"do": "release"}, headers=OURS).status_code == 404
    press.look()
    assert titles(press.folder) == set()


def test_a_link_does_the_one_act_that_it_is_for_whatever_is_posted(press: Press) -> None:
    press.drop()
    links = press.links()
    press.client.post(links["See how it will look"], data={"do": "release"}, headers=OURS)
    press.look()
    assert titles(press.folder) == set()


def test_an_embargo_holds_whoever_releases_it_by_a_link(press: Press) -> None:
    press.drop(
        "---\ntitle: A port opens in Panama\ndate: 2026-11-18\nembargo: 2099-01-01 06:00\n---\n\nShips.\n",
        "b.md",
    )
    links = press.links()
    press.open(links["Release now"])
    assert "Its embargo holds until then: 1 January 2099, 6:00, Panama time." in text(press)
    press.press("Release now to 2 people")
    assert "Its embargo holds until then" in text(press)
    press.look()
    assert titles(press.folder) == set()


def test_no_secret_is_stored_that_opens_anything(press: Press) -> None:
    press.drop()
    secrets = [path.rpartition("/")[2] for path in press.links().values()]
    with press.parts.store.read() as conn:
        kept = " ".join(str(value) for row in conn.execute(select(link_table)) for value in row)
        kept += " ".join(str(value) for row in conn.execute(select(notice)) for value in row)
    assert len(secrets) == 4
    assert not any(secret in kept for secret in secrets)


def test_receipts_and_their_pages_speak_the_office_s_language(press: Press) -> None:
    from feeds.intake.receipts import ReceiptMails

    mails = press.folder.rules.mails
    assert isinstance(mails, ReceiptMails)
    web = press.parts.web_parts()
    assert web.receipts is not None
    spanish = web.receipts.pages.speaking("es")
    assert "¿Publicar" in spanish.ask_release(_facts(press)).decode()


def _facts(press: Press) -> object:
    from feeds.pages.receipts import Facts

    return Facts(name="a.txt", token="x", zone="UTC", items=(), reach={}, waits=True)


def test_every_act_has_a_link_of_its_own() -> None:
    from feeds.letters.links import ACTS, SLOTS

    assert set(ACTS) == set(ReceiptAct)
    assert not set(ACTS.values()) & set(SLOTS)
    assert timedelta(days=7) == __import__("feeds.links", fromlist=["LIVES"]).LIVES["receipt"]
