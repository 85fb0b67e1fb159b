"""The operator's pages: for the people whom the configuration names, and for nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from feeds.app.parts import Parts, now
from feeds.config.sections import OperatorSection, StaffSection
from feeds.operating.hourly import count_hour
from feeds.store import daybook, items
from feeds.web import create_app
from reader import HOME, OURS, Clock, Reader, reader

OPS, ANA = "ops@press.example", "ana@operated.example"
PEOPLE = OperatorSection(people=[StaffSection(address=OPS, zone="America/Panama")])
# Each route behind the door: how it is asked for, and what is answered to who is not in.
ROUTES = [
    ("GET", "/operator/", 200), ("POST", "/operator/why", 403), ("POST", "/operator/out", 403),
    ("GET", "/operator/why", 404),
]  # fmt: skip


@pytest.fixture(scope="module")
def operated(parts: Parts) -> Parts:
    made = Parts(parts.settings.model_copy(update={"operator": PEOPLE}))
    made.__dict__.update({"store": parts.store, "_labels": parts.__dict__["_labels"]})
    return made


@pytest.fixture
def operator(operated: Parts) -> Iterator[Reader]:
    yield from reader(operated, Clock(), OPS)


def signs_in(who: Reader) -> None:
    who.mails()
    who.open("/operator/")
    who.press("Mail me the link", address=OPS)
    who.open(who.link("sign-in/operator"))
    who.press("Open the operator's pages")


@pytest.mark.parametrize(("method", "path", "status"), ROUTES)
def test_without_a_session_nothing_is_shown_or_done(
    operator: Reader, method: str, path: str, status: int
) -> None:
    data = {"address": ANA, "form": "guessed"} if method == "POST" else None
    answer = operator.client.request(method, path, data=data, headers=OURS)
    assert answer.status_code == status
    assert "How it goes" not in answer.text
    assert ANA not in answer.text


@pytest.mark.parametrize("path", [path for _, path, _ in ROUTES])
def test_a_site_that_names_nobody_has_no_such_path(parts: Parts, path: str) -> None:
    with TestClient(create_app(parts.web_parts()), base_url=HOME) as client:
        assert client.get(path).status_code == 404


def test_the_page_shows_what_is_counted_and_answers_the_question(operator: Reader, operated: Parts) -> None:
    count_hour(operated.store, now())
    signs_in(operator)
    assert (operator.status, operator.heading()) == (200, "How it goes")
    assert "Next digests" in operator.html
    assert operator.client.get("/operator/").headers["cache-control"] == "no-store"
    with operated.store.read() as conn:
        (newest,) = items.listing(conn, limit=1)
        counts = daybook.latest(conn)
    assert any(name.startswith("items/topic/") for name in counts)
    operator.press("Ask", address="nobody@else.example", item=newest.id[:8])
    assert (operator.status, operator.heading()) == (200, "Why did she (not) get this?")
    assert "Nobody subscribes as nobody@else.example." in operator.html
    operator.press("Ask", address="analyst@demo.example", item="")
    assert "analyst@demo.example gets mail" in operator.html
    operator.press("Ask", address="analyst@demo.example", item="no-such-item")
    assert operator.status == 422
    assert "there is no item whose number begins so" in operator.html
    operator.press("Ask", address="no address", item="")
    assert operator.status == 422


def test_what_is_posted_from_elsewhere_is_refused(operator: Reader) -> None:
    signs_in(operator)
    data = {"address": ANA, "form": "guessed"}
    assert operator.client.post("/operator/why", data=data, headers=OURS).status_code == 403
    elsewhere = {"sec-fetch-site": "cross-site"}
    assert operator.client.post("/operator/why", data=data, headers=elsewhere).status_code == 403


def test_the_sheet_is_served_and_nothing_of_the_page_is_from_elsewhere(operator: Reader) -> None:
    signs_in(operator)
    sheet = operator.client.get("/operator/operator.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert len(sheet.content) < 8 * 1024
    html = operator.client.get("/operator/").text
    assert "<script" not in html
    assert "http://" not in html.replace(HOME, "")
