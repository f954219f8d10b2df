"""A server whose answer a test sets, and answers as a gateway gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.answering_server import Answer, AnsweringServer, Request
from vault.sdk.server.api import Api


def ok(value: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def problem(status: int, code: str, headers: dict[str, str] | None = None, **extra: Any) -> Answer:
    value = {"type": "about:blank", "title": code, "status": status, "detail": f"it is {code}", "code": code, **extra}
    kind = {"Content-Type": "application/problem+json"}
    return Answer(status, json.dumps(value).encode(), {**kind, **(headers or {})})


class Switch:
    """A server whose answer the test sets."""

    def __init__(self) -> None:
        self.respond: Callable[[Request], Answer] = lambda _: ok({})
        self.server = AnsweringServer(self._answer)

    def _answer(self, request: Request) -> Answer:
        return self.respond(request)

    def always(self, answer: Answer) -> Api:
        self.respond = lambda _: answer
        return Api(self.server.url, "secret-token")
