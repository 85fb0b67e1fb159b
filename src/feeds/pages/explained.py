"""Why an item has a label, in words and in place (pure).

Owns: turning evidence (offsets, rule, role) into snippets a person can check.
Must not know how evidence is found.
"""

from __future__ import annotations

from dataclasses import dataclass

from feeds.i18n import N_, Translator
from feeds.model import Evidence, Item, Label, Strength, Vocabulary
from feeds.templating import one_line

MOST_SNIPPETS = 5
_AROUND = 60
_NEAR = 200  # more of a long text is looked at only where most of this is space

_FIELDS = {"title": N_("in the title"), "summary": N_("in the summary")}
# Labels that people gave, by the rule that says so; "person" also stands for what has no words.
_RULES = {
    "person": N_("chosen by the office"),
    "override": N_("by the office’s list of decisions"),
    "tag": N_("by a keyword of the file"),
}
_ROLES = {
    "donor": N_("as a donor"),
    "venue": N_("as the place of a meeting"),
    "dateline": N_("as the place the news was sent from"),
    "nationality": N_("as a nationality"),
    "institution": N_("inside the name of an institution"),
    "neighbour": N_("as a neighbour"),
    "comparison": N_("as a comparison"),
    "guest": N_("as where a guest comes from"),
    "aside": N_("in passing"),
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """Words in their surroundings. `where` says in which part and in which role."""

    before: str
    words: str
    after: str
    where: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One label with its evidence; `more` counts snippets left out."""

    name: str
    about: bool
    snippets: tuple[Snippet, ...]
    more: int


def explained(label: Label, item: Item, vocabulary: Vocabulary, t: Translator) -> Explained:
    """The label's evidence, at most `MOST_SNIPPETS` pieces of it."""
    shown = label.evidence[:MOST_SNIPPETS]
    return Explained(
        name=vocabulary.name(label.kind, label.code, t.lang),
        about=label.strength is Strength.ABOUT,
        snippets=tuple(_snippet(one, item, t) for one in shown),
        more=len(label.evidence) - len(shown),
    )


def _snippet(found: Evidence, item: Item, t: Translator) -> Snippet:
    if not found.words:
        return Snippet("", "", "", t.gettext(_RULES.get(found.rule, _RULES["person"])))
    text = item.title if found.field == "title" else item.summary
    parts = (_FIELDS.get(found.field, ""), _ROLES.get(found.role, ""), _RULES.get(found.rule, ""))
    where = ", ".join(t.gettext(part) for part in parts if part)
    # After a correction the offsets may belong to the older text: then the words stand alone.
    if text[found.start : found.end] != found.words:
        return Snippet("", one_line(found.words), "", where)
    return Snippet(_before(text[: found.start]), one_line(found.words), _after(text[found.end :]), where)


def _before(text: str) -> str:
    """The last words before the evidence, with the space that parts them from it."""
    line = one_line(text[-_NEAR:])
    if len(line) <= _AROUND:
        line = one_line(text)
    gap = " " if text[-1:].isspace() else ""
    if len(line) <= _AROUND:
        return line + gap if line else ""
    return "…" + (line[-_AROUND:].partition(" ")[2] or line[-_AROUND:]) + gap


def _after(text: str) -> str:
    """The first words after the evidence."""
    line = one_line(text[:_NEAR])
    if len(line) <= _AROUND:
        line = one_line(text)
    gap = " " if text[:1].isspace() else ""
    if len(line) <= _AROUND:
        return gap + line if line else ""
    return gap + (line[:_AROUND].rpartition(" ")[0] or line[:_AROUND]).rstrip(",;:") + "…"
