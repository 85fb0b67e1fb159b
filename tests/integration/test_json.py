"""What `--json` prints is what docs/json.md says, key by key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from conftest import ROOT, RunFeeds
from feeds import demo
from feeds.app.parts import Parts, now
from feeds.cli import cli
from feeds.composing.compose import compose
from feeds.model import DeliveryState
from feeds.store import by_hand, items
from taking import accept_one

NEWS = b"18 November, 2026\n\nPanama opens a school\n\nChildren learn there.\n"
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
KINDS = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: type(value) is int,
    "yes or no": lambda value: isinstance(value, bool),
    "day": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value),
    "instant": lambda value: isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", value),
    "any": lambda _: True,
}


def documented() -> dict[str, Any]:
    parts = re.split(r"^### `feeds ([A-Za-z -]+)`$", PAGE, flags=re.MULTILINE)
    return {name: json.loads(text) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def differences(value: Any, told: Any, path: str) -> Iterator[str]:
    """Where a value is not as the page tells it."""
    if isinstance(told, list):
        if not isinstance(value, list):
            yield f"{path}: no list"
            return
        for each in value:
            yield from differences(each, told[0], f"{path}[]")
    elif isinstance(told, dict):
        if not isinstance(value, dict):
            yield f"{path}: no object"
        elif "*" in told:
            for key, inner in value.items():
                yield from differences(inner, told["*"], f"{path}.{key}")
        else:
            yield from (f"{path}.{key}: told by one of both alone" for key in value.keys() ^ told.keys())
            for key in value.keys() & told.keys():
                yield from differences(value[key], told[key], f"{path}.{key}")
    elif not (told.endswith(" or null") and value is None) and not KINDS[told.removesuffix(" or null")](
        value
    ):
        yield f"{path}: {value!r} is not {told}"


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory, tables: object) -> Iterator[Parts]:
    """A site that sent digests; another one waits, one is held; the newest bulletin is in none yet, and a
    topic of its items is gone from the tables.
    """
    made = demo.make_site(tmp_path_factory.mktemp("json") / "site", 8000)
    made.__dict__["_labels"] = tables
    demo.one_round(made)
    _another(made, b"port")
    compose(made.store, made.compose_rules, now(), early=True)
    waiting = by_hand.Choice(state=DeliveryState.QUEUED)
    assert made.store.transact(lambda conn: by_hand.perform(conn, by_hand.Act.HOLD, waiting, now()))
    _another(made, b"road")
    compose(made.store, made.compose_rules, now(), early=True)
    _another(made, b"bridge")
    topics = made.settings.file.with_name("topics.toml")
    topics.write_text(
        re.sub(r"^\[topics\.health\]\n(?:(?!\[).*\n)*", "", topics.read_text(), flags=re.MULTILINE)
    )
    yield made
    made.store.close()


def _another(site: Parts, what: bytes) -> None:
    accept_one(site, f"{what.decode()}.txt", NEWS.replace(b"school", what), now(), "all", filed=True)


def given(name: str, site: Parts, folder: Path) -> list[object]:
    """The words of a command, with what it needs to print something."""
    with site.store.read() as conn:
        item = items.listing(conn, limit=1000)[-1].id
    sample = ROOT / "src/feeds/samples/2026-11-20-newsroom.txt"
    mine = folder / "mine.txt"
    mine.write_bytes(NEWS)
    more: dict[str, list[object]] = {
        "explain": [sample], "items show": [item], "why": ["editor@demo.example", item],
        "bulletins show": [sample.name], "subscribers show": ["editor@demo.example"], "ingest": [mine],
        "relabel": ["--all"], "compose": ["--early", "--dry-run"], "queue retry": ["--all", "--dry-run"],
        "queue hold": ["--all", "--dry-run"], "queue cancel": ["--all", "--dry-run"],
    }  # fmt: skip
    words: list[object] = [{"NUMBER": 1, "ITEM": item}.get(word, word) for word in name.split()]
    return [*words, *more.get(name, [])]


@pytest.mark.parametrize("name", documented())
def test_a_command_prints_what_the_page_says(
    name: str, stocked: Parts, feeds: RunFeeds, tmp_path: Path
) -> None:
    at = ("--config", stocked.settings.file)
    if name == "audit":
        with stocked.store.read() as conn:
            item = items.listing(conn, limit=1)[0].id
        assert feeds(*at, "items", "withdraw", item, "--reason", "it was not so").code == 0
        assert feeds(*at, "items", "restore", item).code == 0
    ran = feeds(*at, *given(name, stocked, tmp_path), "--json")
    assert ran.code == 0, ran.err
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert lines
    told = documented()[name]
    assert [fault for line in lines for fault in differences(line, told, name)] == []


def test_every_command_that_prints_json_stands_on_the_page() -> None:
    assert {name for name in documented() if name.islower()} == set(printing(cli))


def printing(group: click.Group, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from printing(command, f"{prefix}{name} ")
        elif any("--json" in each.opts for each in command.params):
            yield prefix + name


def test_a_value_that_is_not_as_told_is_found() -> None:
    told = {"a": "number", "b": ["day or null"], "c": {"*": "text"}}
    assert list(differences({"a": 1, "b": [None, "2026-11-28"], "c": {"x": "y"}}, told, "")) == []
    wrong = {"a": True, "b": ["soon"], "c": {"x": 1}, "d": 0}
    assert len(list(differences(wrong, told, ""))) == 4


def test_the_page_is_linked_from_the_one_of_commands() -> None:
    assert "(json.md)" in Path(ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
