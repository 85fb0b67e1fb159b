"""TOML files -> frozen settings, all faults at once.

Owns the names, types, defaults and limits of every key, and where a site keeps
its files. Only importer of tomli and pydantic. Knows nothing of what the
settings are used for.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import tomli
from pydantic import ValidationError

from feeds.config.changing import restart_for, sections_now
from feeds.config.faults import contradictions, is_local, out_of_reach, problem, sender_fault
from feeds.config.sections import LabelsSection, OfficeSection, Sections, StaffSection
from feeds.errors import ConfigError, Problem

__all__ = [
    "LANGUAGES",
    "WEEKDAYS",
    "OfficeSection",
    "Sections",
    "Settings",
    "StaffSection",
    "chosen",
    "find",
    "is_local",
    "load",
    "out_of_reach",
    "restart_for",
    "sender_fault",
    "usable_now",
]

LANGUAGES: tuple[str, ...] = ("en", "es")
SHORTEST_TOKEN = 20
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Settings(Sections):
    """A site's settings with its folder and its parsed tables.

    `root` is the site's folder; `topics`, `places` and `overrides` are parsed TOML, judged
    by `labels.build`; `sources` holds their text, so that a fault can name its line.
    """

    root: Path
    file: Path
    topics: dict[str, Any]
    places: dict[str, Any]
    overrides: dict[str, Any]
    sources: dict[str, str]

    def path(self, value: str) -> Path:
        """`value` as a path inside the site's folder, unless it is absolute."""
        return self.root / value

    def weekday(self) -> int:
        """1 = Monday … 7 = Sunday."""
        return WEEKDAYS.index(self.digest.weekday) + 1

    def zone_of(self, office: OfficeSection) -> str:
        """The time zone in which an office reads and writes."""
        return office.zone or self.digest.zone

    def is_told_at_the_desk(self, folder: str) -> bool:
        """Whether somebody of the desk sees the bulletins of the inbox, or of this sub-folder of it."""
        return any(each.office in ("", folder) for each in self.desk.people)

    def offices(self) -> dict[str, OfficeSection]:
        """Sub-folders of the inbox with their settings, completed by those of the inbox."""
        names = OfficeSection.model_fields
        shared = {name: getattr(self.inbox, name) for name in names}
        return {
            folder: OfficeSection(**(shared | office.model_dump(include=office.model_fields_set)))
            for folder, office in self.inbox.folders.items()
        }

    def receipts_key(self, folder: str = "") -> str:
        """The key that says where the receipts of the inbox, or of this sub-folder, are mailed."""
        own = self.inbox.folders.get(folder)
        named = own is not None and "receipts_to" in own.model_fields_set
        return f"inbox.folders.{folder}.receipts_to" if named else "inbox.receipts_to"

    def store_url(self) -> str:
        """The database, with SQLite's file made absolute; $FEEDS_STORE_URL wins."""
        url = os.environ.get("FEEDS_STORE_URL") or self.store.url
        prefix = "sqlite:///"
        if not url.startswith(prefix):
            return url
        # Quoted: a "?" or "%" in the site's path is part of its name.
        return prefix + quote(str(self.path(url.removeprefix(prefix))))


def chosen() -> bool:
    """Whether the environment or the working folder names a site."""
    return bool(os.environ.get("FEEDS_CONFIG")) or Path("config/feeds.toml").is_file()


def find(option: str | None) -> Path:
    """The configuration file: --config, else $FEEDS_CONFIG, else ./config/feeds.toml.

    Raises ConfigError, with what to run, when there is none.
    """
    file = Path(option or os.environ.get("FEEDS_CONFIG") or "config/feeds.toml")
    if not file.is_file():
        hint = "no such file; make a site with `feeds init DIR`, or name one with --config"
        raise ConfigError([Problem(str(file), hint)])
    return file.absolute()


class Judge(Protocol):
    """Who knows what the tables may hold, None for one that cannot be read; raises ConfigError."""

    def __call__(
        self,
        topics: dict[str, Any] | None,
        places: dict[str, Any] | None,
        languages: Sequence[str],
        *,
        sources: dict[str, str],
        overrides: dict[str, Any],
    ) -> object: ...


def load(file: Path, judge: Judge | None = None) -> Settings:
    """Read feeds.toml and its tables. Raises ConfigError with every fault of every file.

    `judge` is asked only when something else is wrong, so that all faults come at once.
    """
    problems: list[Problem] = []
    _, data = _toml(file, problems)
    sections = _sections(file.name, data or {}, problems)
    labels = sections.labels if sections else LabelsSection()
    topics_text, topics = _toml(file.parent / labels.topics, problems)
    places_text, places = _toml(file.parent / labels.places, problems)
    overrides_text, overrides = "", None
    # A site without decisions of its own needs no file for them; one that names another file does.
    if labels.overrides != LabelsSection().overrides or (file.parent / labels.overrides).exists():
        overrides_text, overrides = _toml(file.parent / labels.overrides, problems)
    sources = {"topics.toml": topics_text, "places.toml": places_text, "overrides.toml": overrides_text}
    if problems or sections is None or topics is None or places is None:
        if judge:
            languages = sections.site.languages if sections else LANGUAGES
            problems += _judged(
                lambda: judge(topics, places, languages, sources=sources, overrides=overrides or {})
            )
        raise ConfigError(problems)
    root = file.parent.parent if file.parent.name == "config" else file.parent
    return Settings(
        **dict(sections), root=root, file=file, topics=topics, places=places, overrides=overrides or {},
        sources=sources,
    )  # fmt: skip


def usable_now(running: Settings, found: Settings) -> Settings:
    """What a running process uses once its files were edited; what needs a restart stays as it is."""
    return found.model_copy(update=sections_now(running, found))


def _judged(judge: Callable[[], object]) -> list[Problem]:
    try:
        judge()
    except ConfigError as error:
        return error.problems
    return []


def secret(settings: Settings) -> bytes:
    """The key that signs links: $FEEDS_SECRET, else `web.secret_file`, which only its owner may read."""
    if value := os.environ.get("FEEDS_SECRET"):
        return value.encode()
    return _private_file(settings.path(settings.web.secret_file), "web.secret_file")


def mail_password(settings: Settings) -> str:
    """The SMTP password: $FEEDS_MAIL_PASSWORD, else `mail.password_file`, else empty."""
    if value := os.environ.get("FEEDS_MAIL_PASSWORD"):
        return value
    if not settings.mail.password_file:
        return ""
    return _private_file(settings.path(settings.mail.password_file), "mail.password_file").decode().strip()


def bounces_password(settings: Settings) -> str:
    """The password of the box: $FEEDS_BOUNCES_PASSWORD, else `bounces.password_file`, else empty."""
    if value := os.environ.get("FEEDS_BOUNCES_PASSWORD"):
        return value
    name = settings.bounces.password_file
    return _private_file(settings.path(name), "bounces.password_file").decode().strip() if name else ""


def alarms_password(settings: Settings) -> str:
    """The password of the second server: $FEEDS_ALARMS_PASSWORD, else `alarms.password_file`, else empty."""
    if value := os.environ.get("FEEDS_ALARMS_PASSWORD"):
        return value
    name = settings.alarms.password_file
    return _private_file(settings.path(name), "alarms.password_file").decode().strip() if name else ""


def metrics_token(settings: Settings) -> str:
    """What who asks for the metrics must send: $FEEDS_METRICS_TOKEN, else `metrics.token_file`, else empty.

    Raises ConfigError for one that could be guessed.
    """
    name = settings.metrics.token_file
    token = os.environ.get("FEEDS_METRICS_TOKEN", "")
    if not token and name:
        token = _private_file(settings.path(name), "metrics.token_file").decode("utf-8", "replace")
    if (token or name) and len(token) < SHORTEST_TOKEN:
        what = (
            f"the token must have {SHORTEST_TOKEN} characters or more: take those of `openssl rand -hex 32`"
        )
        raise ConfigError([Problem("metrics.token_file", what)])
    return token


def dkim_keys(settings: Settings) -> Iterator[tuple[str, str, Path, bytes]]:
    """The keys that letters are signed with: setting, selector, file, and what it holds.

    Raises ConfigError for a file that others can read."""
    section = settings.dkim
    for key, selector, name in (
        ("dkim.key_file", section.selector, section.key_file),
        ("dkim.second_key_file", section.second_selector, section.second_key_file),
    ):
        if name:
            yield key, selector, settings.path(name), _private_file(settings.path(name), key)


def _private_file(path: Path, key: str) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        data = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError([Problem(key, f"{path} cannot be read: {error.strerror}")]) from None
    if mode & 0o077:
        raise ConfigError([Problem(key, f"{path} can be read by others: run `chmod 600 {path}`")])
    return data


def _toml(path: Path, problems: list[Problem]) -> tuple[str, dict[str, Any] | None]:
    """The file's text and what it says; None if that cannot be read."""
    try:
        text = path.read_bytes().decode()
        return text, tomli.loads(text)
    except OSError as error:
        problems.append(Problem(path.name, f"cannot be read: {error.strerror} ({path})"))
    except UnicodeDecodeError as error:
        problems.append(Problem(path.name, f"byte {error.start} is not UTF-8: save the file as UTF-8"))
    except tomli.TOMLDecodeError as error:
        problems.append(Problem(path.name, f"not valid TOML: {error}"))
    return "", None


def _sections(file_name: str, data: Mapping[str, Any], problems: list[Problem]) -> Sections | None:
    try:
        sections = Sections.model_validate(dict(data))
    except ValidationError as error:
        problems.extend(problem(file_name, dict(fault)) for fault in error.errors())
        return None
    problems.extend(contradictions(file_name, sections))
    return sections
