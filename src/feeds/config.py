"""TOML files -> frozen settings, all faults at once (floor 2).

Owns the names, types, defaults and limits of every key, and where a site keeps
its files. Only importer of tomli and pydantic. Knows nothing of what the
settings are used for.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import tomli
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from feeds.errors import ConfigError, Problem

Language = Literal["en", "es"]
LANGUAGES: tuple[str, ...] = ("en", "es")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _base_url(value: str) -> str:
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~/-]*)?", value) or value.endswith("/"):
        raise ValueError("an http:// or https:// address without a slash at the end")
    return value


def _domain(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", value):
        raise ValueError("a domain name in lower case, such as news.example.org (RFC 4151)")
    return value


def _day(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError('a day such as "2026-01-01" (RFC 4151)') from None
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        near = difflib.get_close_matches(value, available_timezones(), 1)
        hint = f' (did you mean "{near[0]}"?)' if near else ""
        raise ValueError(f'a time zone such as "America/Panama"{hint}')
    return value


def _store_url(value: str) -> str:
    if not re.match(r"(sqlite:///|postgresql://).+", value):
        raise ValueError('"sqlite:///FILE" or "postgresql://USER@HOST/DATABASE"')
    return value


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError('an address and a port, such as "127.0.0.1:8000"')
    return value


def _encoding(value: str) -> str:
    try:
        b"a".decode(value)
    except LookupError:
        raise ValueError('an encoding Python knows, such as "cp1252" or "latin-1"') from None
    return value


def _sender(value: str) -> str:
    if not re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", value):
        raise ValueError("a mail address such as newsroom@example.org")
    return value


def _name(value: str) -> str:
    # A comma in a From name is refolded wrongly by some mail libraries (cpython #121284).
    if re.search(r'[\r\n\x00-\x1f"<>,]', value):
        raise ValueError("a name without commas, quotes, angle brackets or line breaks")
    return value


class Section(BaseModel):
    """Unknown keys are faults, and settings never change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class SiteSection(Section):
    name: Annotated[str, AfterValidator(_name), Field(min_length=1, max_length=80)] = "Newsroom"
    description: str = "News by country and topic"
    publisher: Annotated[str, AfterValidator(_name)] = ""
    contact: str = ""
    base_url: Annotated[str, AfterValidator(_base_url)] = "http://127.0.0.1:8000"
    languages: Annotated[list[Language], Field(min_length=1)] = ["en", "es"]
    tag_domain: Annotated[str, AfterValidator(_domain)] = "localhost"
    tag_date: Annotated[str, AfterValidator(_day)] = "2026-01-01"


class InboxSection(Section):
    path: Annotated[str, Field(min_length=1)] = "inbox"
    patterns: Annotated[list[str], Field(min_length=1)] = ["*.txt"]
    language: Language = "en"
    fallback_encoding: Annotated[str, AfterValidator(_encoding)] = "cp1252"
    date_order: Literal["dmy", "mdy"] = "dmy"
    max_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 1048576
    settle: Annotated[float, Field(ge=0, le=3600)] = 2.0
    rescan: Annotated[float, Field(ge=0.1, le=3600)] = 5.0
    polling: bool = False


class StoreSection(Section):
    url: Annotated[str, AfterValidator(_store_url)] = "sqlite:///state/feeds.db"


class LabelsSection(Section):
    topics: Annotated[str, Field(min_length=1)] = "topics.toml"
    places: Annotated[str, Field(min_length=1)] = "places.toml"


class PublishSection(Section):
    path: Annotated[str, Field(min_length=1)] = "public"
    length: Annotated[int, Field(ge=1, le=1000)] = 50
    formats: list[Literal["atom", "rss", "json"]] = ["atom", "rss", "json"]


class MailSection(Section):
    transport: Literal["outbox", "smtp"] = "outbox"
    outbox: Annotated[str, Field(min_length=1)] = "outbox"
    sender: Annotated[str, AfterValidator(_sender), Field(alias="from")] = "newsroom@localhost"
    from_name: Annotated[str, AfterValidator(_name)] = ""
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    username: str = ""
    password_file: str = ""
    local_hostname: str = ""
    timeout: Annotated[float, Field(gt=0, le=3600)] = 300.0
    data_timeout: Annotated[float, Field(gt=0, le=3600)] = 600.0
    connections: Annotated[int, Field(ge=1, le=50)] = 2
    per_connection: Annotated[int, Field(ge=1, le=10000)] = 100


class DigestSection(Section):
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    hour: Annotated[int, Field(ge=0, le=23)] = 7
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    max_age: Annotated[int, Field(ge=0, le=36500)] = 30
    max_late: Annotated[int, Field(ge=1, le=8760)] = 24


class WebSection(Section):
    listen: Annotated[str, AfterValidator(_listen)] = "127.0.0.1:8000"
    secret_file: Annotated[str, Field(min_length=1)] = "state/secret.key"  # noqa: S105  (a path)
    show_outbox: bool = False


class LogSection(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["plain", "json"] = "plain"


class Sections(Section):
    """The whole of feeds.toml."""

    site: SiteSection = SiteSection()
    inbox: InboxSection = InboxSection()
    store: StoreSection = StoreSection()
    labels: LabelsSection = LabelsSection()
    publish: PublishSection = PublishSection()
    mail: MailSection = MailSection()
    digest: DigestSection = DigestSection()
    web: WebSection = WebSection()
    log: LogSection = LogSection()


class Settings(Sections):
    """A site's settings with its folder and its parsed tables.

    `root` is the site's folder; `topics` and `places` are parsed TOML, judged
    by `labels.build`.
    """

    root: Path
    file: Path
    topics: dict[str, Any]
    places: dict[str, Any]

    def path(self, value: str) -> Path:
        """`value` as a path inside the site's folder, unless it is absolute."""
        return self.root / value

    def weekday(self) -> int:
        """1 = Monday … 7 = Sunday."""
        return WEEKDAYS.index(self.digest.weekday) + 1

    def store_url(self) -> str:
        """The database, with SQLite's file made absolute; $FEEDS_STORE_URL wins."""
        url = os.environ.get("FEEDS_STORE_URL") or self.store.url
        prefix = "sqlite:///"
        return prefix + str(self.path(url.removeprefix(prefix))) if url.startswith(prefix) else url


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


Judge = Callable[[dict[str, Any], dict[str, Any]], object]


def load(file: Path, judge: Judge | None = None) -> Settings:
    """Read feeds.toml and its two tables. Raises ConfigError with every fault of every file.

    `judge` knows what the tables may hold and raises ConfigError itself; it is
    asked only when something else is wrong, so that all faults come at once.
    """
    problems: list[Problem] = []
    data = _toml(file, problems)
    sections = _sections(file.name, data, problems)
    labels = sections.labels if sections else LabelsSection()
    topics = _toml(file.parent / labels.topics, problems)
    places = _toml(file.parent / labels.places, problems)
    if problems or sections is None:
        raise ConfigError(problems + _judged(judge, topics, places))
    root = file.parent.parent if file.parent.name == "config" else file.parent
    return Settings(**dict(sections), root=root, file=file, topics=topics, places=places)


def _judged(judge: Judge | None, topics: dict[str, Any], places: dict[str, Any]) -> list[Problem]:
    if judge is None or not topics or not places:
        return []
    try:
        judge(topics, places)
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


def _private_file(path: Path, key: str) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        data = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError([Problem(key, f"{path} cannot be read: {error.strerror}")]) from None
    if mode & 0o077:
        raise ConfigError([Problem(key, f"{path} can be read by others: run `chmod 600 {path}`")])
    return data


def _toml(path: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_bytes().decode())
    except OSError as error:
        problems.append(Problem(path.name, f"cannot be read: {error.strerror} ({path})"))
    except UnicodeDecodeError as error:
        problems.append(Problem(path.name, f"byte {error.start} is not UTF-8: save the file as UTF-8"))
    except tomli.TOMLDecodeError as error:
        problems.append(Problem(path.name, f"not valid TOML: {error}"))
    return {}


def _sections(file_name: str, data: Mapping[str, Any], problems: list[Problem]) -> Sections | None:
    try:
        sections = Sections.model_validate(dict(data))
    except ValidationError as error:
        problems.extend(_problem(file_name, dict(fault)) for fault in error.errors())
        return None
    problems.extend(_contradictions(file_name, sections))
    return sections


def _contradictions(file_name: str, sections: Sections) -> list[Problem]:
    mail = sections.mail
    found = []
    loopback = mail.host in ("127.0.0.1", "::1", "localhost")
    if mail.transport == "smtp" and mail.tls == "none" and not loopback:
        found.append(Problem(f"{file_name}: mail.tls", '"none" is allowed only with a host on this machine'))
    if mail.username and mail.tls == "none" and not loopback:
        found.append(Problem(f"{file_name}: mail.username", "a login needs tls, or it could be overheard"))
    if "atom" not in sections.publish.formats:
        found.append(
            Problem(f"{file_name}: publish.formats", 'must hold "atom"; "rss" and "json" may follow')
        )
    return found


WORDS = {
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list such as [\"a\", \"b\"]",
    "model_type": "must be a section such as [mail]",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
}  # fmt: skip


def _problem(file_name: str, fault: Mapping[str, Any]) -> Problem:
    """One pydantic fault in plain words: file, key, what is allowed, what is there."""
    key = ".".join(str(part) for part in fault["loc"])
    where = f"{file_name}: {key}"
    if fault["type"] == "extra_forbidden":
        return Problem(where, f"there is no such key{_nearest(fault['loc'])}")
    context = fault.get("ctx") or {}
    if fault["type"] == "literal_error":
        allowed = f"must be {context['expected'].replace(chr(39), chr(34))}"
    elif fault["type"] == "value_error":
        allowed = f"must be {context['error']}"
    elif bounds := _bounds(context):
        allowed = f"must be {bounds}"
    else:
        allowed = WORDS.get(fault["type"], fault["msg"])
    return Problem(where, f"{allowed}, not {_shown(fault['input'])}")


def _bounds(context: Mapping[str, Any]) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    words["max_length"] = "no longer than"
    return " and ".join(f"{word} {context[key]}" for key, word in words.items() if key in context)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _nearest(loc: tuple[str | int, ...]) -> str:
    known = list(Sections.model_fields)
    if len(loc) > 1:
        section = Sections.model_fields[str(loc[0])].default
        known = [field.alias or name for name, field in type(section).model_fields.items()]
    near = difflib.get_close_matches(str(loc[-1]), known, 1)
    return f' (did you mean "{near[0]}"?)' if near else f"; known are {', '.join(known)}"
