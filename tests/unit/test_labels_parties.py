"""Who takes part in what an item reports, and who only watches, pays, hosts or is on the way."""

from __future__ import annotations

import pytest
from tests.unit.test_labels import codes, labels, roles

from feeds.labels.datelines import dateline_end
from feeds.labels.folding import fold
from feeds.labels.places import Hit, Surface
from feeds.labels.sentences import bridged, in_list, sentence
from feeds.model import Kind, Strength


def about(title: str, summary: str, lang: str = "en") -> set[str]:
    return set(codes(labels(title, summary, lang), Kind.COUNTRY, Strength.ABOUT))


@pytest.mark.parametrize(
    ("title", "summary", "wanted"),
    [
        # delegations: two are enough, one needs to take part
        ("Fruit growers meet", "Delegations of Togo and Benin came to Lomé.", {"tg", "bj"}),
        ("Peru plans a fair", "A delegation from Chile signed the plan.", {"pe", "cl"}),
        ("Peru plans a fair", "A delegation from Chile ate lunch.", {"pe"}),
        # people of two countries who take part; people who move do not
        ("Malta opens a choir week", "Singers from Chad and Niger took part.", {"mt", "td", "ne"}),
        ("Malta opens a choir week", "Refugees from Chad and Niger took part.", {"mt"}),
        ("Malta opens a choir week", "Singers from Chad and Niger slept well.", {"mt"}),
        # three people's countries in the first sentence; guests who are welcomed are none
        ("Malta opens a choir week", "Singers from Chad, Niger and Togo rehearse.", {"mt", "td", "ne", "tg"}),
        ("Malta opens a choir week", "The mayor welcomed singers from Chad, Niger and Togo.", {"mt"}),
        ("Malta opens a choir week", "It rains. Singers from Chad, Niger and Togo wait.", {"mt"}),
        # a list of three as subject; not if it tells of earlier or of something alike
        ("Malta plants trees", "Chad, Niger and Togo plant some, too.", {"mt", "td", "ne", "tg"}),
        ("Malta plants trees", "Chad, Niger and Togo had planted some.", {"mt"}),
        ("Malta plants trees", "Chad, Niger and Togo planted the same.", {"mt"}),
        # through authorities, all of a list; land and law are no authorities
        ("Malta sells fish", "The governments of Chad and Niger object.", {"mt", "td", "ne"}),
        ("Malta sells fish", "The shops are in cities of Chad and Niger.", {"mt"}),
        # where some took part, but not where it was or for whom
        ("Malta sells fish", "With Chad and Niger it agreed on prices.", {"mt", "td", "ne"}),
        ("Malta sells fish", "It agreed on prices for Chad and Niger.", {"mt"}),
        ("Malta sells fish", "It agreed on prices in Chad and Niger.", {"mt"}),
        # members of a body that act
        ("Malta writes", "The members (Chad, Niger and Togo) adopted a text.", {"mt", "td", "ne", "tg"}),
        ("Malta writes", "The members are Chad, Niger and Togo.", {"mt"}),
        # a continent is no group whose members act one by one
        ("Malta wins European cup", "Norway won silver.", {"mt"}),
        ("Latvia and the Baltic states ski", "Estonia starts first.", {"lv", "ee"}),
        # experts of three countries that confer, none that watch
        ("Six countries talk of rain", "Experts of Chad, Niger and Togo draft a text.", {"td", "ne", "tg"}),
        # who is heard on a panel speaks, even for a government
        ("Courses on rain in Central America", "They heard a panel with delegates of Cuba and Haiti.", set()),
        ("Six countries talk of rain in Malta", "Observers from Chad, Niger and Togo draft a text.", {"mt"}),
    ],
)
def test_who_takes_part(title: str, summary: str, wanted: set[str]) -> None:
    assert about(title, summary) == wanted


@pytest.mark.parametrize(
    ("summary", "wanted"),
    [
        ("Some 900 people reached Uganda from Burundi.", {"ug", "bi"}),
        ("Families fled Burundi.", {"ug", "bi"}),
        ("Most of the people reached Uganda from Burundi.", {"ug"}),
        ("Some 900 people who reached Uganda from Burundi rest.", {"ug"}),
        ("Some 900 people reached Uganda from Burundi in 2014.", {"ug"}),
        ("It is dark. Some 900 people reached Uganda from Burundi.", {"ug"}),
        ("The sacks reached Uganda from Burundi.", {"ug"}),
        ("Some 900 people reached Uganda near Burundi.", {"ug"}),
        ("Some 900 people reached Uganda from Burundi and Rwanda.", {"ug"}),
    ],
)
def test_where_people_came_from_is_news_of_one_country_told_in_the_first_clause(
    summary: str, wanted: set[str]
) -> None:
    assert about("Uganda spends a night awake", summary) == wanted


@pytest.mark.parametrize("share", ["(41%)", "(12)", "41 per cent", "41 percent"])
def test_places_with_shares_are_nationalities(share: str) -> None:
    found = labels(
        "Malta counts boats", f"Some come from Syria {share}, Iraq and Iran and had lived in Iraq."
    )

    assert codes(found, Kind.COUNTRY, Strength.ABOUT) == ["mt"]
    assert roles(found, "sy") == ["nationality"]


def test_a_town_where_many_meet_is_a_venue_unless_its_country_takes_part() -> None:
    met = "Ministers of Chad, Niger and Togo signed it in"

    assert about("A pact for the river", f"{met} Geneva.") == {"td", "ne", "tg"}
    assert about("A pact for the river", f"{met} Tunis.") == {"td", "ne", "tg"}
    assert about("A pact for the river", f"{met} Lomé.") == {"td", "ne", "tg"}
    assert about("A pact for Tunisia", f"{met} Tunis.") == {"tn", "td", "ne", "tg"}


@pytest.mark.parametrize(
    ("summary", "role"),
    [
        ("Dakar, Senegal The course is free.", "dateline"),
        ("DAKAR, SENEGAL, 3 May 2024\n\nIt is free.", "dateline"),
        ("Dakar. It is free.", "dateline"),
        ("Dakar (Senegal) The course is free.", "dateline"),
        ("Dakar, Senegal offers it free.", "plain"),
        ("Dakar is hot.", "plain"),
        ("In Dakar. It is free.", "plain"),
    ],
)
def test_a_dateline_needs_no_dash(summary: str, role: str) -> None:
    assert set(roles(labels("A course for bakers", summary), "sn")) == {role}


@pytest.mark.parametrize(
    ("title", "summary", "wanted"),
    [
        ("Canada sends rice to Haiti", "It arrives today.", {"ht"}),
        ("Canada sends rice on tour", "It arrives today.", {"ca"}),
        ("Haiti needs rice", "Canada sent some. The Canadian rice is long.", {"ht"}),
        ("Rice is short", "Canada sent some to Haiti.", {"ca", "ht"}),
        ("Peru thanks Canada for its gift", "It was rice.", {"pe"}),
        ("Peru thanks Canada for hosting families", "It was cold.", {"pe", "ca"}),
    ],
)
def test_who_gives_is_named_only(title: str, summary: str, wanted: set[str]) -> None:
    assert about(title, summary) == wanted


def test_a_border_between_two_is_news_of_both_in_a_title() -> None:
    assert about("Herders rest at the border between Chad and Niger", "It is hot.") == {"td", "ne"}
    assert about("Malta paints the border between Chad and Niger", "It is hot.") == {"mt", "td", "ne"}
    assert about("Malta paints a border", "It is the border between Chad and Niger.") == {"mt"}


def test_what_stands_behind_a_list_holds_for_all_of_it() -> None:
    found = labels("Malta votes", "It is hot. Chad and Niger attended as observers.")

    assert (roles(found, "td"), roles(found, "ne")) == (["guest"], ["guest"])


def test_the_other_end_of_a_title_may_have_an_article() -> None:
    summary = "The looms stand in Otavalo, Ecuador."

    assert about("Weavers export to the Gambia", summary) == {"gm", "ec"}
    assert about("Weavers of the Gambia", summary) == {"gm"}
    assert about("Weavers export to sunny Gambia", summary) == {"gm"}


def test_a_possessive_before_an_authority_acts() -> None:
    assert about("Malta sells fish", "Peru's fisheries ministry objects.") == {"mt", "pe"}
    assert about("Malta sells fish", "Peru's ministry objects.") == {"mt", "pe"}
    assert about("Malta sells fish", "Peru's old tall grey house burns.") == {"mt"}


def test_who_pays_makes_no_payers_of_others() -> None:
    summary = "Canada gave rice. The Canadian rice is long. The Government of Peru cooks it."

    assert about("Rice is short in Haiti", summary) == {"ht", "pe"}


@pytest.mark.parametrize(
    ("between", "joined"),
    [
        (" ", True),
        (" the government of the people of ", True),
        (" the government of the people of the ", False),
        ("'s own ", False),
        ("'s government of ", True),
        (" old ", False),
        (": ", True),
        (" (", True),
        (", ", False),
        (" the, ", False),
        (". ", False),
    ],
)
def test_what_may_stand_between_a_cue_and_its_place(between: str, joined: bool) -> None:
    assert bridged(f"for{between}peru", 3, 3 + len(between)) is joined


def test_a_government_named_by_its_people_takes_part() -> None:
    assert about("Malta escreve cartas", "O governo americano respondeu.", "pt") == {"mt", "us"}


def test_a_dateline_may_end_with_its_year() -> None:
    assert dateline_end("Lomé, 8 May 2023. The minister spoke.") == len("Lomé, 8 May 2023. ")
    assert dateline_end("Lomé, 8 May. The minister spoke.") == 0


def test_weavers_who_export_are_at_home_in_the_first_sentence() -> None:
    assert about("Weavers export to Japan", "The looms stand in Otavalo, Ecuador, and Quito.") == {"jp", "ec"}
    assert about("Weavers export to Japan", "It is late. The looms stand in Otavalo, Ecuador.") == {"jp"}
    assert about("Weavers of Japan", "The looms stand near Otavalo, Ecuador.") == {"jp"}


def test_rangers_of_a_people_tell_where_they_are_if_the_summary_opens_with_them() -> None:
    assert about("The toad is back", "Honduran rangers counted sixty. In Mexico it is gone.") == {"hn"}


def test_two_countries_that_agree_are_governance() -> None:
    assert "governance" in codes(
        labels("Chad and Niger share a well", "It was signed on Monday."), Kind.TOPIC
    )
    assert "governance" not in codes(labels("Chad digs a well", "It was signed on Monday."), Kind.TOPIC)


def test_an_item_that_hardly_tells_a_topic_has_none() -> None:
    assert not codes(labels("A quiet week", "Some spoke of the law."), Kind.TOPIC)
    assert codes(labels("The law of the week", "It is quiet."), Kind.TOPIC) == ["governance"]


@pytest.mark.parametrize(
    ("between", "joined"),
    [
        (", ", True),
        (" / ", True),
        (" & ", True),
        (" (", True),
        (" and the government of ", True),
        (" and four ", True),
        (" and 4 ", True),
        (" of the ", False),
        (" and slept in ", False),
        (". ", False),
        (" and the people and the people and the people of ", False),
        (" and " + "the " * 30, False),
    ],
)
def test_what_may_stand_between_two_places_of_a_list(between: str, joined: bool) -> None:
    text = f"chad{between}niger"

    assert in_list(text, 4, 4 + len(between)) is joined


@pytest.mark.parametrize("stop", [". ", "! ", "? "])
def test_a_sentence_lies_between_stops(stop: str) -> None:
    text = fold(f"It rains{stop}Peru is dry{stop}So be it").text
    start = text.index("peru")

    first, last = sentence(text, Hit(Surface("name", ("pe",), "pe"), start, start + 4))

    assert text[first:last] == "peru is dry"
