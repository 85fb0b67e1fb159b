"""Names that hold another name, or are shared: which country a reader finds them under."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import tomli

from feeds.labels import Labeller, build
from feeds.model import Kind

CONFIG = Path(__file__).resolve().parents[2] / "config"


@cache
def labeller() -> Labeller:
    tables = [tomli.loads((CONFIG / f"{name}.toml").read_text("utf-8")) for name in ("topics", "places")]
    return build(tables[0], tables[1])[0]


def countries(title: str, summary: str = "") -> set[str]:
    found = labeller().labels(title, summary, "en")
    return {label.code for label in found if label.kind is Kind.COUNTRY}


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("North Korean cooks arrive", "kp"),
        ("Llegan cocineros norcoreanos", "kp"),
        ("Des cuisiniers nord-coréens arrivent", "kp"),
        ("Chegam cozinheiros norte-coreanos", "kp"),
        ("South Korean cooks arrive", "kr"),
        ("Llegan cocineros sudcoreanos", "kr"),
        ("Des cuisiniers sud-coréens arrivent", "kr"),
        ("Chegam cozinheiros sul-coreanos", "kr"),
        ("South Georgia and the South Sandwich Islands get a post", "gs"),
        ("Georgia del Sur recibe una misión", "gs"),
        ("La Géorgie du Sud reçoit une mission", "gs"),
        ("A Geórgia do Sul recebe uma missão", "gs"),
        ("Papua New Guinea opens a post", "pg"),
        ("Papúa Nueva Guinea abre un puesto", "pg"),
        ("La Papouasie-Nouvelle-Guinée ouvre un poste", "pg"),
        ("Papua Nova Guiné abre um posto", "pg"),
        ("Niger Delta villages get water", "ng"),
        ("El delta del Níger recibe agua", "ng"),
        ("Le delta du Niger reçoit de l'eau", "ng"),
        ("O delta do Níger recebe água", "ng"),
        ("Niger opens a post", "ne"),
        ("Jersey City opens a shelter", "us"),
        ("New Jersey opens a shelter", "us"),
        ("Jersey opens a shelter", "je"),
        ("New Mexicans open a shelter", "us"),
        ("A new Mexican law on shelters", "mx"),
        ("Los nicas abren un albergue", "ni"),
        ("Las ticas abren un albergue", "cr"),
        ("Los catrachos abren un albergue", "hn"),
        ("La Rep. Dom. abre un albergue", "do"),
        ("La RD abre un albergue", "do"),
        ("La RDC ouvre un abri", "cd"),
        ("La RCA ouvre un abri", "cf"),
        ("O governo americano abre um abrigo", "us"),
        ("Las autoridades americanas abren un albergue", "us"),
        ("The American government opens a shelter", "us"),
        ("Cocos Islands open a shelter", "cc"),
        ("Åland opens a shelter", "ax"),
        ("Bouvet gets a post", "bv"),
        ("Montecristi opens a shelter", "do"),
        ("Montecristi, Ecuador, opens a shelter", "ec"),
        ("Peñas Blancas, Costa Rica: abre un puesto", "cr"),
        ("Nueva Guinea, Nicaragua: abre un puesto", "ni"),
    ],
)
def test_a_name_gives_the_country_that_it_means(title: str, code: str) -> None:
    assert countries(title) == {code}


@pytest.mark.parametrize(
    "title",
    [
        "Divers leave New Guinea",
        "Buzos salen de Nueva Guinea",
        "Des plongeurs quittent la Nouvelle-Guinée",
        "Mergulhadores deixam a Nova Guiné",
        "Niger River floods villages",
        "El río Níger inunda aldeas",
        "Le fleuve Niger inonde des villages",
        "O rio Níger inunda aldeias",
        "Boat adrift in the Gulf of California",
        "Barco a la deriva en el Golfo de California",
        "Bateau à la dérive dans le golfe de Californie",
        "Barco à deriva no Golfo da Califórnia",
        "Boat adrift in the South China Sea",
        "Boat adrift in the East China Sea",
        "Barco a la deriva en el mar de China Meridional",
        "Bateau à la dérive en mer de Chine méridionale",
        "Barco à deriva no mar da China",
        "Boat adrift in the Sea of Japan",
        "Barco a la deriva en el mar del Japón",
        "Bateau à la dérive en mer du Japon",
        "Barco à deriva no mar do Japão",
        "Boat adrift in the Mozambique Channel",
        "Barco a la deriva en el canal de Mozambique",
        "Bateau à la dérive dans le canal du Mozambique",
        "Barco à deriva no canal de Moçambique",
        "Boat adrift in the Indian Ocean",
        "Bateau à la dérive dans l'océan Indien",
        "Cruzan por Peñas Blancas",
        "Santiago Pérez abre un albergue",
        "Cuba Gooding opens a shelter",
        "India Eisley opens a shelter",
        "El RD 240/2007 regula la residencia",
    ],
)
def test_seas_persons_and_open_names_give_no_country(title: str) -> None:
    assert countries(title) == set()


def test_a_person_is_no_place_where_the_place_is_named_otherwise() -> None:
    assert "cl" not in countries("Perú abre un albergue", "Lo dirige Santiago Pérez, que estudió en Lima.")


@pytest.mark.parametrize(
    "title",
    [
        "Workers arrive in Athens, Georgia",
        "Workers arrive in Lebanon, Pennsylvania",
        "School opens in Peru, Indiana",
        "Peru, Indiana, opens a school",
        "Parade in Mexico, Missouri, on Sunday",
        "Abre una escuela en Lima, Ohio",
        "Une école ouvre à Paris, Texas",
        "Abre una escuela en Cuba, Nuevo México",
        "School opens in Panama City, Florida",
    ],
)
def test_a_town_before_its_state_lies_in_the_united_states(title: str) -> None:
    assert countries(title) == {"us"}


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("Panama, California and Texas sign", {"pa", "us"}),
        ("Students from Mexico, Texas and Arizona meet", {"mx", "us"}),
        ("With help from Mexico, Texas opens a school", {"mx", "us"}),
        ("Delegates of Azerbaijan, Armenia, Georgia meet", {"az", "am", "ge"}),
        ("School opens in Tbilisi, Georgia", {"ge"}),
        ("Georgians meet in Athens", {"ge", "gr"}),
        ("Peruvians, Texas officials and others meet", {"pe", "us"}),
    ],
)
def test_a_list_with_a_state_in_it_names_no_town(title: str, codes: set[str]) -> None:
    assert countries(title) == codes
