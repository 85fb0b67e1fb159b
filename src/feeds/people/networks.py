"""Where somebody comes from, as far as limits go: a network, never the address itself (pure)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


def network_of(client: str) -> str:
    """The IPv4 /24 or IPv6 /64 of a client's address; what is no address is a network of its own."""
    try:
        address: IPv4Address | IPv6Address = ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    length = 24 if isinstance(address, IPv4Address) else 64
    return str(ip_network(f"{address}/{length}", strict=False))
