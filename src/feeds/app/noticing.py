"""What a process notices of its configuration and tells in its log (app)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from feeds import changes, config, log
from feeds.app.parts import Parts
from feeds.config import Settings, restart_for, usable_now
from feeds.errors import FeedsError
from feeds.labels import build
from feeds.publishing.renaming import REMEDY, missing_topics

logger = log.get("configuration")


def tell_missing_topics(parts: Parts) -> None:
    """Warn of topics that subscribers or feeds count on and that this site does not have."""
    with parts.store.read() as conn:
        missing = missing_topics(conn, parts.vocabulary)
    for each in missing:
        logger.warning(
            "topic-missing", slug=each.slug, subscribers=each.subscribers, published=each.published,
            remedy=REMEDY,
        )  # fmt: skip


def configuration_files(settings: Settings) -> list[Path]:
    """feeds.toml and its tables, be they there or not."""
    labels = settings.labels
    return [
        settings.file,
        *(settings.file.parent / name for name in (labels.topics, labels.places, labels.overrides)),
    ]


@dataclass(frozen=True, slots=True)
class Edited:
    """What a process works with after its files were edited, and the keys that wait for its next start."""

    parts: Parts
    restart_for: list[str]


def read_edited(parts: Parts, files: Sequence[str]) -> Edited | None:
    """The parts by what these files say now; None, with a line in the log, where they have faults."""
    try:
        found = config.load(parts.settings.file, judge=partial(build, identity=changes.identity))
        made = _renewed(parts, usable_now(parts.settings, found))
        _ = (made.letters, made.pages, made.press, made.watched_folders)  # with a fault, all stays as it is
    except FeedsError as error:
        reason = str(error).replace("\n", "; ")
        logger.error("configuration-faulty", files=" ".join(files), reason=reason)
        return None
    waits = restart_for(parts.settings, found)
    logger.warning("configuration-changed", files=" ".join(files), restart_for=" ".join(waits) or None)
    tell_missing_topics(made)
    return Edited(made, waits)


def _renewed(parts: Parts, settings: Settings) -> Parts:
    """The parts of the same site with other settings: what is open stays open."""
    made, tables = Parts(settings), ("topics", "places", "overrides", "site")
    same = all(getattr(settings, name) == getattr(parts.settings, name) for name in tables)
    for name in ("store", "reader", "tally", "_facts", *(["_labels"] if same else [])):
        if name in parts.__dict__:
            made.__dict__[name] = parts.__dict__[name]
    return made


class ConfigurationFiles:
    """What configuration files and templates held when last looked at."""

    def __init__(self, paths: Sequence[Path], templates: Path | None = None) -> None:
        self._paths, self._templates = paths, templates
        self._found = self._read()

    def changed(self) -> list[str]:
        """The names of those that hold something else than at the last look."""
        before, self._found = self._found, self._read()
        paths = dict.fromkeys((*before, *self._found))
        return [path.name for path in paths if before.get(path) != self._found.get(path)]

    def _read(self) -> dict[Path, object]:
        found: dict[Path, object] = {path: _bytes(path) for path in self._paths}
        if self._templates is not None:
            found |= {path: _state(path) for path in sorted(self._templates.rglob("*.*"))}
        return found


def _state(path: Path) -> object:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
