"""Files are answered as they stand on disk now, each coding with its own tag, from bounded memory."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from feeds.web.front import Front
from feeds.web.memory import PublishedMemory, accepted_codings

DATE = b"date: Sat, 28 Nov 2026 07:00:00 GMT\r\n"
TIME = 1_700_000_000
HOST = (b"host", b"news.example.org")


def put(root: Path, name: str, data: bytes, seconds: int = TIME) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    os.utime(beside, (seconds, seconds))
    beside.replace(path)
    return path


def front(root: Path, moved: tuple[str, ...] = ()) -> Front:
    hosts = frozenset({"news.example.org", "127.0.0.1", "::1"})
    return Front(PublishedMemory(root), hosts, {"x-content-type-options": "nosniff"}, moved)


Answer = tuple[bytes, dict[str, str], bytes]


def answered(to: Front, url: str, *headers: tuple[bytes, bytes]) -> Answer:
    answer = ask(to, url, *headers)
    assert answer is not None
    return answer


def ask(
    to: Front,
    url: str,
    *headers: tuple[bytes, bytes],
    method: bytes = b"GET",
    host: bytes = b"news.example.org",
) -> Answer | None:
    answer = to.answer(method, url.encode("latin-1"), [(b"host", host), *headers], DATE)
    if answer is None:
        return None
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    return first, dict(line.decode().split(": ", 1) for line in lines), body


def test_a_file_goes_out_with_type_tag_length_and_the_headers_of_every_answer(tmp_path: Path) -> None:
    put(tmp_path, "feeds/all.atom", b"<feed/>")
    first, headers, body = answered(front(tmp_path), "/feeds/all.atom")
    assert (first, body) == (b"HTTP/1.1 200 OK", b"<feed/>")
    assert headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert headers["content-length"] == "7"
    assert headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert headers["date"] == "Sat, 28 Nov 2026 07:00:00 GMT"
    assert headers["vary"] == "accept-encoding"
    assert headers["x-content-type-options"] == "nosniff"


def test_head_says_what_get_would_without_the_body(tmp_path: Path) -> None:
    put(tmp_path, "feeds/all.atom", b"<feed/>")
    site = front(tmp_path)
    got, told = answered(site, "/feeds/all.atom"), ask(site, "/feeds/all.atom", method=b"HEAD")
    assert told == (got[0], got[1], b"")


def test_a_replaced_file_is_seen_at_once_and_a_removed_one_is_gone(tmp_path: Path) -> None:
    site, path = front(tmp_path), put(tmp_path, "index.html", b"old")
    assert answered(site, "/")[2] == b"old"
    put(tmp_path, "index.html", b"new")  # the same second, the same length
    assert answered(site, "/")[2] == b"new"
    path.unlink()
    assert ask(site, "/") is None


def test_each_coding_has_its_own_tag_and_the_smallest_accepted_one_goes_out(tmp_path: Path) -> None:
    put(tmp_path, "feeds/all.atom", b"<feed/>")
    put(tmp_path, "feeds/all.atom.gz", gzip.compress(b"<feed/>", mtime=0))
    put(tmp_path, "feeds/all.atom.br", b"brotli's bytes")
    site = front(tmp_path)
    seen = {}
    for accepted in ("", "gzip", "gzip, br", "br;q=0, gzip", "*"):
        _, headers, body = answered(site, "/feeds/all.atom", (b"accept-encoding", accepted.encode()))
        seen[accepted] = (headers.get("content-encoding"), body[:6])
        assert headers["content-length"] == str(len(body))
    gzipped = gzip.compress(b"<feed/>", mtime=0)[:6]
    assert seen == {
        "": (None, b"<feed/"), "gzip": ("gzip", gzipped), "gzip, br": ("br", b"brotli"),
        "br;q=0, gzip": ("gzip", gzipped), "*": ("br", b"brotli"),
    }  # fmt: skip
    tags = {answered(site, "/feeds/all.atom", (b"accept-encoding", a))[1]["etag"]
            for a in (b"", b"gzip", b"br")}  # fmt: skip
    assert len(tags) == 3


def test_a_copy_of_another_time_is_not_that_of_the_file(tmp_path: Path) -> None:
    put(tmp_path, "feeds/all.atom.gz", gzip.compress(b"old"), TIME - 1)
    put(tmp_path, "feeds/all.atom", b"new")
    _, headers, body = answered(front(tmp_path), "/feeds/all.atom", (b"accept-encoding", b"gzip"))
    assert (headers.get("content-encoding"), body) == (None, b"new")


def test_a_date_that_is_still_to_come_is_not_told(tmp_path: Path) -> None:
    """A publisher gives each change a second of its own, and may be ahead of the clock for that."""
    put(tmp_path, "index.html", b"<p>", 4_000_000_000)
    site = front(tmp_path)
    assert "last-modified" not in answered(site, "/")[1]
    assert b"200" in answered(site, "/", (b"if-modified-since", b"Fri, 01 Jan 2100 00:00:00 GMT"))[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"if-none-match", b"TAG")], b"304"),
        ([(b"if-none-match", b'"other", W/TAG')], b"304"),
        ([(b"if-none-match", b"*")], b"304"),
        ([(b"if-none-match", b'"other"')], b"200"),
        ([(b"if-modified-since", b"Tue, 14 Nov 2023 22:13:20 GMT")], b"304"),
        ([(b"if-modified-since", b"Tue, 14 Nov 2023 22:13:19 GMT")], b"200"),
        ([(b"if-modified-since", b"yesterday")], b"200"),
        # The tag wins over the date (RFC 9110 13.2.2).
        ([(b"if-none-match", b'"x"'), (b"if-modified-since", b"Tue, 14 Nov 2023 22:13:20 GMT")], b"200"),
    ],
)
def test_who_has_the_bytes_gets_304(
    tmp_path: Path, headers: list[tuple[bytes, bytes]], status: bytes
) -> None:
    put(tmp_path, "index.html", b"<p>")
    site = front(tmp_path)
    tag = answered(site, "/")[1]["etag"].encode()
    told = [(name, value.replace(b"TAG", tag)) for name, value in headers]
    first, given, body = answered(site, "/", *told)
    assert status in first
    if status == b"304":
        assert body == b""
        assert {"etag", "cache-control", "vary", "date"} <= given.keys()
        assert "content-length" not in given


@pytest.mark.parametrize(
    ("url", "host", "extra"),
    [
        ("/?utm=1", b"news.example.org", ()),
        ("/index.html%00", b"news.example.org", ()),
        ("/../secret.html", b"news.example.org", ()),
        ("//index.html", b"news.example.org", ()),
        ("http://news.example.org/", b"news.example.org", ()),
        ("/", b"evil.example", ()),
        ("/", b"", ()),
        ("/", b"news.example.org", ((b"host", b"evil.example"),)),
        ("/", b"news.example.org", ((b"content-length", b"3"),)),
        ("/", b"news.example.org", ((b"transfer-encoding", b"chunked"),)),
        ("/nothing/", b"news.example.org", ()),
        ("/secret.key", b"news.example.org", ()),
    ],
)
def test_whatever_is_not_plain_is_left_to_the_application(
    tmp_path: Path, url: str, host: bytes, extra: tuple[tuple[bytes, bytes], ...]
) -> None:
    put(tmp_path, "secret.html", b"not below the folder")
    root = tmp_path / "public"
    put(root, "index.html", b"<p>")
    put(root, "secret.key", b"x")
    assert ask(front(root), url, *extra, host=host) is None
    assert ask(front(root), "/") is not None


@pytest.mark.parametrize(
    "host", [b"news.example.org", b"NEWS.example.org:80", b"127.0.0.1:8000", b"[::1]:8000"]
)
def test_the_names_of_the_site_are_known_with_and_without_a_port(tmp_path: Path, host: bytes) -> None:
    put(tmp_path, "index.html", b"<p>")
    assert ask(front(tmp_path), "/", host=host) is not None


def test_what_moved_and_what_was_withdrawn_is_left_to_the_application(tmp_path: Path) -> None:
    put(tmp_path, "topic/old/index.html", b"<p>")
    put(tmp_path, "feeds/topic/old.atom", b"<feed/>")
    put(tmp_path, "items/one/gone.html", b"<p>")
    site = front(tmp_path, ("topic/old",))
    assert [ask(site, url) for url in ("/topic/old/", "/feeds/topic/old.atom", "/items/one/")] == [None] * 3


def test_an_item_that_was_restored_is_seen_in_place_of_the_notice(tmp_path: Path) -> None:
    put(tmp_path, "items/one/gone.html", b"withdrawn")
    memory = PublishedMemory(tmp_path)
    before = memory.get("/items/one/")
    put(tmp_path, "items/one/index.html", b"restored")
    after = memory.get("/items/one/")
    assert before is not None
    assert after is not None
    assert (before.gone, after.gone) == (True, False)


def test_memory_stays_within_its_bound_and_keeps_what_was_asked_for_last(tmp_path: Path) -> None:
    for n in range(20):
        put(tmp_path, f"items/{n}/index.html", b"x" * 100)
    put(tmp_path, "items/large/index.html", b"x" * 1000)
    memory = PublishedMemory(tmp_path, kept_bytes=1000)
    for n in range(20):
        memory.get("/items/0/")
        memory.get(f"/items/{n}/")
    assert memory.get("/items/large/") is not None
    assert set(memory.kept()) == {"/items/0/", *(f"/items/{n}/" for n in range(11, 20))}


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        ("gzip", {"gzip"}),
        ("GZIP , BR", {"gzip", "br"}),
        ("gzip;q=0", set()),
        ("identity", set()),
        ("*;q=0, br", {"br"}),
        ("gzip;q=x", set()),
        ("gzip; q=0.5", {"gzip"}),
    ],
)
def test_codings_are_those_with_a_weight(header: str, codings: set[str]) -> None:
    assert accepted_codings(header) == codings
