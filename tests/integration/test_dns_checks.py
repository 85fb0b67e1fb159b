"""What DNS says of a sender, asked of a real name server: each finding, and what to put right."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace

import pytest

from dns_server import NameServer, Records
from feeds.mail.checks.findings import Finding, Level, PublicKey, Sending, findings
from feeds.mail.checks.resolving import DnsAway, Resolver
from feeds.mail.checks.spf import Evaluation, Spf

KEY = "v=DKIM1; k=rsa; p=" + "A" * 392
GOOD: Records = {
    "example.org": [("TXT", '"v=spf1 ip4:192.0.2.7 ip6:2001:db8::/64 -all"'), ("TXT", '"site=1"'),
                    ("MX", "10 mx.example.org.")],
    "news.example.org": [("A", "192.0.2.7"), ("AAAA", "2001:db8::7")],
    "7.2.0.192.in-addr.arpa": [("PTR", "news.example.org.")],
    f"7.{'0.' * 23}8.b.d.0.1.0.0.2.ip6.arpa": [("PTR", "News.example.org.")],
    "s1._domainkey.example.org": [("TXT", f'"{KEY[:200]}" "{KEY[200:]}"')],
    "_dmarc.example.org": [("TXT", '"v=DMARC1; p=reject; rua=mailto:d@example.org"')],
}  # fmt: skip
SENDING = Sending(
    domain="example.org", envelope="example.org", host="news.example.org", ours=True, signing="example.org",
    keys=(PublicKey("s1", KEY),),
)  # fmt: skip


@pytest.fixture
def records() -> Records:
    return deepcopy(GOOD)


@pytest.fixture
def server(records: Records) -> Iterator[NameServer]:
    with NameServer(records) as made:
        yield made


def found(server: NameServer, sending: Sending = SENDING) -> list[Finding]:
    return list(findings(sending, Resolver(server.where, timeout_s=2)))


def bad(server: NameServer, sending: Sending = SENDING) -> list[tuple[Level, str]]:
    return [(each.level, each.about) for each in found(server, sending) if each.level is not Level.GOOD]


def only(server: NameServer, sending: Sending = SENDING) -> Finding:
    (one,) = [each for each in found(server, sending) if each.level is not Level.GOOD]
    return one


def test_a_domain_that_has_everything_has_nothing_to_mend(server: NameServer) -> None:
    assert bad(server) == []
    assert [each.about for each in found(server)] == ["PTR", "PTR", "SPF", "SPF", "DKIM", "DMARC", "MX"]


@pytest.mark.parametrize(
    ("texts", "level", "told", "put"),
    [
        ([], Level.FAULT, "no SPF record", "ip4:192.0.2.7 ip6:2001:db8::7 -all"),
        (["v=spf1 -all", "v=spf1 mx -all"], Level.FAULT, "several SPF records", "v=spf1"),
        (["v=spf1 ip4:192.0.2.7 +all"], Level.FAULT, "lets everybody send", "~all"),
        (["v=spf1 all"], Level.FAULT, "lets everybody send", "~all"),
        (["v=spf1 ip4:192.0.2.0/24 -all"], Level.FAULT, "does not let 2001:db8::7 send", "ip6:2001:db8::7"),
        (["v=spf1 ip6:2001:db8::7 a:nowhere.example.org ~all"], Level.FAULT, "(softfail)", "ip4:192.0.2.7"),
        (["v=spf1 a:%{i}.example.org ?all"], Level.FAULT, "(neutral)", ""),
        (["v=spf1 junk:x -all"], Level.FAULT, "cannot be worked out", "shorter"),
    ],
)  # fmt: skip
def test_spf_is_worked_out_for_the_addresses_that_letters_leave_from(
    server: NameServer, records: Records, texts: list[str], level: Level, told: str, put: str
) -> None:
    records["example.org"] = [("MX", "10 mx.example.org."), *(("TXT", f'"{text}"') for text in texts)]
    spf = [each for each in found(server) if each.about == "SPF" and each.level is not Level.GOOD]
    assert spf
    assert all(each.level is level and told in each.what + each.put for each in spf[-1:])
    assert put in spf[-1].put + spf[0].put


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 include:one.test -all", Spf.PASS), ("v=spf1 include:none.test -all", Spf.PERMERROR),
        ("v=spf1 redirect=one.test", Spf.PASS), ("v=spf1 redirect=none.test", Spf.PERMERROR),
        ("v=spf1 a:news.example.org/31 -all", Spf.PASS), ("v=spf1 mx:far.test -all", Spf.PASS),
        ("v=spf1 mx -all", Spf.FAIL), ("v=spf1", Spf.NEUTRAL), ("V=SPF1 -IP4:192.0.2.7 ALL", Spf.FAIL),
        ("v=spf1 exists:%{i}.x.test", Spf.UNKNOWN), ("v=spf1 include:loop.test -all", Spf.PERMERROR),
        ("v=spf1 " + "a:nowhere.test " * 11 + "-all", Spf.PERMERROR),
        ("v=spf1 ip4:192.0.2.7/99 -all", Spf.PERMERROR),
        ("v=spf1 exp=why.test ip4:192.0.2.7 -all", Spf.PASS), ("v=spf1 ?all", Spf.NEUTRAL),
    ],
)  # fmt: skip
def test_each_mechanism_of_spf(server: NameServer, records: Records, record: str, result: Spf) -> None:
    records["start.test"] = [("TXT", f'"{record}"')]
    records["one.test"] = [("TXT", '"v=spf1 ip4:192.0.2.7 -all"')]
    records["loop.test"] = [("TXT", '"v=spf1 include:loop.test -all"')]
    records["far.test"] = [("MX", "5 news.example.org.")]
    assert Evaluation(Resolver(server.where), "192.0.2.7").result("start.test") is result


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([], "no record"), ([KEY.replace("AA", "AB", 1)], "another key"),
        (["v=DKIM1; k=rsa; p="], "withdrawn"),
        ([KEY, KEY.replace("AA", "AC")], "several"), ([KEY.replace("k=rsa", "k=ed25519")], "another key"),
    ],
)  # fmt: skip
def test_the_record_of_a_signing_key_is_held_against_the_key(
    server: NameServer, records: Records, texts: list[str], told: str
) -> None:
    records["s1._domainkey.example.org"] = [
        ("TXT", " ".join(f'"{text[n : n + 200]}"' for n in range(0, len(text), 200))) for text in texts
    ]
    one = only(server)
    assert (one.level, one.about, told in one.what) == (Level.FAULT, "DKIM", True)
    assert one.put == f's1._domainkey.example.org TXT "{KEY}"'


def test_a_record_with_spaces_and_other_order_is_the_same_key(server: NameServer, records: Records) -> None:
    half = KEY.partition("p=")[2]
    records["s1._domainkey.example.org"] = [
        ("TXT", f'"p = {half[:100]} " "{half[100:300]}" "{half[300:]} ; v=DKIM1"')
    ]
    assert bad(server) == []
    records["s1._domainkey.example.org"] = [("TXT", f'"v=DKIM1; t=y; p=" "{half[:200]}" "{half[200:]}"')]
    assert bad(server) == [(Level.WARNING, "DKIM")]


def test_unsigned_letters_and_signatures_of_another_domain_are_told(server: NameServer) -> None:
    assert bad(server, replace(SENDING, keys=())) == [(Level.WARNING, "DKIM")]
    told = found(server, replace(SENDING, signing="other.test"))
    assert next(each.put for each in told if each.level is Level.FAULT) == 'dkim.domain = "example.org"'


@pytest.mark.parametrize("texts", [[], ["v=DMARC1; p=maybe"], ["v=DMARC1; p=none", "v=DMARC1; p=reject"]])
def test_a_domain_without_a_dmarc_record_is_a_fault(
    server: NameServer, records: Records, texts: list[str]
) -> None:
    records["_dmarc.example.org"] = [("TXT", f'"{text}"') for text in texts]
    one = only(server)
    assert (one.level, one.about) == (Level.FAULT, "DMARC")
    assert "_dmarc.example.org TXT" in one.put


def test_dmarc_of_the_domain_above_counts_and_an_envelope_elsewhere_needs_dkim(
    server: NameServer, records: Records
) -> None:
    records["mail.example.org"] = records["example.org"]
    below = replace(SENDING, domain="mail.example.org")
    assert bad(server, below) == []
    records["bounce.test"] = records["example.org"]
    assert bad(server, replace(SENDING, envelope="bounce.test")) == []
    assert bad(server, replace(SENDING, envelope="bounce.test", keys=())) == [
        (Level.WARNING, "DKIM"), (Level.WARNING, "DMARC"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "level", "told"),
    [([], Level.FAULT, "no name"), (["host7.provider.test."], Level.FAULT, "which is not it"),
     (["real.test."], Level.WARNING, "we call ourselves")],
)  # fmt: skip
def test_an_address_that_does_not_point_back_is_told(
    server: NameServer, records: Records, names: list[str], level: Level, told: str
) -> None:
    records["7.2.0.192.in-addr.arpa"] = [("PTR", name) for name in names]
    records["real.test"] = [("A", "192.0.2.7")]
    one = only(server)
    assert (one.level, one.about, told in one.what) == (level, "PTR", True)


def test_of_a_relay_s_addresses_only_what_can_be_known_is_said(server: NameServer, records: Records) -> None:
    records["relay.test"] = [("A", "198.51.100.4")]
    relayed = replace(SENDING, host="relay.test", ours=False)
    assert bad(server, relayed) == [(Level.WARNING, "SPF")]
    records["example.org"][0] = ("TXT", '"v=spf1 a:relay.test -all"')
    assert bad(server, relayed) == []


def test_a_domain_without_a_mail_server_loses_what_comes_back(server: NameServer, records: Records) -> None:
    records["bounces.test"] = [("TXT", '"v=spf1 ip4:192.0.2.7 ip6:2001:db8::7 -all"')]
    there = replace(SENDING, envelope="bounces.test")
    assert bad(server, there) == [(Level.FAULT, "MX")]
    records["bounces.test"].append(("A", "192.0.2.9"))
    assert bad(server, there) == []
    records["bounces.test"].append(("MX", "0 ."))
    assert bad(server, there) == [(Level.FAULT, "MX")]


def test_a_host_name_without_an_address_is_told(server: NameServer) -> None:
    assert bad(server, replace(SENDING, host="nowhere.test")) == [(Level.FAULT, "host")]


def test_questions_without_an_answer_are_told_and_the_others_are_asked(records: Records) -> None:
    with NameServer(records, silent=frozenset({"_dmarc.example.org"})) as server:
        resolver = Resolver(server.where, timeout_s=0.3)
        told = [each for each in findings(SENDING, resolver) if each.level is not Level.GOOD]
        assert [(each.level, each.about) for each in told] == [(Level.WARNING, "DMARC")]
        assert "no answer in time" in told[0].what
        with pytest.raises(DnsAway):
            resolver.texts("_dmarc.example.org")


@pytest.mark.parametrize("where", ["a name", "1.2.3", "1.2.3.4:x", ":53"])
def test_a_name_server_that_is_no_address_is_refused(where: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Resolver(where)
