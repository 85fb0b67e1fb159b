"""A filter as a form: what is ticked and typed becomes a filter, and back; faults stand by their field."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds import filters
from feeds.i18n import translator
from feeds.model import Filter
from feeds.pages.wishing import KnownNames, TypedFilter, filter_form, read_filter, typed_from
from golden.pages import sample

KNOWN = KnownNames(sample.VOCABULARY)
EN, ES = translator("en"), translator("es")


def read(typed: TypedFilter, prefix: str = "") -> Filter:
    wanted, faults = read_filter(typed, prefix, KNOWN, EN)
    assert faults == {}
    assert wanted is not None
    return wanted


def faults_of(typed: TypedFilter, prefix: str = "") -> dict[str, str]:
    wanted, faults = read_filter(typed, prefix, KNOWN, EN)
    assert wanted is None
    return faults


def test_nothing_ticked_or_typed_is_everything() -> None:
    assert read(TypedFilter()) == Filter()
    assert read(TypedFilter(names=" , ;", words=",", without="  ")) == Filter()
    assert read(TypedFilter(mentions=True, only_regions=True)) == Filter()


def test_ticks_and_names_that_are_typed_are_one_filter() -> None:
    typed = TypedFilter(
        countries=("hn",), topics=("health",), names="Panamá; labour migration, central america"
    )
    assert read(typed) == Filter(
        countries=("hn", "pa"), regions=("central-america",), topics=("health", "labour-migration")
    )


@pytest.mark.parametrize("name", ["Panama", "panamá", "PANAMA", "  pa ", '"Panama"', "Pánámà"])
def test_a_name_is_known_in_every_language_whatever_its_case_and_accents(name: str) -> None:
    assert read(TypedFilter(names=name)) == Filter(countries=("pa",))


def test_words_are_kept_as_phrases_and_what_is_left_out_is_a_name_or_a_word() -> None:
    typed = TypedFilter(
        countries=("pa",),
        words="work permit, visa",
        all_words="new  office",
        without="México, football, Health",
    )
    assert read(typed) == Filter(
        countries=("pa",), words=("visa", "work permit"), all_words=("new", "office"), without=("football",),
        not_countries=("mx",), not_topics=("health",),
    )  # fmt: skip


def test_only_what_is_left_out_can_be_said_as_well() -> None:
    assert read(TypedFilter(without="football")) == Filter(without=("football",))
    assert read(TypedFilter(without="Mexico")) == Filter(not_countries=("mx",))


def test_one_of_several_versions_is_chosen_by_language_and_stays_chosen() -> None:
    wanted = read(TypedFilter(names="Panama", prefer="es"))
    assert wanted == Filter(countries=("pa",), prefer=("es",))
    typed = typed_from(replace(wanted, prefer=("es", "pt")), sample.VOCABULARY, EN)
    assert read(typed).prefer == ("es", "pt")
    form = filter_form(typed, "", sample.VOCABULARY, {}, ("en", "es"), EN)
    assert [value for value, _ in form.versions] == ["", "en", "es", "es,pt"]
    assert form.versions[-1] == (form.prefer, "only one, Spanish, Portuguese first")
    assert form.refined


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        (TypedFilter(names="Pannama"), "names", "Did you mean Panama?"),
        (TypedFilter(names="xyzzy"), "names", "put it under “certain words”"),
        (TypedFilter(countries=("zz",)), "names", "not known here any more"),
        (TypedFilter(words="x" * 61), "word", "at most 60 characters"),
        (TypedFilter(words="…"), "word", "letter or digit"),
        (TypedFilter(words="visa", without="VISA"), "without", "asked for and left out at once"),
        (TypedFilter(words=",".join(f"w{n}" for n in range(61))), "names", "at most 60"),
        (TypedFilter(countries=("pa",), without="Panama"), "without", "asked for and left out at once"),
    ],
)
def test_a_fault_stands_beside_its_field_and_says_what_to_do(
    typed: TypedFilter, field: str, said: str
) -> None:
    faults = faults_of(typed)
    assert list(faults) == [field]
    assert said in faults[field]
    assert list(faults_of(typed, "w1-")) == [f"w1-{field}"]


def test_faults_speak_the_language_of_the_page() -> None:
    _, faults = read_filter(TypedFilter(names="Pannama"), "", KNOWN, ES)
    assert faults["names"].endswith("¿Quiso decir Panamá?")


WORDS = st.lists(st.sampled_from(["visa", "work permit", "niñez", "covid 19"]), unique=True, max_size=3)
CODES = st.lists(st.sampled_from(["hn", "pa", "mx"]), unique=True, max_size=3)


@given(CODES, CODES, WORDS, st.booleans(), st.booleans(), st.sampled_from([(), ("es",)]))
@examples(60)
def test_a_filter_comes_back_out_of_its_own_form_as_it_was(
    countries: list[str],
    left_out: list[str],
    words: list[str],
    mentions: bool,
    topics: bool,
    languages: tuple[str, ...],
) -> None:
    wanted = filters.normal(
        Filter(
            countries=tuple(countries),
            topics=("health",) if topics else (),
            words=tuple(words),
            not_countries=tuple(code for code in left_out if code not in countries),
            mentions=mentions,
            regions=("central-america",) if topics else (),
            members=not topics,
            languages=languages,
            all_words=("one", "two") if mentions else (),
            without=("football",) if topics else (),
        )
    )
    for t in (EN, ES):
        assert read(typed_from(wanted, sample.VOCABULARY, t)) == wanted


def test_the_form_shows_busy_countries_and_chosen_ones_first_and_folds_the_rest_away() -> None:
    busy = {("country", code): n for n, code in enumerate(("hn", "mx", "gt"), start=1)}
    busy |= {("country", f"c{n}"): 100 + n for n in range(12)}
    form = filter_form(TypedFilter(countries=("jp",)), "", sample.VOCABULARY, busy, ("en", "es"), EN)
    assert {tick.value for tick in form.countries} == {"jp", *(f"c{n}" for n in range(12))}
    assert [tick.value for tick in form.countries if tick.on] == ["jp"]
    assert [tick.value for tick in form.more_countries] == ["gt", "hn", "mx"]
    assert not form.refined
    refined = replace(TypedFilter(), words="visa")
    assert filter_form(refined, "", sample.VOCABULARY, busy, ("en",), EN).refined


def test_names_are_listed_once_in_the_readers_language() -> None:
    names = KNOWN.listed("es")
    assert "Panamá" in names
    assert "Panama" not in names
    assert names == sorted(set(names))
