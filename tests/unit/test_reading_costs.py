"""Which files are read where memory and time are limited, and what may come back from there."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from datetime import date

import pytest

from feeds.intake.limits import Answer, Question, limits_for, pack, read_message, unpack_answer
from feeds.model import Bulletin, Draft, Fault
from feeds.reading import ReadingOptions, may_be_costly
from feeds.reading.costs import HARMLESS_BYTES

LONG = b"The ferry runs every hour from six in the morning.\n" * 400
TAGS = b"<p>The ferry runs every hour from six in the morning.</p>\n" * 400


def in_pieces(raw: bytes) -> Callable[[int], bytes]:
    """A pipe that gives a few bytes at a time."""
    stream = io.BytesIO(raw)
    return lambda size: stream.read(min(size, 5))


@pytest.mark.parametrize(
    ("name", "data", "costly"),
    [
        ("a.txt", LONG, False),
        ("a.txt", TAGS, True),
        ("a.txt", b"%PDF-1.7", True),
        ("a.txt", b"PK\x03\x04", True),
        ("a.html", LONG, True),
        ("a.HTM", LONG, True),
        ("a.eml", LONG, True),
        ("a.txt", b"Subject: x\nMIME-Version: 1.0\n\n" + LONG, True),
        ("a.md", LONG, False),
        ("a.md", LONG + b"<b>", True),
        ("a.txt", LONG + b"<b>", False),
        ("a.md", LONG + b" 3 < 5", False),
        ("a.txt", LONG.decode().encode("utf-16"), True),
        ("a.txt", LONG.decode().encode("utf-16-le"), True),
        ("a.html", TAGS[:HARMLESS_BYTES], False),
        ("a.html", TAGS[: HARMLESS_BYTES + 1], True),
    ],
)
def test_documents_and_long_markup_may_be_costly_and_plain_text_is_not(
    name: str, data: bytes, costly: bool
) -> None:
    assert may_be_costly(name, data) is costly


def test_a_larger_file_may_cost_more_but_not_much() -> None:
    small, large = limits_for(10_000), limits_for(1_048_576)
    assert small.seconds < large.seconds <= 8
    assert small.memory < large.memory <= 112 * 1_048_576
    assert large.patience > 2 * large.seconds  # others may have the processor


def test_what_one_process_says_the_other_one_understands() -> None:
    draft = Draft(line=1, end_line=2, date_on=date(2026, 11, 25), title="Ferry")
    answer = Answer(bulletin=Bulletin(name="a", encoding="utf-8", drafts=(draft,), faults=(Fault(code="x"),)))
    for message in (answer, Question("a", b"x", ReadingOptions(), limits_for(1))):
        found = read_message(in_pieces(pack(message) + b"the next one"))
        assert found is not None
        assert pickle.loads(found) == message
    assert unpack_answer(pack(answer)[8:]) == answer


def test_a_message_that_ends_early_or_is_longer_than_any_is_none() -> None:
    for raw in (pack(Answer())[:-1], pack(Answer())[:5], b"\xff" * 9, b""):
        assert read_message(in_pieces(raw)) is None


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1 + 1",)


@pytest.mark.parametrize("answer", [Evil(), 7, Question("a", b"", ReadingOptions(), limits_for(1))])
def test_nothing_but_an_answer_is_taken_from_the_process_that_reads(answer: object) -> None:
    with pytest.raises(pickle.UnpicklingError):
        unpack_answer(pickle.dumps(answer))
