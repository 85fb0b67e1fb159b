"""`feeds demo`: a whole site in a temporary folder, with nothing to set up.

Sample bulletins are moved to recent days, so that they count as news. Mail is
caught in a folder that the site shows at /outbox/.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click

from feeds import log, shipped
from feeds.app.founding import found
from feeds.app.parts import Parts, now, umask
from feeds.app.running import run
from feeds.app.samples import moved_to, put, texts_of
from feeds.app.serving import free_port
from feeds.composing.compose import ComposeReport, compose
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.intake.folders import IngestReport
from feeds.intake.ingest import ingest_ready
from feeds.model import Cadence, DeliveryState, Outcome
from feeds.people import signup
from feeds.publishing.publish import PublishReport, publish
from feeds.store import deliveries, items

PEOPLE = (
    ("journalist@demo.example", "country:pa,hn", Cadence.IMMEDIATE, "en", "America/Panama"),
    (
        "analyst@demo.example",
        "region:central-america topic:labour-migration",
        Cadence.WEEKLY,
        "es",
        "America/Costa_Rica",
    ),
    ("editor@demo.example", "all", Cadence.DAILY, "en", "America/Guyana"),
)

PRESS = "press@demo.example"


def make_site(folder: Path | None, port: int) -> Parts:
    """A demo site with three subscribers and the samples in its inbox."""
    umask()
    folder = folder or Path(tempfile.mkdtemp(prefix="feeds-demo-")) / "site"
    values = {
        "site.name": '"Regional Newsroom"',
        "site.names": '{ es = "Sala de Prensa Regional" }',
        "site.base_url": f'"http://127.0.0.1:{port}"',
        "site.tag_domain": '"demo.example"',
        "mail.from": '"newsroom@demo.example"',
        "inbox.settle": "1.0",
        "web.listen": f'"127.0.0.1:{port}"',
        "web.show_outbox": "true",
        "desk.people": f'[{{ address = "{PRESS}", zone = "America/Panama" }}]',
        "log.level": '"warning"',
    }
    parts = found(folder, values)
    log.configure(parts.settings.log.level, parts.settings.log.format)
    _add_people(parts)
    _drop_samples(parts.inbox.root)
    return parts


def _add_people(parts: Parts) -> None:
    for address, text, cadence, lang, zone in PEOPLE:
        joining = signup.Joining(
            address=address, filters=(parse(text, parts.vocabulary),), cadence=cadence, lang=lang, zone=zone,
            hour=parts.settings.digest.hour, weekday=parts.settings.weekday(), consent="sample of the demo",
        )  # fmt: skip
        signup.join(parts.store, joining, parts.joining_defaults, now())


def _drop_samples(inbox: Path) -> None:
    for name, text in moved_to(now().date(), texts_of(shipped.samples())).items():
        put(inbox, name, text)


def run_demo(folder: Path | None, port: int) -> None:
    """Run the demo site until Ctrl-C."""
    port = free_port("127.0.0.1", port)
    parts = make_site(folder, port)
    root = parts.settings.root
    # How this very program was called, so that the next commands can be copied as they stand.
    command = os.environ.get("FEEDS_COMMAND", "feeds")

    def ready(listen: str) -> None:
        click.echo(f"""
The demo is on http://{listen}/ (a temporary site in {root})

  http://{listen}/                       the newest items; a page and feeds for each country and topic
  http://{listen}/feeds/country/pa.atom  a feed for your reader
  http://{listen}/subscribe              news by email: the link to confirm comes to the outbox within seconds
  http://{listen}/desk/                  the press desk: sign in as {PRESS}, the link comes to the outbox
  http://{listen}/outbox/                the mails of three sample subscribers, and those you ask for

Try next:
  http://{listen}/demo/                  a sample bulletin, dropped by one press
  drop a file of your own into {parts.inbox.root}
      its receipt appears in done/ or rejected/, its items on the site and in the journalist's mail
  {command} --config {parts.settings.file} status

Ctrl-C ends it.""")

    click.echo("Making a site with sample bulletins ...")
    one_round(parts)
    run(parts, on_ready=ready)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round of everything did."""

    taken: IngestReport
    published: PublishReport
    composed: ComposeReport


def one_round(parts: Parts) -> Round:
    """Ingest, publish, compose and deliver once; daily and weekly digests do not wait for their hour."""
    taken = ingest_ready(parts.watched_folders[0], now)
    published = publish(parts.store, parts.press)
    composed = compose(parts.store, parts.compose_rules, now(), early=True)
    asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules))
    return Round(taken, published, composed)


def run_once(folder: Path | None) -> None:
    """One round of everything on a fresh site, then a table of what was made and where."""
    started = time.monotonic()
    parts = make_site(folder, 8000)
    did = one_round(parts)
    with parts.store.read() as conn:
        stored = items.count(conn)
        sent = deliveries.accounting(conn).get((DeliveryState.SENT, ""), 0)
    root = parts.settings.root
    feeds = [path for path in did.published.written if path.startswith("feeds/")]
    rows = [
        (len(did.taken.receipts), "bulletins", root / "inbox" / "done"),
        (stored, f"items ({did.taken.count(Outcome.SAME)} met again)", parts.settings.path("state/feeds.db")),
        (len(feeds), "feeds", root / "public" / "feeds"),
        (len(did.published.written) - len(feeds), "pages", root / "public"),
        (len(did.composed.composed), "digests", parts.settings.path("state/feeds.db")),
        (sent, "mails", parts.outbox),
    ]
    for count, what, where in rows:
        click.echo(f"{count:>6}  {what:<28}{where}")
    click.echo(f"done in {time.monotonic() - started:.1f} s")
