"""Threats to the web site, each named after its number: T7 path tricks, T15 abuse, T23 header tricks.

Over real connections, because clients that mean harm do not tidy their requests up.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from feeds import config
from feeds.app.parts import Parts, now
from feeds.publishing.publish import publish
from feeds.web.edge import MAX_BODY
from serving import serving
from taking import accept_one

NAME = b"news.example.org"
NEWS = b"3 November, 2026\n\nPanama opens a school\n\nChildren learn to read.\n"


@pytest.fixture(scope="module")
def port(founded: Path, tables: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A published site whose own address is no proxy that is believed."""
    import shutil

    folder = tmp_path_factory.mktemp("threats") / "site"
    shutil.copytree(founded, folder)
    file = folder / "config" / "feeds.toml"
    text = file.read_text(encoding="utf-8")
    assert 'proxies = ["127.0.0.1", "::1"]' in text
    file.write_text(text.replace('proxies = ["127.0.0.1", "::1"]', 'proxies = ["192.0.2.1"]'), "utf-8")
    parts = Parts(config.load(file))
    parts.__dict__["_labels"] = tables
    accept_one(parts, "one.txt", NEWS, now(), "all", filed=True)
    publish(parts.store, parts.press)
    (folder / "public" / "secret.txt").symlink_to(folder / "state" / "secret.key")
    with serving(parts) as base:
        yield int(base.rpartition(":")[2])
    parts.store.close()


def talk(port: int, data: bytes) -> bytes:
    """Everything that the server says to these bytes."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as client:
        client.sendall(data)
        parts = []
        while said := client.recv(65536):
            parts.append(said)
    return b"".join(parts)


def ask(
    port: int, path: bytes, *lines: bytes, method: bytes = b"GET", host: bytes = NAME, body: bytes = b""
) -> tuple[int, str, bytes]:
    """Status, head and body of the answer."""
    given = [method + b" " + path + b" HTTP/1.1", b"Host: " + host, b"Connection: close", *lines]
    head, _, rest = talk(port, b"\r\n".join(given) + b"\r\n\r\n" + body).partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode("latin-1").lower(), rest


@pytest.mark.parametrize(
    "path",
    [
        b"/feeds/..%2f..%2fetc%2fpasswd", b"/../state/secret.key", b"/%2e%2e/state/secret.key",
        b"/feeds/../../state/feeds.db", b"//etc/passwd", b"/etc/passwd", b"/feeds//all.atom",
        b"/feeds/all.atom%00.html", b"/.published.json", b"/.writing/", b"/.moved.map", b"/FEEDS/all.atom",
        b"/feeds/country/..%5c..%5cpa.atom", b"/feeds/" + b"a" * 5000 + b".atom", b"/feeds/all.atom.gz",
        b"/items/../index.html", b"/feeds/\xc3\xa9.atom", b"/filter.atom?country=../../etc/passwd",
        b"/filter?topic=%2e%2e%2f%2e%2e", b"/private/../../state/secret.key.atom",
    ],
)  # fmt: skip
def test_t7_no_path_leads_out_of_what_is_published(port: int, path: bytes) -> None:
    status, _, body = ask(port, path)
    assert status in (400, 404), path
    assert b"root:" not in body
    assert b"SQLite" not in body


def test_t15_a_long_body_is_refused_whether_its_length_is_told_or_not(port: int) -> None:
    form = b"Content-Type: application/x-www-form-urlencoded"
    long = b"a=" + b"b" * MAX_BODY
    told = b"Content-Length: %d" % len(long)
    assert ask(port, b"/subscribe", form, told, method=b"POST", body=long)[0] == 413
    parts = b"%x\r\n%b\r\n0\r\n\r\n" % (len(long), long)
    assert ask(port, b"/subscribe", form, b"Transfer-Encoding: chunked", method=b"POST", body=parts)[0] == 413


def test_t15_who_forges_where_they_come_from_is_limited_all_the_same(port: int) -> None:
    statuses = []
    for n in range(40):
        forged = b"X-Forwarded-For: 203.0.%d.7" % n
        status, head, _ = ask(port, b"/preferences/guessed-%d" % n, forged)
        statuses.append(status)
        if status == 429:
            assert re.search(r"^retry-after: \d+\r?$", head, re.M)
            break
    assert statuses == [404] * (len(statuses) - 1) + [429]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (b"country=" + b",".join(b"pa" for _ in range(10_000)), b"too"),
        (b"&".join(b"word=w%d" % n for n in range(61)), b"too many terms"),
        (b"country=zz,qq&topic=labor", b"labour-migration"),
        (b"colour=red", b"colour"),
        (b"", b"empty"),
    ],
)
def test_t15_a_filter_that_is_too_long_or_unknown_is_told_so(port: int, query: bytes, told: bytes) -> None:
    status, _, body = ask(port, b"/filter.atom?" + query)
    # A line that no reader sends is not even read; any other is answered with what is wrong.
    assert (status == 404 and told in body) or (status == 400 and len(query) > 20_000)


@pytest.mark.parametrize(
    "path", [b"/", b"/feeds/all.atom", b"/subscribe", b"/filter?country=hn,pa", b"/nothing"]
)
@pytest.mark.parametrize(
    "host", [b"evil.example", b"", b"news.example.org@evil.example", b"news.example.org.evil.example"]
)
def test_t23_another_name_is_refused(port: int, path: bytes, host: bytes) -> None:
    status, _, body = ask(port, path, host=host)
    assert status == 400
    assert b"evil" not in body


def test_t23_health_answers_whatever_name_it_is_asked_by(port: int) -> None:
    assert ask(port, b"/health", host=b"10.0.0.7:8000")[0] == 200


@pytest.mark.parametrize(
    "path",
    [b"//evil.example", b"//evil.example/country/pa", b"/\\evil.example", b"/country/pa?//evil.example"],
)
def test_t23_no_redirect_leads_to_another_site(port: int, path: bytes) -> None:
    status, head, _ = ask(port, path)
    assert status in (301, 400, 404)
    where = re.search(r"^location: (.*?)\r?$", head, re.M)
    assert where is None or re.match(r"/[a-z]", where[1])


def test_t23_links_and_headers_are_those_of_the_configuration(port: int) -> None:
    forged = (
        b"X-Forwarded-Host: evil.example",
        b"X-Forwarded-Proto: gopher",
        b"Forwarded: host=evil.example",
    )
    for path in (b"/filter.atom?country=hn,pa", b"/subscribe", b"/country/pa/"):
        status, head, body = ask(port, path, *forged)
        assert status == 200
        assert b"evil.example" not in body
        assert "evil.example" not in head


def test_t23_a_whole_address_in_the_line_counts_before_the_host(port: int) -> None:
    assert ask(port, b"http://evil.example/feeds/all.atom")[0] == 400
    assert ask(port, b"http://news.example.org/feeds/all.atom", host=b"evil.example")[0] == 200


def test_t23_a_line_end_in_a_path_begins_no_header(port: int) -> None:
    status, head, _ = ask(port, b"/country/pa%0d%0aset-cookie:%20a=b")
    assert status in (400, 404)
    assert "set-cookie" not in head


def test_t15_a_client_that_goes_away_in_mid_form_is_no_fault_of_ours(port: int) -> None:
    form = (
        b"POST /subscribe HTTP/1.1\r\nhost: "
        + NAME
        + b"\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    )
    with capture_logs() as logs:
        with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as client:
            client.sendall(form + b"content-length: 100\r\n\r\naddress=")
            client.shutdown(socket.SHUT_RDWR)
        assert ask(port, b"/health")[0] == 200  # by now the other has been dealt with
    assert [each for each in logs if each["event"] == "page-failed"] == []
