"""Back-off by recipients' hosts: which answers are about a whole host, when it rests, and for how long."""

from __future__ import annotations

import pytest

from feeds.delivering.hosts import FIRST_S, IN_A_ROW, LONGEST_S, Hosts
from feeds.mail.verdicts import Stage, by_reply
from feeds.model import Deferred, Receipt, Sent, Uncertain

BUSY = Deferred("RCPT: 450 4.3.2 busy", host=True)
MINE = Deferred("RCPT: 450 4.2.0 greylisted")


@pytest.mark.parametrize(
    ("code", "text", "host"),
    [
        (450, "4.3.2 system not accepting messages", True),
        (451, "4.4.1 no answer from host", True),
        (450, "4.1.2 domain not found just now", True),
        (450, "4.7.28 unusual rate of mail from your address", True),
        (451, "4.7.650 rate limited", True),
        (450, "4.2.0 greylisted", False),
        (451, "4.7.0 Grey-listing in action, come back later", False),
        (451, "4.7.1 try again later", False),
        (452, "4.2.2 mailbox full", False),
        (450, "4.2.1 this user gets mail too quickly", False),
        (450, "try again later", False),
        (450, "5.3.2 of another class than the reply", False),
    ],
)
def test_a_4xx_reply_is_about_the_recipient_or_about_their_whole_host(
    code: int, text: str, host: bool
) -> None:
    receipt = by_reply(Stage.RECIPIENT, code, text)
    assert isinstance(receipt, Deferred)
    assert receipt.host is host


def noted(hosts: Hosts, *results: Receipt, at: float = 0.0, address: str = "a@busy.example") -> list[float]:
    return [hosts.note(address, each, at) for each in results]


def test_a_host_rests_after_some_in_a_row_and_only_that_host() -> None:
    hosts = Hosts(lambda: 0.5)
    assert noted(hosts, *[BUSY] * IN_A_ROW) == [0.0] * (IN_A_ROW - 1) + [FIRST_S]
    assert hosts.resting("b@BUSY.example", FIRST_S - 1) == f"not asked now, as it said: {BUSY.reason}"
    assert not hosts.resting("b@other.example", 0)
    assert not hosts.resting("b@busy.example", FIRST_S)


def test_one_that_is_taken_between_says_that_the_host_is_well() -> None:
    hosts = Hosts(lambda: 0.5)
    assert not any(noted(hosts, *[BUSY] * (IN_A_ROW - 1), Sent("250 ok"), *[BUSY] * (IN_A_ROW - 1)))
    assert noted(hosts, BUSY) == [FIRST_S]


def test_what_is_said_of_single_recipients_never_makes_a_host_rest() -> None:
    hosts = Hosts(lambda: 0.5)
    assert not any(noted(hosts, *[MINE, Uncertain("lost")] * 20))
    assert not hosts.resting("a@busy.example", 0)


def test_each_rest_is_twice_as_long_and_what_was_on_its_way_makes_it_no_longer() -> None:
    hosts, at, rests = Hosts(lambda: 0.5), 0.0, []
    noted(hosts, *[BUSY] * (IN_A_ROW - 1))
    for _ in range(8):
        rests += noted(hosts, BUSY, BUSY, at=at)[:1]
        assert noted(hosts, BUSY, at=at) == [0.0]
        at += rests[-1]
    assert rests == [min(FIRST_S * 2**n, LONGEST_S) for n in range(8)]
    noted(hosts, Sent("250 ok"), at=at)
    assert noted(hosts, *[BUSY] * IN_A_ROW, at=at)[-1] == FIRST_S


def test_rests_differ_so_that_several_senders_do_not_come_back_together() -> None:
    assert [noted(Hosts(lambda each=each: each), *[BUSY] * IN_A_ROW)[-1] for each in (0.0, 1.0)] == [
        pytest.approx(0.9 * FIRST_S), pytest.approx(1.1 * FIRST_S)
    ]  # fmt: skip
