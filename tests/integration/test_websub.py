"""WebSub, end to end: a subscriber finds the hub of a feed, the hub is told, and the news arrives signed."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds import config
from feeds.app.hubs import teller_of
from feeds.app.parts import Parts, now
from feeds.hub import HubAwayError
from feeds.publishing.publish import publish
from integration.test_running import logged, running, wait_until
from serving import serving
from taking import accept_one
from websub_hub import Hub, a_hub, a_subscriber

TEXT = "{day} November, 2026\n\nPanama opens school {day}\n\nChildren read in room {day}.\n"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with a_hub() as made:
        yield made


def of_site(folder: Path, tables: object, hub: str, base_url: str, listen: str) -> Parts:
    file = folder / "config" / "feeds.toml"
    text = file.read_text(encoding="utf-8")
    text = re.sub(r'(?m)^hub = ""', f'hub = "{hub}"', text)
    text = re.sub(r"(?m)^base_url = \S+", f'base_url = "{base_url}"', text)
    text = re.sub(r"(?m)^listen = \S+", f'listen = "{listen}"', text)
    text = re.sub(r"(?m)^settle = \S+", "settle = 0.1", text)
    file.write_text(text, encoding="utf-8")
    parts = Parts(config.load(file))
    parts.__dict__["_labels"] = tables
    return parts


@contextmanager
def a_site(folder: Path, founded: Path, tables: object, hub: str) -> Iterator[Parts]:
    """A site that is served where its base_url says."""
    shutil.copytree(founded, folder)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    parts = of_site(folder, tables, hub, f"http://{listen}", listen)
    yield parts
    parts.store.close()


def news(parts: Parts, day: int) -> None:
    accept_one(parts, f"{day}.txt", TEXT.format(day=day).encode(), now(), "all", filed=True)
    publish(parts.store, parts.press)


def test_a_subscriber_finds_the_hub_and_gets_each_change_signed(
    tmp_path: Path, founded: Path, tables: object, hub: Hub
) -> None:
    with a_site(tmp_path / "site", founded, tables, hub.url) as parts, a_subscriber() as someone:
        news(parts, 1)
        with serving(parts, parts.settings.web.listen) as base:
            topic = f"{base}/feeds/country/pa.atom"
            for _ in range(2):  # read from the disk, then from memory
                with urllib.request.urlopen(topic) as answer:
                    link, document = answer.headers["link"], answer.read().decode()
                assert link == f'<{hub.url}>; rel="hub", <{topic}>; rel="self"'
            assert f'<link rel="hub" href="{hub.url}"/>' in document
            with urllib.request.urlopen(f"{base}/country/pa/") as answer:
                assert answer.headers["link"] is None
            assert someone.subscribe(hub.url, topic) == 202
            teller = teller_of(parts)
            assert teller.tell() == 0  # a hub that is new is told from here on
            news(parts, 2)
            assert teller.tell() == len(hub.told) == len(set(hub.told)) > 3
            assert {topic, f"{base}/feeds/all.json"} <= set(hub.told)
            ((kind, body),) = someone.got
            assert kind.startswith("application/atom+xml")
            assert b"Panama opens school 2" in body
            assert body == (parts.public.root / "feeds/country/pa.atom").read_bytes()
            assert teller.tell() == 0


def test_what_a_hub_did_not_take_is_told_again_and_nothing_twice(
    tmp_path: Path, founded: Path, tables: object, hub: Hub
) -> None:
    with a_site(tmp_path / "site", founded, tables, hub.url) as parts:
        news(parts, 1)
        teller = teller_of(parts)
        teller.tell()
        news(parts, 2)
        hub.answers = [202, 503]
        with pytest.raises(HubAwayError, match="answered 503"):
            teller.tell()
        first, refused = hub.told
        hub.told.clear()
        # The first has changed meanwhile: it is told anew, and the others once.
        news(parts, 3)
        hub.answers = [404]
        assert teller.tell() == len(hub.told) == len(set(hub.told))
        assert {first, refused} <= set(hub.told)
        hub.told.clear()
        # Another process begins where this one stopped.
        assert teller_of(parts).tell() == 0
        news(parts, 4)
        hub.answers = [202, 503]
        with pytest.raises(HubAwayError):
            teller.tell()
        taken = hub.told[0]
        hub.told.clear()
        teller.tell()
        assert taken not in hub.told


def test_a_hub_that_is_away_or_refuses_is_named_by_publish_and_told_next_time(
    tmp_path: Path, founded: Path, tables: object, hub: Hub, feeds: RunFeeds
) -> None:
    with a_site(tmp_path / "site", founded, tables, hub.url) as parts:
        file = parts.settings.file
        accept_one(parts, "1.txt", TEXT.format(day=1).encode(), now(), "all", filed=True)
        assert feeds("--config", file, "publish").code == 0
        accept_one(parts, "2.txt", TEXT.format(day=2).encode(), now(), "all", filed=True)
        hub.answers = [500]
        ran = feeds("--config", file, "publish")
        assert ran.code == 0
        assert f"the hub {hub.url} answered 500" in ran.err
        ran = feeds("--config", file, "publish")
        assert re.search(rf"[1-9]\d* feeds told to {hub.url}", ran.out)


@pytest.mark.slow
def test_a_hub_that_hangs_delays_no_news(tmp_path: Path, founded: Path, tables: object, hub: Hub) -> None:
    hub.hangs = threading.Event()
    with a_site(tmp_path / "site", founded, tables, hub.url) as parts:
        feed = parts.public.root / "feeds" / "all.atom"
        try:
            with running(parts):
                for day in (1, 2, 3):
                    (parts.inbox.root / f"{day}.txt").write_text(TEXT.format(day=day), encoding="utf-8")
                    wait_until(
                        lambda day=day: f"school {day}" in feed.read_text(encoding="utf-8"),
                        "news stand there",
                    )
                assert "hub-told" not in logged(parts)
        finally:
            hub.hangs.set()
