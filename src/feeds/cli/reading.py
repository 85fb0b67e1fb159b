"""`feeds explain`: what would be read from a file, and why."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feeds.cli import cli, show
from feeds.cli.highlight import COLOURS, highlighted, marks, wrapped
from feeds.errors import BulletinError, ConfigError, InputError, Problem
from feeds.model import Evidence, Fault, Kind, Label, Strength, Vocabulary

if TYPE_CHECKING:
    from feeds.labels import Labeller
    from feeds.model import Draft
    from feeds.reading import ReadingOptions

MOST_COLUMNS = 100  # longer lines are hard to read
GIVEN = {
    "person": "named in the head of the file",
    "override": "by the overrides file",
    "tag": "by a tag in the head of the file",
}


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@show.json_option
@click.pass_context
def explain(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Show what would be read from FILES, with which labels, and why. Needs no site."""
    from feeds import changes, config, shipped
    from feeds.labels import build
    from feeds.reading import ReadingOptions

    option = context.find_root().obj
    try:
        settings = config.load(config.find(option), judge=build)
    except ConfigError:
        if option or config.chosen():
            raise
        settings = config.load(shipped.folder("config") / "feeds.toml")
    labeller, vocabulary = build(
        settings.topics, settings.places, settings.site.languages,
        sources=settings.sources, overrides=settings.overrides, identity=changes.identity,
    )  # fmt: skip
    section = settings.inbox
    options = ReadingOptions(
        max_bytes=section.max_bytes,
        fallback_encoding=section.fallback_encoding,
        date_order=section.date_order,
        zone=settings.digest.zone,
    )
    if explain_files(options, labeller, vocabulary, files, section.language, as_json=as_json):
        context.exit(1)


def explain_files(
    options: ReadingOptions,
    labeller: Labeller,
    vocabulary: Vocabulary,
    files: Iterable[Path],
    lang: str,
    *,
    as_json: bool = False,
) -> int:
    """Print every file's items and faults, read within the limits that hold for the inbox.

    Returns how many files could not be read at all.
    """
    from feeds.app.parts import now
    from feeds.cli.working import read_file
    from feeds.intake.limited_reading import LimitedReader, ReadingDiedError
    from feeds.reading import dates_ahead, timely

    rejected, read = 0, LimitedReader()
    for path in files:
        if not path.is_file():
            raise InputError([Problem(show.printable(str(path)), "there is no such file")])
        try:
            bulletin = timely(read(path.name, read_file(path, options.max_bytes), options), now())
        except BulletinError as error:
            rejected += 1
            _print_faults(path, [error.fault], as_json)
            continue
        except ReadingDiedError as error:
            rejected += 1
            _print_faults(path, [Fault(code="bulletin-failed", detail=str(error))], as_json)
            continue
        faults = [*bulletin.faults, *dates_ahead(bulletin.drafts, now(), options.zone)]
        _print_bulletin(path, bulletin.drafts, faults, labeller, vocabulary, lang, as_json)
    return rejected


def _print_bulletin(
    path: Path,
    drafts: Sequence[Draft],
    faults: Sequence[Fault],
    labeller: Labeller,
    vocabulary: Vocabulary,
    lang: str,
    as_json: bool,
) -> None:
    from feeds import changes
    from feeds.labels import label_draft

    left = list(faults)
    for draft in drafts:
        own = [fault for fault in left if fault.line and draft.line <= fault.line <= draft.end_line]
        left = [fault for fault in left if fault not in own]
        item_id = changes.item_id(changes.identity(draft.date_on, draft.title))  # unless it is known already
        found, labels, warnings = label_draft(labeller, vocabulary, draft, lang, item_id)
        own += warnings
        if as_json:
            show.json_line(_explained(path, draft, found, labels, own))
        else:
            _print_item(draft, found, labels, vocabulary)
            _print_faults(path, own, as_json=False)
    _print_faults(path, left, as_json)


def _explained(
    path: Path, draft: Draft, lang: str, labels: Sequence[Label], faults: Sequence[Fault]
) -> dict[str, Any]:
    """One item as the JSON form of `feeds explain` has it; countries in upper case as in ISO 3166."""

    def codes(kind: Kind, strength: Strength | None = None) -> list[str]:
        chosen = [row.code for row in labels if row.kind is kind and strength in (None, row.strength)]
        return [code.upper() for code in chosen] if kind is Kind.COUNTRY else chosen

    return {
        "file": str(path),
        "line": draft.line,
        "date": draft.date_on,
        "title": draft.title,
        "summary": draft.summary,
        "lang": lang,
        "countries": codes(Kind.COUNTRY, Strength.ABOUT),
        "mentions": codes(Kind.COUNTRY, Strength.MENTIONS),
        "regions": codes(Kind.REGION),
        "topics": codes(Kind.TOPIC),
        "evidence": [
            {
                "kind": row.kind,
                "code": row.code.upper() if row.kind is Kind.COUNTRY else row.code,
                **show.plain(piece),
            }
            for row in labels
            for piece in row.evidence
        ],
        "faults": [_fault(fault) for fault in faults],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    from feeds.reading.faults import explain as words

    what, remedy = words(fault)
    return {"line": fault.line, "code": fault.code, "what": what, "remedy": remedy}


def _print_item(draft: Draft, lang: str, labels: Sequence[Label], vocabulary: Vocabulary) -> None:
    """Title and text with the words that gave the labels, then the labels, each with its words."""
    title = highlighted(draft.title, marks(labels, "title"), title=True)
    click.echo(click.style(f"{draft.line}: {draft.date_on} [{lang}] ", bold=True) + title)
    if draft.summary:
        width = min(shutil.get_terminal_size().columns, MOST_COLUMNS)
        click.echo(wrapped(draft.summary, marks(labels, "summary"), width, "    "))
    for label in labels:
        strength = "" if label.strength is Strength.ABOUT else " (only mentioned)"
        kind = click.style(label.kind, fg=show.colour(COLOURS[label.kind]))
        click.echo(f"    {kind}: {vocabulary.name(label.kind, label.code, 'en')}{strength}")
        for piece in label.evidence:
            click.echo(f"        {_why(piece, label.kind)}")


def _why(piece: Evidence, kind: Kind) -> str:
    if not piece.words:
        return GIVEN.get(piece.rule, "chosen by the office")
    words = click.style(piece.words, fg=show.colour(COLOURS[kind]))
    return f"“{words}” in the {piece.field} ({piece.rule}, {piece.role})"


def _print_faults(path: Path, faults: Sequence[Fault], as_json: bool) -> None:
    for fault in faults:
        words = _fault(fault)
        if as_json:
            show.json_line({"file": str(path), "line": fault.line, "faults": [words]})
        else:
            click.secho(
                f"{show.printable(path.name)}:{fault.line or 1}: {words['what']} {words['remedy']}",
                fg=show.colour("red"),
            )
