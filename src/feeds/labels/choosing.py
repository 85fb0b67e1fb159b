"""Labels that somebody gives and takes by hand, of an item or of one that is still held (labels)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from feeds.errors import InputError, Problem
from feeds.labels.given import with_given
from feeds.model import Choice, Kind, Label, Vocabulary


def chosen(labels: Sequence[Label], choices: Sequence[Choice]) -> tuple[Label, ...]:
    """The labels after the choices; a given one stands first of its kind and says that people chose it."""
    gone = {(choice.kind, choice.code) for choice in choices}
    kept = [label for label in labels if (label.kind, label.code) not in gone]
    return with_given(kept, [(choice.kind, choice.code) for choice in choices if choice.give])


def read_choices(texts: Collection[str], vocabulary: Vocabulary) -> list[Choice]:
    """``+country:pa``, ``-topic:health`` … as choices. Raises InputError with every fault."""
    choices, problems = [], []
    for text in texts:
        kind, _, code = text.lstrip("+-").partition(":")
        if text[:1] not in "+-" or kind not in set(Kind):
            what = "write +KIND:CODE to give a label and -KIND:CODE to take it, such as +country:pa"
            problems.append(Problem(text, what))
        elif (term := vocabulary.get(Kind(kind), code.lower())) is None:
            problems.append(Problem(text, f"this site has no {kind} “{code}”"))
        else:
            # A label stored under a former slug is the same label: it goes with either choice.
            former = vocabulary.formerly(term.kind, term.code)
            choices += [Choice(term.kind, old, give=False) for old in former]
            choices.append(Choice(term.kind, term.code, text[0] == "+"))
    if problems:
        raise InputError(problems)
    return choices
