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
POLICY = b"content-security-policy"
TWO_YEARS = "max-age=63072000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware; a route may set its own Content-Security-Policy; the other headers are always the same."""

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
                own = [header for header in message.get("headers", ()) if header[0] not in self._names]
                policy = [] if any(name == POLICY for name, _ in own) else [(POLICY, API_POLICY.encode())]
                message["headers"] = own + policy + self._always
            await send(message)

        await self.app(scope, receive, with_headers)
