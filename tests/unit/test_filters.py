"""Filters: one text, one query, one meaning; faults that say where and what is allowed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds import filters
from feeds.errors import InputError
from feeds.filters.missing import only_mentioned, unmet
from feeds.model import Filter, Item, Kind, Label, Reason, Strength, Term, Vocabulary

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def term(kind: Kind, code: str, en: str, es: str, *members: str) -> tuple[tuple[Kind, str], Term]:
    return (kind, code), Term(kind=kind, code=code, names={"en": en, "es": es}, members=members)


VOCABULARY = Vocabulary(
    dict(
        [
            term(Kind.COUNTRY, "pa", "Panama", "Panamá"),
            term(Kind.COUNTRY, "hn", "Honduras", "Honduras"),
            term(Kind.COUNTRY, "cr", "Costa Rica", "Costa Rica"),
            term(Kind.COUNTRY, "mx", "Mexico", "México"),
            term(Kind.COUNTRY, "do", "Dominican Republic", "República Dominicana"),
            term(Kind.COUNTRY, "cg", "Congo", "República del Congo"),
            term(Kind.COUNTRY, "cd", "DR Congo", "Congo"),
            term(Kind.REGION, "central-america", "Central America", "Centroamérica", "pa", "hn", "cr"),
            term(Kind.REGION, "americas", "The Americas", "Las Américas", "pa", "hn", "cr", "mx", "do"),
            term(Kind.TOPIC, "labour-migration", "Labour migration", "Migración laboral"),
            term(Kind.TOPIC, "health", "Health", "Salud"),
        ]
    )
)


def item(title: str = "Title", summary: str = "", *labels: tuple[Kind, str] | Label) -> Item:
    made = tuple(one if isinstance(one, Label) else Label(kind=one[0], code=one[1]) for one in labels)
    return Item(
        id="abc",
        atom_id="tag:example.org,2026:abc",
        date_on=date(2026, 11, 18),
        title=title,
        summary=summary,
        lang="en",
        accepted_at=NOW,
        updated_at=NOW,
        labels=made,
    )


def about(*codes: str) -> Item:
    return item("Title", "Text", *((Kind.COUNTRY, code) for code in codes))


def faults_of(text: str, vocabulary: Vocabulary | None = VOCABULARY) -> dict[str, str]:
    with pytest.raises(InputError) as caught:
        filters.parse(text, vocabulary)
    return {problem.where: problem.what for problem in caught.value.problems}


def wants(text: str, candidate: Item) -> Reason | None:
    return filters.match(filters.parse(text, VOCABULARY), candidate, VOCABULARY)


# --- reading


def test_each_kind_of_term_is_read() -> None:
    text = (
        "country:hn,pa region:central-america topic:labour-migration "
        'word:visa,"work permit" -word:football mentions:yes'
    )

    assert filters.parse(text, VOCABULARY) == Filter(
        countries=("hn", "pa"),
        regions=("central-america",),
        topics=("labour-migration",),
        words=("visa", "work permit"),
        without=("football",),
        mentions=True,
    )


@pytest.mark.parametrize(
    "text",
    [
        "country:PA,hn",
        "Country:pa country:HN country:pa",
        "country:Panama,Honduras",
        "country:panamá country:HONDURAS",
        "country: pa, hn",
        "country:pa ,hn,",
        "country:“Panama”,hn",
        'country:"pa","hn"',
        "\tcountry:pa\n\u00a0country:hn mentions:no ",
    ],
)
def test_many_spellings_are_one_filter(text: str) -> None:
    assert filters.canonical(filters.parse(text, VOCABULARY)) == "country:hn,pa"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('country:"Costa Rica"', "country:cr"),
        ('country:"República Dominicana",México', "country:do,mx"),
        ('region:"Central America"', "region:central-america"),
        ('topic:"migracion laboral",Health', "topic:health,labour-migration"),
        ("topic:labour_migration", "topic:labour-migration"),
    ],
)
def test_full_names_in_any_language_of_the_site_are_understood(text: str, canonical: str) -> None:
    assert filters.canonical(filters.parse(text, VOCABULARY)) == canonical


def test_without_a_vocabulary_codes_are_taken_by_their_shape_and_names_are_not() -> None:
    assert filters.parse("country:zz topic:retired-topic") == Filter(
        countries=("zz",), topics=("retired-topic",)
    )
    assert "two-letter code" in faults_of("country:Panama", None)["country:Panama"]
    assert "hyphens" in faults_of('topic:"a b"', None)["topic:a b"]


def test_only_the_word_all_is_everything() -> None:
    assert filters.parse("all") == filters.parse(" ALL ", VOCABULARY) == Filter()
    assert filters.everything(filters.parse("all"))
    assert not filters.everything(filters.parse("all -word:football"))
    assert not filters.everything(filters.parse("country:pa"))


def test_a_comma_at_the_end_does_not_swallow_the_next_term() -> None:
    assert filters.canonical(filters.parse("country:pa, topic:health")) == "country:pa topic:health"
    assert "names nothing" in faults_of("country: topic:health")["country:"]


def test_mentions_without_a_place_is_dropped_since_it_would_change_nothing() -> None:
    assert filters.canonical(filters.parse("topic:health mentions:yes")) == "topic:health"
    assert filters.to_query(Filter(topics=("health",), mentions=True)) == "topic=health"


def test_the_region_switch_has_one_text_and_one_query_and_stands_last() -> None:
    wanted = filters.parse("members:NO mentions:yes region:central-america", VOCABULARY)

    assert filters.canonical(wanted) == "region:central-america mentions:yes members:no"
    assert filters.to_query(wanted) == "region=central-america&mentions=yes&members=no"
    assert filters.from_query([("members", "no"), ("region", "central-america")]) == Filter(
        regions=("central-america",), members=False
    )
    assert filters.canonical(filters.parse("region:central-america members:yes")) == "region:central-america"


def test_members_without_a_region_is_dropped_since_it_would_change_nothing() -> None:
    assert filters.canonical(filters.parse("country:pa members:no")) == "country:pa"


def test_a_switch_that_is_both_yes_and_no_is_a_fault() -> None:
    assert faults_of("region:central-america members:no,yes") == {"members": "is both yes and no"}
    assert faults_of("region:central-america members:none") == {"members:none": "can be yes or no"}


@pytest.mark.parametrize("text", ["", "  \n", "mentions:yes", "members:no mentions:no"])
def test_a_filter_that_asks_for_nothing_is_a_fault_not_everything(text: str) -> None:
    assert "is empty" in faults_of(text)["filter"]


def test_all_stands_alone_but_for_exclusions() -> None:
    assert filters.canonical(filters.parse("all -word:football")) == "-word:football"
    assert filters.canonical(filters.parse("all -topic:health -country:pa")) == "-country:pa -topic:health"
    assert "only what is excluded" in faults_of("all topic:health")["all"]


def test_all_faults_come_at_once_each_with_its_term_and_what_is_allowed() -> None:
    faults = faults_of(
        "country:xx,pa topic:healt contry:pa region:caribbean -members:no football mentions:maybe"
    )

    assert set(faults) == {
        "country:xx",
        "topic:healt",
        "contry:pa",
        "region:caribbean",
        "-members:no",
        "football",
        "mentions:maybe",
    }
    assert "two-letter code such as pa or a full name" in faults["country:xx"]
    assert "one of health, labour-migration; did you mean topic:health (Health)?" in faults["topic:healt"]
    assert "did you mean country:?" in faults["contry:pa"]
    assert "one of americas, central-america" in faults["region:caribbean"]
    assert "-country:" in faults["-members:no"]
    assert "word:football" in faults["football"]
    assert "yes or no" in faults["mentions:maybe"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("country:Hondruas", "country:hn (Honduras)"),
        ("country:central-america", "region:central-america"),
        ("region:panama", "country:pa (Panama)"),
        ("topic:labor-migration", "topic:labour-migration"),
        ("panama", "country:pa"),
        ('"Labour Migration"', "topic:labour-migration"),
        ("topics:health", "topic:"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_match(text: str, hint: str) -> None:
    (what,) = faults_of(text).values()

    assert f"did you mean {hint}" in what


def test_a_far_off_value_is_answered_without_a_guess() -> None:
    assert "did you mean" not in faults_of("country:qqqqqqqq")["country:qqqqqqqq"]


def test_a_name_of_two_countries_is_asked_back_never_guessed() -> None:
    assert "country:cg (Congo) or country:cd (DR Congo)" in faults_of("country:congo")["country:congo"]


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("country:", "country:", "names nothing"),
        ('word:""', 'word:""', "names nothing"),
        ('word:"work permit', 'word:"work permit', "not closed"),
        ("word:---", "word:---", "no letter or digit"),
        ("word:" + "x" * 61, "word:" + "x" * 61, "at most 60"),
        ("word:visa -word:VISA", "word:visa", "both asked for and excluded"),
        ("country:pa mentions:yes mentions:no", "mentions", "both yes and no"),
        (":::", ":::", "is no kind of term"),
        (",", ",", "asks for nothing"),
    ],
)
def test_what_cannot_be_meant_is_a_fault(text: str, where: str, what: str) -> None:
    assert what in faults_of(text)[where]


def test_sixty_terms_are_taken_and_sixty_one_are_not() -> None:
    sixty = " ".join(f"word:w{n}" for n in range(60))

    assert len(filters.parse(sixty).words) == 60
    assert "at most 60" in faults_of(sixty + " topic:health")["filter"]
    assert "at most 60" in faults_of("word:" + ",".join(f"w{n}" for n in range(61)))["filter"]
    assert "at most 60" in faults_of("x " * 3_000)["filter"]


def test_an_endless_text_is_one_fault() -> None:
    assert "too long" in faults_of("word:" + "x" * 10_000)["filter"]
    with pytest.raises(InputError, match="too long"):
        filters.from_query([("word", "x" * 5_000), ("word", "y" * 5_000)])


def test_faults_never_show_invisible_characters() -> None:
    assert list(faults_of("topic:he\u202eal\x1b[31mth\u200b")) == ["topic:he\ufffdal\ufffd[31mth\ufffd"]


def test_words_keep_their_accents_and_lose_what_is_invisible() -> None:
    parsed = filters.parse('word:"  Migracio\u0301n\u00a0 \u202eLaboral\ufdd0 "')

    assert parsed.words == ("migración laboral",)


def test_words_that_match_the_same_are_one_and_the_accented_spelling_stays() -> None:
    assert filters.parse("word:migracion,MIGRACIÓN,covid-19,“covid 19”").words == ("covid-19", "migración")


def test_words_are_quoted_where_they_would_fall_apart_and_empty_ones_are_dropped() -> None:
    made = Filter(words=("a,b", "c:d", "covid-19", "--", "work  permit"))

    assert filters.canonical(made) == 'word:"a,b","c:d",covid-19,"work permit"'
    assert filters.parse(filters.canonical(made)) == filters.normal(made)


# --- one form

slugs = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)
raw_words = st.text(
    alphabet=st.one_of(
        st.sampled_from("abzABZñÑéİßςΣﬁΩK019 ,:\"“-_.'&=%+#\u00a0\u00ad\u0301\u202e\ufdd0日ا"),
        st.characters(max_codepoint=0x24F),
    ),
    max_size=12,
).filter(lambda text: bool(filters.fold(text)))


@st.composite
def made(draw: st.DrawFn) -> Filter:
    words = draw(st.lists(raw_words, max_size=4))
    taken = {filters.fold(word) for word in filters.normal(Filter(words=tuple(words))).words}
    codes = st.from_regex(r"[a-zA-Z]{2}", fullmatch=True)
    return Filter(
        countries=tuple(draw(st.lists(codes, max_size=4))),
        regions=tuple(draw(st.lists(slugs, max_size=3))),
        topics=tuple(draw(st.lists(slugs, max_size=3))),
        words=tuple(words),
        without=tuple(
            word
            for word in draw(st.lists(raw_words, max_size=3))
            if not {filters.fold(kept) for kept in filters.normal(Filter(words=(word,))).words} & taken
        ),
        mentions=draw(st.booleans()),
        members=draw(st.booleans()),
    )


@examples(30)
@given(wanted=made())
def test_the_canonical_text_reads_back_as_the_same_filter(wanted: Filter) -> None:
    text = filters.canonical(wanted)

    assert filters.parse(text) == filters.normal(wanted)
    assert filters.canonical(filters.parse(text)) == text


@examples(30)
@given(wanted=made())
def test_the_query_reads_back_as_the_same_filter(wanted: Filter) -> None:
    query = filters.to_query(wanted)

    assert query.isascii()
    assert filters.from_query(parse_qsl(query, strict_parsing=True)) == filters.normal(wanted)


@examples(30)
@given(wanted=made(), shuffle=st.randoms(use_true_random=False))
def test_order_repeats_and_case_change_nothing(wanted: Filter, shuffle: object) -> None:
    def stirred(values: tuple[str, ...]) -> tuple[str, ...]:
        twice = [*values, *values]
        shuffle.shuffle(twice)  # type: ignore[attr-defined]
        return tuple(twice)

    mixed = Filter(
        countries=stirred(tuple(code.upper() for code in wanted.countries)),
        regions=stirred(wanted.regions),
        topics=stirred(wanted.topics),
        words=stirred(wanted.words),
        without=stirred(wanted.without),
        mentions=wanted.mentions,
        members=wanted.members,
    )

    assert filters.canonical(mixed) == filters.canonical(wanted)
    assert filters.to_query(mixed) == filters.to_query(wanted)


@examples(30)
@given(text=st.text(alphabet=':,"-aAlé \u2028countryword', max_size=60))
def test_any_text_gives_a_filter_or_faults(text: str) -> None:
    try:
        parsed = filters.parse(text, VOCABULARY)
    except InputError as error:
        said = error.problems
    else:
        said = []
        assert filters.parse(filters.canonical(parsed), VOCABULARY) == parsed

    assert all(problem.where and problem.what for problem in said)


def test_the_query_is_the_one_of_the_design() -> None:
    wanted = filters.parse(
        'topic:labour-migration country:pa,hn word:"work permit","a, b" -word:fútbol mentions:yes'
    )

    assert filters.to_query(filters.parse("topic:labour-migration country:pa,hn")) == (
        "country=hn,pa&topic=labour-migration"
    )
    assert filters.to_query(wanted) == (
        "country=hn,pa&topic=labour-migration&word=%22a,%20b%22,work%20permit&without=f%C3%BAtbol&mentions=yes"
    )
    assert filters.to_query(Filter()) == "all=yes"


def test_a_form_s_query_may_repeat_keys_leave_fields_empty_and_hold_spaces() -> None:
    pairs = [
        ("country", "pa"),
        ("country", "Costa Rica"),
        ("region", ""),
        ("topic", " "),
        ("word", "work permit, visa"),
    ]

    assert filters.from_query(pairs, VOCABULARY) == Filter(
        countries=("cr", "pa"), words=("visa", "work permit")
    )


def test_faults_of_a_query_name_the_parameter() -> None:
    with pytest.raises(InputError) as caught:
        filters.from_query([("country", "xx,pa"), ("topics", "health"), ("mentions", "perhaps")], VOCABULARY)

    assert {problem.where for problem in caught.value.problems} == {
        "country=xx",
        "topics=",
        "mentions=perhaps",
    }
    assert "did you mean topic=?" in str(caught.value)


def test_an_empty_query_is_a_fault_not_everything() -> None:
    with pytest.raises(InputError, match="is empty"):
        filters.from_query([("country", ""), ("mentions", "yes")], VOCABULARY)

    assert filters.from_query([("all", "yes")]) == Filter()


# --- matching


def test_everything_takes_any_item_without_a_special_reason() -> None:
    assert wants("all", item()) == Reason()


def test_any_of_the_countries_will_do_and_the_reason_names_those_in_the_filter_s_order() -> None:
    assert wants("country:pa,hn,mx", about("pa", "cr", "hn")) == Reason(countries=("hn", "pa"))
    assert wants("country:mx", about("pa", "hn")) is None


def test_a_country_only_mentioned_counts_when_the_filter_says_so() -> None:
    named = item("t", "s", Label(kind=Kind.COUNTRY, code="pa", strength=Strength.MENTIONS))

    assert wants("country:pa", named) is None
    assert wants("country:pa mentions:yes", named) == Reason(countries=("pa",))
    assert wants("region:central-america", named) is None
    assert wants("region:central-america mentions:yes", named) == Reason(regions=("central-america",))


def test_a_region_takes_items_of_the_region_and_of_its_countries() -> None:
    labelled = item("t", "s", (Kind.REGION, "central-america"))

    assert wants("region:central-america", labelled) == Reason(regions=("central-america",))
    assert wants("region:central-america", about("hn")) == Reason(regions=("central-america",))
    assert wants("region:central-america", about("mx")) is None
    assert wants("country:pa", labelled) is None


def test_with_members_no_a_region_takes_only_items_of_the_region_itself() -> None:
    text = "region:central-america members:no"

    assert wants(text, item("t", "s", (Kind.REGION, "central-america"))) == Reason(
        regions=("central-america",)
    )
    assert wants(text, about("hn")) is None
    assert wants(f"{text} country:hn", about("hn")) == Reason(countries=("hn",))
    assert wants("region:central-america members:yes", about("hn")) is not None


def test_a_region_takes_items_of_the_regions_that_lie_within_it() -> None:
    inner, outer = item("t", "s", (Kind.REGION, "central-america")), item("t", "s", (Kind.REGION, "americas"))

    assert wants("region:americas", inner) == Reason(regions=("americas",))
    assert wants("region:americas members:no", inner) is None
    assert wants("region:central-america", outer) is None


def test_a_region_within_another_counts_as_strongly_as_it_is_named() -> None:
    named = item("t", "s", Label(kind=Kind.REGION, code="central-america", strength=Strength.MENTIONS))

    assert wants("region:americas", named) is None
    assert wants("region:americas mentions:yes", named) == Reason(regions=("americas",))


def test_places_are_countries_or_regions() -> None:
    assert wants("country:mx region:central-america", about("mx")) == Reason(countries=("mx",))
    assert wants("country:mx region:central-america", about("hn", "mx")) == Reason(
        countries=("mx",), regions=("central-america",)
    )


def test_a_region_that_the_site_no_longer_knows_still_takes_its_label() -> None:
    wanted = filters.parse("region:old-region")

    assert filters.match(wanted, item("t", "s", (Kind.REGION, "old-region")), VOCABULARY) is not None
    assert filters.match(wanted, about("pa"), VOCABULARY) is None


def test_place_and_topic_and_word_must_all_match() -> None:
    text = "country:pa topic:health word:visa"
    both = ((Kind.COUNTRY, "pa"), (Kind.TOPIC, "health"))

    assert wants(text, item("Visa", "", *both)) == Reason(
        countries=("pa",), topics=("health",), words=("visa",)
    )
    assert wants(text, item("Passport", "", *both)) is None
    assert wants(text, item("Visa", "", (Kind.COUNTRY, "pa"))) is None
    assert wants(text, item("Visa", "", (Kind.TOPIC, "health"))) is None


@pytest.mark.parametrize(
    ("text", "title", "summary", "found"),
    [
        ("word:visa", "New VISA rules", "", True),
        ("word:visa", "Advisable", "visage, visas", False),
        ("word:migracion", "", "La Migración, hoy", True),
        ("word:MIGRACIÓN", "", "la migracion", True),
        ('word:"work permit"', "", "a work\u00a0-  permit.", True),
        ('word:"work permit"', "Work", "permit", False),
        ('word:"work permit"', "permit work", "", False),
        ("word:covid-19", "COVID 19", "", True),
        ("word:women's", "", "women’s rights", True),
        ("word:strasse", "Straße", "", True),
        ("word:migrantes", "mi\u00adgran\u200btes", "", True),
        ("word:visa,passport", "", "the passport", True),
    ],
)
def test_words_match_whole_words_whatever_case_and_accents(
    text: str, title: str, summary: str, found: bool
) -> None:
    assert (wants(text, item(title, summary)) is not None) is found


def test_excluded_words_win_over_all_that_matched() -> None:
    assert wants("country:pa -word:football", about("pa")) == Reason(countries=("pa",))
    assert wants("country:pa -word:text", about("pa")) is None
    assert wants("all -word:Téxt", about("pa")) is None


@examples(30)
@given(text=st.text(alphabet="abÁéßİΣﬁ℡ .,-_|\u0301日", max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert filters.fold(filters.fold(text)) == filters.fold(text)


# -- at the edges of what is taken, and one condition at a time


def test_a_word_of_sixty_characters_is_taken_and_one_of_sixty_one_is_not() -> None:
    assert filters.parse("word:" + "x" * 60).words == ("x" * 60,)
    assert "at most 60" in next(iter(faults_of("word:" + "x" * 61).values()))


def test_the_length_of_a_query_is_that_of_its_names_and_values() -> None:
    filters.from_query([("word", "x" * 50), ("country", "pa")])
    for pairs in ([("word", "x" * 9_000)], [("x" * 9_000, "pa")], [("x" * 4_500, "y" * 4_500)]):
        with pytest.raises(InputError, match=r"at most \d,\d{3} characters"):
            filters.from_query(pairs)


def test_a_text_alone_is_asked_for_words_and_language() -> None:
    wanted = filters.parse("country:pa word:visa language:en")
    assert filters.match_text(wanted, "New visa rules", "", "en")
    assert not filters.match_text(wanted, "New rules", "", "en")
    assert not filters.match_text(wanted, "New visa rules", "", "es")
    assert filters.match_text(filters.parse("country:pa"), "", "", "")


def test_each_condition_that_keeps_an_item_out_is_told_by_itself() -> None:
    wanted = filters.parse("country:pa,hn topic:health word:visa -country:mx")
    assert unmet(wanted, item("Visa", "", (Kind.COUNTRY, "pa"), (Kind.TOPIC, "health")), VOCABULARY) == []
    assert unmet(wanted, item("Visa", "", (Kind.COUNTRY, "cr")), VOCABULARY) == ["place", "topic"]
    there = ((Kind.COUNTRY, "pa"), (Kind.COUNTRY, "mx"), (Kind.TOPIC, "health"))
    assert unmet(wanted, item("Text", "", *there), VOCABULARY) == ["word", "not place"]


def test_what_only_a_mention_would_bring_is_told_apart() -> None:
    named = Label(kind=Kind.COUNTRY, code="pa", strength=Strength.MENTIONS)
    assert only_mentioned(filters.parse("country:pa word:visa"), item("Text", "", named), VOCABULARY)
    assert not only_mentioned(filters.parse("country:pa"), about("pa"), VOCABULARY)
    assert not only_mentioned(filters.parse("country:hn"), item("Text", "", named), VOCABULARY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("work permit", [("q", "work permit")]),
        ('"work permit"', [("word", '"work permit"')]),
        ('visa "work permit" 2026', [("word", '"work permit"'), ("q", "visa 2026")]),
        ("«permiso de trabajo» visa", [("word", '"permiso de trabajo"'), ("q", "visa")]),
        ("“work permit”", [("word", '"work permit"')]),
        ('"school"', [("q", "school")]),
        ('"work permit" "labour law"', [("word", '"work permit"'), ("q", "labour law")]),
        ('"', []),
        ('"" ""', []),
        ('school "work permit', [("q", "school work permit")]),
        (f'"{"a " * 30}b"', [("q", ("a " * 30 + "b"))]),
        (f'"{"a" * 58} b" c', [("word", f'"{"a" * 58} b"'), ("q", "c")]),
    ],
)
def test_a_part_in_quotation_marks_is_a_phrase(typed: str, meant: list[tuple[str, str]]) -> None:
    assert filters.phrases_apart([("q", typed), ("country", "pa")]) == [*meant, ("country", "pa")]


def test_a_phrase_beside_words_that_are_asked_for_already_is_all_its_words() -> None:
    """Values of `word` are any of them: a phrase among them would widen the search."""
    pairs = [("word", "visa"), ("q", '"work permit"')]
    assert filters.phrases_apart(pairs) == [("word", "visa"), ("q", "work permit")]
    assert filters.phrases_apart([("word", " "), ("q", '"a b"')]) == [("word", " "), ("word", '"a b"')]
    assert filters.phrases_apart([("q", '"a b"'), ("q", '"c d"')]) == [("word", '"a b"'), ("q", "c d")]
