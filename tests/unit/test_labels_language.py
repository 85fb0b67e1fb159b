"""Telling the language of short texts."""

from __future__ import annotations

import pytest

from feeds.labels import language


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("New shelter opens in the north", "en"),
        ("Ministers sign the agreement", "en"),
        ("Training for border officers in Belize", "en"),
        ("Inauguran nuevo albergue en Tapachula", "es"),
        ("Capacitación para funcionarios de frontera", "es"),
        ("Más de 300 niñas regresan a la escuela", "es"),
        ("Formation des agents de la police aux frontières", "fr"),
        ("Les familles sont logées dans des écoles", "fr"),
        ("Formação de agentes da polícia de fronteira", "pt"),
        ("Ministros não assinam o acordo", "pt"),
        ("Bhutan hosts weavers", "en"),
        ("Ottawa speeds up family visas", "en"),
        ("Samoan officials get boats", "en"),
        ("Paraguay recibe 40 tractores", "es"),
        ("Huyen familias de Kidal", "es"),
        ("Lomé accueille 200 enfants", "fr"),
        ("Escola de Luanda recebe alunos", "pt"),
    ],
)
def test_a_short_title_is_enough(title: str, expected: str) -> None:
    assert language(title, "", "xx") == expected


@pytest.mark.parametrize("title", ["", "COVID-19", "Panama", "12345", "IOM UNHCR"])
def test_undecided_gives_the_default(title: str) -> None:
    assert language(title, "", "pt") == "pt"


def test_the_summary_helps_a_title_of_names_only() -> None:
    assert language("Tegucigalpa, San Pedro Sula", "Las obras empiezan en mayo.", "en") == "es"
