"""Faults of topics.toml and places.toml: all at once, each with its key."""

from __future__ import annotations

import gc
from copy import deepcopy
from dataclasses import fields
from typing import Any

import pytest
import tomli

from conftest import ROOT
from feeds.errors import ConfigError
from feeds.labels import build, build_vocabulary
from feeds.labels.overrides import letter_by_letter
from feeds.labels.settings import check
from feeds.labels.topics import Scoring
from feeds.model import Kind

TOPICS: dict[str, Any] = {
    "topics": {"health": {"names": {"en": "Health"}, "patterns": {"en": ["clinic*"]}}},
}
PLACES: dict[str, Any] = {
    "regions": {
        "andes": {"names": {"en": "Andes"}, "members": ["pe", "bo"], "surfaces": {"en": ["the Andes"]}}
    },
}


def faults(topics: dict[str, Any], places: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        build(topics, places)
    return {problem.where: problem.what for problem in caught.value.problems}


def changed(base: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    result = deepcopy(base)
    *parents, last = path.split("/")
    table = result
    for key in parents:
        table = table.setdefault(key, {})
    table[last] = value
    return result


def test_small_files_are_enough() -> None:
    labeller, vocabulary = build(TOPICS, PLACES)

    found = labeller.labels("Clinics in the Andes", "", "en")
    assert [(label.kind, label.code) for label in found] == [(Kind.REGION, "andes"), (Kind.TOPIC, "health")]
    assert vocabulary.name(Kind.TOPIC, "health", "es") == "Health"


def test_what_a_site_leaves_out_of_the_scoring_is_as_in_the_shipped_file() -> None:
    shipped = tomli.loads((ROOT / "config" / "topics.toml").read_text(encoding="utf-8"))
    numbers = {field.name: shipped[field.name] for field in fields(Scoring)}
    assert Scoring(**numbers) == Scoring()
    assert check({}, {}, ["en"], {}, {}, letter_by_letter).scoring == Scoring()
    assert check({"most": 2}, {}, ["en"], {}, {}, letter_by_letter).scoring == Scoring(most=2)


def test_empty_files_still_label_countries() -> None:
    labeller, _ = build({}, {})

    assert [label.code for label in labeller.labels("Storm over Belize", "", "en")] == ["bz"]


def test_a_site_may_add_towns_of_its_own() -> None:
    places = changed(PLACES, "places/bz/surfaces", {"mul": ["Gallon Jug"]})
    labeller, _ = build(TOPICS, places)

    assert [label.code for label in labeller.labels("School opens in Gallon Jug", "", "en")] == ["bz"]


def test_a_topic_may_have_a_threshold_of_its_own() -> None:
    both = changed(
        TOPICS, "topics/law", {"names": {"en": "Law"}, "patterns": {"en": ["court*"]}, "threshold": 3}
    )
    labeller, _ = build(both, PLACES)

    found = labeller.labels("Clinic beside the court", "", "en")
    assert [label.code for label in found] == ["health"]


@pytest.mark.parametrize("path", ["regions/andes/surfaces", "places/bz/surfaces"])
def test_braces_that_stand_for_too_many_names_are_refused_before_they_are_written_out(path: str) -> None:
    many = "Gallon Jug" + "{a,b}" * 60
    key = path.replace("/", ".")
    found = faults(TOPICS, changed(PLACES, path, {"mul": ["Jug{a,b}", many]}))
    assert found == {
        f"places.toml: {key}.mul[1]": f"its braces stand for {2**60} names, more than 200; write several"
    }


def test_braces_may_stand_for_as_many_names_as_the_limit() -> None:
    places = changed(PLACES, "places/bz/surfaces", {"mul": ["Jug{a,b,c,d,e,f,g,h,i,j}{a,b,c,d}{a,b,c,d,e}"]})
    labeller, _ = build(TOPICS, places)
    assert [label.code for label in labeller.labels("School opens in Jugjde", "", "en")] == ["bz"]


@pytest.mark.parametrize(
    ("path", "value", "key", "what"),
    [
        ("topics/health/patterns/en", ["clinic*", ""], "topics.health.patterns.en[1]", "empty"),
        ("topics/health/patterns/en", ["*"], "topics.health.patterns.en[0]", "matches everything"),
        ("topics/health/patterns/en", ["of the"], "topics.health.patterns.en[0]", "very common"),
        ("topics/health/not/en", ["a .. b .. c .. dd"], "topics.health.not.en[0]", "has 3 gaps"),
        ("topics/health/patterns/en", ["(x+)+"], "topics.health.patterns.en[0]", "not allowed"),
        ("topics/health/patterns/en", ["clinic*", "Clinic*"], "topics.health.patterns.en[1]", "clash"),
        ("topics/health/patterns/en", "clinic", "topics.health.patterns.en", "list"),
        ("topics/health/patterns", {}, "topics.health.patterns", "at least one"),
        ("topics/health/pattern", {"en": ["x"]}, "topics.health.pattern", "unknown key"),
        ("topics/health/names", {"es": "Salud"}, "topics.health.names.en", "required"),
        ("topics/health/threshold", "2", "topics.health.threshold", "number"),
        ("topics/Health Care", {}, "topics.Health Care", "slug"),
        (
            "topics/andes",
            {"names": {"en": "A"}, "patterns": {"en": ["aaa"]}},
            "topics.andes",
            "duplicate slug",
        ),
        (
            "topics/care",
            {"names": {"en": "Health"}, "patterns": {"en": ["care"]}},
            "topics.care.names.en",
            "clash",
        ),
        ("title_weight", -1, "title_weight", "number"),
        ("topics", ["health"], "topics", "table"),
    ],
)
def test_a_fault_in_topics_names_its_key(path: str, value: Any, key: str, what: str) -> None:
    assert what in faults(changed(TOPICS, path, value), PLACES)[f"topics.toml: {key}"]


@pytest.mark.parametrize(
    ("path", "value", "key", "what"),
    [
        ("regions/andes/members", ["pe", "PE"], "regions.andes.members[1]", "'PE' is no country"),
        ("regions/andes/members", ["pe", "pe"], "regions.andes.members", "twice"),
        ("regions/andes/members", [], "regions.andes.members", "at least one"),
        ("regions/andes/surfaces/en", ["Peru"], "regions.andes.surfaces.en[0]", "already stands for pe"),
        ("regions/andes/surfaces/en", ["Gulf of Mexico"], "regions.andes.surfaces.en[0]", "guards.tsv"),
        ("regions/andes/surfaces/en", [" "], "regions.andes.surfaces.en[0]", "empty"),
        ("regions/andes/names", {}, "regions.andes.names.en", "required"),
        ("places/zz/surfaces", {"mul": ["Nowhere"]}, "places.zz", "no country"),
        ("areas", {}, "areas", "unknown key"),
    ],
)
def test_a_fault_in_places_names_its_key(path: str, value: Any, key: str, what: str) -> None:
    assert what in faults(TOPICS, changed(PLACES, path, value))[f"places.toml: {key}"]


def test_all_faults_of_both_files_come_at_once() -> None:
    topics = changed(TOPICS, "topics/health/patterns/en", ["", "a*"])
    places = changed(PLACES, "regions/andes/members", ["qq"])

    assert set(faults(topics, places)) == {
        "topics.toml: topics.health.patterns.en[0]",
        "topics.toml: topics.health.patterns.en[1]",
        "places.toml: regions.andes.members[0]",
    }


def test_two_regions_cannot_share_a_word() -> None:
    other = {"names": {"en": "High Andes"}, "members": ["pe"], "surfaces": {"en": ["The Andes"]}}
    found = faults(TOPICS, changed(PLACES, "regions/high", other))

    assert "already stands for andes" in found["places.toml: regions.high.surfaces.en[0]"]


def test_the_terms_alone_are_those_that_the_labeller_knows() -> None:
    """Who labels nothing gets the same terms without the names and patterns."""
    files = [
        tomli.loads((ROOT / "config" / f"{name}.toml").read_text("utf-8")) for name in ("topics", "places")
    ]
    alone, whole = build_vocabulary(*files), build(*files)[1]
    assert alone.renamed == whole.renamed
    for kind in Kind:
        assert alone.of(kind) == whole.of(kind)


def test_a_fault_in_a_term_brings_all_faults_of_the_files() -> None:
    topics = {"topics": {"Bad Slug": {"names": {"en": "x"}, "patterns": {"en": ["a b"]}}}}
    with pytest.raises(ConfigError) as caught:
        build_vocabulary(topics, {})
    assert len(caught.value.problems) == 2


def test_the_garbage_collector_is_as_it_was_after_a_start_that_fails() -> None:
    for was in (True, False):
        (gc.enable if was else gc.disable)()
        try:
            with pytest.raises(ConfigError):
                build({"unknown": 1}, {})
            assert gc.isenabled() is was
        finally:
            gc.enable()
