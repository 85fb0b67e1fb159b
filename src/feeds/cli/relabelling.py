"""`feeds relabel`: after a change of tables, what would change, and with consent the change itself."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import cli, parts_of, show
from feeds.errors import InputError, Problem
from feeds.model import Strength

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.model import Item, Vocabulary
    from feeds.office.relabel import Batches, Change, LabelKey, Watch

MOST_LABELS = 30
EXAMPLES = 2


@cli.command()
@click.option("--all", "everything", is_flag=True, help="All stored items; needed, there is nothing less.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@show.json_option
@click.pass_context
def relabel(context: click.Context, everything: bool, yes: bool, as_json: bool) -> None:
    """Label stored items anew after a change of tables, topics, places or overrides.

    First shows what would change, and changes nothing before somebody says yes. Labels
    that people gave stay, and nobody is mailed.
    """
    if not everything:
        what = "say --all; the labels of a single item are changed with `feeds items relabel ID`"
        raise InputError([Problem("relabel", what)])
    parts = parts_of(context)
    tally = _look(parts, as_json)
    if not as_json:
        tally.show(parts.vocabulary)
    for line in unmet_decisions(parts, progress("Decisions")):
        click.echo(line, err=True)
    if tally.items and (yes or _agreed(tally)):
        _apply(parts)


def _look(parts: Parts, as_json: bool) -> Tally:
    from feeds.office.relabel import Change, preview, refused_before

    tally = Tally(refused_before(parts.store))
    for outcome in preview(parts.store, parts.labeller, parts.vocabulary, progress("Labelling")):
        tally.items += 1
        if not isinstance(outcome, Change):
            tally.evidence_only += 1
            continue
        tally.count(outcome)
        if as_json:
            show.json_line(_row(outcome))
    return tally


def unmet_decisions(parts: Parts, watch: Watch) -> Iterator[str]:
    """A sentence for each decision of the overrides file that speaks of no stored item."""
    from feeds.labels.lines import line_of
    from feeds.office.relabel import unmet

    source = parts.settings.sources["overrides.toml"]
    for each in unmet(parts.store, parts.labeller.overrides, watch):
        key = f"overrides.{each.name}"
        remedy = "see `feeds items list`, or take it out"
        where = f"overrides.toml line {line_of(source, key)}: {key}"
        yield f"{where}: no stored item has its {each.named_by}; {remedy}"


def _agreed(tally: Tally) -> bool:
    """Ask on a terminal; in a pipe only say that nothing was done."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        return click.confirm(f"Change the labels of {tally.items} items?")
    click.echo("Nothing was changed: add --yes to do it.", err=True)
    return False


def _apply(parts: Parts) -> None:
    from feeds.app.parts import now
    from feeds.office.relabel import apply
    from feeds.publishing.renaming import carry_over

    carry_over(parts.store, parts.vocabulary, now())
    changed = apply(parts.store, parts.labeller, parts.vocabulary, now(), progress("Relabelling"))
    told = f"{changed} items relabelled; `feeds publish`, or a running `feeds run`, rewrites feeds and pages"
    click.echo(told, err=True)


def progress(label: str) -> Watch:
    """A bar on a terminal for the batches of stored items."""

    def watch(batches: Batches) -> Iterable[Sequence[str]]:
        return show.progress(batches, len(batches), label)

    return watch


@dataclass(slots=True)
class Tally:
    """What would change: by label who gains and loses it, with the first few of them; `items` in all.

    Of items that came in up to `refused_before` it is not known whether a head refused them labels.
    """

    refused_before: datetime | None = None
    refused: int = 0
    items: int = 0
    evidence_only: int = 0
    gains: dict[LabelKey, int] = field(default_factory=lambda: defaultdict(int))
    losses: dict[LabelKey, int] = field(default_factory=lambda: defaultdict(int))
    examples: dict[tuple[str, LabelKey], list[Item]] = field(default_factory=lambda: defaultdict(list))

    def count(self, change: Change) -> None:
        """Add one item's change."""
        old = self.refused_before is not None and change.item.accepted_at <= self.refused_before
        self.refused += old and change.first_of_kind
        for sign, keys, counts in (("+", change.gained, self.gains), ("-", change.lost, self.losses)):
            for key in keys:
                counts[key] += 1
                if len(self.examples[sign, key]) < EXAMPLES:
                    self.examples[sign, key].append(change.item)

    def show(self, vocabulary: Vocabulary) -> None:
        """Print it: the labels that change most first, not more than fit on a few screens."""
        if not self.items:
            click.echo("Nothing would change: all items have the labels that they would get today.")
            return
        keys = sorted({*self.gains, *self.losses}, key=lambda key: (-self.gains[key] - self.losses[key], key))
        for key in keys[:MOST_LABELS]:
            click.secho(
                f"{_written(key)} ({vocabulary.name(key[0], key[1], 'en')}): "
                f"{self.gains[key]} gained, {self.losses[key]} lost",
                bold=True,
            )
            for line in self._lines(key):
                click.echo(line)
        if len(keys) > MOST_LABELS:
            click.echo(f"… and {len(keys) - MOST_LABELS} more labels; --json lists every item")
        if self.evidence_only:
            click.echo(f"{self.evidence_only} items keep their labels and get other evidence for them")

        if self.refused:
            click.echo(
                f"items from before the upgrade without a country, or topic, that get one: {self.refused}; "
                "where the head of a bulletin had said “none”, take it again in overrides.toml "
                "(docs/operating.md, Upgrading)"
            )

    def _lines(self, key: LabelKey) -> Iterator[str]:
        for sign, counts in (("+", self.gains), ("-", self.losses)):
            shown = self.examples.get((sign, key), [])
            for item in shown:
                yield f"    {sign} {item.id}  {item.date_on}  {item.title}"
            if counts[key] > len(shown):
                yield f"    {sign} and {counts[key] - len(shown)} more"


def _row(change: Change) -> Mapping[str, Any]:
    return {
        "id": change.item.id,
        "date": change.item.date_on,
        "title": change.item.title,
        "gained": [_written(key) for key in change.gained],
        "lost": [_written(key) for key in change.lost],
    }


def _written(key: LabelKey) -> str:
    """``country:pa``; ``country:pa (mentioned)`` for one that is only mentioned."""
    kind, code, strength = key
    return f"{kind}:{code}" + ("" if strength is Strength.ABOUT else " (mentioned)")
