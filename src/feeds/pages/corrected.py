"""What a correction changed, for pages and feeds: the words as they were and as they are, marked (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from feeds.changes import marking
from feeds.i18n import Translator
from feeds.model import ChangeKind, Correction


def passages_of(last: Correction | None, t: Translator) -> list[marking.Passage]:
    """The passages that the last correction changed; none where it changed no words that are known."""
    if last is None or last.kind is not ChangeKind.CORRECTED or last.was is None:
        return []
    return list(marking.reworded(last.was, last.item, t.date))


def as_html(last: Correction | None, said: str, t: Translator) -> str:
    """The same as HTML that stands under an item in a feed, after `said`; empty without such passages."""
    changed = passages_of(last, t)
    if not changed:
        return ""
    lines = [Markup("<p><em>{}</em></p>").format(said)]
    for one in changed:
        if one.was:
            lines.append(_line(t.gettext("Was:"), one.was, "del"))
        if one.now:
            lines.append(_line(t.gettext("Now:"), one.now, "ins"))
    return str(Markup("").join(lines))


def _line(name: str, spans: Sequence[marking.Span], tag: str) -> Markup:
    return Markup("<p>{} {}</p>").format(name, marked(spans, tag))


def marked(spans: Sequence[marking.Span], tag: str) -> Markup:
    """A passage with its changed words in `del` or `ins`."""
    shape = Markup(f"<{tag}>{{}}</{tag}>")  # noqa: S704 (one of our two tags)
    return Markup(" ").join(
        shape.format(one.text) if one.changed else Markup("{}").format(one.text) for one in spans
    )
