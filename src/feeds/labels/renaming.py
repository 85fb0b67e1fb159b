"""Topics that were renamed or merged (labels, floor 1).

Owns: what `renamed_from` in topics.toml may say, how renames of earlier configurations go on, and
how labels given under an old slug are read today. Knows nothing of files, the store or addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from feeds.model import Kind, Label, Vocabulary

SLUG = re.compile(r"[a-z0-9-]{1,64}")
SLUG_FORM = "the slug must be 1 to 64 of a-z, 0-9 and hyphen"


def renames(tables: Mapping[str, Any], fault: Callable[[str, str], None]) -> dict[str, str]:
    """Old slug -> the topic of today, from the topics of topics.toml.

    `fault` is told key and reason for a slug that is none, is still a topic, or has two successors.
    A circle cannot come about otherwise: each of its topics would still be one.
    """
    renamed: dict[str, str] = {}
    for slug, topic in tables.items():
        where = f"topics.{slug}.renamed_from"
        listed = topic.get("renamed_from", []) if isinstance(topic, Mapping) else []
        if not isinstance(listed, list):
            fault(where, 'must be a list of the slugs it had, such as ["old-slug"]')
            continue
        for number, old in enumerate(listed):
            if wrong := _wrong(old, slug, tables, renamed):
                fault(f"{where}[{number}]", wrong)
            else:
                renamed[old] = slug
    return renamed


def _wrong(old: Any, slug: str, tables: Mapping[str, Any], renamed: Mapping[str, str]) -> str:
    """What is wrong with one former slug; empty if nothing is."""
    if not isinstance(old, str) or not SLUG.fullmatch(old):
        return SLUG_FORM
    if old == slug:
        return f"leads in a circle: {old!r} is this topic itself"
    if old in tables:
        back = tables[old].get("renamed_from") if isinstance(tables[old], Mapping) else None
        circle = isinstance(back, list) and slug in back
        what = "leads in a circle: it is" if circle else f"{old!r} is"
        return f"{what} still a topic of its own; take its section out, or take it from this list"
    if old in renamed:
        return f"{old!r} leads to {renamed[old]!r} already; it can have one successor"
    return ""


def with_kept(vocabulary: Vocabulary, kept: Mapping[str, str]) -> Vocabulary:
    """The vocabulary with the renames of earlier configurations, each followed to a topic of today.

    What topics.toml says wins; a slug that is a topic again, or leads to none, is left out.
    """
    known = {**kept, **vocabulary.renamed}
    followed = {old: _end(old, known, vocabulary) for old in known}
    return replace(vocabulary, renamed={old: slug for old, slug in followed.items() if slug not in ("", old)})


def _end(slug: str, renamed: Mapping[str, str], vocabulary: Vocabulary) -> str:
    """The topic of today that a slug leads to; empty if none, or if it leads in a circle."""
    seen: set[str] = set()
    while (Kind.TOPIC, slug) not in vocabulary.terms:
        if slug in seen or slug not in renamed:
            return ""
        seen.add(slug)
        slug = renamed[slug]
    return slug


def current_labels(labels: Sequence[Label], vocabulary: Vocabulary) -> tuple[Label, ...]:
    """The labels under the codes of today; of two that became one the evidence is kept together."""
    merged: dict[tuple[str, str], Label] = {}
    for label in labels:
        code = vocabulary.current(label.kind, label.code)
        first = merged.get((label.kind, code))
        evidence = label.evidence if first is None else (*first.evidence, *label.evidence)
        merged[label.kind, code] = replace(first or label, code=code, evidence=tuple(dict.fromkeys(evidence)))
    return tuple(merged.values())
