"""SPF: whether a domain lets an address send its mail (RFC 7208), as far as a sender wants to know.

Macros and `exists` are not worked out: a record whose result depends on them is `UNKNOWN`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Protocol

MOST_LOOKUPS = 10  # RFC 7208 4.6.4
_RECORD = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE)


class Asked(Protocol):
    """Who knows DNS."""

    def texts(self, name: str) -> list[str]: ...
    def exchanges(self, name: str) -> list[str]: ...
    def addresses(self, name: str) -> list[str]: ...


class Spf(StrEnum):
    """RFC 7208 2.6, less what comes of DNS that does not answer."""

    NONE = "none"
    PASS = "pass"  # noqa: S105
    NEUTRAL = "neutral"
    SOFTFAIL = "softfail"
    FAIL = "fail"
    PERMERROR = "permerror"
    UNKNOWN = "unknown"


_RESULTS = {"": Spf.PASS, "+": Spf.PASS, "?": Spf.NEUTRAL, "~": Spf.SOFTFAIL, "-": Spf.FAIL}


def records(texts: list[str]) -> list[str]:
    """The SPF records among the TXT records of a domain."""
    return [text for text in texts if _RECORD.match(text)]


@dataclass
class Evaluation:
    """Works one record out for one address; `lookups` counts the questions that the RFC counts."""

    dns: Asked
    address: str
    lookups: int = 0
    unknown: bool = False
    _domains: list[str] = field(default_factory=list)

    def result(self, domain: str) -> Spf:
        """Whether `domain` lets the address send."""
        found = records(self.dns.texts(domain))
        if len(found) != 1:
            return Spf.PERMERROR if found else Spf.NONE
        redirect = ""
        for term in found[0].split()[1:]:
            name, equals, value = term.partition("=")
            if equals and name.isalpha():
                redirect = value if name.lower() == "redirect" else redirect
                continue
            if (result := self._term(term, domain)) is not None:
                return result
        if not redirect:
            return Spf.UNKNOWN if self.unknown else Spf.NEUTRAL
        result = self._other(redirect)
        return Spf.PERMERROR if result is Spf.NONE else result

    def _term(self, term: str, domain: str) -> Spf | None:
        """The result that a mechanism gives; None when it does not match."""
        sign = term[:1] if term[:1] in "+?~-" else ""
        name, value, length = _parsed(term.removeprefix(sign))
        if "%" in value:
            self.unknown = True
            return None
        matches = self._matches(name, value or domain, length)
        return matches if isinstance(matches, Spf) else (_RESULTS[sign] if matches else None)

    def _matches(self, name: str, value: str, length: str) -> bool | Spf:
        match name:
            case "all":
                return True
            case "ip4" | "ip6":
                return self._in(value + length)
            case "a" | "mx":
                return self._counted() or self._hosts(name, value, length)
            case "include":
                result = self._other(value)
                return Spf.PERMERROR if result in (Spf.NONE, Spf.PERMERROR) else result is Spf.PASS
            case "exists" | "ptr":
                self.unknown = True
                return self._counted() or False
            case _:
                return Spf.PERMERROR

    def _other(self, domain: str) -> Spf:
        if error := self._counted():
            return error
        if domain in self._domains or "%" in domain:
            self.unknown = "%" in domain
            return Spf.UNKNOWN if self.unknown else Spf.PERMERROR
        self._domains.append(domain)
        result = self.result(domain)
        self._domains.pop()
        return result

    def _counted(self) -> Spf | None:
        self.lookups += 1
        return Spf.PERMERROR if self.lookups > MOST_LOOKUPS else None

    def _hosts(self, name: str, value: str, length: str) -> bool | Spf:
        """Whether a host has the address, or one near it: `length` is ``/24``, ``//64``, both or none."""
        hosts = [value] if name == "a" else self.dns.exchanges(value)[:10]
        four, _, six = length.partition("//")
        for found in (each for host in hosts if host for each in self.dns.addresses(host)):
            bits = six if ":" in found else four.strip("/")
            if self._in(f"{found}/{bits}" if bits else found) is True:
                return True
        return False

    def _in(self, network: str) -> bool | Spf:
        try:
            return ip_address(self.address) in ip_network(network, strict=False)
        except ValueError:
            return Spf.PERMERROR


def _parsed(term: str) -> tuple[str, str, str]:
    """Name, value, length of a mechanism: ``a:mx.example.org/24`` -> ``a``, ``mx.example.org``, ``/24``."""
    found = re.fullmatch(r"([A-Za-z0-9]+)(?::(.*?))?((?:/\d{1,3})?(?://\d{1,3})?)", term)
    return (found[1].lower(), found[2] or "", found[3]) if found else ("", term, "")
