"""Words that were searched for are marked where they stand, whatever their case and accents."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.filters import folded, spans
from feeds.templating import marked, whole_sentences


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Café, cafés & CAFE", ["cafe"], "<mark>Café</mark>, cafés &amp; <mark>CAFE</mark>"),
        ("A work permit works", ["work permit"], "A <mark>work permit</mark> works"),
        ("a work permit now", ["a work permit now", "permit"], "<mark>a work permit now</mark>"),
        ("no work permit", ["work permit", "permit office"], "no <mark>work permit</mark>"),
        ("work permit office", ["permit office", "work permit"], "<mark>work permit office</mark>"),
        ("work, permit", ["work permit", "permit"], "<mark>work, permit</mark>"),
        ("O’Higgins", ["higgins"], "O’<mark>Higgins</mark>"),
        ("<b>bold</b>", ["b"], "&lt;<mark>b</mark>&gt;bold&lt;/<mark>b</mark>&gt;"),
        ("Straße", ["strasse"], "<mark>Straße</mark>"),
        ("nothing", ["not"], "nothing"),
        ("nothing", ["–"], "nothing"),
        ("", ["a"], ""),
    ],
)
def test_words_are_marked(text: str, words: list[str], shown: str) -> None:
    assert marked(text, spans(text, words)) == shown


@given(st.text(max_size=60), st.lists(st.text(max_size=8), max_size=3))
def test_marks_are_in_order_and_hold_one_of_the_words(text: str, words: list[str]) -> None:
    found = spans(text, words)
    assert found == sorted(found)
    assert all(end < start for (_, end), (start, _) in pairwise(found))
    wanted = [" ".join(folded(word)) for word in words]
    for start, end in found:
        inside = " ".join(folded(text[start:end]))
        assert any(word and word in inside for word in wanted)


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("Short text", 20, "Short text"),
        ("One two three. Four five six. Seven.", 20, "One two three."),
        ("One two three. Four five six. Seven.", 30, "One two three. Four five six."),
        ("A sentence without an end in reach, and more. Then.", 20, ""),
        ("Dr. A. Smith came. He saw all of it.", 22, "Dr. A. Smith came."),
        ("¿Qué pasó? Nada. ¡Nada en absoluto!", 18, "¿Qué pasó? Nada."),
        ("It cost 3.50 dollars a day. More.", 28, "It cost 3.50 dollars a day."),
        ("In 2015. Then more of the same words.", 10, "In 2015."),
        ("They said “enough.” Others did not say it.", 20, "They said “enough.”"),
    ],
)
def test_a_summary_ends_with_a_sentence_or_is_not_shown(text: str, limit: int, shown: str) -> None:
    assert whole_sentences(text, limit) == shown
