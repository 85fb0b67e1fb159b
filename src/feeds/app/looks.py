"""What decides how feeds and pages look, and whether there is anything to publish: without the rest.

`feeds publish` with nothing to do, run each minute by some, imports no more than this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from feeds import __version__, config, shipped
from feeds.config import Settings
from feeds.errors import FeedsError
from feeds.publishing.standing import is_current
from feeds.site import Site
from feeds.store import open_store, publishing


def template_folders(settings: Settings) -> list[Path]:
    """An operator's own templates/ in the site's folder win over the shipped ones, file by file."""
    own = settings.path("templates")
    shipped_folder = shipped.folder("templates")
    return [own, shipped_folder] if own.is_dir() and own != shipped_folder else [shipped_folder]


def page_templates(settings: Settings) -> dict[str, bytes]:
    """The files of all pages, by path."""
    folders = template_folders(settings)
    files = [path for folder in folders for path in sorted((folder / "web").rglob("*.*"))]
    return {str(path): path.read_bytes() for path in files}


def look_of(settings: Settings) -> str:
    """A digest of templates, settings, words and tables."""
    chosen = settings.model_dump_json(include={"site", "publish"}).encode()
    words = [path.read_bytes() for path in sorted((shipped.PACKAGE / "locale").glob("*.po"))]
    shown = b"demonstration" if settings.web.show_outbox else b""  # a bar on every page
    tables = repr((settings.topics, settings.places)).encode()
    own = [path.read_bytes() for path in _own_files(settings) if path.is_file()]
    templates = page_templates(settings).values()
    return _digest([__version__.encode(), chosen, tables, shown, *words, *own, *templates])


def _own_files(settings: Settings) -> list[Path]:
    return [settings.path(name) for name in (settings.site.logo, settings.site.favicon) if name]


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def nothing_to_publish(option: str | None) -> bool:
    """Whether the site's public folder is up to date; False also where something is in the way, so that
    whoever goes on says what it is.
    """
    try:
        settings = config.load(config.find(option))
        if settings.publish.hub:  # it may still have to be told
            return False
        store = open_store(settings.store_url())
        try:
            with store.read() as conn:
                facts = publishing.known_facts(conn)
            public = Site(settings.path(settings.publish.path))
            return facts is not None and is_current(
                store, public, look_of(settings), facts.tag, facts.created_at
            )
        finally:
            store.close()
    except FeedsError:
        return False
