"""What a PDF page shows to nobody is no text: white on white, or not painted at all."""

from __future__ import annotations

from typing import Any

import pytest

from feeds.model import Bulletin
from feeds.reading import read
from feeds.reading.documents.unseen_pdf import SIGNS, Unseen

pytest.importorskip("pypdf")

SECRET = "Nobody may read this"
PICTURE = (
    "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
    "/BitsPerComponent 8 /Length 1 >>"
    "\nstream\nx\nendstream"
)


def _pdf(content: str, picture: bool = False) -> bytes:
    named = "/XObject << /I1 6 0 R >>" if picture else ""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R"
        f" /Resources << /Font << /F1 5 0 R >> {named} >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        PICTURE,
    ]
    made, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Size 7 /Root 1 0 R >>\nstartxref\n{len(made)}\n%%EOF"
    return f"{made}xref\n0 7\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")


def _line(y: int, words: str, before: str = "") -> str:
    return f"q {before} BT /F1 12 Tf 50 {y} Td ({words}) Tj ET Q"


def _read(before: str, *, under: str = "", picture: bool = False) -> Bulletin:
    lines = [_line(700, "25 November, 2026"), _line(670, "Ferry starts"), _line(640, "It runs every hour.")]
    content = "\n".join([under, "0 g", *lines, _line(610, SECRET, before), _line(580, "The end.")])
    return read("a.pdf", _pdf(content, picture))


def _is_out(bulletin: Bulletin) -> bool:
    told = [fault.detail for fault in bulletin.faults if fault.code == "lines-left-out"]
    seen = SECRET in bulletin.drafts[0].summary
    assert "The end." in bulletin.drafts[0].summary
    assert told == ([] if seen else ["hidden 1"])
    return not seen


@pytest.mark.parametrize(
    "colour",
    ["1 g", "1 1 1 rg", "1.0 1.00 1 rg", "0.98 0.97 1 rg", "0 0 0 0 k", "/DeviceGray cs 1 sc", "1 1 1 scn"],
)
def test_white_text_is_left_out(colour: str) -> None:
    assert _is_out(_read(colour))


@pytest.mark.parametrize(
    "colour",
    ["0 g", "0.9 g", "1 1 0.9 rg", "0.96 1 1 rg", "0 0 0 1 k", "0 0 0 0.04 k", "1 g 0 g",
     "1 g /DeviceGray cs",
     "1 1 sc", "/P1 scn", "1 G", "1 1 1 RG"],
)  # fmt: skip
def test_text_of_another_colour_stays(colour: str) -> None:
    assert not _is_out(_read(colour))


@pytest.mark.parametrize(
    "under",
    ["0 0 1 rg 0 600 600 40 re f", "0 0 1 rg 40 600 m 500 600 l 500 640 l 40 640 l b",
     "0 0 1 rg 40 600 m 500 640 l f*",
     "q 2 0 0 2 0 0 cm 0 g 0 300 300 20 re B Q", "/Sh1 sh", "0 0 1 rg 0 600 600 40 re f 1 g 0 0 10 10 re f"],
)  # fmt: skip
def test_white_text_on_a_coloured_ground_stays(under: str) -> None:
    assert not _is_out(_read("1 g", under=under))


@pytest.mark.parametrize(
    "under",
    ["0 0 1 rg 0 700 600 40 re f", "0 0 1 rg 0 615 600 40 re f",
     "0 0 1 rg 0 560 600 40 re f", "0 0 1 rg 0 600 40 40 re f", "1 g 0 600 600 40 re f",
     "0 g 0 600 600 40 re S",
     "0 g 0 600 600 40 re n f", "q 0.5 0 0 0.5 0 0 cm 0 g 0 600 600 40 re f Q"],
)  # fmt: skip
def test_a_coloured_ground_elsewhere_shows_nothing(under: str) -> None:
    assert _is_out(_read("1 g", under=under))


def test_a_picture_is_a_ground_where_it_lies() -> None:
    assert not _is_out(_read("1 g", under="q 600 0 0 100 0 560 cm /I1 Do Q", picture=True))
    assert _is_out(_read("1 g", under="q 60 0 0 60 0 0 cm /I1 Do Q", picture=True))
    assert _is_out(_read("1 g", under="q 600 0 0 60 0 520 cm /I1 Do Q", picture=True))  # ends below the text
    assert _is_out(_read("1 g", under="q 30 0 0 100 0 560 cm /I1 Do Q", picture=True))  # and left of it
    assert _is_out(_read("1 g", under="q 100 0 0 100 60 560 cm /I1 Do Q", picture=True))  # and right of it
    assert not _is_out(_read("1 g", under="/Fm1 Do"))  # a form may paint anything


def test_text_that_is_not_painted_is_what_a_scanner_read_or_hidden() -> None:
    for mode in (3, 7):
        assert _is_out(_read(f"{mode} Tr"))
        assert not _is_out(_read(f"{mode} Tr", picture=True))
    assert not _is_out(_read("3 Tr 0 Tr"))


def test_what_was_said_before_a_state_was_kept_counts_again_behind_it() -> None:
    assert _is_out(_read("1 g q 0 g Q"))
    assert not _is_out(_read("0 g q 1 g 3 Tr Q"))
    assert not _is_out(_read("Q Q 0 g"))


def _unseen() -> Unseen:
    made = Unseen(lambda name: name == "/I", has_pictures=False)
    made.watch(b"g", [1], ONE, ONE)
    return made


ONE = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("operator", "operands", "left", "taken"),
    [
        (b"Tj", ["a"], [""], 1), (b"Tj", [b"a"], [b""], 1), (b"Tj", [" "], [""], 0),
        (b"TJ", [["a", -20, "b"]], [[]], 1),
        (b"TJ", [[-20, " "]], [[]], 0), (b"'", ["a"], [""], 1),
        (b'"', [1, 2, "a"], [1, 2, ""], 1), (b"Tj", [], [], 0),
    ],
)  # fmt: skip
def test_what_is_emptied(operator: bytes, operands: list[Any], left: list[Any], taken: int) -> None:
    unseen = _unseen()
    unseen.watch(operator, operands, ONE, ONE)
    assert (operands, unseen.taken) == (left, taken)


def test_the_place_of_a_text_is_told_by_both_matrices() -> None:
    for ctm, text, out in (
        ((2.0, 0, 0, 2.0, 0, 0), (1, 0, 0, 1, 10, 10), False),  # at 20, 20
        ((1.0, 0, 0, 1.0, 5, 5), (1, 0, 0, 1, 10, 10), True),  # at 15, 15
        ((0, 1.0, -1.0, 0, 30, 0), (1, 0, 0, 1, 20, 10), False),  # turned: at 20, 20
    ):
        unseen = Unseen(lambda _: False, has_pictures=False)
        unseen.watch(b"re", [18, 18, 4, 4], ONE, ONE)
        unseen.watch(b"f", [], ONE, ONE)
        unseen.watch(b"g", [1], ONE, ONE)
        unseen.watch(b"Tj", ["a"], ctm, text)
        assert bool(unseen.taken) is out


def test_too_many_shapes_are_a_ground_that_is_not_known() -> None:
    for number, taken in ((5_000, 1), (5_001, 0)):
        unseen = Unseen(lambda _: False, has_pictures=False)
        for _ in range(number):
            unseen.watch(b"re", [500, 500, 4, 4], ONE, ONE)
            unseen.watch(b"f", [], ONE, ONE)
        unseen.watch(b"g", [1], ONE, ONE)
        unseen.watch(b"Tj", ["a"], ONE, ONE)
        assert unseen.taken == taken


def test_all_corners_of_a_shape_and_of_a_picture_count() -> None:
    turned = (0.0, 1.0, 1.0, 0.0, 0.0, 0.0)
    slanted = (1.0, 1.0, -1.0, 1.0, 0.0, 0.0)
    for ctm, shape, where, seen in (
        (turned, [0, 10, 4, 20], (20, 2), True),
        (turned, [0, 10, 4, 20], (2, 20), False),
        (slanted, [0, 0, 10, 10], (9, 10), True),
        (slanted, [0, 0, 10, 10], (-9, 10), True),
        (slanted, [0, 0, 10, 10], (0, 19), True),
        (slanted, [0, 0, 10, 10], (0, 25), False),
    ):
        unseen = Unseen(lambda name: name == "/I", has_pictures=True)
        unseen.watch(b"re", list(shape), ctm, ONE)
        unseen.watch(b"f", [], ctm, ONE)
        unseen.watch(b"g", [1], ONE, ONE)
        unseen.watch(b"Tj", ["a"], ONE, (1, 0, 0, 1, *where))
        assert bool(unseen.taken) is not seen
    for where, seen in (((90, 100), True), ((-90, 100), True), ((0, 190), True), ((0, 210), False)):
        unseen = Unseen(lambda name: name == "/I", has_pictures=True)
        unseen.watch(b"Do", ["/I"], (100.0, 100.0, -100.0, 100.0, 0.0, 0.0), ONE)
        unseen.watch(b"g", [1], ONE, ONE)
        unseen.watch(b"Tj", ["a"], ONE, (1, 0, 0, 1, *where))
        assert bool(unseen.taken) is not seen


def test_states_are_kept_to_a_depth() -> None:
    for deep, taken in ((64, 1), (65, 0)):
        unseen = Unseen(lambda _: False, has_pictures=False)
        for _ in range(deep - 1):
            unseen.watch(b"q", [], ONE, ONE)
        unseen.watch(b"g", [1], ONE, ONE)
        unseen.watch(b"q", [], ONE, ONE)
        unseen.watch(b"g", [0], ONE, ONE)
        unseen.watch(b"Q", [], ONE, ONE)
        unseen.watch(b"Tj", ["a"], ONE, ONE)
        assert unseen.taken == taken


def test_operands_that_are_no_numbers_hide_nothing() -> None:
    unseen = _unseen()
    unseen.watch(b"re", ["a", "b", "c", "d"], ONE, ONE)
    unseen.watch(b"f", [], ONE, ONE)
    unseen.watch(b"scn", ["/P1"], ONE, ONE)
    unseen.watch(b"Tj", ["a"], ONE, ONE)
    assert unseen.taken == 0


@pytest.mark.parametrize(
    "content", [b"1 g", b"1 1 1 rg", b"0 0 0 0 k", b"1.0 scn", b"3 Tr", b"0.975 0.98 0.99 rg"]
)
def test_pages_with_a_sign_are_followed(content: bytes) -> None:
    assert SIGNS.search(content)


@pytest.mark.parametrize("content", [b"0 g", b"0.1 g", b"0 Tr", b"0 0 1 RG", b"21 Tr"])
def test_pages_without_one_are_not(content: bytes) -> None:
    assert not SIGNS.search(content)
