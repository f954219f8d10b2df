"""HEAD (RFC 9110, section 9.3.2): the answer of GET without its content."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Excluded: HEAD would fetch a body's first bytes, and the audit chain would record a reading.
EXCEPT = "/body"


def answers_head(path: str) -> bool:
    """Whether a path that answers GET also answers HEAD."""
    return not path.endswith(EXCEPT)


class HeadAsGet:
    """ASGI middleware: the application sees a GET, the client gets only status and headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the GET, and drop its content."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or not answers_head(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def without_content(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        got = {**scope, "method": "GET"}  # a copy: the server reads its own scope to know that no content follows
        await self.app(got, receive, without_content)
        scope["route"] = got.get("route")
