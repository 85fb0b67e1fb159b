"""Envelope senders that name their letter (VERP): only tags that we made count (T22)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.config import Sections
from feeds.mail.addresses import is_writable
from feeds.mail.envelope import LONGEST_NAME, BounceAddress
from feeds.tokens import Tokens

OLD, NEW = b"o" * 32, bytes(range(32))
TOKENS = Tokens([NEW])
BOX = BounceAddress("bounces@example.org")


@examples(40)
@given(st.from_regex(r"[a-z]?[0-9]{1,19}", fullmatch=True))
def test_a_tag_names_its_letter_in_an_address_that_every_server_takes(letter: str) -> None:
    longest = BounceAddress(f"{'b' * LONGEST_NAME}@example.org")
    address = longest.tagged(TOKENS.bounce(letter))
    assert is_writable(address)
    assert len(address.partition("@")[0]) <= 64
    (tag,) = longest.tags(f"Final-Recipient: rfc822; <{address.upper()}>")
    assert TOKENS.read_bounce(tag) == letter


def test_a_tag_made_with_an_earlier_key_is_good_and_one_of_another_site_is_not() -> None:
    tag = Tokens([OLD]).bounce("17")
    assert Tokens([NEW, OLD]).read_bounce(tag) == "17"
    assert Tokens([NEW]).read_bounce(tag) is None
    assert Tokens([NEW, OLD]).bounce("17") != tag


def test_a_tag_of_one_letter_is_worthless_for_another_and_so_is_any_changed_one() -> None:
    tag = TOKENS.bounce("17")
    letter, _, mac = tag.partition("-")
    forged = [
        f"18-{mac}",
        f"n17-{mac}",
        f"{letter}-{mac[:-1]}",
        f"{letter}-{mac}a",
        tag.upper(),
        f" {tag}",
        "",
    ]
    forged += [
        f"{letter}-{mac[:at]}{'a' if mac[at] != 'a' else 'b'}{mac[at + 1 :]}" for at in range(len(mac))
    ]
    assert [TOKENS.read_bounce(each) for each in forged] == [None] * len(forged)
    assert TOKENS.read_bounce(tag) == "17"


@pytest.mark.parametrize("number", ["", "a b", "17\r\nRCPT TO:<x>", "-1", "nn3", "1" * 20])
def test_what_is_no_number_of_a_letter_gets_no_tag(number: str) -> None:
    with pytest.raises(ValueError, match="number of a letter"):
        TOKENS.bounce(number)


def test_tags_are_found_in_any_text_and_only_those_of_our_own_address() -> None:
    tag = TOKENS.bounce("n3")
    ours = BOX.tagged(tag)
    assert BOX.tags(f"To: {ours}\nReturn-Path: <{ours}>, bounces@example.org") == [tag]
    assert BOX.tags(f"see {ours}.") == [tag]
    for other in (f"x{ours}", f".{ours}", ours.replace(".org", ".net"), f"{ours}.evil.test", f"{ours}-x"):
        assert BOX.tags(other) == []
    assert BOX.unsubscribe == "bounces+unsubscribe@example.org"


@pytest.mark.parametrize("address", ["bounces", "b+c@example.org", f"{'b' * 27}@example.org", "b@x>\r\nQUIT"])
def test_an_address_that_has_no_room_for_a_tag_is_no_setting(address: str) -> None:
    with pytest.raises(ValueError, match="before the @"):
        Sections.model_validate({"bounces": {"address": address}})
