"""Who may sign in where, and how the database names them."""

from __future__ import annotations

from feeds import links
from feeds.model import LinkPurpose, Place, Staff
from feeds.people.signing_in import Door
from feeds.tokens import Tokens
from feeds.web.desk.parts import may_see, prefix_of

ANA = Staff(address="Ana@Example.org", lang="en", zone="UTC")
JOSE = Staff(address="jose@example.org", lang="es", zone="UTC", office="es")
DESK, OPERATOR = Door(Place.DESK, [ANA, JOSE]), Door(Place.OPERATOR, [ANA])
TOKENS, OTHER = Tokens([b"k" * 32]), Tokens([b"n" * 32, b"k" * 32])


def test_a_door_knows_an_address_whatever_its_capitals_and_nobody_else() -> None:
    assert DESK.at("ana@example.ORG") is ANA
    assert DESK.at("jose@example.org") is JOSE
    assert DESK.at("jose@example.com") is None
    assert OPERATOR.at("jose@example.org") is None


def test_each_door_has_links_and_sessions_of_its_own() -> None:
    assert (DESK.link, DESK.session) == (LinkPurpose.DESK, LinkPurpose.DESK_SESSION)
    assert (OPERATOR.link, OPERATOR.session) == (LinkPurpose.OPERATOR, LinkPurpose.OPERATOR_SESSION)
    purposes = {DESK.link, DESK.session, OPERATOR.link, OPERATOR.session}
    assert len(purposes) == 4
    assert {links.LIVES[each].total_seconds() / 3600 for each in purposes} == {1, 4}


def test_the_database_names_somebody_by_a_hash_that_outlives_a_new_key() -> None:
    (mark,) = links.staff_marks(TOKENS, "ANA@example.org")
    assert "ana" not in mark.lower()
    assert mark == links.staff_marks(TOKENS, "ana@example.org")[0]
    assert mark in links.staff_marks(OTHER, "ana@example.org")
    assert mark not in links.staff_marks(OTHER, "jose@example.org")


def test_somebody_of_an_office_sees_its_bulletins_and_others_see_all() -> None:
    assert (prefix_of(ANA), prefix_of(JOSE)) == ("", "es/")
    assert may_see(ANA, "news.txt")
    assert may_see(ANA, "es/news.txt")
    assert may_see(JOSE, "es/news.txt")
    assert not may_see(JOSE, "news.txt")
    assert not may_see(JOSE, "espana.txt")
