"""A correction shows the sentences that differ, and in them the words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.changes.marking import LONGEST, Passage, Span, _changed, passages


def said(spans: tuple[Span, ...]) -> str:
    return " ".join(f"[{span.text}]" if span.changed else span.text for span in spans)


def shown(old: str, new: str) -> list[tuple[str, str]]:
    return [(said(each.was), said(each.now)) for each in passages(old, new)]


def test_only_the_changed_words_of_the_changed_sentence_are_marked() -> None:
    old = "The harbour opens. The farms employ 12,400 workers. Nobody pays."
    new = "The harbour opens. The farms employ 1,240 workers. Nobody pays."
    assert shown(old, new) == [("The farms employ [12,400] workers.", "The farms employ [1,240] workers.")]


def test_a_sentence_that_was_taken_out_or_added_has_no_other_side() -> None:
    assert shown("One. Two words. Three.", "One. Three.") == [("[Two words.]", "")]
    assert shown("One. Three.", "One. Two words. Three.") == [("", "[Two words.]")]


def test_neighbouring_changed_words_are_one_mark() -> None:
    assert shown("It opens on Monday at noon.", "It opens next Friday at noon.") == [
        ("It opens [on Monday] at noon.", "It opens [next Friday] at noon.")
    ]


def test_the_same_words_in_other_lines_are_no_change() -> None:
    assert shown("One two.\n\nThree.", "One  two. Three.") == []


def test_not_more_than_three_sentences_are_shown() -> None:
    old = " ".join(f"Line {n} is old." for n in range(9))
    assert len(passages(old, old.replace("old", "new"))) == 3


def test_a_long_sentence_is_cut_at_a_word() -> None:
    (passage,) = passages("", "word " * 200)
    assert [span.changed for span in passage.now] == [True, False]
    assert passage.now[-1] == Span("…", False)
    assert LONGEST - 10 < len(passage.now[0].text) <= LONGEST


def test_a_sentence_that_just_fits_is_whole_and_one_letter_more_is_cut() -> None:
    fits = " ".join(["words"] * (LONGEST // 6))  # each with the space behind it
    assert said(passages("", fits)[0].now) == f"[{fits}]"
    assert said(passages("", fits + "x")[0].now) == f"[{fits[:-6]}] …"


words = st.text(alphabet="ab .\n", max_size=60)


@examples(150)
@given(old=words, new=words)
def test_both_sides_are_whole_sentences_and_what_is_unmarked_is_in_both(old: str, new: str) -> None:
    for passage in passages(old, new):
        assert isinstance(passage, Passage)
        assert passage.was or passage.now
        kept = [[word for span in side if not span.changed for word in span.text.split()]
                for side in (passage.was, passage.now)]  # fmt: skip
        assert kept[0] == kept[1]
        assert " ".join(span.text for span in passage.now) in " ".join(new.split())
        assert " ".join(span.text for span in passage.was) in " ".join(old.split())


def test_sentences_too_long_to_compare_differ_as_a_whole_and_those_at_the_limit_word_by_word() -> None:
    assert list(_changed(["a", "b", "c"], ["a", "b", "c"], 3)) == []
    assert list(_changed(["a", "b", "c", "d"], ["a", "b"], 3)) == [(0, 4, 0, 2)]
    assert list(_changed(["a", "b"], ["a", "b", "c", "d"], 3)) == [(0, 2, 0, 4)]
