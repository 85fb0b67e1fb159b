"""Questions to DNS: the only importer of dnspython. What is not there is an empty answer."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename

from feeds.errors import FeedsError


class DnsAway(FeedsError):  # noqa: N818 (it is told as a finding)
    """A question that got no answer; the text says which, and why."""


class Resolver:
    """Asks the system's name servers, or the one named `server` (an address, with a port if it is not 53)."""

    def __init__(self, server: str = "", timeout_s: float = 5.0) -> None:
        """Raises ValueError when `server` is no address."""
        self._timeout_s = timeout_s
        self._server = server
        self._resolver: dns.resolver.Resolver | None = None
        if server:
            host, port = _address_and_port(server)
            self._resolver = dns.resolver.Resolver(configure=False)
            self._resolver.nameservers = [host]
            self._resolver.port = port

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each in one piece."""
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._ask(name, "TXT")]

    def exchanges(self, name: str) -> list[str]:
        """The mail servers of a domain, best first; "" is the null MX of RFC 7505."""
        found = sorted((each.preference, str(each.exchange)) for each in self._ask(name, "MX"))
        return [host.rstrip(".") for _, host in found]

    def addresses(self, name: str) -> list[str]:
        """The IPv4 and IPv6 addresses of a name."""
        return [str(each.address) for kind in ("A", "AAAA") for each in self._ask(name, kind)]

    def names(self, address: str) -> list[str]:
        """The names that an address points back to (PTR)."""
        reverse = dns.reversename.from_address(address).to_text()
        return [str(each.target).rstrip(".").lower() for each in self._ask(reverse, "PTR")]

    def _ask(self, name: str, kind: str) -> list[Any]:
        try:
            if self._resolver is None:
                self._resolver = dns.resolver.Resolver()
            answer = self._resolver.resolve(name, kind, lifetime=self._timeout_s, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            why = "no answer in time" if isinstance(error, dns.exception.Timeout) else str(error)
            raise DnsAway(f"{kind} of {name} cannot be looked up: {' '.join(why.split())[:200]}") from error
        return list(answer)


def _address_and_port(server: str) -> tuple[str, int]:
    host, colon, port = server.rpartition(":")
    if colon and port.isdigit() and (":" not in host or host.startswith("[")):
        return str(ip_address(host.strip("[]"))), int(port)
    return str(ip_address(server.strip("[]"))), 53
