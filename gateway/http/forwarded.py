"""Where a request comes from when proxies of our own stand before the gateway (`X-Forwarded-For`).

Everybody can write that header. What counts in it was written by the trusted ones, from its end; the first address that
is not theirs is the caller's. An entry that is no address ends the search: the proxy before it is the caller then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from vault.settings import Network

_HEADER = b"x-forwarded-for"


def source_of(request: Request) -> str:
    """Where a request comes from, for counting failures; never written to a log.

    Of an IPv6 address its first 64 bits: one subscriber has all the addresses behind them.
    """
    host = "" if request.client is None else request.client.host
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((address, 64), strict=False))  # noqa: PLR2004


class ForwardedFor:
    """ASGI middleware: puts the caller's address into the scope, for whoever counts by it."""

    def __init__(self, app: ASGIApp, *, trusted: Sequence[Network]) -> None:
        self.app = app
        self._trusted = tuple(trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replace the client of a request that a trusted proxy brought."""
        client = scope.get("client")
        if scope["type"] == "http" and client:
            source = self._source(client[0], _entries(scope))
            if source != client[0]:
                scope = {**scope, "client": (source, 0)}
        await self.app(scope, receive, send)

    def _source(self, peer: str, entries: Iterator[str]) -> str:
        """The last one, counted from us, that is not trusted."""
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
    """From the last one written back to the first, over every line of that header."""
    for name, value in reversed(scope["headers"]):
        if name == _HEADER:
            for entry in reversed(value.decode("latin-1").split(",")):
                yield entry.strip()


def _address(text: str) -> str | None:
    """The address in its one spelling, without the port that some proxies add; IPv4 in the clothes of IPv6 as IPv4."""
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
