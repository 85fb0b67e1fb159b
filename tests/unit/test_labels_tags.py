"""Tags in the head of a file that name something of the site."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import pytest
import tomli

from feeds import shipped
from feeds.labels import Labeller, build, label_draft, label_item
from feeds.model import Draft, Fault, Item, Kind, Strength, Vocabulary


@cache
def site() -> tuple[Labeller, Vocabulary]:
    folder = shipped.folder("config")
    topics, places = (
        tomli.loads((folder / f"{name}.toml").read_text("utf-8")) for name in ("topics", "places")
    )
    return build(topics, places)


def labelled(
    *tags: str, title: str = "A school opens", **said: tuple[str, ...]
) -> tuple[dict[str, str], tuple[Fault, ...]]:
    draft = Draft(line=4, end_line=5, date_on=date(2026, 11, 25), title=title, tags=tags, **said)
    _, labels, faults = label_draft(*site(), draft, "en")
    return {f"{label.kind}:{label.code}": label.strength.value for label in labels}, faults


def topic() -> tuple[str, str]:
    """A topic's slug and its Spanish name."""
    term = next(term for term in site()[1].of(Kind.TOPIC) if "-" in term.code and term.names.get("es"))
    return term.code, term.names["es"]


def test_a_tag_that_names_a_country_region_or_topic_is_a_label() -> None:
    slug, spanish = topic()
    for tags in (
        (slug,),
        (spanish,),
        (slug.replace("-", " ").upper(),),
        (slug.replace("-", "_"), spanish.lower()),
    ):
        found, faults = labelled(*tags)
        assert found[f"topic:{slug}"] == "about"
        assert [(one.code, one.line, one.detail) for one in faults] == [("tags-taken", 4, ", ".join(tags))]
    found, _ = labelled("Panamá", "central-america")
    assert found["country:pa"] == "about"
    assert found["region:central-america"] == "about"


@pytest.mark.parametrize("tag", ["it", "no", "us", "pa", "news", "Panama hats", ""])
def test_other_tags_are_told_of_and_give_none(tag: str) -> None:
    found, faults = labelled(tag)
    assert found == labelled()[0]
    assert [(one.code, one.detail) for one in faults] == [("tags-unknown", tag)]


def test_a_tag_adds_to_what_the_words_say_and_makes_a_mention_the_matter() -> None:
    title = "A school opens in Haiti, funded by Norway"
    assert labelled(title=title)[0]["country:no"] == "mentions"
    found, _ = labelled("Norway", "Panama", title=title)
    assert [found[f"country:{code}"] for code in ("ht", "no", "pa")] == ["about"] * 3
    assert list(found).index("country:ht") < list(found).index("country:no")


def test_what_the_head_states_goes_before_its_tags() -> None:
    slug, _ = topic()
    found, faults = labelled("Panama", slug, countries=("ht",), topics=())
    assert [name for name in found if not name.startswith("region")] == ["country:ht"]
    assert faults == ()


def test_many_tags_are_told_of_in_one_short_line() -> None:
    _, faults = labelled(*(f"word{n}" for n in range(100)))
    assert [(one.code, len(one.detail)) for one in faults] == [("tags-unknown", 80)]
    assert faults[0].detail.endswith("…")


def test_labels_of_tags_outlive_a_relabelling() -> None:
    draft = Draft(
        line=4, end_line=5, date_on=date(2026, 11, 25), title="A school opens in Haiti", tags=("Panama",)
    )
    lang, labels, _ = label_draft(*site(), draft, "en")
    at = datetime(2026, 11, 25, tzinfo=UTC)
    item = Item(
        id="x", atom_id="tag:x", date_on=draft.date_on, title=draft.title, summary="", lang=lang,
        accepted_at=at, updated_at=at, labels=labels,
    )  # fmt: skip
    again = label_item(site()[0], item)
    assert again == labels
    about = [label.code for label in again if label.strength is Strength.ABOUT]
    assert about[:2] == ["ht", "pa"]
