"""Signed links (P6, T11): only what we signed, for that purpose, with a key we still hold."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.errors import ConfigError
from feeds.tokens import Tokens

OLD = b"o" * 32
NEW = bytes(range(32))
ids = st.integers(min_value=0, max_value=2**63 - 1)


@examples(40)
@given(subscriber_id=ids, audience_id=ids)
def test_a_token_names_the_subscriber_and_the_audience_it_was_made_for(
    subscriber_id: int, audience_id: int
) -> None:
    token = Tokens([NEW]).unsubscribe(subscriber_id, audience_id)

    assert Tokens([NEW]).read_unsubscribe(token) == (subscriber_id, audience_id)
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", token)


def test_a_usual_token_is_short_enough_for_a_line_of_plain_text() -> None:
    assert len(Tokens([NEW]).unsubscribe(123_456, 7_890)) <= 40


def test_the_same_ids_give_the_same_token_each_time() -> None:
    assert Tokens([NEW]).unsubscribe(1, 2) == Tokens([NEW, OLD]).unsubscribe(1, 2)


def test_any_flipped_bit_makes_a_token_worthless() -> None:
    tokens = Tokens([NEW])
    good = tokens.unsubscribe(42, 7).encode()

    flipped = [
        good[:at] + bytes([good[at] ^ (1 << bit)]) + good[at + 1 :]
        for at in range(len(good))
        for bit in range(8)
    ]

    assert len(flipped) > 200
    assert [bad for bad in flipped if tokens.read_unsubscribe(bad.decode("latin-1")) is not None] == []


def test_a_cut_or_lengthened_token_is_worthless() -> None:
    tokens = Tokens([NEW])
    good = tokens.unsubscribe(42, 7)
    cut = [good[:end] for end in range(len(good))]
    longer = [good + "A", good + "====", "0" + good, good + "\n", " " + good, good[:-4] + "!!!!" + good[-4:]]

    assert tokens.read_unsubscribe(good) == (42, 7)
    assert [bad for bad in cut + longer if tokens.read_unsubscribe(bad) is not None] == []


@pytest.mark.parametrize(
    "junk", ["", ".", "-", "2a-7", "a" * 100_000, "\ud800", "é-1." + "A" * 24, "2a-7." + "A" * 24]
)
def test_what_was_never_a_token_reads_as_none(junk: str) -> None:
    assert Tokens([NEW]).read_unsubscribe(junk) is None


@examples(40)
@given(text=st.binary(max_size=80).map(lambda raw: raw.decode("latin-1")))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    assert Tokens([NEW]).read_unsubscribe(text) is None


def test_a_token_of_another_purpose_does_not_unsubscribe() -> None:
    tokens = Tokens([NEW])

    assert tokens._read("feeds.confirm", tokens._sign("feeds.confirm", "2a-7")) == "2a-7"
    assert tokens.read_unsubscribe(tokens._sign("feeds.confirm", "2a-7")) is None
    assert tokens._read("feeds.confirm", tokens.unsubscribe(42, 7)) is None


def test_a_signed_payload_that_is_no_pair_of_ids_reads_as_none() -> None:
    tokens = Tokens([NEW])

    assert tokens.read_unsubscribe(tokens._sign("feeds.unsubscribe", "2a--7")) is None


def test_after_rotation_old_tokens_still_work_and_new_ones_carry_the_new_key() -> None:
    old_token = Tokens([OLD]).unsubscribe(1, 2)
    rotated = Tokens([NEW, OLD])

    assert rotated.read_unsubscribe(old_token) == (1, 2)
    assert rotated.unsubscribe(1, 2) == Tokens([NEW]).unsubscribe(1, 2) != old_token


def test_a_key_taken_away_takes_its_tokens_with_it() -> None:
    assert Tokens([NEW]).read_unsubscribe(Tokens([OLD]).unsubscribe(1, 2)) is None


def test_short_keys_are_refused_all_at_once_and_never_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        Tokens([b"hunter2", NEW, b"x" * 31])

    assert [problem.where for problem in caught.value.problems] == ["secret key 1", "secret key 3"]
    assert "at least 32" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_no_key_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is none"):
        Tokens([])


@pytest.mark.parametrize(("subscriber_id", "audience_id"), [(-1, 2), (1, -2), (2**64, 1)])
def test_an_id_that_no_database_gives_is_refused(subscriber_id: int, audience_id: int) -> None:
    with pytest.raises(ValueError, match="not an id"):
        Tokens([NEW]).unsubscribe(subscriber_id, audience_id)


def test_each_purpose_has_a_token_of_its_own() -> None:
    tokens = Tokens([NEW])
    made = {
        "unsubscribe": tokens.unsubscribe(4, 7),
        "change": tokens.change(4, 7),
        "pause": tokens.pause(4, 7),
    }
    read = {
        "unsubscribe": tokens.read_unsubscribe,
        "change": tokens.read_change,
        "pause": tokens.read_pause,
    }
    for purpose, token in made.items():
        assert {name for name, reads in read.items() if reads(token) == (4, 7)} == {purpose}
        assert [name for name, reads in read.items() if reads(token) is not None] == [purpose]


def test_a_hash_is_of_its_key_its_purpose_and_its_secret() -> None:
    tokens = Tokens([NEW, OLD])
    assert tokens.hashes("link", "secret") == [
        Tokens([NEW]).hash("link", "secret"), Tokens([OLD]).hash("link", "secret"),
    ]  # fmt: skip
    assert tokens.hash("link", "secret") == tokens.hashes("link", "secret")[0]
    several = [tokens.hash(*each) for each in (("link", "a"), ("link", "b"), ("address", "a"))]
    assert len(set(several)) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in several)
