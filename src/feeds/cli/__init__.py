"""The command line: arguments -> one function each.

Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 not ready
(database, migration). A person's mistake never shows a traceback. Imports of
heavy rooms stand inside the commands: `feeds --help` answers at once.
"""

from __future__ import annotations

import getpass
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from feeds import __version__
from feeds.errors import FeedsError, InputError, Problem

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.model import By

MODULES = (
    "reading", "items", "relabelling", "bulletins", "working", "running", "site", "subscribing", "importing",
    "caring", "queueing", "answering", "accounting", "auditing", "returning", "restoring",
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    metavar="FILE",
    help="The site's feeds.toml. Default: $FEEDS_CONFIG, else ./config/feeds.toml.",
)
@click.version_option(__version__, prog_name="feeds")
@click.pass_context
def cli(context: click.Context, config: str | None) -> None:
    """Bulletins dropped in a folder become feeds, pages and e-mail digests.

    Start with `feeds demo`, or make a site of your own with `feeds init DIR`.
    """
    context.obj = config


def parts_of(context: click.Context, *, ready: bool = True, service: bool = False) -> Parts:
    """The site's parts; with `ready` also checks that the database can be used (exit 3).

    What a command did it prints itself: only a `service` logs what went well.
    """
    from feeds import log
    from feeds.app.parts import open_parts, umask

    umask()
    parts = open_parts(context.find_root().obj)
    context.call_on_close(parts.close)
    section = parts.settings.log
    log.configure("warning" if section.level == "info" and not service else section.level, section.format)
    if ready:
        parts.store.require_current()
    return parts


def me() -> By:
    """Who types a command, for the audit trail."""
    from feeds.model import COMMAND_LINE, By

    try:
        return By(COMMAND_LINE.way, getpass.getuser())
    except (KeyError, OSError):  # a user without a name
        return COMMAND_LINE


def main() -> None:
    """The `feeds` command."""
    for module in MODULES:  # importing them registers their commands
        import_module(f"feeds.cli.{module}")
    from feeds.cli.examples import add_examples

    add_examples(cli)
    try:
        _require_text(sys.argv[1:])
        code = cli.main(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except FeedsError as error:
        click.echo(f"feeds: {error}", err=True)
        code = error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        code = 130
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not a fault, and nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"feeds: {where}{error.strerror or error}", err=True)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


def _require_text(words: list[str]) -> None:
    """Raises InputError for words that are no text, such as a name typed in another encoding."""
    odd = [word for word in words if any("\ud800" <= char <= "\udfff" for char in word)]
    if odd:
        what = "is not UTF-8; for a file of such a name use a pattern such as *.txt"
        raise InputError([Problem(word.encode("utf-8", "backslashreplace").decode(), what) for word in odd])
