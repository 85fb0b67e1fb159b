"""From bytes to text: encodings, line ends, and the cleaner at the door."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading import ReadingOptions, explain, read
from feeds.reading.clean import MAX_MARKS, clean, shown
from feeds.reading.mixed_bytes import MOST_LINES, MixedBytes
from feeds.reading.text.lines import Sheet

TEXT = "3 de mayo de 2021\n\nMás niños en el país\n\n“Así” dice la señora."


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_a_marked_file_or_utf_8_is_read_without_a_warning(data: bytes, encoding: str) -> None:
    found = read("b.txt", data)
    assert (found.encoding, found.faults) == (encoding, ())
    assert found.drafts[0].title == "Más niños en el país"
    assert found.drafts[0].summary == "“Así” dice la señora."


def test_other_bytes_are_read_as_configured_with_a_warning_at_the_first_of_them() -> None:
    found = read("b.txt", TEXT.encode("cp1252"))
    assert found.encoding == "cp1252"
    assert found.drafts[0].summary == "“Así” dice la señora."
    assert found.faults == (Fault(code="encoding-guessed", line=3, detail="Más niños en el país"),)


def test_faults_come_in_the_order_of_their_lines() -> None:
    found = read("b.txt", "1 May 2021\n\n2 May 2021\n\nAño\n\nTexto.".encode("cp1252"))
    assert [(fault.code, fault.line) for fault in found.faults] == [
        ("title-missing", 1),
        ("encoding-guessed", 5),
    ]


def test_the_fallback_encoding_is_a_setting() -> None:
    data = "3 May 2021\n\nŁódź\n\nText.".encode("cp1250")
    assert read("b.txt", data, ReadingOptions(fallback_encoding="cp1250")).drafts[0].title == "Łódź"


UTF_8 = "3 de mayo de 2021\n\nLa región recibe más ayuda\n\nLa Organización abrió en México.\n".encode()
PASTED = "El niño vive en Panamá.\n"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_in_another_encoding_spoils_no_other_and_is_the_one_that_is_quoted(end: bytes) -> None:
    found = read("b.txt", (UTF_8 + PASTED.encode("cp1252")).replace(b"\n", end))
    (draft,) = found.drafts
    assert draft.title == "La región recibe más ayuda"
    assert draft.summary == "La Organización abrió en México. El niño vive en Panamá."
    assert found.encoding == "utf-8"
    assert found.faults == (Fault(code="encoding-guessed", line=6, detail=PASTED.strip()),)


def test_a_line_in_utf_8_among_others_is_read_as_such() -> None:
    found = read("b.txt", UTF_8.decode().encode("cp1252") + PASTED.encode())
    (draft,) = found.drafts
    assert draft.title == "La región recibe más ayuda"
    assert draft.summary == "La Organización abrió en México. El niño vive en Panamá."
    assert [(fault.code, fault.line) for fault in found.faults] == [("encoding-guessed", 3)]


def test_one_byte_within_a_line_is_read_by_itself() -> None:
    found = read("b.txt", UTF_8.replace(b"recibe", b"recibe \x96 hoy"))
    assert found.drafts[0].title == "La región recibe – hoy más ayuda"
    assert found.faults[0].detail.startswith("La región recibe – hoy")


@pytest.mark.parametrize("words", ["El “CAFÉ” abre", "«PANAMÁ» y «PERÚ» y «CAFÉ»", "Más “CAFÉ”", "CAFÉ»"])
def test_two_letters_that_look_like_one_of_utf_8_by_chance_stay_two(words: str) -> None:
    found = read("b.txt", f"3 de mayo de 2021\n\n{words}\n\nTexto en español.".encode("cp1252"))
    assert (found.drafts[0].title, found.encoding) == (words, "cp1252")


@pytest.mark.parametrize(
    ("encoding", "words"), [("cp1251", "ЕЩЁ всё о море"), ("shift_jis", "船が来る"), ("gb18030", "联通 来了")]
)
def test_where_letters_are_no_latin_a_file_is_read_as_a_whole(encoding: str, words: str) -> None:
    options = ReadingOptions(fallback_encoding=encoding)
    found = read("b.txt", f"3 May 2021\n\n{words}\n\n{words}".encode(encoding), options)
    assert (found.drafts[0].title, found.drafts[0].summary) == (words, words)


def test_lines_of_other_letters_among_utf_8_are_read_as_a_whole_each() -> None:
    data = "3 May 2021\n\nМоре и небо и ещё лес\n\n".encode() + "ЕЩЁ всё".encode("cp1251")
    found = read("b.txt", data, ReadingOptions(fallback_encoding="cp1251"))
    assert (found.drafts[0].title, found.drafts[0].summary) == ("Море и небо и ещё лес", "ЕЩЁ всё")


@pytest.mark.parametrize(
    ("line", "kept"),
    [("Море и лес", True), ("М", False), ("ис", True), ("Море –", True), ("М –", False)],
)
def test_a_line_of_other_letters_stays_utf_8_if_there_are_enough_of_them(line: str, kept: bool) -> None:
    mostly = "año ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ ñ\n".encode("cp1252")
    data = line.replace(" –", "").encode() + (b" \x96" if "–" in line else b"") + b"\n"
    text = "".join(piece for piece, _ in MixedBytes(data + mostly, "cp1252").pieces())
    assert (text.split("\n")[0] == line) == kept


@pytest.mark.parametrize("first", [b"\x96 a\n", b"a \x96\n"])
def test_the_first_line_and_the_last_are_looked_at_like_others(first: bytes) -> None:
    own = "años ñ ñ ñ\n".encode()
    text = "".join(piece for piece, _ in MixedBytes(first + own + first.rstrip(), "cp1252").pieces())
    assert text == first.decode("cp1252") + own.decode() + first.decode("cp1252").rstrip()
    swapped = "".join(piece for piece, _ in MixedBytes(own + first * 9 + own.rstrip(), "cp1252").pieces())
    assert swapped == own.decode() + first.decode("cp1252") * 9 + own.decode().rstrip()


def test_more_odd_lines_than_are_looked_at_one_by_one_lose_no_letter() -> None:
    line = "año ñ ñ ñ".encode() + b" ni\xf1o\n"
    text = "".join(piece for piece, _ in MixedBytes(line * (MOST_LINES + 5), "cp1252").pieces())
    assert text == "año ñ ñ ñ niño\n" * (MOST_LINES + 5)


@given(st.lists(st.tuples(st.text(alphabet="añéóü b", min_size=1), st.booleans()), min_size=1))
@examples(40)
def test_lines_of_either_encoding_are_all_read(lines: list[tuple[str, bool]]) -> None:
    """Of letters that are nothing in UTF-8 by chance in Windows-1252."""
    data = b"\n".join(line.encode("utf-8" if own else "cp1252") for line, own in lines)
    text = "".join(piece for piece, _ in MixedBytes(data, "cp1252").pieces())
    assert text == "\n".join(line for line, _ in lines)


@pytest.mark.parametrize(
    ("charset", "encoding", "guessed"),
    [("iso-8859-1", "utf-8", False), ("utf-16", "utf-8", False), ("rot13", "utf-8", False),
     ("no-such", "utf-8", False), ("utf-8", "cp1252", True), ("utf-16", "cp1252", True),
     ("iso-8859-1", "cp1252", False), ("latin1", "cp1252", False), ("utf-7", "cp1252", True),
     ("us-ascii", "cp1252", False), ("cp1252", "cp1252", False)],
)  # fmt: skip
def test_a_declared_encoding_is_believed_only_where_the_bytes_agree(
    charset: str, encoding: str, guessed: bool
) -> None:
    page = f'<meta charset="{charset}"><h1>Año – “más”</h1><p>3 May 2021</p><p>Text</p>'
    found = read("b.html", page.encode(encoding))
    assert found.drafts[0].title == "Año – “más”"
    assert [fault.code for fault in found.faults] == ["encoding-guessed"] * guessed


def test_text_whose_bytes_look_like_ascii_is_read_as_it_declares() -> None:
    page = (
        '<?xml version="1.0" encoding="iso-2022-jp"?><html><h1>船が来る</h1><p>3 May 2021</p><p>T</p></html>'
    )
    assert read("b.xhtml", page.encode("iso-2022-jp")).drafts[0].title == "船が来る"


def test_a_byte_that_the_fallback_does_not_have_is_shown_as_lost() -> None:
    assert read("b.txt", b"3 May 2021\n\nT\x81tle\n\nText.").drafts[0].title == "T\ufffdtle"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_found_by_its_zeros(encoding: str) -> None:
    found = read("b.txt", TEXT.encode(encoding))
    assert found.encoding == encoding
    assert found.drafts[0].title == "Más niños en el país"
    assert [fault.code for fault in found.faults] == ["encoding-guessed"]


def test_a_marked_file_with_damage_keeps_all_that_is_whole() -> None:
    found = read("b.txt", b"\xef\xbb\xbf3 May 2021\n\nTitle\n\nSo\xffund.")
    assert found.drafts[0].summary == "So\ufffdund."
    assert found.faults == (Fault(code="encoding-damaged", line=5, detail="So\ufffdund."),)
    odd = read("b.txt", b"\xff\xfe" + "3 May 2021\nTitle\n\nSound".encode("utf-16-le") + b"!")
    assert [(fault.code, fault.line) for fault in odd.faults] == [("encoding-damaged", 4)]


@pytest.mark.parametrize(
    ("data", "looks_like"),
    [
        (b"PK\x03\x04\x14\x00", "Word"),
        (b"%!PS-Adobe\n\x01\x02" + b"\x03" * 20, "binary"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"{\\rtf1 hello}", "RTF"),
        (b"3 May 2021\n\x00\x01\x02", "binary"),
        (b"3 May 2021\n\nT\n" + b"\x02\x03" * 40, "binary"),
        ("3 May 2021".encode("utf-32"), "UTF-32"),
        (b"\xff\xfe" + "3 May 2021\n\0".encode("utf-16-le"), "binary"),
    ],
)
def test_a_binary_file_is_refused_and_named(data: bytes, looks_like: str) -> None:
    with pytest.raises(BulletinError) as caught:
        read("b.txt", data)
    assert caught.value.fault.code == "file-binary"
    assert looks_like in explain(caught.value.fault)[0]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_one_control_character_in_ten_is_the_most_whatever_the_line_ends(end: str) -> None:
    text = f"1 May 2021{end}\x01\x02{end}Title"
    assert read("b.txt", f"{text}.".encode()).drafts
    with pytest.raises(BulletinError, match="file-binary"):
        read("b.txt", text.encode())


def test_a_stray_control_character_does_not_make_a_text_binary() -> None:
    assert read("b.txt", b"3 May 2021\n\nA \x1b[1mtitle\x07\n\nText.").drafts[0].title == "A [1mtitle"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_end_gives_the_same_items(end: str) -> None:
    expected = read("b.txt", TEXT.encode())
    found = read("b.txt", TEXT.replace("\n", end).encode())
    for one, other in zip(expected.drafts, found.drafts, strict=True):
        assert (one.line, one.end_line, one.title, one.summary) == (
            other.line,
            other.end_line,
            other.title,
            other.summary,
        )
        assert one.original == other.original.replace(end, "\n")


def test_lines_are_numbered_as_an_editor_counts_them() -> None:
    sheet = Sheet("\n\r\n a\rb\r\n\r\n\u2028c\x85\n\u200b\nd")
    rows = sheet.rows(sheet.scan)
    assert [(number, row) for number, row in enumerate(rows, 1) if row] == [
        (3, "a"),
        (4, "b"),
        (7, "c"),
        (10, "d"),
    ]
    assert len(sheet.scan) == len(sheet.text)


@pytest.mark.parametrize(
    "dropped",
    [
        *"\x00\x08\x0e\x1b\x7f\x80\x9f\xad\u200b\u2060\ufeff",
        *"\u202a\u202e\u2066\u2069\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff",
        chr(0xD800),
        chr(0xDFFF),
    ],
)
def test_the_cleaner_drops_what_harms(dropped: str) -> None:
    assert clean(f"a{dropped}b\u00e9") == "ab\u00e9"


def test_the_cleaner_keeps_what_is_text() -> None:
    kept = "tab\tline\nñ “quotes” — ’s العربية 日本 👩\u200d🌾 \ue000"
    assert clean(kept) == kept
    assert clean("e\u0301") == "\xe9"
    assert clean("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


def test_what_is_shown_has_single_spaces_only() -> None:
    assert shown("\xa0 One.Two \u202f\u3000 three\t\u200b ") == "One.Two three"


def test_a_pile_of_marks_is_cut_to_what_can_be_put_in_order_quickly() -> None:
    piled = clean("a" + "\u0323\u0301" * 2_000 + "b")
    assert len(piled) <= MAX_MARKS + 3
    assert piled.endswith("b")


@examples(60)
@given(st.text(st.characters(exclude_categories=())))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n" for char in once)
    assert shown(shown(text)) == shown(text)
    once.encode()


@pytest.mark.parametrize(
    "text",
    [
        "La región recibe más ayuda",
        "“El niño” vive – en Panamá…",
        "Ünïcode Ärger über Größe",
        "À la une : l’été €",
    ],
)
def test_a_text_that_was_encoded_twice_is_read_as_it_was_and_told_of(text: str) -> None:
    once = f"25 November 2026\n\nTitle\n\n{text}\n"
    raw = "".join(_in_windows(byte) for byte in once.encode()).encode()
    found = read("a.txt", raw)
    assert [draft.summary for draft in found.drafts] == [text]
    assert [(fault.code, fault.line, fault.detail) for fault in found.faults] == [
        ("encoding-guessed", 5, text)
    ]


def _in_windows(byte: int) -> str:
    return bytes([byte]).decode("cp1252", "ignore") or chr(byte)


@pytest.mark.parametrize("text", ["IRMÃ», diz «a outra»", "Ã© and é", "SÃO PAULO", "Ã", "â€ x €"])
def test_a_text_that_only_looks_so_here_and_there_stays(text: str) -> None:
    (draft,) = read("a.txt", f"25 November 2026\n\nTitle\n\n{text}\n".encode()).drafts
    assert draft.summary == text
