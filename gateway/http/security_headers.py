"""The security headers of every answer: no caching, sniffing, framing, referrer or embedding."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
POLICY, CACHING = b"content-security-policy", b"cache-control"
# The one other word about caching: of a file whose name changes with its content.
IMMUTABLE = (CACHING, b"public, max-age=31536000, immutable")
TWO_YEARS = "max-age=63072000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware; a route may set its own Content-Security-Policy, and say that its answer never changes.

    The other headers are always the same.
    """

    def __init__(self, app: ASGIApp, *, https: bool, clock_offset: str) -> None:
        self.app = app
        headers = dict(ALWAYS)
        if https:
            headers["Strict-Transport-Security"] = TWO_YEARS
        if clock_offset:
            headers["Dossier-Clock-Offset"] = clock_offset
        self._always = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._names = frozenset(name for name, _ in self._always)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to the response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = [(name.lower(), value) for name, value in message.get("headers", ())]
                always = [one for one in self._always if one[0] != CACHING] if IMMUTABLE in said else self._always
                own = [one for one in said if one[0] not in self._names or one == IMMUTABLE]
                policy = [] if any(name == POLICY for name, _ in own) else [(POLICY, API_POLICY.encode())]
                message["headers"] = own + policy + always
            await send(message)

        await self.app(scope, receive, with_headers)
