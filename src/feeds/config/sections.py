"""The keys of feeds.toml with their types, defaults and limits (config)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from feeds.config import colours, values

Language = Annotated[str, AfterValidator(values.language)]


class Section(BaseModel):
    """Unknown keys are faults, and settings never change after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class SiteSection(Section):
    name: Annotated[str, AfterValidator(values.mail_name), Field(min_length=1, max_length=80)] = "Newsroom"
    description: Annotated[str, AfterValidator(values.one_line)] = "News by country and topic"
    descriptions: dict[Language, Annotated[str, AfterValidator(values.one_line)]] = {}
    names: dict[
        Language, Annotated[str, AfterValidator(values.mail_name), Field(min_length=1, max_length=80)]
    ] = {}
    publisher: Annotated[str, AfterValidator(values.mail_name)] = ""
    contact: Annotated[str, AfterValidator(values.one_line)] = ""
    address: Annotated[str, AfterValidator(values.one_line), Field(max_length=200)] = ""
    logo: Annotated[str, AfterValidator(values.one_line)] = ""
    favicon: Annotated[str, AfterValidator(values.one_line)] = ""
    accent: Annotated[str, AfterValidator(colours.accent_by_day)] = ""
    accent_night: Annotated[str, AfterValidator(colours.accent_by_night)] = ""
    base_url: Annotated[str, AfterValidator(values.base_url)] = "http://127.0.0.1:8000"
    languages: Annotated[list[Language], Field(min_length=1)] = ["en", "es"]
    tag_domain: Annotated[str, AfterValidator(values.domain)] = "localhost"
    tag_date: Annotated[str, AfterValidator(values.day)] = "2026-01-01"


class OfficeSection(Section):
    """How one office writes and is told. In a sub-folder, what is not set is as for the inbox."""

    language: Language = "en"
    zone: Annotated[str, AfterValidator(values.zone_or_none)] = ""
    fallback_encoding: Annotated[str, AfterValidator(values.encoding)] = "cp1252"
    date_order: Literal["dmy", "mdy"] = "dmy"
    receipts_to: Annotated[str, AfterValidator(values.recipient)] = ""
    receipts_when: Literal["always", "faults"] = "always"
    hold: Annotated[float, Field(ge=0, le=10080)] = 0.0
    doubtful: Literal["wait", "go"] = "go"


class InboxSection(OfficeSection):
    path: Annotated[str, AfterValidator(values.path_text)] = "inbox"
    patterns: Annotated[list[str], Field(min_length=1)] = [
        "*.txt", "*.md", "*.markdown", "*.html", "*.htm", "*.eml", "*.docx", "*.pdf",
    ]  # fmt: skip
    folders: Annotated[dict[str, OfficeSection], AfterValidator(values.folder_names)] = {}
    max_bytes: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 1048576
    settle: Annotated[float, Field(ge=0, le=3600)] = 2.0
    rescan: Annotated[float, Field(ge=0.1, le=3600)] = 5.0
    polling: bool = False


class StoreSection(Section):
    url: Annotated[str, AfterValidator(values.store_url)] = "sqlite:///state/feeds.db"
    journal: Annotated[str, AfterValidator(values.path_text)] = "state/departures.log"


class LabelsSection(Section):
    topics: Annotated[str, Field(min_length=1)] = "topics.toml"
    places: Annotated[str, Field(min_length=1)] = "places.toml"
    overrides: Annotated[str, Field(min_length=1)] = "overrides.toml"


class PublishSection(Section):
    path: Annotated[str, AfterValidator(values.path_text)] = "public"
    length: Annotated[int, Field(ge=1, le=1000)] = 50
    formats: list[Literal["atom", "rss", "json"]] = ["atom", "rss", "json"]
    hub: Annotated[str, AfterValidator(values.hub)] = ""


class MailSection(Section):
    transport: Literal["outbox", "smtp"] = "outbox"
    outbox: Annotated[str, AfterValidator(values.path_text)] = "outbox"
    sender: Annotated[str, AfterValidator(values.sender), Field(alias="from")] = "newsroom@localhost"
    from_name: Annotated[str, AfterValidator(values.mail_name)] = ""
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
    per_connection: Annotated[int, Field(ge=1, le=10000)] = 500
    rate: Annotated[float, Field(ge=0, le=100000)] = 0.0
    doubtful: Literal["resend", "hold"] = "resend"


class BouncesSection(Section):
    address: Annotated[str, AfterValidator(values.bounces)] = ""
    maildir: Annotated[str, AfterValidator(values.one_line)] = ""
    imap_host: Annotated[str, AfterValidator(values.one_line)] = ""
    imap_port: Annotated[int, Field(ge=1, le=65535)] = 993
    imap_tls: Literal["starttls", "tls", "none"] = "tls"
    imap_user: Annotated[str, AfterValidator(values.one_line)] = ""
    imap_folder: Annotated[str, AfterValidator(values.one_line), Field(min_length=1)] = "INBOX"
    ca_file: str = ""
    password_file: str = ""
    every: Annotated[float, Field(ge=1, le=86400)] = 300.0


class DkimSection(Section):
    domain: Annotated[str, AfterValidator(values.domain_or_none)] = ""
    selector: Annotated[str, AfterValidator(values.domain)] = "feeds"
    key_file: str = ""
    second_selector: Annotated[str, AfterValidator(values.domain)] = "feeds-ed25519"
    second_key_file: str = ""


class DigestSection(Section):
    zone: Annotated[str, AfterValidator(values.zone)] = "UTC"
    hour: Annotated[int, Field(ge=0, le=23)] = 7
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    max_age: Annotated[int, Field(ge=0, le=36500)] = 30
    max_late: Annotated[int, Field(ge=1, le=8760)] = 24
    page_days: Annotated[int, Field(ge=1, le=36500)] = 60
    gap: Annotated[float, Field(ge=0, le=1440)] = 0.0


class WebSection(Section):
    listen: Annotated[str, AfterValidator(values.listen)] = "127.0.0.1:8000"
    secret_file: Annotated[str, AfterValidator(values.path_text)] = "state/secret.key"  # noqa: S105  (a path)
    show_outbox: bool = False
    hosts: Annotated[list[str], AfterValidator(values.host_names)] = []
    proxies: Annotated[list[str], AfterValidator(values.networks)] = ["127.0.0.1", "::1"]


class AlarmsSection(Section):
    to: Annotated[str, AfterValidator(values.recipient)] = ""
    language: Language = "en"
    silent: Annotated[int, Field(ge=0, le=3650)] = 0
    behind: Annotated[int, Field(ge=1, le=10080)] = 30
    disk_free: Annotated[float, Field(ge=0, le=100)] = 5.0
    bounces: Annotated[float, Field(ge=0, le=100)] = 5.0
    complaints: Annotated[float, Field(ge=0, le=100)] = 0.3
    canary: Annotated[str, AfterValidator(values.recipient)] = ""
    outside: bool = True
    host: Annotated[str, AfterValidator(values.one_line)] = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    username: str = ""
    password_file: str = ""
    sender: Annotated[str, AfterValidator(values.recipient), Field(alias="from")] = ""


class MetricsSection(Section):
    loopback: bool = False
    token_file: str = ""


class StaffSection(Section):
    """Somebody who may sign in, by a link mailed to `address`; `zone` empty for that of `[digest]`."""

    address: Annotated[str, AfterValidator(values.sender)]
    language: Language = "en"
    zone: Annotated[str, AfterValidator(values.zone_or_none)] = ""


class DeskPersonSection(StaffSection):
    office: str = ""


class DeskSection(Section):
    people: list[DeskPersonSection] = []


class OperatorSection(Section):
    people: list[StaffSection] = []


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
    bounces: BouncesSection = BouncesSection()
    dkim: DkimSection = DkimSection()
    digest: DigestSection = DigestSection()
    web: WebSection = WebSection()
    metrics: MetricsSection = MetricsSection()
    alarms: AlarmsSection = AlarmsSection()
    desk: DeskSection = DeskSection()
    operator: OperatorSection = OperatorSection()
    log: LogSection = LogSection()
