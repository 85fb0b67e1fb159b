"""What the office decided in the overrides file: what it changes, what wins over it, and its faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import tomli

from feeds.errors import ConfigError
from feeds.labels import build, label_draft, label_item
from feeds.labels.given import BY_A_PERSON
from feeds.model import Draft, Item, Kind, Label, Strength
from store.making import item

TOPICS = """
[topics.health]
names = { en = "Health" }
patterns.en = ["clinic*"]
[topics.law]
names = { en = "Law" }
renamed_from = ["justice"]
patterns.en = ["court*"]
"""
DAY = date(2026, 11, 18)
ID = "k3jq2xv7d5tzpmwa"
NOTES = 'reason = "checked with the author"\nby = "M. Pérez"\n'


def told(overrides: str, topics: str = TOPICS) -> tuple[Any, Any]:
    parsed = tomli.loads(overrides)
    return build(tomli.loads(topics), {}, overrides=parsed, sources={"overrides.toml": overrides})


def labels(
    overrides: str, title: str = "Clinic opens in Belize", summary: str = "", **fields: Any
) -> list[str]:
    """Labels of a draft of that day under `overrides`, each as a word, as `feeds explain` would give them."""
    labeller, vocabulary = told(overrides)
    draft = Draft(line=1, end_line=2, date_on=DAY, title=title, summary=summary, lang="en", **fields)
    return shown(label_draft(labeller, vocabulary, draft, "en", ID)[1])


def shown(found: tuple[Label, ...]) -> list[str]:
    return [f"{each.code}{'' if each.strength is Strength.ABOUT else '?'}" for each in found]


def faults(overrides: str, topics: str = TOPICS) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        told(overrides, topics)
    return {problem.where: problem.what for problem in caught.value.problems}


def test_a_decision_gives_weakens_and_takes_and_leaves_the_rest() -> None:
    text = f'[overrides.x]\nitem = "{ID}"\ngive = ["topic:law"]\nmention = ["country:bz"]\n{NOTES}'
    assert labels(text) == ["bz?", "law", "health"]
    assert labels(f'[overrides.x]\nitem = "{ID}"\ntake = ["country:bz", "topic:law"]\n{NOTES}') == ["health"]


@pytest.mark.parametrize(
    "target",
    [
        f'item = "{ID}"',
        'date = 2026-11-18\ntitle = "CLINIC  opens in Belize"',
        'words = ["clinic* .. belize"]',
    ],
)
def test_an_item_is_named_by_id_or_by_date_and_title_or_by_words(target: str) -> None:
    text = f'[overrides.x]\n{target}\ngive = ["country:hn"]\ntake = ["country:bz"]\n{NOTES}'
    assert labels(text) == ["hn", "health"]
    assert labels(text.replace(ID, "z" * 16).replace("11-18", "11-17").replace("belize", "panama")) == [
        "bz", "health",
    ]  # fmt: skip


def test_words_are_whole_words_of_title_and_summary_whatever_their_case_and_accents() -> None:
    text = f'[overrides.x]\nwords = ["avenida panamá"]\ntake = ["country:pa"]\n{NOTES}'
    assert labels(text, "Course held", "Teachers met at AVENIDA PANAMA 7 in Panama.") == []
    assert "pa" in labels(text, "Panama opens avenida panamanian")


def test_evidence_says_override_and_shows_the_words_in_their_place() -> None:
    labeller, vocabulary = told(f'[overrides.x]\nwords = ["gallon jug*"]\ngive = ["country:bz"]\n{NOTES}')
    draft = Draft(
        line=1, end_line=2, date_on=DAY, title="A course", summary="In Gallon Júgs – today.", lang="en"
    )
    ((label,), _) = label_draft(labeller, vocabulary, draft, "en")[1:]
    (piece,) = label.evidence
    assert (piece.rule, piece.field, piece.words) == ("override", "summary", "Gallon Júgs")
    assert draft.summary[piece.start : piece.end] == piece.words


def test_a_label_that_was_found_too_keeps_its_words_behind_the_decision() -> None:
    labeller, vocabulary = told(f'[overrides.x]\nitem = "{ID}"\ngive = ["country:bz"]\n{NOTES}')
    draft = Draft(line=1, end_line=2, date_on=DAY, title="Clinic in Belize", lang="en")
    found = label_draft(labeller, vocabulary, draft, "en", ID)[1]
    assert [(piece.rule, piece.words) for piece in found[0].evidence] == [
        ("override", ""),
        ("name", "Belize"),
    ]


def test_the_nearer_decision_wins_id_over_date_and_title_over_words() -> None:
    words = f'[overrides.words]\nwords = ["clinic"]\ngive = ["country:hn"]\n{NOTES}'
    named = 'date = 2026-11-18\ntitle = "Clinic opens in Belize"'
    title = f'[overrides.title]\n{named}\nmention = ["country:hn"]\n{NOTES}'
    by_id = f'[overrides.id]\nitem = "{ID}"\ntake = ["country:hn"]\n{NOTES}'
    assert labels(words) == ["hn", "bz", "health"]
    assert labels(title + words) == ["bz", "hn?", "health"]
    assert labels(by_id + title + words) == ["bz", "health"]


def test_the_head_of_a_bulletin_wins_over_it_be_it_with_none() -> None:
    text = f'[overrides.x]\nitem = "{ID}"\ngive = ["country:hn", "topic:law"]\n{NOTES}'
    assert labels(text, countries=("mx",)) == ["mx", "law", "health"]
    assert labels(text, countries=(), topics=()) == []


def test_on_stored_items_kinds_that_people_gave_stay_and_the_others_follow() -> None:
    labeller, _ = told(f'[overrides.x]\nitem = "{ID}"\ngive = ["country:hn", "topic:law"]\n{NOTES}')
    given = Label(kind=Kind.COUNTRY, code="mx", evidence=BY_A_PERSON)

    def stored(**fields: Any) -> Item:
        return item(ID, title="Clinic opens in Belize", summary="", **fields)

    assert shown(label_item(labeller, stored(labels=(given,)))) == ["mx", "law", "health"]
    assert shown(label_item(labeller, stored(labels=(), stated=(Kind.COUNTRY,)))) == ["law", "health"]
    once = label_item(labeller, stored(labels=()))
    assert shown(once) == ["hn", "bz", "law", "health"]
    assert label_item(labeller, stored(labels=once)) == once


def test_a_decision_that_was_taken_out_of_the_file_is_gone() -> None:
    labeller, _ = told("")
    decided, _ = told(f'[overrides.x]\nitem = "{ID}"\ngive = ["country:hn"]\n{NOTES}')
    before = item(ID, title="Clinic opens in Belize", summary="", labels=())
    after = replace(before, labels=label_item(decided, before))
    assert shown(after.labels) == ["hn", "bz", "health"]
    assert shown(label_item(labeller, after)) == ["bz", "health"]


def test_a_former_slug_means_the_topic_of_today() -> None:
    assert labels(f'[overrides.x]\nitem = "{ID}"\ngive = ["topic:justice"]\n{NOTES}') == [
        "bz",
        "law",
        "health",
    ]


def test_faults_come_all_at_once_with_line_and_key() -> None:
    text = (
        '[overrides.one]\nitem = "no-id"\ngive = ["country:zz", "topic:sports"]\nmention = ["topic:law"]\n'
        'because = "x"\n[overrides.two]\ndate = "18 November"\ntitle = ""\ntake = ["belize"]\n'
        f'{NOTES}[overrides.three]\nwords = ["the", "clinic", "a .. b .. c .. dd"]\nitem = "{ID}"\n'
        f'take = ["country:bz"]\n{NOTES}[other]\n'
    )
    assert {where.removeprefix("overrides.toml "): what for where, what in faults(text).items()} == {
        "line 2: overrides.one.item": (
            "is no id; it has 16 of a-z and 2-7, as in the address of the item's page"
        ),
        "line 3: overrides.one.give[0]": "this site has no country 'zz'",
        "line 3: overrides.one.give[1]": "this site has no topic 'sports'",
        "line 4: overrides.one.mention[0]": "a topic cannot be only mentioned; give it or take it",
        "line 5: overrides.one.because": (
            "unknown key; allowed are by, date, give, item, mention, reason, take, title, words"
        ),
        "line 1: overrides.one.reason": "must say why, on one line",
        "line 1: overrides.one.by": "must say who decided it, on one line",
        "line 7: overrides.two.date": "must be a day such as 2026-11-18, without quotes",
        "line 8: overrides.two.title": "must be the item's title, on one line",
        "line 9: overrides.two.take[0]": (
            "'belize' is no label; write KIND:CODE such as country:bz or topic:health"
        ),
        "line 12: overrides.three": "must say of which items: by item, or by date and title, or by words",
        "line 13: overrides.three.words[0]": (
            "'the' matches nearly everything: it is made of very common words only"
        ),
        "line 13: overrides.three.words[2]": (
            "'a .. b .. c .. dd' has 3 gaps (..), more than 2; leave words out, or write several patterns"
        ),
        "line 18: other": "unknown key; decisions stand under [overrides.NAME]",
    }


def test_a_decision_without_labels_or_items_is_a_fault() -> None:
    assert (
        "decides nothing"
        in faults(f'[overrides.x]\nitem = "{ID}"\n{NOTES}')["overrides.toml line 1: overrides.x"]
    )
    assert "overrides.toml line 1: overrides.x.by" in faults("[overrides.x]\n")
    assert "must be a table" in faults("[overrides]\nx = 1\n")["overrides.toml line 2: overrides.x"]
    assert "must be a list" in faults(f'[overrides.x]\nitem = "{ID}"\ngive = "country:bz"\n{NOTES}')[
        "overrides.toml line 3: overrides.x.give"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f'item = "{ID}"', f'item = "{ID}"'),
        ('date = 2026-11-18\ntitle = "Clinic opens"', 'title = "clinic  OPENS"\ndate = 2026-11-18'),
        ('words = ["clinic", "nurse"]', 'words = ["Nurse", "clinic"]'),
    ],
)
def test_two_decisions_that_contradict_each_other_are_a_fault(first: str, second: str) -> None:
    text = f'[overrides.one]\n{first}\ngive = ["country:bz"]\n{NOTES}[overrides.two]\n{second}\n'
    line = text.count("\n") + 1
    found = faults(f'{text}take = ["country:bz"]\n{NOTES}')
    assert found == {
        f"overrides.toml line {line}: overrides.two.take": (
            "contradiction: country:bz stands under give in overrides.one too"
        )
    }


def test_a_decision_that_contradicts_itself_is_a_fault() -> None:
    found = faults(f'[overrides.x]\nitem = "{ID}"\ngive = ["country:bz"]\nmention = ["country:bz"]\n{NOTES}')
    assert list(found.values()) == ["contradiction: country:bz stands under give here too"]


def test_its_faults_come_together_with_those_of_the_topics() -> None:
    found = faults("[overrides.x]\n", TOPICS.replace('"clinic*"', '""'))
    assert {where.partition(" ")[0].rstrip(":") for where in found} == {"overrides.toml", "topics.toml"}
