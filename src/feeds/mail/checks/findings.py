"""Whether the world will believe our letters: SPF, DKIM, DMARC, reverse DNS and mail servers of our domains.

In: what a site says of itself, and somebody who knows DNS. Out: findings, each what, why it matters, and what
to put into DNS. Must not know of settings or of the command that shows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from feeds.mail.checks.resolving import DnsAway
from feeds.mail.checks.spf import Evaluation, Spf, records


class Asked(Protocol):
    """Who knows DNS; each question may raise DnsAway."""

    def texts(self, name: str) -> list[str]: ...
    def exchanges(self, name: str) -> list[str]: ...
    def addresses(self, name: str) -> list[str]: ...
    def names(self, address: str) -> list[str]: ...


class Level(StrEnum):
    """How bad a finding is: a fault loses mail, a warning may."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding in words; `put` is what to change, empty when nothing is to be done."""

    level: Level
    about: str
    what: str
    put: str = ""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What has to stand in DNS for a key that letters are signed with."""

    selector: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """Who sends: the domains of From and of the envelope, and the host that the world sees.

    `ours`: letters leave from this very machine, so that its name is known; else they go to a relay, whose
    addresses out may be others than the one we write to.
    """

    domain: str
    envelope: str
    host: str
    ours: bool
    signing: str = ""
    keys: Sequence[PublicKey] = field(default_factory=tuple)


def findings(sending: Sending, dns: Asked) -> Iterator[Finding]:
    """Everything that DNS tells, good and bad. A question without an answer is a warning of its own."""
    addresses: list[str] = []
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("host", lambda: _host(sending, dns, addresses)),
        ("SPF", lambda: _spf(sending, dns, addresses)),
        ("DKIM", lambda: _dkim(sending, dns)),
        ("DMARC", lambda: _dmarc(sending, dns)),
        ("MX", lambda: _exchanges(sending, dns)),
    ]
    for about, check in checks:
        try:
            yield from check()
        except DnsAway as error:
            yield Finding(Level.WARNING, about, str(error))


def _host(sending: Sending, dns: Asked, addresses: list[str]) -> Iterator[Finding]:
    addresses += dns.addresses(sending.host)
    if not addresses:
        yield Finding(
            Level.FAULT if sending.ours else Level.WARNING, "host",
            f"{sending.host} has no address: servers that are greeted with such a name refuse mail",
            f"{sending.host} A and AAAA with the addresses that letters leave from, or mail.local_hostname",
        )  # fmt: skip
        return
    if not sending.ours:
        yield Finding(Level.GOOD, "host", f"letters go to {sending.host}; what it shows the world it decides")
        return
    for address in addresses:
        yield _reverse(sending.host, address, dns)


def _reverse(host: str, address: str, dns: Asked) -> Finding:
    names = dns.names(address)
    if host.lower() in names:
        return Finding(Level.GOOD, "PTR", f"{address} points back to {host}")
    for name in names:
        if address in dns.addresses(name):
            return Finding(
                Level.WARNING, "PTR", f"{address} points back to {name}, but we call ourselves {host}",
                f'mail.local_hostname = "{name}", or ask the owner of the address for a PTR of {host}',
            )  # fmt: skip
    said = f"points back to {', '.join(names)}, which is not it" if names else "points back to no name"
    return Finding(
        Level.FAULT, "PTR", f"{address} {said}: Gmail and others refuse mail from such addresses",
        f"ask the owner of the address (your hosting company) for: {address} PTR {host}",
    )  # fmt: skip


def _spf(sending: Sending, dns: Asked, addresses: Sequence[str]) -> Iterator[Finding]:
    domain = sending.envelope
    found = records(dns.texts(domain))
    mine = " ".join(f"ip{6 if ':' in each else 4}:{each}" for each in addresses) or "include:YOUR-PROVIDER"
    if len(found) != 1:
        many = "several SPF records, which counts as none" if found else "no SPF record"
        yield Finding(
            Level.FAULT, "SPF", f"{domain} has {many}: anybody may send in its name, and Gmail refuses mail",
            f'{domain} TXT "v=spf1 {mine} -all", and no other that begins with v=spf1',
        )  # fmt: skip
        return
    if re.search(r"\s\+?all\b", found[0]):
        yield Finding(
            Level.FAULT, "SPF", f"the record of {domain} ends in +all: it lets everybody send",
            f"-all or ~all in its place: {found[0]}",
        )  # fmt: skip
        return
    for address in addresses:
        yield _allowed(sending, Evaluation(dns, address), found[0])


def _allowed(sending: Sending, work: Evaluation, record: str) -> Finding:
    domain, address = sending.envelope, work.address
    match work.result(domain):
        case Spf.PASS:
            return Finding(Level.GOOD, "SPF", f"{domain} lets {address} send")
        case Spf.PERMERROR:
            why = f"cannot be worked out (syntax, or more than 10 lookups): it counts as none: {record}"
            return Finding(Level.FAULT, "SPF", f"the record of {domain} {why}", "a shorter record")
        case Spf.UNKNOWN:
            return Finding(Level.WARNING, "SPF", f"whether {domain} lets {address} send depends on each mail")
        case result:
            ours = f"{domain} does not let {address} send ({result}): letters are refused or taken for spam"
            theirs = (
                f"{domain} does not name {address} ({result}), which may not be where the relay sends from"
            )
            version = 6 if ":" in address else 4
            return Finding(
                Level.FAULT if sending.ours else Level.WARNING, "SPF", ours if sending.ours else theirs,
                f"ip{version}:{address}, or the include that your provider names, in: {record}",
            )  # fmt: skip


def _dkim(sending: Sending, dns: Asked) -> Iterator[Finding]:
    if not sending.keys:
        yield Finding(
            Level.WARNING, "DKIM", "letters are not signed here: unless the relay does, Gmail refuses many",
            "[dkim] in feeds.toml, or let the relay sign",
        )  # fmt: skip
    if sending.keys and not aligned(sending.domain, sending.signing):
        yield Finding(
            Level.FAULT, "DKIM", f"{sending.signing} signs for {sending.domain}, which does not count",
            f'dkim.domain = "{sending.domain}"',
        )  # fmt: skip
    for key in sending.keys:
        yield _key(f"{key.selector}._domainkey.{sending.signing}", key.record, dns)


def _key(name: str, wanted: str, dns: Asked) -> Finding:
    put = f'{name} TXT "{wanted}"'
    found = [text for text in dns.texts(name) if "p" in tags(text)]
    if not found:
        return Finding(Level.FAULT, "DKIM", f"{name} has no record: no signature can be verified", put)
    if len(found) > 1:
        return Finding(Level.FAULT, "DKIM", f"{name} has several records: which counts is chance", put)
    said, meant = tags(found[0]), tags(wanted)
    if not said.get("p"):
        return Finding(Level.FAULT, "DKIM", f"{name} is withdrawn (an empty p=)", put)
    if said["p"] != meant["p"] or said.get("k", "rsa") != meant["k"]:
        return Finding(Level.FAULT, "DKIM", f"{name} holds another key than the one that signs", put)
    if "y" in said.get("t", "").split(":"):
        return Finding(Level.WARNING, "DKIM", f"{name} says that we only test (t=y): it may not count", put)
    return Finding(Level.GOOD, "DKIM", f"{name} holds the key that signs")


def _dmarc(sending: Sending, dns: Asked) -> Iterator[Finding]:
    labels = sending.domain.split(".")
    above = [".".join(labels[n:]) for n in range(max(1, len(labels) - 1))]
    for domain in above:
        found = [text for text in dns.texts(f"_dmarc.{domain}") if text.startswith("v=DMARC1")]
        if len(found) == 1 and (policy := tags(found[0]).get("p", "").lower()) in _POLICIES:
            yield Finding(Level.GOOD, "DMARC", f"_dmarc.{domain} says p={policy}")
            break
        if found:
            yield Finding(
                Level.FAULT, "DMARC", f"_dmarc.{domain} cannot be read, or stands there twice: {found[0]}",
                f'_dmarc.{domain} TXT "v=DMARC1; p=none"',
            )  # fmt: skip
            break
    else:
        yield Finding(
            Level.FAULT, "DMARC", f"{sending.domain} has no DMARC record: Gmail, Yahoo and Outlook want one",
            f'_dmarc.{sending.domain} TXT "v=DMARC1; p=none", later p=quarantine',
        )  # fmt: skip
    signed = bool(sending.keys) and aligned(sending.domain, sending.signing)
    if not signed and not aligned(sending.domain, sending.envelope):
        yield Finding(
            Level.WARNING, "DMARC",
            f"bounces go to {sending.envelope}, From is {sending.domain}: SPF does not count for DMARC",
            f"a bounces.address at {sending.domain}, or sign with DKIM",
        )  # fmt: skip


_POLICIES = {"none", "quarantine", "reject"}


def _exchanges(sending: Sending, dns: Asked) -> Iterator[Finding]:
    for domain in dict.fromkeys((sending.domain, sending.envelope)):
        hosts = dns.exchanges(domain)
        if hosts == [""]:
            what = f"{domain} says that it takes no mail (a null MX): many refuse mail from such a domain"
            yield Finding(Level.FAULT, "MX", what, f"{domain} MX 10 the host that takes its mail")
        elif hosts or dns.addresses(domain):
            yield Finding(Level.GOOD, "MX", f"mail for {domain} goes to {', '.join(hosts) or domain}")
        else:
            what = f"{domain} has no mail server: bounces and answers are lost, many refuse mail from it"
            yield Finding(Level.FAULT, "MX", what, f"{domain} MX 10 the host that takes its mail")


def aligned(one: str, other: str) -> bool:
    """Whether two domains are one, or one lies in the other (DMARC, relaxed)."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def tags(text: str) -> dict[str, str]:
    """``k=rsa; p=…`` as a mapping, white space left out."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): re.sub(r"\s", "", value) for name, equals, value in pairs if equals}
