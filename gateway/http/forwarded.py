"""The address of a client behind trusted proxies (`X-Forwarded-For`), and whether they carry what is asked for.

Any client can write that header, so only the entries appended by trusted proxies count. They are read from the end; the
first address that is not a trusted proxy's is the client's. An invalid entry ends the search: then the proxy that
reported it counts as the client.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.http import carried
from gateway.http.sources import network_of
from vault.settings import Network

_HEADER = b"x-forwarded-for"


def source_of(request: Request) -> str:
    """The client's source, for counting failures; never logged."""
    return network_of("" if request.client is None else request.client.host)


def is_elsewhere(request: Request) -> bool:
    """Whether the client is on another machine than the server, as far as its address tells.

    Behind a proxy the server's own address is not the machine's, and whoever forwards says where the client is.
    """
    known, server = _address("" if request.client is None else request.client.host), request.scope.get("server")
    return known is not None and not ip_address(known).is_loopback and known != _address(server[0] if server else "")


class ForwardedFor:
    """ASGI middleware: puts the client's address into the scope."""

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network], carries: bool = False) -> None:
        self.app = app
        self._trusted, self._carries = tuple(trusted), carries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replace the scope's client if the request comes from a trusted proxy."""
        client = scope.get("client")
        if scope["type"] == "http" and client:
            source = self._source(client[0], _entries(scope))
            if source != client[0]:
                scope = {**scope, "client": (source, 0)}
            if self._carries and self._trusts(client[0]):
                carried.mark(scope)
        await self.app(scope, receive, send)

    def _source(self, peer: str, entries: Iterator[str]) -> str:
        """The first address from the end that is not trusted."""
        source = peer
        while self._trusts(source):
            before = _address(next(entries, ""))
            if before is None:
                return source
            source = before
        return source

    def _trusts(self, text: str) -> bool:
        known = _address(text)
        if known is None:
            return False
        address = ip_address(known)
        return any(address.version == network.version and address in network for network in self._trusted)


def _entries(scope: Scope) -> Iterator[str]:
    """The entries from last to first, over all lines of that header."""
    for name, value in reversed(scope["headers"]):
        if name == _HEADER:
            for entry in reversed(value.decode("latin-1").split(",")):
                yield entry.strip()


def _address(text: str) -> str | None:
    """The canonical address, without the port that some proxies add; an IPv4-mapped IPv6 address as IPv4."""
    host, colon, port = text.rpartition(":")
    if text.startswith("["):
        text = text.partition("]")[0].removeprefix("[")
    elif colon and ":" not in host and port.isascii() and port.isdecimal():
        text = host
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
