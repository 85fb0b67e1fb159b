"""What the operator is told, from a whole site."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from feeds import config
from feeds.app import operating
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.intake.acceptance import accept
from feeds.intake.examining import examine
from feeds.intake.filing import tell
from feeds.intake.folders import FolderMemory
from feeds.intake.ingest import ingest_inbox
from feeds.model import Cadence
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.web import create_app
from taking import accept_one

BULLETIN = b"18 November, 2026\n\nPanama opens a school\n\nChildren learn in Panama.\n"


@pytest.fixture
def site(founded: Path, tmp_path: Path, tables: object) -> Iterator[Parts]:
    shutil.copytree(founded, tmp_path / "site")
    parts = Parts(config.load(tmp_path / "site" / "config" / "feeds.toml"))
    parts.__dict__["_labels"] = tables
    yield parts
    parts.store.close()


def asked(parts: Parts, *, loopback: bool) -> TestClient:
    metrics = replace(operating.metrics_of(parts, now), loopback=loopback)
    app = create_app(replace(parts.web_parts(), metrics=metrics))
    return TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 40000))


def test_metrics_are_off_until_they_are_configured(site: Parts) -> None:
    with asked(site, loopback=False) as client:
        assert client.get("/metrics").status_code == 404


def test_metrics_tell_what_is_taken_in_and_not_published_yet(site: Parts) -> None:
    accept_one(site, "one.txt", BULLETIN, now(), "all", filed=True)
    with asked(site, loopback=True) as client:
        before = client.get("/metrics")
        publish(site.store, site.press)
        after = client.get("/metrics")
    assert before.headers["cache-control"] == "no-store"
    assert before.headers["content-type"].startswith("text/plain; version=0.0.4")
    values = [
        {
            each.name: each.samples[0].value
            for each in text_string_to_metric_families(text.text)
            if each.samples
        }
        for text in (before, after)
    ]
    assert values[0]["feeds_unpublished_changes"] > 3
    assert values[1]["feeds_unpublished_changes"] == 0
    assert 0 <= values[1]["feeds_last_bulletin_age_seconds"] < 3600
    assert values[1]["feeds_disk_free_bytes"] > 0
    assert 'feeds_requests_total{route="/metrics",status="200"} 1.0' in after.text


def test_a_token_that_others_can_read_or_guess_is_a_fault(site: Parts) -> None:
    file = site.settings.path("state/metrics.token")
    settings = site.settings.model_copy(
        update={"metrics": site.settings.metrics.model_copy(update={"token_file": "state/metrics.token"})}
    )
    for token, mode, fault in (
        ("x" * 40, 0o644, "can be read by others"),
        ("short", 0o600, "20 characters"),
        ("", 0o600, "20 characters"),
    ):
        file.write_text(token)
        file.chmod(mode)
        with pytest.raises(config.ConfigError, match=fault):
            config.metrics_token(settings)
    file.write_text("x" * 20 + "\n")
    assert config.metrics_token(settings) == "x" * 20


def dropped(site: Parts, name: str) -> None:
    folder = site.watched_folders[0]
    folder.inbox.root.mkdir(exist_ok=True)
    (folder.inbox.root / name).write_bytes(BULLETIN.replace(b"school", name.encode()))


def settled(site: Parts) -> FolderMemory:
    """A watcher that has seen the inbox long enough."""
    folder, memory = site.watched_folders[0], FolderMemory()
    ingest_inbox(folder, memory, now, lambda: 0.0)
    return memory


def test_one_number_goes_with_a_bulletin_from_the_inbox_to_its_letters(site: Parts) -> None:
    joining = signup.Joining(
        address="ana@example.org", filters=(parse("all"),), cadence=Cadence.IMMEDIATE, consent="by phone"
    )
    signup.join(site.store, joining, site.joining_defaults, now())
    publish(site.store, site.press)
    dropped(site, "first.txt")
    with capture_logs() as logs:
        ingest_inbox(site.watched_folders[0], settled(site), now, lambda: 100.0)
        publish(site.store, site.press)
        compose(site.store, site.compose_rules, now())
        asyncio.run(deliver(site.store, site.transports(), site.deliver_rules))
    told = {each["event"]: each for each in logs}
    number = told["bulletin-accepted"]["bulletin"]
    assert [told[event]["bulletins"] for event in ("published", "composed", "delivered")] == [[number]] * 3


def test_two_watchers_of_one_file_tell_its_acceptance_once(site: Parts) -> None:
    dropped(site, "twice.txt")
    folder = site.watched_folders[0]
    data = folder.inbox.take("twice.txt")
    examined = examine(folder.rules, "twice.txt", data)
    with capture_logs() as logs:
        first = accept(site.store, folder.rules, [examined], now())
        second = accept(site.store, folder.rules, [examined], now())
        tell([each for each in (*first, *second) if each])
    assert first[0] is not None
    assert second[0] is not None
    assert (first[0].ours, second[0].ours, first[0].bulletin_id) == (True, False, second[0].bulletin_id)
    assert [each["event"] for each in logs] == ["bulletin-accepted"]
