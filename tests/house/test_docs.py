"""Each command, configuration key and log event is documented, and the other way round."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import click
import pytest
import tomli
from pydantic import BaseModel

from feeds import config
from feeds.cli import MODULES, cli
from feeds.cli.examples import EXAMPLES, add_examples

ROOT = Path(__file__).resolve().parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "config" / "feeds.toml").read_text(encoding="utf-8")
for _module in MODULES:
    importlib.import_module(f"feeds.cli.{_module}")  # importing them registers their commands


def commands(group: click.Group, prefix: str = "") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix}{name} ")
        else:
            found[prefix + name] = command
    return found


def documented_commands() -> dict[str, str]:
    """`### feeds items list` … sections by command."""
    parts = re.split(r"^### `feeds ([a-z ]+?)(?: [A-Z\[].*)?`$", OPERATING, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    assert set(documented_commands()) == set(commands(cli))


@pytest.mark.parametrize("name", sorted(commands(cli)))
def test_every_option_is_documented_under_its_command(name: str) -> None:
    text = documented_commands()[name].split("\n## ")[0]
    options = {max(p.opts, key=len) for p in commands(cli)[name].params if isinstance(p, click.Option)}
    assert {option for option in options if f"`{option}" not in text} == set()
    assert set(re.findall(r"`(--[a-z-]+)", text)) - options - {"--no-notify"} == set()


@pytest.mark.parametrize("name", sorted(commands(cli)))
def test_the_help_of_every_command_has_an_example_that_it_takes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = shlex.split(EXAMPLES[name].partition(" < ")[0])
    assert words[: 1 + len(name.split())] == ["feeds", *name.split()]
    command = commands(cli)[name]
    # Read as the shell would hand it over, and not run. Files of an example are not here.
    given = words[1 + len(name.split()) :]
    for each in command.params:
        if isinstance(each.type, click.Path):
            monkeypatch.setattr(each.type, "exists", False)
    command.make_context(name, given, parent=click.Context(cli, info_name="feeds"))
    add_examples(cli)
    assert EXAMPLES[name] in " ".join(command.get_help(click.Context(command, info_name=name)).split())


def test_there_is_no_example_of_a_command_that_is_gone() -> None:
    assert set(EXAMPLES) == set(commands(cli))


def keys() -> dict[str, object]:
    """Every configuration key with its default."""
    found: dict[str, object] = {}
    for section, field in config.Sections.model_fields.items():
        defaults = field.default
        assert isinstance(defaults, BaseModel)
        for name, inner in type(defaults).model_fields.items():
            found[f"{section}.{inner.alias or name}"] = getattr(defaults, name)
    return found


def test_the_example_configuration_has_every_key_with_its_default_and_a_comment() -> None:
    parsed = {
        f"{section}.{key}": value
        for section, body in tomli.loads(EXAMPLE).items()
        for key, value in body.items()
    }
    assert parsed == keys()
    bare = [line for line in EXAMPLE.splitlines() if " = " in line and "#" not in line]
    assert bare == []


def test_every_key_is_in_the_operators_table_and_the_other_way_round() -> None:
    documented = set(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", OPERATING, flags=re.MULTILINE))
    assert documented == set(keys())


def test_every_log_event_is_documented_and_the_other_way_round() -> None:
    used: set[str] = set()
    for path in (ROOT / "src" / "feeds").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        used |= set(
            re.findall(
                r"(?:logger\.(?:debug|info|warning|error|exception)|_say_once)\(\s*\"([a-z-]+)\"", text
            )
        )
    documented = set(
        re.findall(
            r"^\| `([a-z]+(?:-[a-z]+)*)` \| (?:debug|info|warning|error) \|", OPERATING, flags=re.MULTILINE
        )
    )
    assert used == documented


def test_each_fault_names_tests_that_exist() -> None:
    table = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = [line.split("|")[-2] for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 20
    for row in rows:
        named, folder = re.findall(r"`(?:(\w+)/)?(test_\w+\.py)`", row), ""
        assert named or "by setting" in row, row
        for given, name in named:
            folder = given or folder  # the folder of the one before holds on
            assert (ROOT / "tests" / folder / name).is_file(), f"{folder}/{name}"


def test_documents_link_only_to_files_that_exist() -> None:
    broken = []
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            if not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")
    assert broken == []
