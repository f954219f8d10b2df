"""Places for connections, limited together and by source: each costs a file descriptor before its first byte."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Sequence
from ipaddress import ip_address

from gateway.http.sources import network_of
from vault.settings import Network

CONNECTIONS = 4000
DESCRIPTORS = 3 * CONNECTIONS  # a connection, a copy of it that a thread reads, and a file of a store


class Places:
    """At most so many connections, three quarters of them from one source; a trusted proxy speaks for many sources."""

    def __init__(self, most: int = CONNECTIONS, *, trusted: Sequence[Network] = ()) -> None:
        self.most = most
        self.taken = 0
        self.by_source: Counter[str] = Counter()
        self._trusted = tuple(trusted)

    def take(self, host: str) -> str | None:
        """The source that the place is counted for; None when there is none."""
        source = "" if self._trusts(host) else network_of(host)
        if self.taken >= self.most or (source and self.by_source[source] >= max(1, self.most * 3 // 4)):
            return None
        self.taken += 1
        self.by_source[source] += 1
        return source

    def give_back(self, source: str) -> None:
        """A connection of that source has ended."""
        self.taken -= 1
        self.by_source[source] -= 1
        if not self.by_source[source]:
            del self.by_source[source]

    def _trusts(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return True  # no network: a socket of this machine
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address.version == network.version and address in network for network in self._trusted)


def most_connections() -> int:
    """As many as this process has descriptors for; it asks for more of them, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    wanted = DESCRIPTORS if hard == unlimited else min(DESCRIPTORS, hard)
    if soft != unlimited and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return CONNECTIONS if soft == unlimited else min(CONNECTIONS, soft // 3)
