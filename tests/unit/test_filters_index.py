"""The index over all filters gives what asking each filter gives; what is stored is read as written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds import filters
from feeds.errors import InputError
from feeds.filters.index import FilterIndex
from feeds.filters.once import Told, once
from feeds.model import Filter, Item, Kind, Label, Reason, Strength, Term, Vocabulary

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
COUNTRIES, TOPICS = ("pa", "hn", "mx", "ht"), ("health", "work", "old-work", "visas")
REGIONS = {"isthmus": ("pa", "hn"), "americas": ("pa", "hn", "mx", "ht"), "bloc": ()}
WORDS = ("visa", "work permit", "permit", "niño", "C++", "the", "3.5")
TEXTS = (
    "Visa and work",
    "a work permit",
    "Permit of work",
    "El NIÑO de Panamá",
    "3.5 per cent",
    "",
    "the the",
)


def _term(kind: Kind, code: str, members: tuple[str, ...] = ()) -> tuple[tuple[Kind, str], Term]:
    return (kind, code), Term(kind=kind, code=code, names={"en": code}, members=members)


VOCABULARY = Vocabulary(
    dict(
        [_term(Kind.COUNTRY, code) for code in COUNTRIES]
        + [_term(Kind.REGION, code, members) for code, members in REGIONS.items()]
        + [_term(Kind.TOPIC, code) for code in TOPICS if code != "old-work"]
    ),
    renamed={"old-work": "work"},
)


def some(values: tuple[str, ...], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


def agrees(one: Filter) -> bool:
    """Whether nothing is both asked for and excluded."""
    one = filters.normal(one)
    pairs = (
        (one.countries, one.not_countries), (one.regions, one.not_regions), (one.topics, one.not_topics),
        (one.words + one.all_words, one.without),
    )  # fmt: skip
    return all(set(these).isdisjoint(those) for these, those in pairs)


FILTERS = st.builds(
    Filter, countries=some(COUNTRIES), regions=some(tuple(REGIONS), 1), topics=some(TOPICS),
    words=some(WORDS), without=some(WORDS, 1), mentions=st.booleans(), members=st.booleans(),
    all_words=some(WORDS), languages=some(("en", "es"), 1), not_countries=some(COUNTRIES, 1),
    not_regions=some(tuple(REGIONS), 1), not_topics=some(TOPICS, 1), prefer=some(("en", "es")),
).filter(agrees).map(filters.canonical)  # fmt: skip

LABELS = st.lists(
    st.builds(
        Label,
        kind=st.just(Kind.COUNTRY), code=st.sampled_from(COUNTRIES), strength=st.sampled_from(Strength),
    )
    | st.builds(
        Label,
        kind=st.just(Kind.REGION), code=st.sampled_from(tuple(REGIONS)), strength=st.sampled_from(Strength),
    )
    | st.builds(Label, kind=st.just(Kind.TOPIC), code=st.sampled_from(TOPICS)),
    max_size=4,
).map(tuple)  # fmt: skip


def item(title: str = "", summary: str = "", lang: str = "en", labels: tuple[Label, ...] = ()) -> Item:
    return Item(
        id="a", atom_id="tag:example.org,2026:a", date_on=date(2026, 11, 18), title=title, summary=summary,
        lang=lang, accepted_at=NOW, updated_at=NOW, labels=labels,
    )  # fmt: skip


ITEMS = st.builds(
    item, st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from(("en", "es", "")), LABELS
)


@examples(40)
@given(texts=st.lists(FILTERS, min_size=1, max_size=12, unique=True), news=st.lists(ITEMS, max_size=4))
def test_the_index_gives_the_filters_that_match_and_no_others(texts: list[str], news: list[Item]) -> None:
    index = FilterIndex(VOCABULARY)
    half = len(texts) // 2
    index.add(list(enumerate(texts, 1))[:half])
    index.add(list(enumerate(texts, 1))[half:])
    assert (len(index), index.last) == (len(texts), len(texts))
    for each in news:
        asked = [
            number
            for number, text in enumerate(texts, 1)
            if filters.match(filters.parse(text), each, VOCABULARY) is not None
        ]
        assert list(index.matching(each)) == asked


@examples(50)
@given(text=FILTERS)
def test_what_is_stored_is_read_back_as_the_same_filter_in_both_ways(text: str) -> None:
    wanted = filters.parse(text)
    assert filters.of_canonical(text) == wanted
    assert filters.canonical(wanted) == text
    query = filters.to_query(wanted)
    pairs = [tuple(pair.split("=", 1)) for pair in query.split("&")]
    decoded = [(key, value.replace("%20", " ").replace("%22", '"')) for key, value in pairs]
    if "%" not in query.replace("%20", "").replace("%22", ""):
        assert filters.from_query(decoded) == wanted


def test_an_empty_index_wants_nothing() -> None:
    index = FilterIndex(VOCABULARY)
    assert (list(index.matching(item())), index.last, len(index)) == ([], 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        'country:hn,pa region:americas topic:work word:visa,"work permit" -word:club mentions:yes members:no',
        "all",
        "-word:football",
    ],
)
def test_texts_that_older_versions_stored_are_the_same_to_the_byte(text: str) -> None:
    assert filters.canonical(filters.parse(text)) == text
    assert filters.canonical(filters.of_canonical(text)) == text


# What is new in a filter


def wants(text: str, candidate: Item) -> Reason | None:
    return filters.match(filters.parse(text, VOCABULARY), candidate, VOCABULARY)


def about(*labels: str) -> Item:
    made = tuple(
        Label(kind=Kind(kind), code=code, strength=Strength(strength or "about"))
        for kind, code, strength in (f"{each}::".split(":")[:3] for each in labels)
    )
    return item("A visa for Panamá", "Given at the border.", "es", made)


def test_every_new_part_has_its_place_in_the_one_text_and_the_one_query() -> None:
    spelt = (
        "-topic:health prefer:Spanish,EN,es -word:x mentions:yes language:Español,en -region:bloc "
        "q:'ferry' -country:MX "
        'topic:work q:"Harbour  FERRY" country:pa word:visa'
    )
    wanted = filters.parse(spelt.replace("'", ""), VOCABULARY)
    assert filters.canonical(wanted) == (
        'country:pa topic:work word:visa q:"ferry harbour" language:en,es -country:mx -region:bloc '
        "-topic:health -word:x mentions:yes prefer:es,en"
    )
    assert filters.to_query(wanted) == (
        "country=pa&topic=work&word=visa&q=ferry%20harbour&language=en,es&not-country=mx&not-region=bloc"
        "&not-topic=health&without=x&mentions=yes&prefer=es,en"
    )
    pairs = [
        ("q", "ferry, Harbour"), ("not-country", "mx"), ("language", "es"), ("language", "English"),
        ("country", "pa"), ("topic", "work"), ("word", "visa"), ("not-region", "bloc"),
        ("not-topic", "health"), ("without", "x"), ("mentions", "yes"), ("prefer", "Español,en"),
    ]  # fmt: skip
    assert filters.from_query(pairs, VOCABULARY) == wanted


def test_free_text_asks_for_all_its_words_whole_and_folded() -> None:
    assert wants('q:"PANAMA visa"', about()) == Reason(words=("panama", "visa"))
    assert wants('q:"border visa"', about()) is not None  # one in the title, one in the text
    assert wants('q:"visas panama"', about()) is None
    assert wants('q:"pan visa"', about()) is None


def test_what_is_excluded_takes_an_item_out_whatever_else_it_has() -> None:
    both = about("country:pa", "country:mx")
    assert wants("country:pa", both) == Reason(countries=("pa",))
    assert wants("country:pa -country:mx", both) is None
    assert wants("country:pa -country:hn", both) is not None
    assert wants("all -topic:old-work", about("topic:work")) is None
    assert wants("all -topic:health", about("topic:work")) is not None


def test_an_excluded_region_takes_out_its_members_unless_told_otherwise() -> None:
    assert wants("all -region:isthmus", about("country:pa")) is None
    assert wants("all -region:americas", about("region:isthmus")) is None
    assert wants("all -region:isthmus members:no", about("country:pa")) is not None
    assert wants("all -region:isthmus members:no", about("region:isthmus")) is None


def test_an_excluded_place_is_what_the_item_is_about_with_mentions_also_what_it_mentions() -> None:
    mentioned = about("country:pa", "country:mx:mentions")
    assert wants("country:pa -country:mx", mentioned) is not None
    assert wants("country:pa -country:mx mentions:yes", mentioned) is None
    assert filters.canonical(filters.parse("-country:mx mentions:yes")) == "-country:mx mentions:yes"


def test_a_language_is_one_of_those_asked_for() -> None:
    assert wants("language:es,pt", about()) == Reason()
    assert wants("language:en", about()) is None
    assert wants("language:en", replace(about(), lang="")) is None


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        ("country:pa -country:pa", "country:pa", "both asked for and excluded"),
        ("topic:work -topic:work", "topic:work", "both asked for and excluded"),
        ('q:"a visa" -word:Visa', "word:visa", "both asked for and excluded"),
        ("-country:xx", "-country:xx", "two-letter code"),
        ("-topic:helth", "-topic:helth", "did you mean topic:health"),
        ("language:klingonish", "language:klingonish", "two or three letters"),
        ("prefer:klingonish", "prefer:klingonish", "two or three letters"),
        ("-prefer:es", "-prefer:es", "cannot be excluded"),
        ("q:+++", "q:+++", "no letter or digit"),
        ("all language:es", "all", "only what is excluded"),
        ("-members:no", "-members:no", "cannot be excluded"),
        ("mentions:yes", "filter", "is empty"),
        (f"q:\"{' '.join(f'w{n}' for n in range(80))}\"", "filter", "too many terms"),
    ],
)  # fmt: skip
def test_faults_of_the_new_parts_say_where_and_what_is_allowed(text: str, where: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        filters.parse(text, VOCABULARY)
    assert {each.where: each.what for each in caught.value.problems}[where].find(told) >= 0


def test_topics_are_excluded_by_the_slugs_of_today() -> None:
    assert filters.current(Filter(not_topics=("old-work",)), VOCABULARY) == Filter(not_topics=("work",))


@pytest.mark.parametrize("text", ['word:"work permit"', 'word:"work permit","visa rules"'])
def test_a_phrase_is_looked_for_whole_and_not_only_by_its_longest_word(text: str) -> None:
    index = FilterIndex(VOCABULARY)
    index.add([(1, text)])
    assert list(index.matching(item("A work permit"))) == [1]
    assert list(index.matching(item("A permit of work, rules of a visa"))) == []


def test_which_language_comes_first_is_part_of_a_filter_and_keeps_its_order() -> None:
    both = filters.parse("prefer:es,en")
    assert filters.canonical(both) == "prefer:es,en" != filters.canonical(filters.parse("prefer:en,es"))
    assert filters.parse("all prefer:es,en") == both == filters.of_canonical("prefer:es,en")
    assert not filters.everything(both)
    index = FilterIndex(VOCABULARY)
    index.add([(1, "country:pa"), (2, "country:pa prefer:es")])
    assert list(index.matching(about("country:pa"))) == [1, 2]
    assert index.preferring == {2: ("es",)}


def test_of_versions_one_counts_by_language_then_by_what_came_first() -> None:
    def told(key: str, lang: str, at: int, name: str) -> tuple[str, Told]:
        return name, Told(key, lang, at, name)

    some = [
        told("a", "en", 1, "a-en"), told("a", "es", 3, "a-es-late"), told("a", "es", 2, "a-es"),
        told("b", "fr", 2, "b-fr"), told("b", "en", 1, "b-en"), told("c", "en", 1, "c"),
    ]  # fmt: skip
    for order in (some, some[::-1]):
        assert set(once(order, ("es",))) == {"a-en", "a-es-late", "b-fr"}
        assert set(once(order, ("pt", "fr"))) == {"a-es", "a-es-late", "b-en"}
        assert set(once(order, ())) == {"a-es", "a-es-late", "b-fr"}
