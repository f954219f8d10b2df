"""What counts as one source: an IPv4 address, or the /64 of an IPv6 address, since one subscriber owns all of it."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network

PREFIX = 64


@lru_cache(maxsize=1024)
def network_of(host: str) -> str:
    """The source of a peer's address, for counting; never logged. What is no address stands for itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return host if address.version == 4 else str(ip_network((address, PREFIX), strict=False))  # noqa: PLR2004
