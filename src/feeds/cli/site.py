"""The operator's commands: init, check, status."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import ConfigError, Problem
from feeds.model import DeliveryState

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.publishing.renaming import MissingTopic
    from feeds.store.processes import ProcessRow


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", default="Newsroom", show_default=True, help="The site's name.")
@click.option(
    "--base-url", default="http://127.0.0.1:8000", show_default=True, help="Where the world will reach it."
)
def init(folder: Path, name: str, base_url: str) -> None:
    """Make a new site in DIR: configuration, inbox, database, signing key."""
    from feeds.app.founding import found
    from feeds.app.parts import umask
    from feeds.config import is_local

    umask()
    try:
        host = urlsplit(base_url).hostname or "localhost"
    except ValueError:
        host = "localhost"  # the configuration says what is wrong with the address
    named = host if not is_local(host) else "localhost"
    values = {
        "site.name": json.dumps(name, ensure_ascii=False),
        "site.base_url": json.dumps(base_url.rstrip("/")),
        "site.tag_domain": json.dumps(host if not host.replace(".", "").isdigit() else "localhost"),
        "mail.from": json.dumps(f"newsroom@{named.removeprefix('www.')}"),
        "inbox.hold": "10.0",
        "digest.gap": "10.0",
        "inbox.doubtful": '"wait"',
        "site.tag_date": json.dumps(date.today().isoformat()),  # noqa: DTZ011  (a day on the operator's calendar)
    }
    parts = found(folder, values)
    click.echo(f"""A new site stands in {folder}.

  {folder}/config/feeds.toml   what you may want to change, with comments
  {folder}/inbox/              drop bulletins here; each is announced ten minutes later (inbox.hold),
                               so that it can be taken back

Try next:
  cd {folder}
  feeds run                    everything in one process; the site is on {parts.settings.web.listen}
  feeds status                 what there is, what waits
  feeds subscribers add you@example.org --filter all --cadence immediate --consent 'my own address'""")


@cli.command()
@click.option("--smtp", is_flag=True, help="Also connect to the mail server: greet, encrypt, log in.")
@click.option("--dns", is_flag=True, help="Also ask DNS: SPF, DKIM, DMARC, reverse DNS, mail servers.")
@click.option("--resolver", default="", metavar="ADDRESS", help="Ask this name server, such as 9.9.9.9.")
@click.pass_context
def check(context: click.Context, smtp: bool, dns: bool, resolver: str) -> None:
    """Check configuration, tables, templates, folders, keys and database; change nothing."""
    from feeds import config
    from feeds.app import signing
    from feeds.cli import checking

    parts = parts_of(context, ready=False)
    _ = (parts.labeller, parts.tokens, signing.signer(parts.settings), config.metrics_token(parts.settings))
    parts.store.require_current()
    _ = (parts.letters, parts.press)
    problems = [*_unusable(parts)]
    if problems:
        raise ConfigError(problems)
    settings = parts.settings
    click.echo(f"configuration  {settings.file}")
    click.echo(f"site           {settings.site.name}, {settings.site.base_url}")
    for watched in parts.watched_folders:
        click.echo(f"inbox          {watched.inbox.root} ({watched.rules.lang})")
    for folder, office in {"": settings.inbox, **settings.offices()}.items():
        if office.receipts_to:
            click.echo(f"receipts       {office.receipts_to} ({office.receipts_when}), {folder or 'inbox'}")
    for folder in parts.unread_folders():
        click.echo(f"NOT READ       {parts.inbox.root / folder}: name it in inbox.folders, or move its files")
    click.echo(f"published      {parts.press.public.root}")
    click.echo(f"database       {parts.store.where}")
    mail = (
        f"files in {parts.outbox}"
        if settings.mail.transport == "outbox"
        else f"{settings.mail.host}:{settings.mail.port}, {settings.mail.tls}"
    )
    click.echo(f"mail           {mail}")
    if (alarms := settings.alarms).to:
        other = f", else by {alarms.host}:{alarms.port}, {alarms.tls}" if alarms.host else ""
        click.echo(f"alarms         to {alarms.to}{other}")
    if smtp:
        checking.ask_mail_server(parts)
        checking.ask_box(parts)
    faults = checking.ask_dns(parts, resolver) if dns else 0
    warnings = list(_warnings(parts))
    for warning in warnings:
        click.echo(f"warning        {warning}")
    if faults:
        click.echo(f"{_counted(faults, 'fault')} in DNS: mails will be lost")
        context.exit(1)
    click.echo(f"usable, with {_counted(len(warnings), 'warning')}" if warnings else "all good")


def _warnings(parts: Parts) -> Iterator[str]:
    """What works and is hardly meant so."""
    from feeds.app import around
    from feeds.app.parts import now
    from feeds.cli.relabelling import progress, unmet_decisions
    from feeds.config import out_of_reach
    from feeds.publishing.renaming import missing_topics

    yield from out_of_reach(parts.settings)
    yield from parts.store.open_to_others()
    yield from around.warnings(parts, now)
    yield from _doubts(parts)
    with parts.store.read() as conn:
        missing = missing_topics(conn, parts.vocabulary)
    yield from map(_missing, missing)
    yield from unmet_decisions(parts, progress("Decisions"))


def _doubts(parts: Parts) -> Iterator[str]:
    """What becomes of files in which a date may be missed, where nobody decided that or hears of it."""
    settings = parts.settings
    if "doubtful" not in settings.inbox.model_fields_set:
        yield (
            "inbox.doubtful is not set: a file in which a date may be missed is announced like others; "
            'with "wait" a person is asked first'
        )
    for folder, office in {"": settings.inbox, **settings.offices()}.items():
        told = office.receipts_to or settings.is_told_at_the_desk(folder)
        if office.doubtful == "wait" and not told:
            yield (
                f"{folder or 'inbox'}: receipts_to is empty and nobody is at the desk, so nobody would hear "
                "that a doubtful file waits: it is taken in without the items in doubt"
            )


def _missing(topic: MissingTopic) -> str:
    from feeds.publishing.renaming import REMEDY

    people = f"filters of {_counted(topic.subscribers, 'subscriber')}" if topic.subscribers else ""
    who = " and ".join(filter(None, (people, "a published feed" if topic.published else "")))
    verb = "name" if people else "names"
    return f"this site has no topic {topic.slug!r}, which {who} {verb}: {REMEDY}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _unusable(parts: Parts) -> Iterator[Problem]:
    """Folders that the site needs and cannot use, and a sender that no other server believes."""
    from feeds.config import sender_fault

    settings = parts.settings
    if fault := sender_fault(settings):
        yield fault
    folders = {"publish.path": settings.path(settings.publish.path)}
    if settings.mail.transport == "outbox":
        folders["mail.outbox"] = parts.outbox
    for key, folder in folders.items():
        there = next(path for path in (folder, *folder.parents) if path.exists())
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            yield Problem(key, f"{folder} cannot be written: {there} is no folder of ours")
    for watched in parts.watched_folders:
        if watched.inbox.trouble or not os.access(watched.inbox.root, os.W_OK | os.X_OK):
            yield Problem("inbox.path", watched.inbox.trouble or f"{watched.inbox.root} cannot be written")


@cli.command()
@show.json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """What there is, what was done last, what waits."""
    parts = parts_of(context)
    found = facts(parts)
    if as_json:
        show.json_line(found)
        return
    missing = found.pop("missing_topics")
    copy = found.pop("restored_copy")
    for each in found.pop("processes"):
        waits = f", restart needed for: {each['restart_for']}" if each["restart_for"] else ""
        click.echo(f"{'process':<22}{each['roles']} on {each['host']} since {each['started_at']}{waits}")
    for name, value in found.items():
        words = (
            ", ".join(f"{count} {word}" for word, count in value.items()) or "none"
            if isinstance(value, dict)
            else show.cell(value)
        )
        click.echo(f"{name.replace('_', ' '):<22}{words}")
    for topic in missing:
        click.echo(f"{'warning':<22}{_missing(topic)}")
    if copy:
        click.echo(f"{'warning':<22}a restored copy ({copy}): no mail leaves until `feeds restore --go`")


def _process(row: ProcessRow) -> dict[str, Any]:
    """A running process, as machines read it."""
    return {
        "host": row.host, "roles": row.roles, "version": row.version, "settings": row.settings,
        "restart_for": row.restart_for, "started_at": row.started_at, "seen_at": row.seen_at,
    }  # fmt: skip


def by_state(accounts: Mapping[tuple[DeliveryState, str], int]) -> dict[str, int]:
    """Letters by state, whatever their reasons."""
    counts: Counter[str] = Counter()
    for (state, _), count in accounts.items():
        counts[state.value] += count
    return dict(counts)


def facts(parts: Parts) -> dict[str, Any]:
    """Everything `feeds status` says, by query."""
    from feeds.app.moving_back import running
    from feeds.app.parts import now
    from feeds.model import Kind
    from feeds.publishing.renaming import missing_topics
    from feeds.publishing.standing import waiting
    from feeds.store import bulletins, copies, deliveries, items, notices, subscribers

    to_publish = waiting(parts.store, parts.public)
    with parts.store.read() as conn:
        listings = items.feed_listings(conn)
        newest = bulletins.listing(conn, 1)
        failed = notices.last_failed(conn)
        return {
            "items": items.count(conn),
            "countries": sum(kind == Kind.COUNTRY for kind, _ in listings),
            "topics": sum(kind == Kind.TOPIC for kind, _ in listings),
            "without_country": listings.get(("unlabelled", ""), (0, None))[0],
            "last_bulletin": newest[0].name if newest else None,
            "last_bulletin_at": newest[0].receipt.received_at if newest else None,
            "waiting_in_inbox": sum(len(folder.inbox.waiting()) for folder in parts.watched_folders),
            "held_bulletins": bulletins.count_held(conn),
            "folders_not_read": ", ".join(parts.unread_folders()) or None,
            "to_publish": to_publish,
            "subscribers": {state.value: count for state, count in subscribers.count(conn).items()},
            "deliveries": by_state(deliveries.accounting(conn)),
            "next_delivery_at": deliveries.next_due(conn),
            "notices": by_state(notices.accounting(conn)),
            "next_notice_at": notices.next_due(conn),
            "last_notice_failed": failed
            and f"{failed.number} {failed.about} {failed.state}: {failed.reason}",
            "missing_topics": missing_topics(conn, parts.vocabulary),
            "restored_copy": copies.standing(conn),
            "processes": [_process(row) for row in running(parts, now())],
        }
