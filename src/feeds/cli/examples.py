"""An example for the help of each command: one line that can be typed as it stands, but for its names."""

from __future__ import annotations

import click

EXAMPLES = {
    "explain": "feeds explain draft.txt",
    "items list": "feeds items list --limit 100",
    "items show": "feeds items show 5n6ijentqvv5u7i4",
    "items correct": "feeds items correct 5n6ijentqvv5u7i4 --title 'Panama opens a second centre'",
    "items relabel": "feeds items relabel 5n6ijentqvv5u7i4 +country:pa --reason 'it names Darién'",
    "items withdraw": "feeds items withdraw 5n6ijentqvv5u7i4 --reason 'it was not so'",
    "items restore": "feeds items restore 5n6ijentqvv5u7i4",
    "relabel": "feeds relabel --all",
    "bulletins list": "feeds bulletins list --limit 20",
    "bulletins show": "feeds bulletins show 2026-11-20-newsroom.txt",
    "bulletins withdraw": "feeds bulletins withdraw 2026-11-20-newsroom.txt --reason 'sent too early'",
    "bulletins restore": "feeds bulletins restore 2026-11-20-newsroom.txt",
    "bulletins retry": "feeds bulletins retry 2026-11-20-newsroom.txt",
    "bulletins embargo": "feeds bulletins embargo 2026-11-20-newsroom.txt '2026-12-01 06:00 America/Panama'",
    "bulletins release": "feeds bulletins release 2026-11-20-newsroom.txt",
    "bulletins undo": "feeds bulletins undo 2026-11-20-newsroom.txt",
    "ingest": "feeds ingest --dry-run bulletin.txt",
    "publish": "feeds publish --all",
    "compose": "feeds compose --dry-run",
    "deliver": "feeds deliver",
    "run": "feeds run --roles watch,schedule,deliver",
    "demo": "feeds demo --port 8080",
    "init": "feeds init newsroom --name 'My newsroom' --base-url https://news.example.org",
    "check": "feeds check --smtp --dns",
    "status": "feeds status",
    "subscribers add": (
        "feeds subscribers add you@example.org --filter 'country:pa' --consent 'asked by phone, 3 May 2026'"
    ),
    "subscribers list": "feeds subscribers list",
    "subscribers show": "feeds subscribers show you@example.org",
    "subscribers import": "feeds subscribers import people.csv --dry-run",
    "subscribers change": "feeds subscribers change you@example.org --lang es",
    "subscribers pause": "feeds subscribers pause you@example.org --until 2026-12-31",
    "subscribers resume": "feeds subscribers resume you@example.org",
    "subscribers move": "feeds subscribers move old@example.org new@example.org --consent 'by letter'",
    "subscribers remove": "feeds subscribers remove you@example.org",
    "subscribers erase": "feeds subscribers erase you@example.org",
    "subscribers export": "feeds subscribers export you@example.org",
    "queue list": "feeds queue list --state refused",
    "queue retry": "feeds queue retry 17 18",
    "queue hold": "feeds queue hold --host example.org",
    "queue cancel": "feeds queue cancel --digest 12",
    "why": "feeds why you@example.org 5n6ijentqvv5u7i4",
    "digests": "feeds digests",
    "audit": "feeds audit --limit 50",
    "bounces": "feeds bounces - < returned.eml",
    "migrate": "feeds migrate --plan",
    "backup": "feeds backup /backups/newsroom-monday",
    "restore": "feeds restore --replace /backups/newsroom-monday",
}


def add_examples(group: click.Group, prefix: str = "") -> None:
    """Put its example at the foot of the help of each command."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            add_examples(command, f"{prefix}{name} ")
        elif example := EXAMPLES.get(prefix + name):
            command.epilog = f"Example: {example}"
