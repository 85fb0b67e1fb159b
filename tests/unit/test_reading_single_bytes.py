"""Texts of an old Macintosh or of DOS are told from those of Windows by what they spell."""

from __future__ import annotations

import pytest

from feeds.reading import ReadingOptions, read
from feeds.reading.single_bytes import encoding_of

TEXTS = {
    "es": "La región recibe ayuda. El niño vive en Panamá. ¿Qué dirá la Organización?",
    "fr": "La région reçoit l’aide. Où l’été s’achève, le bac circule à nouveau.",
    "pt": "A região recebe ajuda. As crianças estão em São Tomé. É amanhã.",
    "de": "Die Fähre fährt über den Fluß. Schöne Grüße aus Köln.",
    "en": "“The ferry runs”, said José Núñez of the Café Québec.",
}


def _title(data: bytes, **options: str) -> tuple[str, str]:
    bulletin = read("a.txt", b"25 November, 2026\n\nFerry\n\n" + data + b"\n", ReadingOptions(**options))  # type: ignore[arg-type]
    return bulletin.drafts[0].summary, bulletin.encoding


@pytest.mark.parametrize("lang", TEXTS)
@pytest.mark.parametrize("encoding", ["mac_roman", "cp850", "cp1252"])
def test_letters_of_each_system_are_read_as_its_own(lang: str, encoding: str) -> None:
    text = (
        TEXTS[lang].translate({0x2019: "'", 0x201C: '"', 0x201D: '"'}) if encoding == "cp850" else TEXTS[lang]
    )
    assert _title(text.encode(encoding)) == (text, encoding)


def test_that_letters_were_guessed_is_told() -> None:
    data = b"25 November, 2026\n\nFerry\n\n" + TEXTS["es"].encode("mac_roman")
    (fault,) = read("a.txt", data).faults
    assert (fault.code, fault.line) == ("encoding-guessed", 5)
    assert "región" in fault.detail


@pytest.mark.parametrize(
    "text",
    [
        "Fish—and chips, Žiga’s café, Škoda, Tomaž and Nataša",  # names of others, dashes without blanks
        "A note‡ and one† more, 12° and 5€, § 3, ½ a mile",  # signs of footnotes where they stand
        "ESPAÑOL, ÁRBOL and PERÚ",
        "«Oui», dit-il… «Non»",
        "naïve façade",
        "Garc’a, d’été, l’œuf",
    ],
)
def test_windows_own_letters_stand(text: str) -> None:
    assert encoding_of(text.encode("cp1252"), "cp1252") == "cp1252"


def test_one_odd_byte_is_a_slip_and_proves_nothing() -> None:
    assert encoding_of(b"Panam\x87", "cp1252") == "cp1252"
    assert encoding_of(b"Panam\x87 Panam\x87", "cp1252") == "cp1252"
    assert encoding_of(b"Panam\x87 Panam\x87 Panam\x87", "cp1252") == "mac_roman"


def test_what_spells_ill_in_all_stands_as_configured() -> None:
    assert encoding_of(b"a\x87b a\x87b a\xf0b", "cp1252") == "cp1252"
    assert encoding_of("Привет, мир".encode("cp1251"), "cp1252") == "cp1252"


def test_another_encoding_that_is_configured_is_believed() -> None:
    data = TEXTS["es"].encode("mac_roman")
    assert encoding_of(data, "cp1251") == "cp1251"
    assert encoding_of(data, "Latin-1") == "mac_roman"
    assert _title(data, fallback_encoding="mac_roman") == (TEXTS["es"], "mac_roman")


def test_a_text_that_is_partly_utf8_is_none_of_them() -> None:
    text = "La región recibe ayuda.\nEl niño vive en Panamá."
    mixed = text.encode() + b"\n\nEl ni\xf1o vive en Panam\xe1."
    assert "Panamá" in _title(mixed)[0]
    assert "El niño vive en Panamá.\n\nEl niño vive en Panamá." in _title(mixed)[0].replace(
        "ayuda. ", "ayuda.\n"
    )


def test_a_long_text_is_judged_by_its_beginning() -> None:
    odd = b"Panam\x87 "
    assert encoding_of(odd * 1_999 + b"x\xf0y \xf0 ", "cp1252") == "cp1252"
    assert encoding_of(odd * 2_000 + b"x\xf0y \xf0 ", "cp1252") == "mac_roman"
