"""Digests: every wanted item once, under the first heading that fits, in the reader's order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds import digest as rule
from feeds import filters
from feeds.model import (
    Audience,
    Cadence,
    Digest,
    Item,
    Kind,
    Label,
    Period,
    Reason,
    Strength,
    Term,
    Vocabulary,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PERIOD = Period(key="2026-11-21", due_at=NOON)
NAMES = {
    "hn": ("Honduras", "Honduras"),
    "pa": ("Panama", "Panamá"),
    "de": ("Germany", "Alemania"),
    "eg": ("Egypt", "Egipto"),
    "at": ("Austria", "Áustria"),
}
VOCABULARY = Vocabulary(
    {
        **{
            (Kind.COUNTRY, code): Term(kind=Kind.COUNTRY, code=code, names={"en": en, "es": es})
            for code, (en, es) in NAMES.items()
        },
        (Kind.REGION, "central-america"): Term(
            kind=Kind.REGION, code="central-america", names={"en": "Central America"}, members=("hn", "pa")
        ),
        (Kind.REGION, "caribbean"): Term(
            kind=Kind.REGION, code="caribbean", names={"en": "Caribbean"}, members=("do", "ht")
        ),
    }
)


def item(
    id: str,
    *codes: str,
    day: int = 18,
    at: int = 0,
    mentions: tuple[str, ...] = (),
    regions: tuple[str, ...] = (),
) -> Item:
    """An item about `codes`: two letters are a country, all else is a topic."""
    labels = [
        *(Label(kind=Kind.COUNTRY if len(code) == 2 else Kind.TOPIC, code=code) for code in codes),
        *(Label(kind=Kind.COUNTRY, code=code, strength=Strength.MENTIONS) for code in mentions),
        *(Label(kind=Kind.REGION, code=code) for code in regions),
    ]
    updated_at = NOON + timedelta(milliseconds=at)
    return Item(
        id=id,
        atom_id=f"tag:example.org,2026:{id}",
        date_on=date(2026, 11, day),
        title=f"Title {id}",
        summary="Text",
        lang="en",
        accepted_at=updated_at,
        updated_at=updated_at,
        labels=tuple(labels),
    )


def audience(*texts: str, lang: str = "en") -> Audience:
    return Audience(cadence=Cadence.DAILY, filters=tuple(map(filters.parse, texts)), lang=lang)


def build(who: Audience, *items: Item) -> Digest | None:
    return rule.build(who, PERIOD, NOON - timedelta(days=1), NOON, items, VOCABULARY)


def layout(digest: Digest | None) -> list[tuple[str, list[str]]]:
    assert digest is not None
    return [
        (f"{group.kind or ''}:{group.code}", [entry.item.id for entry in group.entries])
        for group in digest.groups
    ]


def test_nothing_wanted_is_no_digest() -> None:
    assert build(audience("country:pa"), item("a", "hn")) is None
    assert build(audience("country:pa")) is None
    assert build(audience(), item("a", "pa")) is None


def test_a_digest_says_whose_it_is_and_what_it_covers() -> None:
    who = audience("all")
    digest = build(who, item("a"))

    assert digest is not None
    assert (digest.audience, digest.period) == (who, PERIOD)
    assert (digest.since_at, digest.until_at) == (NOON - timedelta(days=1), NOON)


def test_an_item_of_two_filters_comes_once_with_both_reasons() -> None:
    digest = build(
        audience("country:pa", "topic:health", "word:title country:hn,pa"), item("a", "pa", "hn", "health")
    )

    assert digest is not None
    (entry,) = digest.entries()
    assert entry.reason == Reason(countries=("pa", "hn"), topics=("health",), words=("title",))


def test_countries_stand_in_the_reader_s_order_and_not_by_name() -> None:
    who = audience("country:pa", "country:eg,hn")

    assert layout(build(who, item("h", "hn"), item("e", "eg"), item("p", "pa"))) == [
        ("country:pa", ["p"]),
        ("country:eg", ["e"]),
        ("country:hn", ["h"]),
    ]


def test_an_item_of_two_countries_stands_under_the_first_that_the_reader_follows() -> None:
    assert layout(build(audience("country:hn,pa"), item("a", "pa", "hn"), item("b", "pa"))) == [
        ("country:hn", ["a"]),
        ("country:pa", ["b"]),
    ]


def test_what_came_by_topic_stands_under_its_country_after_the_followed_ones_by_name() -> None:
    who = audience("country:pa", "topic:health")
    items = [item("e", "eg", "health"), item("d", "de", "health"), item("p", "pa"), item("n", "health")]

    assert layout(build(who, *items)) == [
        ("country:pa", ["p"]),
        ("country:eg", ["e"]),
        ("country:de", ["d"]),
        (":", ["n"]),
    ]


def test_who_follows_several_topics_and_no_place_is_told_by_topic_in_the_order_of_their_wishes() -> None:
    items = [item("e", "eg", "health"), item("l", "de", "labour"), item("b", "pa", "health", "labour")]
    by_topic = [("topic:labour", ["l", "b"]), ("topic:health", ["e"])]

    assert layout(build(audience("topic:labour", "topic:health"), *items)) == by_topic
    places = [("country:eg", ["e"]), ("country:de", ["l"])]
    assert layout(build(audience("topic:health", "topic:labour", "country:fr"), *items[:2])) == places
    assert layout(build(audience("topic:health"), *items[:1])) == places[:1]


def test_what_came_by_topic_alone_still_stands_under_a_followed_country() -> None:
    who = audience("country:pa topic:health", "topic:labour")

    assert layout(build(who, item("a", "hn", "pa", "labour"))) == [("country:pa", ["a"])]


def test_names_sort_in_the_audience_s_language_whatever_their_accents() -> None:
    items = [item("e", "eg"), item("d", "de"), item("a", "at")]

    assert [code for code, _ in layout(build(audience("all"), *items))] == [
        "country:at",
        "country:eg",
        "country:de",
    ]
    assert [code for code, _ in layout(build(audience("all", lang="es"), *items))] == [
        "country:de",
        "country:at",
        "country:eg",
    ]


def test_what_came_through_a_region_only_stands_under_the_region() -> None:
    who = audience("region:central-america", "country:hn")

    assert layout(build(who, item("p", "pa"), item("h", "hn"), item("r", regions=("central-america",)))) == [
        ("country:hn", ["h"]),
        ("region:central-america", ["p", "r"]),
    ]


def test_without_places_asked_for_the_order_is_country_then_region_then_none() -> None:
    items = [
        item("none"),
        item("cb", regions=("caribbean",)),
        item("ca", regions=("central-america",)),
        item("pa", "pa", "hn"),
        item("eg", "eg", regions=("caribbean",)),
        item("mentioned", mentions=("hn",)),
    ]

    assert layout(build(audience("all"), *items)) == [
        ("country:eg", ["eg"]),
        ("country:pa", ["pa"]),
        ("region:caribbean", ["cb"]),
        ("region:central-america", ["ca"]),
        (":", ["none", "mentioned"]),
    ]


def test_a_mention_that_was_asked_for_is_a_heading() -> None:
    who = audience("country:hn mentions:yes")

    assert layout(build(who, item("a", "pa", mentions=("hn",)))) == [("country:hn", ["a"])]


def test_a_country_that_the_site_does_not_know_is_no_accident() -> None:
    assert layout(build(audience("all"), item("z", "zz"), item("p", "pa"))) == [
        ("country:pa", ["p"]),
        ("country:zz", ["z"]),
    ]


def test_in_a_group_the_newest_come_first_and_of_one_day_the_last_announced() -> None:
    items = [item("a", day=17, at=9), item("b", day=18, at=1), item("c", day=18, at=2), item("d", day=19)]

    assert layout(build(audience("all"), *items)) == [(":", ["d", "c", "b", "a"])]


def test_an_item_given_twice_comes_once() -> None:
    assert layout(build(audience("all"), item("a"), item("a"))) == [(":", ["a"])]


def test_p4_what_a_member_already_got_is_dropped_and_empty_groups_with_it() -> None:
    digest = build(audience("country:hn,pa"), item("a", "hn"), item("b", "pa"), item("c", "pa", at=-1))
    assert digest is not None

    assert layout(rule.without(digest, {"a", "b"})) == [("country:pa", ["c"])]
    assert rule.without(digest, ["a", "b", "c"]) is None
    assert rule.without(digest, []) == rule.without(digest, {"elsewhere"}) == digest


def test_variants_are_told_apart_by_items_and_by_their_order() -> None:
    digest = build(audience("all"), item("a", day=18), item("b", day=17))
    again = build(audience("all", lang="es"), item("b", day=17), item("a", day=18))
    turned = build(audience("all"), item("a", day=17), item("b", day=18))
    assert digest
    assert again
    assert turned
    fewer = rule.without(digest, ["b"])
    assert fewer

    assert rule.variant(digest) == rule.variant(again)
    assert len({rule.variant(digest), rule.variant(turned), rule.variant(fewer)}) == 3
    assert len(rule.variant(digest)) == 16
    assert rule.variant(digest).isalnum()


codes = st.sampled_from(["hn", "pa", "eg", "zz", "health", "labour"])
items = st.lists(
    st.builds(
        lambda labels, named, regions, day, at: (labels, named, regions, day, at),
        st.lists(codes, max_size=3, unique=True),
        st.lists(st.sampled_from(["hn", "de"]), max_size=1),
        st.lists(st.sampled_from(["central-america", "caribbean"]), max_size=1),
        st.integers(1, 20),
        st.integers(0, 5),
    ),
    max_size=12,
)
wishes = st.sampled_from(
    [
        "all",
        "country:hn",
        "country:pa,eg mentions:yes",
        "region:central-america",
        "topic:health",
        "-word:text",
    ]
)


@examples(30)
@given(raw=items, texts=st.lists(wishes, min_size=1, max_size=3), order=st.randoms(use_true_random=False))
def test_every_wanted_item_is_there_once_whatever_the_order_they_came_in(
    raw: list[tuple[list[str], list[str], list[str], int, int]], texts: list[str], order: object
) -> None:
    made = [
        replace(
            item(f"i{n}", *labels, day=day, mentions=tuple(named), regions=tuple(regions)),
            updated_at=NOON + timedelta(milliseconds=n + 100 * at),
        )
        for n, (labels, named, regions, day, at) in enumerate(raw)
    ]
    who = audience(*texts)
    wanted = {one.id for one in made if any(filters.match(f, one, VOCABULARY) for f in who.filters)}
    digest = build(who, *made)
    mixed = list(made)
    order.shuffle(mixed)  # type: ignore[attr-defined]

    assert build(who, *mixed) == digest
    assert (digest is None) is (not wanted)
    if digest is not None:
        ids = [entry.item.id for entry in digest.entries()]
        headings = [(group.kind, group.code) for group in digest.groups]
        assert sorted(ids) == sorted(wanted)
        assert len(set(headings)) == len(headings)
        assert all(group.entries for group in digest.groups)
