"""HEAD (RFC 9110, section 9.3.2): what GET answers, without its content."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A body's first bytes would have to be fetched, and a look would stand in the audit chain as a reading.
EXCEPT = "/body"


def answers_head(path: str) -> bool:
    """Whether HEAD is answered where GET is."""
    return not path.endswith(EXCEPT)


class HeadAsGet:
    """ASGI middleware: the application sees a GET, the caller gets its status and headers alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask for the GET, and leave out its content."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or not answers_head(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def without_content(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        got = {**scope, "method": "GET"}  # not in place: the server asks its own scope whether content may follow
        await self.app(got, receive, without_content)
        scope["route"] = got.get("route")
