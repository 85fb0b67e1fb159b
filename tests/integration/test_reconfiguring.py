"""What is edited while a site runs is used at once where that is safe, and said to wait where it is not."""

from __future__ import annotations

import asyncio
import json

from starlette.testclient import TestClient
from structlog.testing import capture_logs

from conftest import RunFeeds
from feeds.app.parts import Parts, now
from feeds.app.running import Running
from feeds.app.serving import Current
from feeds.model import Kind
from feeds.web import create_app, front_for


def edit(parts: Parts, old: str, new: str, name: str = "feeds.toml") -> None:
    path = parts.settings.file.with_name(name)
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def look(process: Running) -> list[dict[str, object]]:
    with capture_logs() as lines:
        asyncio.run(process._look_at_configuration())
    return [dict(line) for line in lines if str(line["event"]).startswith("configuration")]


def test_texts_times_and_tables_count_at_once_and_what_is_open_stays_open(site: Parts) -> None:
    process = Running(site)
    store = site.store
    assert look(process) == []
    edit(site, "hour = 7 ", "hour = 9 ")
    edit(site, 'name = "Test Newsroom"', 'name = "Another Newsroom"')
    edit(site, "[topics.health]", '[topics.well-being]\nrenamed_from = ["health"]', "topics.toml")
    (line,) = look(process)
    assert (line["event"], line["restart_for"]) == ("configuration-changed", None)
    assert line["files"] == "feeds.toml topics.toml"
    assert process.parts.store is store
    assert process.parts.joining_defaults.hour == 9
    assert process._watchman.parts is process.parts  # it looks at the inbox that is read from now on
    assert process.parts.site.name == process.parts.press.site.name == "Another Newsroom"
    assert "well-being" in {term.code for term in process.parts.vocabulary.of(Kind.TOPIC)}
    assert look(process) == []


def test_what_needs_a_restart_stays_as_it_is_and_is_told_everywhere(site: Parts, feeds: RunFeeds) -> None:
    process = Running(site)
    edit(site, '"127.0.0.1:8000"', '"127.0.0.1:8001"')
    edit(site, "hour = 7 ", "hour = 9 ")
    (line,) = look(process)
    assert line["restart_for"] == "web.listen"
    assert process.parts.settings.web.listen == "127.0.0.1:8000"
    assert process.parts.joining_defaults.hour == 9
    command = ("--config", site.settings.file)
    assert "must be restarted for: web.listen" in feeds(*command, "check").out
    assert "restart needed for: web.listen" in feeds(*command, "status").out
    (told,) = json.loads(feeds(*command, "status", "--json").out)["processes"]
    assert told["restart_for"] == "web.listen"
    edit(site, '"127.0.0.1:8001"', '"127.0.0.1:8000"')
    (line,) = look(process)
    assert line["restart_for"] is None
    assert "must be restarted" not in feeds(*command, "check").out
    process._presence.gone()


def test_a_fault_is_told_and_the_process_goes_on_with_what_it_had(site: Parts) -> None:
    process = Running(site)
    edit(site, "hour = 7 ", "hour = 77 ")
    (line,) = look(process)
    assert line["event"] == "configuration-faulty"
    assert "digest.hour" in str(line["reason"])
    assert process.parts is site
    edit(site, "hour = 77 ", "hour = 8 ")
    look(process)
    assert process.parts.joining_defaults.hour == 8


def test_pages_that_are_made_when_asked_for_follow_at_once(site: Parts) -> None:
    process = Running(site)
    web = site.web_parts()
    process._current = Current(create_app(web), front_for(web))
    edit(site, 'contact = ""', 'contact = "office@news.example.org"')
    look(process)
    with TestClient(process._current, base_url="https://news.example.org") as client:
        assert "office@news.example.org" in client.get("/privacy/").text


def test_processes_that_run_by_other_settings_are_named(site: Parts, feeds: RunFeeds) -> None:
    process = Running(site)
    process._presence.tell(now())
    edit(site, "hour = 7 ", "hour = 9 ")
    assert "runs with other settings" in feeds("--config", site.settings.file, "check").out
    process._presence.gone()
