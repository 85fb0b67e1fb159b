"""The recipes of docs/recipes, run as they stand there: nginx, and a store of objects."""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest

import needs
from conftest import ROOT
from feeds import config
from feeds.app.parts import Parts, now
from feeds.model import Cadence, Filter
from feeds.office import editing
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.store import items, subscribers
from feeds.web.headers import HEADERS
from feeds.web.memory import MEDIA_TYPES
from serving import serving
from taking import accept_one

RECIPES = ROOT / "docs" / "recipes"
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
NAME = "news.example.org"
TEXT = "{day} November, 2026\n\nPanama opens school {day}\n\nChildren read in room {day}.\n"


@pytest.fixture(scope="module")
def site(founded: Path, tables: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """A published site with an item that was withdrawn and a topic that was renamed."""
    folder = tmp_path_factory.mktemp("recipes") / "site"
    shutil.copytree(founded, folder)
    topics = folder / "config" / "topics.toml"
    text = topics.read_text(encoding="utf-8")
    renamed = text.replace("[topics.health]\n", '[topics.health]\nrenamed_from = ["sanidad"]\n')
    topics.write_text(renamed, encoding="utf-8")
    parts = Parts(config.load(folder / "config" / "feeds.toml"))
    for day in range(1, 5):
        accept_one(parts, f"{day}.txt", TEXT.format(day=day).encode(), now(), "all", filed=True)
    with parts.store.read() as conn:
        last = items.listing(conn, limit=9)[-1]
    publish(parts.store, parts.press)
    editing.withdraw(parts.store, last.id, "It was wrong", now())
    publish(parts.store, parts.press)
    for path in parts.public.root.rglob("*"):
        # Files that changed twice within a second are dated a second ahead, which the program does not tell.
        os.utime(path, (1_700_000_000, 1_700_000_000))
    yield parts
    parts.store.close()


def published(root: Path) -> list[str]:
    """The addresses of all published files."""
    files = [str(path.relative_to(root)) for path in root.rglob("*") if path.suffix in MEDIA_TYPES]
    return sorted(
        "/" + name.removesuffix("index.html")
        for name in files
        if not name.startswith(".") and not name.endswith("gone.html")
    )


def withdrawn(root: Path) -> str:
    (path,) = (root / "items").glob("*/gone.html")
    return f"/items/{path.parent.name}/"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A web server on a port of this machine."""

    port: int
    log: Path

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """`headers` with underscores for dashes. Raises OSError."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
        try:
            connection.request(method, path, body, given)
            answer: HTTPResponse = connection.getresponse()
            lines = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, lines, answer.read())
        finally:
            connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def recipe(folder: Path, root: Path, port: int, program: int) -> str:
    """nginx.conf with what is an operator's to set, in the frame that Debian gives it."""
    text = (RECIPES / "nginx.conf").read_text(encoding="utf-8")
    for theirs, ours in (
        ("listen 80 default_server;", f"listen 127.0.0.1:{port} default_server;"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{program};"),
        ("/srv/newsroom/public", str(root)),
        ("/var/log/nginx/newsroom.log", str(folder / "access.log")),
        ('# "~^/(?:[a-z]', '"~^/(?:[a-z]'),  # the header of a hub
    ):
        assert theirs in text
        text = text.replace(theirs, ours)
    module = ""
    if BROTLI.exists():
        text = text.replace("# brotli_static on;", "brotli_static on;")
        module = f"load_module {BROTLI};\n"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{each}_temp_path {folder / each};\n" for each in kinds)
    user = "user root;\n" if os.geteuid() == 0 else ""  # who may read the folders of a test
    return (
        f"{module}{user}daemon off;\nworker_processes 1;\nerror_log {folder / 'error.log'};\n"
        f"pid {folder / 'pid'};\nevents {{}}\nhttp {{\n{paths}{text}}}\n"
    )


@contextmanager
def nginx(folder: Path, root: Path, program: int) -> Iterator[Server]:
    """nginx by the recipe; another process may take the port before it does, so it is tried again."""
    binary = needs.program("nginx", package="nginx")
    for _ in range(5):
        server = Server(free_port(), folder / "access.log")
        (folder / "nginx.conf").write_text(recipe(folder, root, server.port, program), "utf-8")
        process = subprocess.Popen(
            [binary, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        )
        try:
            if answers(server, process):
                yield server
                return
        finally:
            process.terminate()
            process.wait(30)
    raise AssertionError((folder / "error.log").read_text())


def answers(server: Server, process: subprocess.Popen[bytes]) -> bool:
    pause = threading.Event()
    for _ in range(1200):
        if process.poll() is not None:
            return False
        with suppress(OSError):
            return server.ask("/style.css").status == 200
        pause.wait(0.05)
    return False


@pytest.fixture(scope="module")
def served(site: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    """The site behind nginx, and the program alone."""
    folder = tmp_path_factory.mktemp("nginx")
    with serving(site) as base:
        port = int(base.rpartition(":")[2])
        with nginx(folder, site.public.root, port) as server:
            yield server, Server(port, folder / "none")


def test_nginx_gives_every_file_as_the_program_does(site: Parts, served: tuple[Server, Server]) -> None:
    server, program = served
    paths = published(site.public.root)
    assert len(paths) > 100
    for path in paths:
        ours, theirs = program.ask(path), server.ask(path)
        if ours.status == 301:  # a topic that was renamed
            assert (theirs.status, theirs.headers["location"]) == (301, ours.headers["location"])
            continue
        assert (theirs.status, theirs.body) == (200, ours.body), path
        for name in ("content-type", "cache-control", "last-modified", *HEADERS):
            assert theirs.headers.get(name) == ours.headers.get(name), (path, name)


def test_nginx_sends_the_copies_with_tags_of_their_own_and_304(
    site: Parts, served: tuple[Server, Server]
) -> None:
    server, _ = served
    plain, packed = server.ask("/feeds/all.atom"), server.ask("/feeds/all.atom", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert plain.headers["etag"] != packed.headers["etag"]
    for answer in (plain, packed):
        assert answer.headers["etag"].startswith('"')  # strong
        assert answer.headers["vary"].lower() == "accept-encoding"
    for asked in (
        {"if_none_match": packed.headers["etag"]},
        {"if_modified_since": packed.headers["last-modified"]},
    ):
        again = server.ask("/feeds/all.atom", accept_encoding="gzip", **asked)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == packed.headers["etag"]
        assert again.headers["cache-control"] == "public, max-age=300"
    head = server.ask("/feeds/all.atom", "HEAD")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", plain.headers["etag"])
    if BROTLI.exists():
        assert server.ask("/feeds/all.atom", accept_encoding="br").headers["content-encoding"] == "br"


def test_nginx_answers_410_for_a_withdrawn_item(site: Parts, served: tuple[Server, Server]) -> None:
    server, _ = served
    path = withdrawn(site.public.root)
    answer = server.ask(path, if_none_match="*")
    assert (answer.status, answer.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert answer.body == (site.public.root / path.strip("/") / "gone.html").read_bytes()
    assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert server.ask(path, "HEAD").status == 410


@pytest.mark.parametrize(
    ("asked", "to"),
    [
        ("/country/pa", "/country/pa/"),
        ("/feeds/all.atom?country=pa", "/feeds/all.atom"),
        ("/country/pa/?utm=1", "/country/pa/"),
        ("/topic/sanidad/", "/topic/health/"),
        ("/feeds/topic/sanidad.rss", "/feeds/topic/health.rss"),
        ("/filter.atom?country=PA&country=hn", "/filter.atom?country=hn,pa"),
    ],
)
def test_nginx_leads_to_the_one_address(served: tuple[Server, Server], asked: str, to: str) -> None:
    answer = served[0].ask(asked)
    assert (answer.status, answer.headers.get("location")) == (301, to)


@pytest.mark.parametrize(
    "path",
    [
        "/.published.json", "/.writing/", "/feeds/all.atom.gz", "/feeds/all.atom.br", "/nothing", "/feeds/",
        "/items/0000000000/", "/feeds/..%2f..%2fstate%2ffeeds.db", "/%2e%2e/state/secret.key",
        "/feeds//all.atom", "/a%0d%0aset-cookie:x/?q",
    ],
)  # fmt: skip
def test_nginx_gives_nothing_else(served: tuple[Server, Server], path: str) -> None:
    answer = served[0].ask(path)
    assert answer.status in (400, 404)
    assert "set-cookie" not in answer.headers


def test_nginx_passes_forms_to_the_program_and_refuses_other_names_and_long_bodies(
    served: tuple[Server, Server],
) -> None:
    server, _ = served
    assert server.ask("/subscribe").status == 200
    assert server.ask("/es/subscribe").status == 200
    assert server.ask("/filter.atom?country=hn,pa").headers["content-type"].startswith("application/atom+xml")
    assert json.loads(server.ask("/health").body) == {"status": "ok"}
    assert server.ask("/", host="evil.example").status == 400
    assert server.ask("/subscribe", host="evil.example").status == 400
    assert server.ask("/subscribe", "POST", b"x" * 20_000).status == 413


def test_nginx_passes_one_click_from_a_mail_provider_without_cookies_or_origin(
    site: Parts, served: tuple[Server, Server]
) -> None:
    server, _ = served
    joining = signup.Joining(
        address="one@click.example", filters=(Filter(),), cadence=Cadence.DAILY, lang="en", zone="UTC",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    person = signup.join(site.store, joining, site.joining_defaults, now())
    with site.store.read() as conn:
        assert subscribers.subscriptions_of(conn, person)
        audience = conn.exec_driver_sql("SELECT max(id) FROM audience").scalar_one()
    path = f"/unsubscribe/{site.tokens.unsubscribe(person, audience)}"
    kind = "application/x-www-form-urlencoded"
    answer = server.ask(path, "POST", b"List-Unsubscribe=One-Click", content_type=kind)
    assert answer.status == 200
    assert "set-cookie" not in answer.headers
    with site.store.read() as conn:
        assert not subscribers.subscriptions_of(conn, person)


def test_nginx_says_in_a_header_where_the_hub_of_a_feed_is(
    site: Parts, served: tuple[Server, Server]
) -> None:
    server, _ = served
    for path in ("/feeds/all.atom", "/feeds/country/pa.rss"):
        told = f'<https://hub.example.org/>; rel="hub", <https://{NAME}{path}>; rel="self"'
        assert server.ask(path).headers["link"] == told
    for path in ("/", "/feeds.opml", "/country/pa/"):
        assert "link" not in server.ask(path).headers


def test_nginx_keeps_secret_paths_out_of_its_log(served: tuple[Server, Server]) -> None:
    server, _ = served
    for path in ("/private/s3cret.atom", "/confirm/s3cret", "/es/unsubscribe/s3cret", "/country/pa/"):
        server.ask(path)
    log = server.log.read_text()
    assert "/country/pa/" in log
    assert "s3cret" not in log


def test_nginx_asks_who_is_too_fast_to_wait_and_goes_on_serving_files(site: Parts, tmp_path: Path) -> None:
    with serving(site) as base, nginx(tmp_path, site.public.root, int(base.rpartition(":")[2])) as server:
        answers = [server.ask("/subscribe") for _ in range(120)]
        slow = [each for each in answers if each.status == 429]
        assert slow
        assert {each.headers["retry-after"] for each in slow} == {"60"}
        assert server.ask("/feeds/all.atom").status == 200


def test_nginx_serves_files_while_the_program_is_away(site: Parts, tmp_path: Path) -> None:
    with nginx(tmp_path, site.public.root, free_port()) as server:
        assert server.ask("/feeds/all.atom").status == 200
        assert server.ask(withdrawn(site.public.root)).status == 410
        answer = server.ask("/subscribe")
        assert (answer.status, answer.headers["retry-after"]) == (503, "30")


# -- a store of objects

# Understands `s3 sync` as the recipe needs it: the last pattern that fits decides; objects are files beside
# their types.
STORE = """
import fnmatch, json, shutil, sys
from pathlib import Path
_, command, verb, source, target, *rest = sys.argv
assert (command, verb) == ("s3", "sync")
source, target = Path(source), Path(target.removeprefix("s3:/"))
rules, options = [], {}
while rest:
    name = rest.pop(0)
    if name in ("--exclude", "--include"):
        rules.append((name == "--include", rest.pop(0)))
    else:
        options[name] = rest.pop(0) if name in ("--content-type", "--cache-control") else True
def meant(path):
    found = True
    for include, pattern in rules:
        found = include if fnmatch.fnmatchcase(path, pattern) else found
    return found
def names(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
(target / "objects").mkdir(parents=True, exist_ok=True)
index = target / "types.json"
types = json.loads(index.read_text()) if index.exists() else {}
for name in filter(meant, names(source)):
    there = target / "objects" / name
    if there.exists() and there.read_bytes() == (source / name).read_bytes():
        continue
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / name, there)
    types[name] = [options["--content-type"], options["--cache-control"]]
    print(name)
for name in filter(meant, names(target / "objects") - names(source)) if "--delete" in options else ():
    (target / "objects" / name).unlink()
    print("-" + name)
index.write_text(json.dumps(types))
"""


def brought(public: Path, store: Path) -> list[str]:
    """Run the recipe; the names of what was sent, in order, with a minus where something was deleted."""
    program = store.parent / "aws"
    program.write_text(STORE)
    done = subprocess.run(
        ["sh", str(RECIPES / "bucket.sh"), str(public), f"s3:/{store}"],
        env={**os.environ, "AWS": f"{sys.executable} {program}"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_store_gets_each_file_once_with_its_type_and_pages_before_what_leads_there(
    site: Parts, tmp_path: Path
) -> None:
    public = tmp_path / "public"
    shutil.copytree(site.public.root, public)
    store = tmp_path / "store"
    sent = brought(public, store)
    expected = {str(path.relative_to(public)) for path in public.rglob("*") if path.suffix in MEDIA_TYPES}
    expected = {name for name in expected if not name.startswith(".")}
    assert sorted(sent) == sorted(expected)
    types = json.loads((store / "types.json").read_text())
    assert {name: kept[0] for name, kept in types.items()} == {
        name: MEDIA_TYPES[Path(name).suffix] for name in expected
    }
    assert {kept[1] for kept in types.values()} == {"public, max-age=300"}
    last_page = max(n for n, name in enumerate(sent) if "items/" in name)
    assert last_page < min(n for n, name in enumerate(sent) if "feeds/" in name)
    assert sent[-1] == "index.html"
    page = next(iter(sorted((public / "items").glob("*/index.html"))))
    page.unlink()
    (public / "feeds" / "all.atom").write_bytes(b"other")
    assert sorted(brought(public, store)) == [f"-{page.relative_to(public)}", "feeds/all.atom"]
    assert brought(public, store) == []


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_on_a_plain_file_server_every_link_to_a_file_leads_somewhere(site: Parts) -> None:
    root = site.public.root
    handler = functools.partial(_Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        server = Server(running.server_address[1], root)
        try:
            assert broken(server, root) == {}
        finally:
            running.shutdown()
            thread.join(30)


# What only the program can do is missing there, and nothing else.
DYNAMIC = re.compile(
    r"/(?:es/)?(?:subscribe|preferences|privacy|search|filter)\b|.*/archive/|.*/items/[^/]+/(?:previous|next)$"
)


def broken(server: Server, root: Path) -> dict[str, int]:
    """Links of all pages to files that do not answer with 200."""
    asked: dict[str, int] = {}
    for page in published(root):
        if not page.endswith("/"):
            continue
        html = server.ask(page).body.decode()
        for link in re.findall(r'href="([^"]+)"', html):
            target = urldefrag(urljoin(page, link.removeprefix(f"https://{NAME}")))[0]
            if target.startswith("/") and not DYNAMIC.match(target) and target not in asked:
                asked[target] = server.ask(target).status
    assert len(asked) > 50
    return {target: status for target, status in asked.items() if status != 200}
