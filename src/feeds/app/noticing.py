"""What a process notices of its configuration and tells in its log (app)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from feeds import log
from feeds.app.parts import Parts
from feeds.config import Settings
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


class ConfigurationFiles:
    """What a process was started with, to be compared with what stands in its files now."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self._started_with = self._told = self._read()

    def tell_changes(self) -> None:
        """Warn of files that say something else than at the start; once for each state of them."""
        found = self._read()
        if found == self._told:
            return
        self._told = found
        changed = [path.name for path in self._paths if found[path] != self._started_with[path]]
        if changed:
            logger.warning("configuration-changed", files=" ".join(changed), remedy="restart to use it")

    def _read(self) -> dict[Path, bytes | None]:
        return {path: _bytes(path) for path in self._paths}


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
