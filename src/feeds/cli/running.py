"""The long-running commands: demo and run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from feeds import log
from feeds.app import ROLES
from feeds.cli import cli, parts_of
from feeds.errors import InputError, Problem

logger = log.get("running")


@cli.command()
@click.option("--roles", default=",".join(ROLES), show_default=True, help="Which parts this process runs.")
@click.pass_context
def run(context: click.Context, roles: str) -> None:
    """Watch the inbox, publish, compose, deliver and serve the site, in one process."""
    from feeds.app.running import run as serve

    chosen = tuple(role.strip() for role in roles.split(",") if role.strip())
    unknown = [role for role in chosen if role not in ROLES]
    if unknown or not chosen:
        raise InputError([Problem("--roles", f"must be some of {', '.join(ROLES)}, not “{roles}”")])
    parts = parts_of(context, service=True)
    settings = parts.settings
    _ = parts.tokens  # a missing key is said now, not by the first letter

    form = settings.log.format
    if "web" not in chosen:
        say_running(form, chosen, settings.site.name)
    serve(parts, chosen, lambda listen: say_serving(form, listen, parts.inbox.root))


def say_serving(form: str, listen: str, inbox: Path) -> None:
    """Where the site is: a sentence for people, or a line of the log where machines read it (`form`)."""
    if form == "json":
        logger.info("serving", listen=listen)
    else:
        click.echo(f"The site is on http://{listen}/ — drop bulletins into {inbox}", err=True)


def say_running(form: str, roles: Sequence[str], name: str) -> None:
    """What a process without the web does."""
    if form == "json":
        logger.info("running", roles=list(roles))
    else:
        click.echo(f"Running {', '.join(roles)} for {name}", err=True)


@cli.command()
@click.option("--once", is_flag=True, help="One round of everything, a table of what was made, then end.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port on this machine; the next free one is taken.",
)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Make the site here instead of in a temporary folder."
)
def demo(once: bool, port: int, folder: Path | None) -> None:
    """Try everything: a temporary site with sample bulletins, subscribers and a mail catcher."""
    from feeds.demo import run_demo, run_once

    if once:
        run_once(folder)
    else:
        run_demo(folder, port)
