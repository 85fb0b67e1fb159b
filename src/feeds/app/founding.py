"""A new site: folders, configuration, secret and database (`feeds init`, the demo)."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from feeds import config, shipped
from feeds.app.parts import Parts
from feeds.errors import InputError, Problem

TABLES = ("topics.toml", "places.toml", "overrides.toml")


def found(folder: Path, values: Mapping[str, str]) -> Parts:
    """Write a site into `folder` and open it. `values` are keys such as ``site.name``
    with their TOML text. Files that are there already are left alone; a folder
    that holds something else is refused with InputError."""
    target = folder / "config" / "feeds.toml"
    if target.exists():
        raise InputError([Problem(str(target), "there is a site here already; edit this file instead")])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError([Problem(str(folder), "must be a new or an empty folder")])
    try:
        return _found(target, values)
    except BaseException:
        # Half a site would be in the way of the next try. What was here before stays.
        shutil.rmtree(target.parent, ignore_errors=True)
        raise


def _found(target: Path, values: Mapping[str, str]) -> Parts:
    source = shipped.folder("config")
    target.parent.mkdir(parents=True)
    for name in TABLES:
        (target.parent / name).write_bytes((source / name).read_bytes())
    target.write_text(
        with_values((source / "feeds.toml").read_text(encoding="utf-8"), values), encoding="utf-8"
    )
    settings = config.load(target)
    write_secret(settings.path(settings.web.secret_file))
    parts = Parts(settings)
    parts.store.migrate()
    settings.path(settings.publish.path).mkdir(parents=True, exist_ok=True)
    settings.path(settings.publish.path).chmod(0o755)
    _ = parts.inbox
    return parts


def write_secret(path: Path) -> None:
    """A fresh signing key that only its owner can read (T20)."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(48) + "\n", encoding="ascii")


def with_values(text: str, values: Mapping[str, str]) -> str:
    """The commented configuration with some values replaced; comments keep their column if there is room."""
    left, section, lines = dict(values), "", []
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        key, assigned, rest = line.partition(" = ")
        value = left.pop(f"{section}.{key}", None) if assigned else None
        lines.append(line if value is None else _replaced(key, rest, value))
    if left:
        raise KeyError(", ".join(left))
    return "\n".join(lines) + "\n"


def _replaced(key: str, rest: str, value: str) -> str:
    match = re.search(r"\s+#", rest)
    if match is None:
        return f"{key} = {value}"
    column = match.end() - 1
    return f"{key} = {value.ljust(column - 1)} {rest[column:]}"
