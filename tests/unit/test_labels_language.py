"""Telling the language of short texts."""

from __future__ import annotations

import pytest

from feeds.labels import UNKNOWN, language


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


OTHERS = {
    "de": ("Die Fähre fährt wieder", "Die Fähre verbindet die beiden Ufer ab sechs Uhr morgens."),
    "de, plain": ("Neue Schule in Berlin", "Der Unterricht beginnt um acht Uhr und endet am Abend."),
    "it": ("Apre la scuola serale", "Le lezioni iniziano alle sette e finiscono alle nove."),
    "it, names": (
        "Nuovo accordo con Panama",
        "Il governo ha firmato un accordo per la sicurezza del lavoro.",
    ),
    "nl": ("Avondschool geopend", "De lessen beginnen om zeven uur en eindigen om negen uur."),
    "ca": ("S'obre l'escola nocturna", "Les classes comencen a les set i acaben a les nou."),
    "ro": ("Se deschide școala de seară", "Cursurile încep la șapte și se termină la nouă."),
    "pl": ("Prom znów kursuje", "Prom kursuje co godzinę od szóstej rano. Bilety można kupić na pokładzie."),
    "sv": ("Färjan går igen", "Färjan går varje timme från klockan sex på morgonen."),
    "da": ("Færgen sejler igen", "Færgen sejler hver time fra klokken seks om morgenen."),
    "fi": ("Lautta kulkee taas", "Lautta kulkee joka tunti kuudesta aamulla. Liput myydään laivalla."),
    "tr": ("Feribot yeniden başlıyor", "Feribot sabah altıdan itibaren her saat kalkıyor."),
    "ht": ("Bato a rekòmanse", "Bato a ap travay chak èdtan depi sizè nan maten. Yo vann tikè sou bato a."),
    "in no list, Swahili": (
        "Feri yaanza tena",
        "Feri inafanya kazi kila saa kuanzia saa kumi na mbili asubuhi.",
    ),
    "in no list, Malagasy": (
        "Miverina ny sambo",
        "Mandeha isan'ora ny sambo manomboka amin'ny enina maraina.",
    ),
    "ru": ("Паром снова ходит", "Паром ходит каждый час с шести утра."),
    "ar": ("العبارة تعمل من جديد", ""),
    "zh, with names": (
        "Ruby 3.2.0 Preview 3 已发布",
        "我们很高兴地宣布 Ruby 3.2 增加了很多新功能和性能改进。",
    ),
    "gl": (
        "O transbordador volve",
        "O transbordador sae desde as seis da mañá. Non hai máis prazas na escola.",
    ),
    "zh": ("渡轮恢复运营", "渡轮从早上六点开始每小时一班"),
}


@pytest.mark.parametrize("which", OTHERS)
@pytest.mark.parametrize("default", ["en", "es", "pt"])
def test_another_language_is_unknown_whatever_the_default(which: str, default: str) -> None:
    assert language(*OTHERS[which], default) == UNKNOWN


@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        ("Mayors of Köln and Malmö meet", "They talk about trade.", "en"),
        ("Den Haag hosts talks", "Officials meet on Monday.", "en"),
        ("People die in floods", "Rescue teams search on.", "en"),
        ("Winners: Müller, Öztürk, Wałęsa, Škoda", "The list is out.", "en"),
        ("Vuelve el transbordador", "El transbordador sale cada hora desde las seis.", "es"),
        ("La comunidad mbyá guaraní recibe tierras", "El acuerdo se firmó en la ciudad.", "es"),
        ("A balsa volta a funcionar", "A balsa sai de hora em hora a partir das seis da manhã.", "pt"),
        (
            "Nova versão estável",
            "Esta versão deve estar melhor do que a última, que este é um arquivo.",
            "pt",
        ),
        ("Le bac repart", "Le bac part toutes les heures dès six heures du matin.", "fr"),
        ("Seoul visas", "Applicants pay online", "en"),
    ],
)
def test_names_of_other_places_make_no_text_unknown(title: str, summary: str, expected: str) -> None:
    assert language(title, summary, "en") == expected


def test_small_words_without_one_that_is_common_are_another_language() -> None:
    strange = "wudu kilo mabo tefu gano pelu zimi rotu"
    assert language(strange, "", "en") == UNKNOWN
    assert language(strange.rpartition(" ")[0], "", "en") == "en"
    assert language(strange, "the school of the city", "en") == "en"
    assert language(strange.title(), "", "en") == "en"
