"""What a site says of itself, and its own logo, icon and colour: settings and files -> values."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path

from feeds.config import Settings
from feeds.errors import ConfigError, Problem
from feeds.model import SiteInfo

LOGO_TYPES = (".svg", ".png")
ICON_TYPES = (".svg", ".png", ".ico")
MOST_BYTES = 100_000
ACCENT = "#00604a"
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" '
    'fill="{accent}"/><text x="16" y="23" font-family="Georgia,serif" font-size="20" font-weight="700" '
    'fill="#fff" text-anchor="middle">{letter}</text></svg>\n'
)


def assets(settings: Settings) -> dict[str, bytes]:
    """By the name under which they are published: ``favicon.svg``, and ``logo.png`` where there is one.

    Without an icon of its own a site has its initial on its accent. Raises ConfigError for files that are
    not there, too large, or of another type.
    """
    site, problems = settings.site, list[Problem]()
    found = dict(_read(settings, "site.logo", site.logo, "logo", LOGO_TYPES, problems))
    found |= dict(_read(settings, "site.favicon", site.favicon, "favicon", ICON_TYPES, problems))
    if problems:
        raise ConfigError(problems)
    if not site.favicon:
        found["favicon.svg"] = icon(site.name, site.accent or ACCENT)
    return found


def named(found: dict[str, bytes], name: str) -> str:
    """The path of an asset on the site; empty where there is none."""
    return next((f"/{path}" for path in found if path.startswith(f"{name}.")), "")


def icon(name: str, accent: str) -> bytes:
    """An initial on a square of the accent."""
    return _ICON.format(accent=accent, letter=escape(name.strip()[:1].upper())).encode()


def coloured(style: bytes, settings: Settings) -> bytes:
    """The style sheet with the site's own accents, which win over those that stand before them."""
    site = settings.site
    own = {"--brand": site.accent, "--brand-night": site.accent_night}
    said = "".join(f" {name}: {colour};" for name, colour in own.items() if colour)
    return style + f":root {{{said} }}\n".encode() if said else style


def site_info(settings: Settings, found: dict[str, bytes], created_at: datetime) -> SiteInfo:
    """What the site says of itself. `found` are its assets."""
    section = settings.site
    return SiteInfo(
        name=section.name,
        base_url=section.base_url,
        languages=tuple(section.languages),
        description=section.description,
        descriptions=section.descriptions,
        names=section.names,
        publisher=section.publisher or section.name,
        contact=section.contact,
        address=section.address,
        created_at=created_at,
        logo=named(found, "logo"),
        favicon=named(found, "favicon"),
        accent=section.accent,
        accent_night=section.accent_night,
        demonstration=settings.web.show_outbox,
        hub=settings.publish.hub,
    )


def _read(
    settings: Settings,
    key: str,
    value: str,
    name: str,
    types: tuple[str, ...],
    problems: list[Problem],
) -> Iterator[tuple[str, bytes]]:
    if not value:
        return
    path = settings.path(value)
    if (why := _wrong(path, types)) is not None:
        problems.append(Problem(f"feeds.toml: {key}", why))
    else:
        yield f"{name}{path.suffix.lower()}", path.read_bytes()


def _wrong(path: Path, types: tuple[str, ...]) -> str | None:
    """What is to be said against a file; None if it will do."""
    if path.suffix.lower() not in types:
        return f"must be a file that ends in {', '.join(types)}"
    if not path.is_file():
        return f"there is no file {path.name} there; it is relative to the site's folder"
    if path.stat().st_size > MOST_BYTES:
        return f"must have at most {MOST_BYTES:,} bytes: every reader loads it"
    return None
