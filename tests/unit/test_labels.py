"""Labelling whole items: the seeds, our own hard cases, and what holds for any text."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import tomli
from hypothesis import example, given
from hypothesis import strategies as st

from chance import examples
from feeds.labels import Labeller, build, language
from feeds.labels.folding import fold
from feeds.model import Evidence, Kind, Label, Strength, Vocabulary

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"
CASES = tomli.loads(Path(__file__).with_name("labels_cases.toml").read_text(encoding="utf-8"))["case"]
FOREIGN = (
    ROOT.parent / "shared" / "cases" / "labels.toml"
)  # others' sentences, where they lie beside the project
DATE_LINE = re.compile(r"\d{1,2} [A-Z][a-z]+, \d{4}")


@cache
def built() -> tuple[Labeller, Vocabulary]:
    """The labeller of the shipped configuration."""
    tables = [
        tomli.loads((ROOT / "config" / f"{name}.toml").read_text("utf-8")) for name in ("topics", "places")
    ]
    return build(tables[0], tables[1])


def labels(title: str, summary: str = "", lang: str = "en") -> tuple[Label, ...]:
    return built()[0].labels(title, summary, lang)


def codes(found: tuple[Label, ...], kind: Kind, strength: Strength | None = None) -> list[str]:
    return [label.code for label in found if label.kind is kind and strength in (None, label.strength)]


def about(title: str, summary: str = "") -> list[str]:
    return codes(labels(title, summary), Kind.COUNTRY, Strength.ABOUT)


def roles(found: tuple[Label, ...], code: str) -> list[str]:
    return [evidence.role for label in found if label.code == code for evidence in label.evidence]


# -- our own hard cases -------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_a_hard_case_gets_the_labels_it_should(case: dict[str, Any]) -> None:
    found = labels(case["title"], case["summary"], case["lang"])

    assert set(codes(found, Kind.COUNTRY, Strength.ABOUT)) == set(case.get("about", []))
    assert set(codes(found, Kind.COUNTRY, Strength.MENTIONS)) == set(case.get("mentions", []))
    regions = set(case.get("regions", []))
    assert set(codes(found, Kind.REGION)) == regions
    assert set(codes(found, Kind.REGION, Strength.MENTIONS)) == regions & set(case.get("only_named", []))
    assert set(case.get("topics", [])) <= set(codes(found, Kind.TOPIC))
    assert not set(case.get("never", [])) & set(codes(found, Kind.TOPIC))


def test_sentences_of_others_get_the_labels_they_should() -> None:
    if not FOREIGN.exists():
        pytest.skip("no cases beside the project")
    wrong = []
    for case in tomli.loads(FOREIGN.read_text(encoding="utf-8"))["case"]:
        found = labels(case["title"], case["summary"], case["lang"])
        topics = set(codes(found, Kind.TOPIC))
        if (
            set(codes(found, Kind.COUNTRY, Strength.ABOUT)) != set(case.get("about", []))
            or set(codes(found, Kind.COUNTRY, Strength.MENTIONS)) != set(case.get("mentions", []))
            or not set(case.get("topics", [])) <= topics
            or set(case.get("never", [])) & topics
        ):
            wrong.append((case["title"], found))

    assert not wrong


def test_the_press_samples_reach_their_floor() -> None:
    countries, topics = [], []
    for case in (case for case in CASES if case["why"].startswith("press sample")):
        found = labels(case["title"], case["summary"], case["lang"])
        named = set(codes(found, Kind.COUNTRY, Strength.ABOUT))
        countries.append((named, set(case.get("about", []))))
        wanted = {*case.get("topics", []), *case.get("missed", [])}
        topics.append((set(codes(found, Kind.TOPIC)), wanted))
    print("press samples countries P/R/F1 {:.3f} {:.3f} {:.3f}".format(*f1(countries)))
    print("press samples topics    P/R/F1 {:.3f} {:.3f} {:.3f}".format(*f1(topics)))

    assert f1(countries)[2] >= 0.90
    assert f1(topics)[2] >= 0.80


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_the_language_of_a_hard_case_is_told(case: dict[str, Any]) -> None:
    assert language(case["title"], case["summary"], "xx") == case["lang"]


# -- the seeds ----------------------------------------------------------------------------------


def seed_items() -> list[tuple[str, str, str]]:
    """(file, title, summary) of the seeds' 20 items."""
    items = []
    for path in sorted(SEEDS.glob("*.txt")):
        blocks: list[list[str]] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if DATE_LINE.fullmatch(line.strip()):
                blocks.append([])
            elif line.strip():
                blocks[-1].append(line.strip())
        items += [(path.name, block[0], "\n\n".join(block[1:])) for block in blocks]
    return items


def title_sha1(title: str) -> str:
    plain = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", title).casefold()).strip()
    return hashlib.sha1(plain.encode()).hexdigest()


def f1(pairs: list[tuple[set[str], set[str]]]) -> tuple[float, float, float]:
    """Micro precision, recall and F1 of (found, expected) sets."""
    hits = sum(len(found & expected) for found, expected in pairs)
    precision = hits / sum(len(found) for found, _ in pairs)
    recall = hits / sum(len(expected) for _, expected in pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed bulletins (../shared/seeds) are not on this machine")
def test_the_seeds_reach_their_floor() -> None:
    expected = {
        entry["title_sha1"]: entry for entry in json.loads((SEEDS / "labels.json").read_text("utf-8"))
    }
    countries, topics = [], []
    for _, title, summary in seed_items():
        entry, found = expected.pop(title_sha1(title)), labels(title, summary)
        named = set(codes(found, Kind.COUNTRY, Strength.ABOUT))
        countries.append((named, {code.lower() for code in entry["countries"]}))
        topics.append((set(codes(found, Kind.TOPIC)), set(entry["topics"])))
    print("seeds countries P/R/F1 {:.3f} {:.3f} {:.3f}".format(*f1(countries)))
    print("seeds topics    P/R/F1 {:.3f} {:.3f} {:.3f}".format(*f1(topics)))

    assert not expected
    assert f1(countries)[2] >= 0.90
    assert f1(topics)[2] >= 0.70
    assert all(1 <= len(found) <= 4 for found, _ in topics)


# -- order and evidence -------------------------------------------------------------------------


def test_countries_come_first_then_regions_then_topics() -> None:
    found = labels(
        "Honduras and Belize join the Caribbean labour migration forum",
        "The forum was funded by Norway.",
    )

    assert [label.code for label in found][:4] == ["hn", "bz", "no", "caribbean"]
    assert [label.strength for label in found][:3] == [Strength.ABOUT, Strength.ABOUT, Strength.MENTIONS]
    assert found[4].kind is Kind.TOPIC


def test_evidence_tells_words_rule_and_role() -> None:
    found = labels("Course in Belize", "It was funded by the Government of Japan.")

    japan = next(label for label in found if label.code == "jp")
    (evidence,) = japan.evidence
    assert (evidence.words, evidence.rule, evidence.role) == ("Japan", "name", "donor")
    assert (evidence.field, evidence.start, evidence.end) == ("summary", 35, 40)


@pytest.mark.parametrize(
    ("title", "summary", "code", "role"),
    [
        ("Course", "The course was held in Nassau.", "bs", "venue"),
        ("Course", "Nassau, 3 May – The course began.", "bs", "dateline"),
        ("Course", "Haitian migrants took part.", "ht", "nationality"),
        ("Course", "FLACSO Costa Rica taught it.", "cr", "institution"),
        ("Course", "Suriname starts a course.", "sr", "plain"),
    ],
)
def test_each_role_is_told(title: str, summary: str, code: str, role: str) -> None:
    assert roles(labels(title, summary), code) == [role]


@pytest.mark.parametrize(
    ("title", "payer", "doer"),
    [
        ("With funds from Japan, Honduras opens a centre", "jp", "hn"),
        ("Con fondos de Japón, Honduras abre un centro", "jp", "hn"),
        ("Grâce à la Suède, Haïti ouvre un poste", "se", "ht"),
        ("Com recursos do Japão, Angola abre um centro", "jp", "ao"),
        ("Funded by Sweden, Guatemala trained 40 officers", "se", "gt"),
    ],
)
def test_a_donor_in_front_of_a_sentence_makes_no_donor_of_its_subject(
    title: str, payer: str, doer: str
) -> None:
    assert (roles(labels(title), payer), roles(labels(title), doer)) == (["donor"], ["plain"])


def test_a_colon_without_a_date_opens_no_dateline() -> None:
    assert roles(labels("News", "Panama: what comes next for the ports"), "pa") == ["plain"]


def test_an_open_name_says_so_in_its_evidence() -> None:
    (label,) = [label for label in labels("Congo receives vaccines") if label.kind is Kind.COUNTRY]

    assert (label.code, label.evidence[0].rule) == ("cd", "ambiguous")


def test_an_open_name_follows_the_country_named_openly() -> None:
    assert about("Congo receives vaccines", "The plane landed in Brazzaville.") == ["cg"]


def test_a_longer_word_does_not_hide_a_shorter_name() -> None:
    # "Mexico City" is the longest surface at this spot, but it ends inside a word.
    assert about("Mexico Cityscapes on show") == ["mx"]


@pytest.mark.parametrize(
    "text", ["A WOMAN OPENS A SHOP", "Los intrusos huyeron", "THE ROMANIANS' SOMALILANDER"]
)
def test_a_name_inside_a_word_is_no_name(text: str) -> None:
    assert not {"om", "ru", "ml"} & set(codes(labels(text), Kind.COUNTRY))


@pytest.mark.parametrize(
    "text", ["They served turkey and chili", "A china cup, a jersey", "the paris hilton of fish"]
)
def test_an_english_name_needs_a_capital(text: str) -> None:
    assert not {"tr", "cl", "je", "fr"} & set(codes(labels(text), Kind.COUNTRY))


def test_a_lower_case_demonym_is_not_hidden_by_an_ambiguous_name() -> None:
    assert about("La empresa portuguesa abre una planta") == ["pt"]
    assert about("Escuelas del estado Portuguesa", "Venezuela las repara.") == ["ve"]


def test_blanks_and_decomposed_accents_do_not_matter() -> None:
    title = "Costa\u00a0 Rica y Panama\u0301 firman"
    found = labels(title, lang="es")

    assert [(label.code, label.evidence[0].words) for label in found if label.kind is Kind.COUNTRY] == [
        ("cr", "Costa\u00a0 Rica"),
        ("pa", "Panama\u0301"),
    ]


def test_a_region_that_only_pays_is_a_mention() -> None:
    found = labels("Shelter opens in Panama", "It was financed by the European Union.")

    assert [(one.code, one.strength) for one in found if one.kind is Kind.REGION] == [
        ("european-union", Strength.MENTIONS)
    ]


def test_a_name_does_not_go_on_behind_a_paragraphs_end() -> None:
    assert about("News", "They work in Guinea\n\nBissau is far away.") == ["gn", "gw"]


def test_what_is_made_quickly_equals_what_the_model_makes() -> None:
    for label in labels("Course in Belize", "It was funded by the Government of Japan."):
        evidence = tuple(
            Evidence(field=e.field, start=e.start, end=e.end, words=e.words, rule=e.rule, role=e.role)
            for e in label.evidence
        )
        made = Label(kind=label.kind, code=label.code, strength=label.strength, evidence=evidence)
        assert (label, hash(label), repr(label)) == (made, hash(made), repr(made))


def test_an_item_of_no_words_gets_no_labels() -> None:
    assert labels("", "") == ()


SOUP = st.lists(
    st.one_of(
        st.sampled_from(
            ["Panamá", "México’s", "Côte d’Ivoire", "İstanbul", "EE. UU.", "ﬁlm", "Straße", "Haïtien", "US",
             "migrantes haitianos", "Guatemala–Honduras", "Re\u0301union", "labour migration", "\u00a0\u00a0",
             "held in", "Central American", "½", "\n\n", "ǅ", "São Tomé"]
        ),
        st.text(max_size=6),
    ),
    max_size=14,
)  # fmt: skip


@example(title=[], summary=["İstanbul"], lang="en")  # a place at the very end
@examples(25)
@given(title=SOUP, summary=SOUP, lang=st.sampled_from(["en", "es", "fr", "xx"]))
def test_evidence_slices_the_text_as_given(title: list[str], summary: list[str], lang: str) -> None:
    fields = {"title": " ".join(title), "summary": "".join(summary)}
    for label in labels(fields["title"], fields["summary"], lang):
        assert label.evidence
        for evidence in label.evidence:
            assert fields[evidence.field][evidence.start : evidence.end] == evidence.words != ""


# -- the vocabulary -----------------------------------------------------------------------------


def test_all_countries_have_names_in_four_languages() -> None:
    countries = built()[1].of(Kind.COUNTRY)

    assert len(countries) == 250
    assert all(set(term.names) >= {"en", "es", "fr", "pt"} for term in countries)
    assert built()[1].name(Kind.COUNTRY, "xk", "es") == "Kosovo"


def test_the_shipped_topics_and_regions_speak_english_and_spanish() -> None:
    terms = [*built()[1].of(Kind.TOPIC), *built()[1].of(Kind.REGION)]

    assert len(built()[1].of(Kind.TOPIC)) == 17
    for term in terms:
        assert set(term.names) >= {"en", "es"}, term.code
        assert set(term.descriptions) >= {"en", "es"}, term.code


def test_regions_have_their_members() -> None:
    region = built()[1].get(Kind.REGION, "northern-triangle")

    assert region is not None
    assert set(region.members) == {"gt", "hn", "sv"}


def test_a_region_named_after_the_donor_in_one_sentence_pays_too() -> None:
    found = labels("Guyana opens a mill", "It was funded by Norway through its facility for the Caribbean.")

    assert roles(found, "caribbean") == ["donor"]
    assert codes(found, Kind.REGION, Strength.ABOUT) == []


@pytest.mark.parametrize("text", ["a  b", "  a b", "one   two  three    four", "x  y     z  ", "é   è  ñ"])
def test_behind_runs_of_blanks_each_letter_knows_where_it_stood(text: str) -> None:
    folded = fold(text)
    assert "  " not in folded.text
    for at, letter in enumerate(folded.text):
        first, last = folded.span(at, at + 1)
        assert fold(text[first:last]).text == letter, (text, at)
    assert len(folded.starts) == len(folded.text)
