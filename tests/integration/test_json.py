"""What `--json` prints is what docs/json.md says, key by key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, RunFeeds
from feeds import demo
from feeds.app.parts import Parts
from feeds.store import items

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
    parts = re.split(r"^### `feeds ([a-z ]+)`$", PAGE, flags=re.MULTILINE)
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
    made = demo.make_site(tmp_path_factory.mktemp("json") / "site", 8000)
    made.__dict__["_labels"] = tables
    demo.one_round(made)
    yield made
    made.store.close()


@pytest.mark.parametrize("name", documented())
def test_a_command_prints_what_the_page_says(name: str, stocked: Parts, feeds: RunFeeds) -> None:
    with stocked.store.read() as conn:
        item = items.listing(conn, limit=1)[0].id
    sample = ROOT / "src/feeds/samples/2026-11-20-newsroom.txt"
    given: dict[str, list[object]] = {
        "explain": [sample], "items show": [item], "why": ["editor@demo.example", item],
        "bulletins show": [sample.name], "subscribers show": ["editor@demo.example"],
    }  # fmt: skip
    ran = feeds("--config", stocked.settings.file, *name.split(), *given.get(name, []), "--json")
    assert ran.code == 0, ran.err
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert lines
    told = documented()[name]
    assert [fault for line in lines for fault in differences(line, told, name)] == []


def test_a_value_that_is_not_as_told_is_found() -> None:
    told = {"a": "number", "b": ["day or null"], "c": {"*": "text"}}
    assert list(differences({"a": 1, "b": [None, "2026-11-28"], "c": {"x": "y"}}, told, "")) == []
    wrong = {"a": True, "b": ["soon"], "c": {"x": 1}, "d": 0}
    assert len(list(differences(wrong, told, ""))) == 4


def test_the_page_is_linked_from_the_one_of_commands() -> None:
    assert "(json.md)" in Path(ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
