"""The command line (floor 6): arguments -> one function each.

Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 not ready
(database, migration). A person's mistake never shows a traceback. Imports of
heavy rooms stand inside the commands: `feeds --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from feeds import __version__
from feeds.errors import FeedsError

if TYPE_CHECKING:
    from feeds.app.parts import Parts


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


def parts_of(context: click.Context, *, ready: bool = True) -> Parts:
    """The site's parts; with `ready` also checks that the database can be used (exit 3)."""
    from feeds import log
    from feeds.app.parts import open_parts, umask

    umask()
    parts = open_parts(context.find_root().obj)
    log.configure(parts.settings.log.level, parts.settings.log.format)
    if ready:
        parts.store.require_current()
    return parts


def main() -> None:
    """The `feeds` command."""
    from feeds.cli import reading, running, site, subscribing, working  # noqa: F401  (they register their commands)

    try:
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
    sys.exit(code if isinstance(code, int) else 0)
