"""The regions of config/places.toml: who belongs to them, and which words name them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import tomli

from feeds.labels import Labeller, build
from feeds.labels.tables import country_names
from feeds.model import Kind, Strength, Vocabulary

CONFIG = Path(__file__).resolve().parents[2] / "config"
PARTS = {
    "americas": "latin-america-caribbean latin-america central-america south-america caribbean north-america",
    "latin-america-caribbean": "latin-america central-america south-america caribbean mesoamerica caricom",
    "latin-america": "central-america south-america mesoamerica andean mercosur southern-cone",
    "caribbean": "eastern-caribbean caricom",
    "african-union": "ecowas sadc igad maghreb horn-of-africa",
    "africa": "north-africa west-africa middle-africa east-africa southern-africa african-union sahel",
    "sub-saharan-africa": "west-africa middle-africa east-africa southern-africa",
    "europe": "eastern-europe northern-europe southern-europe western-europe european-union western-balkans",
    "northern-europe": "nordic-countries scandinavia baltic-states",
    "western-europe": "benelux",
    "asia-pacific": "central-asia east-asia south-asia south-east-asia oceania asean",
}  # fmt: skip


@cache
def built() -> tuple[Labeller, Vocabulary]:
    tables = [tomli.loads((CONFIG / f"{name}.toml").read_text("utf-8")) for name in ("topics", "places")]
    return build(tables[0], tables[1])


def regions(title: str, summary: str = "") -> dict[str, Strength]:
    found = built()[0].labels(title, summary, "en")
    return {label.code: label.strength for label in found if label.kind is Kind.REGION}


def members(region: str) -> set[str]:
    term = built()[1].get(Kind.REGION, region)
    assert term is not None
    return set(term.members)


@pytest.mark.parametrize("region", PARTS)
def test_a_wider_region_holds_every_member_of_its_parts(region: str) -> None:
    parts = PARTS[region].split()

    assert {part: members(part) - members(region) for part in parts} == {part: set() for part in parts}
    assert set(parts) <= set(built()[1].within(region))


def test_every_country_and_territory_but_antarctica_lies_in_a_continent() -> None:
    continents = ("americas", "africa", "europe", "asia-pacific", "middle-east")

    assert set(country_names()) - set().union(*map(members, continents)) == {"aq"}


def test_no_region_lies_within_one_that_lacks_a_member_of_it() -> None:
    within = built()[1].within("americas")

    assert "european-union" not in within
    assert "americas" not in within
    assert "ecowas" in built()[1].within("west-africa")
    assert "west-africa" not in built()[1].within("ecowas")


def test_the_blocs_have_the_members_of_2026() -> None:
    assert members("mercosur") == {"ar", "bo", "br", "py", "uy"}
    assert len(members("sadc")) == 16
    assert "mr" not in members("ecowas") | members("igad")
    assert {"bf", "ml", "ne"}.isdisjoint(members("ecowas"))
    assert len(members("african-union")) == 55
    assert "tl" in members("asean")
    assert len(members("european-union")) == 27
    assert len(members("arab-league")) == 22


def test_every_region_has_its_name_in_four_languages() -> None:
    for term in built()[1].of(Kind.REGION):
        assert set(term.names) == {"en", "es", "fr", "pt"}, term.code


@pytest.mark.parametrize(
    ("title", "region"),
    [
        ("MERCOSUR ministers meet", "mercosur"),
        ("Ministros do MERCOSUL reúnem-se", "mercosur"),
        ("SADC adopts a protocol", "sadc"),
        ("IGAD adopts a protocol", "igad"),
        ("ECOWAS adopts a protocol", "ecowas"),
        ("La CEDEAO adopte un protocole", "ecowas"),
        ("African Union adopts a protocol", "african-union"),
        ("Los países del Sahel adoptan un protocolo", "sahel"),
        ("Arab League adopts a protocol", "arab-league"),
        ("Scandinavia adopts a protocol", "scandinavia"),
        ("Benelux adopts a protocol", "benelux"),
        ("Des ouvriers africains arrivent", "africa"),
        ("Des ouvriers asiatiques arrivent", "asia-pacific"),
        ("Des ouvriers sud-américains arrivent", "south-america"),
        ("Des ouvriers centraméricains arrivent", "central-america"),
        ("Operários sul-americanos chegam", "south-america"),
        ("Operários centro-americanos chegam", "central-america"),
        ("EU adopts a protocol", "european-union"),
        ("La UE adopta un protocolo", "european-union"),
        ("La CRM adopta un protocolo", "rcm-members"),
    ],
)
def test_a_name_gives_its_own_region(title: str, region: str) -> None:
    assert regions(title) == {region: Strength.ABOUT}


@pytest.mark.parametrize(
    "title",
    [
        "New CRM software for the agency",
        "Nuevo sistema CRM para la agencia",
        "Un nouveau logiciel CRM pour l'agence",
        "Eu moro numa cidade nova",
        "EU MORO NUMA CIDADE NOVA",
        "On a eu une idée",
    ],
)
def test_a_word_that_looks_like_a_region_is_none(title: str) -> None:
    assert regions(title) == {}


@pytest.mark.parametrize(
    "summary",
    [
        "It is a gift of the European Union.",
        "Es un obsequio de la Unión Europea.",
        "C'est un cadeau de l'Union européenne.",
        "É uma oferta da União Europeia.",
    ],
)
def test_a_region_that_gives_is_a_mention(summary: str) -> None:
    assert regions("A clinic opens in Peru", summary) == {"european-union": Strength.MENTIONS}
