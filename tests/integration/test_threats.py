"""What strangers, machines and scanners try on the pages of readers: T9 to T16, each by its name."""

from __future__ import annotations

import ast
import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import structlog
from sqlalchemy import event
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from feeds.app.parts import Parts
from feeds.composing.compose import compose
from feeds.mail.outbox import OpenedMail, read_mail, read_outbox
from feeds.model import Cadence, Filter, Suppression
from feeds.people import ending, erasing, signup
from feeds.people.sweeping import sweep
from feeds.store import Store, subscribers
from feeds.store.schema import metadata
from feeds.web import create_app
from forms import Forms
from reader import HOME, OURS, SECRET, Clock, Reader, link_in, reader
from taking import accept_one

TESTS = Path(__file__).resolve().parents[1]
SOURCE = TESTS.parent / "src" / "feeds"
NAMED = re.compile(r"def test_t(\d+)_")


def test_t13_a_scanner_that_opens_every_link_of_every_mail_twice_changes_nothing(
    ana: Reader, parts: Parts
) -> None:
    ana.joins(cadence="immediate")
    joining = signup.Joining(
        address=ana.address, filters=(Filter(),), cadence=Cadence.DAILY, consent="a test"
    )
    signup.join(parts.store, joining, parts.joining_defaults, ana.clock())
    bulletin = b"2026-11-18\nHonduras signs\nAn agreement on labour migration.\n"
    accept_one(parts, "digest.txt", bulletin, ana.clock())
    compose(parts.store, parts.compose_rules, ana.clock(), early=True)
    assert ana.mails() != []
    ana.gets_in()
    ana.open("/preferences/?form=address")
    ana.press("Mail a link to it", address=f"new+{ana.address}")
    ana.mails()
    ana.clock.on(hours=25)
    ana.signs_up("?country=mx")
    ana.mails()
    sweep(parts.store, ana.clock())  # the links of yesterday's mails are erased

    def everything() -> dict[str, list[tuple[object, ...]]]:
        with parts.store.read() as conn:
            return {
                table.name: sorted((tuple(row) for row in conn.execute(table.select())), key=str)
                for table in metadata.sorted_tables
            }

    mails = [read_mail(parts.outbox, mail.name) for mail in read_outbox(parts.outbox)]
    links = {
        link for mail in mails if mail for link in re.findall(rf'{HOME}(/[^\s"<>]*)', mail.html + mail.text)
    }
    kinds = ("confirm", "preferences", "change", "pause", "unsubscribe", "move", "digests", "items")
    assert {path for path in kinds if not any(link.startswith(f"/{path}/") for link in links)} == set()
    before = everything()
    for _ in range(2):
        for link in sorted(links):
            for method in ("GET", "HEAD", "OPTIONS"):
                assert ana.client.request(method, link.replace("&amp;", "&")).status_code < 500
    assert everything() == before


@pytest.mark.parametrize("origin", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_t13_a_form_that_another_site_posts_is_refused(ana: Reader, origin: dict[str, str]) -> None:
    ana.joins()
    ana.gets_in()
    action, fields = Forms(ana.html).press("Erase everything")
    for path, form in ((action, fields), ("/subscribe", [("address", ana.address)]), ("/undo", [])):
        headers = {"content-type": "application/x-www-form-urlencoded", **origin}
        assert ana.client.post(path, content=urlencode(form), headers=headers).status_code == 403
    assert ana.wishes()


def test_t13_a_form_of_ones_page_needs_its_own_token(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    for stamp in ("", "x", "é"):
        assert ana.post("/preferences/", [("do", "erase"), ("form", stamp)]).status_code == 403
    assert ana.wishes()


def test_a_subscription_of_somebody_else_cannot_be_touched(ana: Reader, parts: Parts, clock: Clock) -> None:
    ana.joins()
    with parts.store.read() as conn:
        person = subscribers.by_address(conn, ana.address)
        (row,) = subscribers.subscriptions_of(conn, person.id)  # type: ignore[union-attr]
    for eve in reader(parts, clock, f"eve+{uuid.uuid4().hex[:8]}@reader.example"):
        eve.joins("?country=mx")
        eve.gets_in()
        stamp = re.search(r'name="form" value="([^"]+)"', eve.html)[1]  # type: ignore[index]
        for do in ("leave", "weekly", "resume", "edit", "change", "pause"):
            fields = [("do", do), ("form", stamp), ("subscription", str(row.id)), ("cadence", "daily"),
                      ("until", (clock() + timedelta(days=9)).date().isoformat())]  # fmt: skip
            page = eve.post("/preferences/", fields).text
            assert "Panama" not in page.replace("America/Panama", "")
    assert ana.wishes() == {"country:pa": Cadence.WEEKLY}


def test_t10_the_answer_is_the_same_whoever_has_the_address(ana: Reader, parts: Parts, clock: Clock) -> None:
    """Whatever became of an address: equal status, bytes and headers, and as many statements (T10)."""
    name = uuid.uuid4().hex[:8]
    fates: dict[str, Callable[[Reader], None]] = {
        "none": lambda _: None, "wait": _signs_up, "have": _joins,
        "boun": lambda one: _ends(one, Suppression.BOUNCED),
        "comp": lambda one: _ends(one, Suppression.COMPLAINED),
        "bloc": lambda one: _ends(one, Suppression.BLOCKED), "left": _leaves, "eras": _erases,
    }  # fmt: skip
    answers: dict[str, list[tuple[int, bytes, tuple[tuple[str, str], ...]]]] = {}
    work: dict[str, list[list[str]]] = {}
    for one in reader(parts, clock, f"first+{name}@reader.example"):
        _asks_twice(one)  # what the first of a new site brings is not about whose address it is
    for fate, become in fates.items():
        for one in reader(parts, clock, f"{fate}+{name}@reader.example"):
            become(one)
            clock.on(hours=25)
            answers[fate], work[fate] = _asks_twice(one)
            clock.on(hours=-25)
    for fate in fates:
        assert answers[fate] == answers["none"], fate
        assert list(map(_kinds, work[fate])) == list(map(_kinds, work["none"])), fate


def _signs_up(one: Reader) -> None:
    one.signs_up()


def _joins(one: Reader) -> None:
    one.signs_up()
    one.open(one.link("confirm"))
    one.press("Confirm subscription")


def _ends(one: Reader, why: Suppression) -> None:
    _joins(one)
    with one.parts.store.read() as conn:
        person = subscribers.by_address(conn, one.address)
    assert person is not None
    ending.end(one.parts.store, one.parts.tokens, person.id, why, "", one.clock())


def _leaves(one: Reader) -> None:
    _joins(one)
    (mail,) = one.mails()
    one.open(link_in(mail, "unsubscribe"))
    one.press("Unsubscribe")


def _erases(one: Reader) -> None:
    _joins(one)
    with one.parts.store.read() as conn:
        person = subscribers.by_address(conn, one.address)
    assert person is not None
    erasing.erase(one.parts.store, one.parts.tokens, person.id, one.clock())


def _asks_twice(one: Reader) -> tuple[list[tuple[int, bytes, tuple[tuple[str, str], ...]]], list[list[str]]]:
    """The answers to signing up and to asking for the link, and the statements behind each."""
    answers, work = [], []
    asked = (("/subscribe?country=pa", "Send me the link to confirm"), ("/preferences/", "Mail me the link"))
    for path, button in asked:
        action, fields = Forms(one.open(path)).press(button, address=one.address)
        one.clock.on(seconds=5)
        with watched(one.parts.store) as statements:
            answer = one.post(action, fields)
        body = answer.content.replace(one.address.encode(), b"ADDRESS")
        answers.append((answer.status_code, body, tuple(sorted(answer.headers.items()))))
        work.append(statements)
    return answers, work


def _kinds(statements: list[str]) -> list[str]:
    """What each statement does, as far as it takes time: reading, or writing. How a transaction begins is no
    matter of whose address it is."""
    words = [each.split()[0] for each in statements]
    return ["read" if word == "SELECT" else "write" for word in words if word not in ("PRAGMA", "BEGIN")]


@contextmanager
def watched(store: Store) -> Iterator[list[str]]:
    """All statements that go to this store meanwhile."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def test_t11_who_guesses_links_is_asked_to_wait_and_leaving_always_works(
    ana: Reader, welcome: OpenedMail
) -> None:
    """30 links an hour that we never made, of whatever kind, then 429 for all of that network (T11)."""
    kinds = ("confirm", "preferences", "move", "change", "pause", "unsubscribe")
    ana.clock.stop()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    good = ana.link("preferences")
    for n in range(27):
        ana.open(f"/{kinds[n % 6]}/{'x' * 20}{n}")
        assert ana.status == 404
    assert ana.post("/undo", [("undo", "y" * 20)]).status_code == 404
    assert ana.client.get("/preferences/", headers={"cookie": "preferences=z"}).status_code == 200
    assert ana.post("/confirm/z", []).status_code == 404
    for kind in kinds:
        ana.open(f"/{kind}/another-guess")
        assert ana.status == 429
    assert ana.post("/undo", [("undo", "another-guess")]).status_code == 429
    cookie = ana.client.get("/preferences/", headers={"cookie": "preferences=another-guess"})
    assert cookie.status_code == 429
    assert 3000 < int(cookie.headers["retry-after"]) <= 3600
    assert ana.client.get(good).status_code == 200  # theirs, whoever else guesses in that network
    ana.client.cookies.clear()
    assert ana.client.get("/preferences/").status_code == 200
    assert (
        ana.client.post(link_in(welcome, "unsubscribe"), data={"List-Unsubscribe": "One-Click"}).status_code
        == 200
    )
    assert ana.wishes() == {}
    ana.clock.on(minutes=50)  # the test itself takes time, too
    assert ana.client.get("/confirm/another-guess").status_code == 429
    ana.clock.on(minutes=11)
    assert ana.client.get("/confirm/another-guess").status_code == 404


def test_t11_who_is_in_stays_in_whatever_others_of_their_network_try(ana: Reader) -> None:
    ana.joins()
    ana.gets_in()
    for n in range(31):
        ana.open(f"/confirm/{'x' * 20}{n}")
    assert ana.status == 429
    ana.open("/preferences/")
    assert (ana.status, ana.heading()) == (200, "Your emails")
    ana.press("Close this page")
    for _ in range(40):  # the session is over, and was theirs all the same
        assert ana.client.get("/preferences/").status_code == 200


def test_t11_a_link_of_ours_that_was_used_is_no_guess(ana: Reader) -> None:
    ana.signs_up()
    link = ana.link("confirm")
    ana.open(link)
    ana.press("Confirm subscription")
    ana.mails()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    once = ana.link("preferences")
    ana.open(once)
    ana.press("Open my subscriptions")
    for _ in range(40):
        assert ana.client.get(once).status_code == 404
        assert ana.client.get(link).status_code == 200
    ana.clock.on(hours=24 * 400)
    sweep(ana.parts.store, ana.clock())
    for _ in range(40):  # erased long ago, and still known to be ours
        assert ana.client.get(once).status_code == 404
        assert ana.client.get(link).status_code == 404


def test_t9_a_machine_is_told_apart_from_a_person_without_a_riddle(ana: Reader) -> None:
    ana.clock.stop()
    ana.open("/subscribe")
    action, fields = Forms(ana.html).press("Send me the link to confirm", address=ana.address)
    fast = ana.post(action, fields)
    assert (fast.status_code, "very fast" in fast.text) == (422, True)
    trapped = [(name, "x" if name == "website" else value) for name, value in fields]
    ana.clock.on(seconds=9)
    assert ana.post(action, trapped).status_code == 422
    forged = [(name, "12345.abc" if name == "form" else value) for name, value in fields]
    assert ana.post(action, forged).status_code == 422
    assert ana.mails() == []
    ana.clock.on(hours=25)
    assert "open for long" in ana.post(action, fields).text
    assert ana.mails() == []


def test_t9_a_flood_gives_one_mail_an_address_and_an_answer_that_says_wait(ana: Reader) -> None:
    statuses = []
    for _ in range(25):
        ana.signs_up()
        statuses.append(ana.status)
    assert statuses == [200] * 20 + [429] * 5
    assert len(ana.mails()) == 1
    action, fields = Forms(ana.open("/subscribe")).press("Send me the link to confirm", address=ana.address)
    ana.clock.on(seconds=5)
    forged = ana.post(action, fields, {"x-forwarded-for": "203.0.113.77"})
    assert forged.status_code == 429  # the client is no proxy of ours
    assert int(forged.headers["retry-after"]) > 0
    ana.clock.on(minutes=61)
    ana.signs_up()
    assert ana.status == 200


def test_t16_what_is_hostile_is_text(ana: Reader) -> None:
    for hostile in (
        "' OR 1=1 --",
        "%_",
        '"><script>alert(1)</script>',
        "{{ 7777*7777 }}",
        "\x00\x1b[31m",
        "a" * 15_000,
    ):
        ana.open("/subscribe")
        for name in ("names", "word", "q", "without", "zone", "address"):
            action, fields = Forms(ana.html).press("Update the estimate", **{name: hostile})
            answer = ana.post(action, fields)
            assert answer.status_code in (200, 413, 422), (name, hostile[:20])
            assert "<script>alert" not in answer.text
            assert "60481729" not in answer.text
    assert ana.mails() == []


def test_t15_a_body_too_long_and_a_name_that_is_not_ours_are_refused(ana: Reader) -> None:
    assert ana.post("/subscribe", [("word", "x" * 17_000)]).status_code == 413
    chunked = ana.client.post(
        "/subscribe",
        content=iter([b"word=" + b"x" * 9_000, b"x" * 9_000]),
        headers={**OURS, "content-type": "application/x-www-form-urlencoded"},
    )
    assert chunked.status_code == 413
    for path in ("/subscribe", "/", "/preferences/"):  # /health answers whoever asks
        answer = ana.client.get(path, headers={"host": "evil.example"})
        assert answer.status_code == 400
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    "path", ["/subscribe", "/preferences/", "/privacy/", "/confirm/x", "/undo", "/es/subscribe"]
)
def test_t12_pages_of_readers_carry_the_headers_that_guard_them(ana: Reader, path: str) -> None:
    headers = ana.client.get(path).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert path == "/privacy/" or headers["cache-control"] == "no-store"
    assert "unsafe" not in headers["content-security-policy"]


def test_t12_a_fault_of_ours_shows_a_number_that_stands_in_the_log_and_no_token(
    ana: Reader, welcome: OpenedMail, capsys: pytest.CaptureFixture[str]
) -> None:
    link = link_in(welcome, "unsubscribe")
    web = ana.parts.web_parts()
    store = web.people.store.__class__.__new__(web.people.store.__class__)  # one that knows nothing
    app = create_app(replace(web, people=replace(web.people, store=store)))
    with TestClient(app, base_url=HOME, raise_server_exceptions=False) as client:
        answer = client.get(link)
    assert answer.status_code == 500
    number = re.search(r"<strong>([0-9a-f]{8})</strong>", answer.text)[1]  # type: ignore[index]
    logged = capsys.readouterr()
    line = logged.out + logged.err
    assert number in line
    assert "/unsubscribe/…" in line
    assert link.rpartition("/")[2] not in line
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_t11_the_database_holds_no_link_that_works(ana: Reader, parts: Parts) -> None:
    ana.joins()
    ana.open("/preferences/")
    ana.press("Mail me the link", address=ana.address)
    mails = [read_mail(parts.outbox, mail.name) for mail in read_outbox(parts.outbox)]
    secrets = {token for mail in mails if mail for token in SECRET.findall(mail.html + mail.text)}
    assert len(secrets) > 4
    with parts.store.read() as conn:
        dump = "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in conn.execute(table.select())
        )
    assert [token for token in secrets if token in dump] == []
    assert urlsplit(HOME).netloc in dump


@pytest.fixture
def at_length() -> Iterator[None]:
    """The log as an operator has it; tests are told warnings only."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    yield
    structlog.configure(**before)


@pytest.mark.usefixtures("at_length")
def test_t12_no_line_of_the_log_holds_a_secret_or_an_address(ana: Reader) -> None:
    with capture_logs() as lines:
        ana.joins()
        ana.gets_in()
        ana.press("Stop: Panama")
        ana.press("Unsubscribe")
        assert ana.wishes() == {}
        for path in ("confirm", "preferences", "move", "change", "pause", "unsubscribe"):
            for n in range(6):  # so many that it is told
                ana.open(f"/{path}/planted-secret-{n}")
    mails = [read_mail(ana.parts.outbox, mail.name) for mail in read_outbox(ana.parts.outbox)]
    secrets = {token for mail in mails if mail for token in SECRET.findall(mail.html + mail.text)}
    assert len(secrets) > 3
    assert {"confirmed", "unsubscribed", "links-guessed"} <= {str(line["event"]) for line in lines}
    logged = repr(lines)
    for planted in {"planted-secret", ana.address, ana.address.partition("@")[0]} | secrets:
        assert planted not in logged


ROOMS = ("people", "web", "pages", "letters", "filters")
CLIENTS = {"urllib.request", "http.client", "httpx", "requests", "aiohttp", "socket", "urllib3", "ftplib"}


@pytest.mark.parametrize("room", ROOMS)
def test_t14_nothing_that_readers_reach_fetches_anything(room: str) -> None:
    """There is no address that a reader gives which this site would open itself."""
    files = [*(SOURCE / room).rglob("*.py")] or [SOURCE / f"{room}.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert not CLIENTS & set(names), file


@pytest.mark.parametrize("threat", range(9, 17))
def test_each_of_these_threats_has_its_test(threat: int) -> None:
    found = [name for file in TESTS.rglob("test_*.py") for name in NAMED.findall(file.read_text("utf-8"))]
    assert str(threat) in found
