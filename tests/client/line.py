"""The line between a client and the real gateway: it records requests, and loses, refuses or changes them for a test.

Rules hold until `clear`; the newest matching rule decides. Paths are without `/api/v1` and without the query.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.direct_body import EXTENSION, DirectBody

PREFIX = "/api/v1"
Act = Callable[["Request"], None]


@dataclass(frozen=True)
class Request:
    """A request of the client."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Answer:
    """A whole answer of the gateway; the connection ends after `cut` bytes of the body."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: int | None = None


@dataclass
class Rule:
    """A fault for requests with this method and a matching path; `skip` of them pass, then it applies `times` times."""

    method: str
    pattern: str
    before: Callable[[Request], Answer | None] = lambda _: None
    after: Callable[[Request, Answer], Answer] = lambda _, answer: answer
    change: Callable[[bytes], bytes] = lambda body: body
    skip: int = 0
    times: int | None = None

    def takes(self, request: Request) -> bool:
        if self.method not in {"*", request.method} or not re.search(self.pattern, request.path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


def problem(status: int, code: str, **extra: Any) -> Answer:
    """A refusal as the gateway writes one (RFC 9457); without a code, one of a proxy in between."""
    said = {"type": "about:blank", "title": code, "status": status, "detail": f"it is {code}", "code": code, **extra}
    content = json.dumps(said).encode() if code else b""
    return Answer(status, {"content-type": "application/problem+json"}, content)


def ok(said: dict[str, Any]) -> Answer:
    """A successful answer, replayed or made up."""
    return Answer(200, {"content-type": "application/json"}, json.dumps(said).encode())


class Line:
    """An ASGI application: the gateway's, behind a faulty line."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.requests: list[Request] = []
        self.received = 0  # bytes of answers
        self._rules: list[Rule] = []

    # Questions of a test

    def count(self, method: str, pattern: str) -> int:
        """How many such requests were sent."""
        return sum(r.method == method and re.search(pattern, r.path) is not None for r in self.requests)

    @property
    def sent(self) -> bytes:
        """All bytes sent by the client, to search them for leaks."""
        return b"\0".join(repr((r.method, r.path, r.headers)).encode() + r.body for r in self.requests)

    # Faults set by a test

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()

    def lose_request(self, method: str, pattern: str, **which: Any) -> None:
        """The request never reaches the gateway."""
        self.replace(method, pattern, lambda _: problem(502, ""), **which)

    def lose_answer(self, method: str, pattern: str, status: int = 502, **which: Any) -> None:
        """The request takes effect, but the client gets an answer of a proxy in between."""
        self._rules.append(Rule(method, pattern, after=lambda _, __: problem(status, ""), **which))

    def lose_index(self) -> None:
        """A small document arrives without its index, and the client gets no answer."""
        after = lambda _, __: problem(502, "")  # noqa: E731 - as above
        self._rules.append(Rule("POST", "/documents$", after=after, change=_without_index))
        self.lose_request("POST", "/index$")

    def lose(self, method: str, pattern: str, what: str, **which: Any) -> None:
        """Lose the `request` or the `answer`."""
        (self.lose_request if what == "request" else self.lose_answer)(method, pattern, **which)

    def refuse(self, method: str, pattern: str, status: int, code: str, **which: Any) -> None:
        """The gateway, or a proxy before it, refuses."""
        self.replace(method, pattern, lambda _: problem(status, code), **which)

    def replace(self, method: str, pattern: str, answer: Callable[[Request], Answer | None], **which: Any) -> None:
        """A function answers, or lets the request pass."""
        self._rules.append(Rule(method, pattern, before=answer, **which))

    def watch(self, method: str, pattern: str, act: Act, **which: Any) -> None:
        """A function is called just before the request reaches the gateway."""

        def before(request: Request) -> None:
            act(request)

        self._rules.append(Rule(method, pattern, before=before, **which))

    def lie(
        self, method: str, pattern: str, change: Callable[[dict[str, Any]], dict[str, Any] | None], **which: Any
    ) -> None:
        """Change the JSON of successful answers: `change` returns another value or mutates the given one."""

        def after(_: Request, answer: Answer) -> Answer:
            if answer.status >= 300:
                return answer
            said = json.loads(answer.body)
            changed = change(said)
            answer.body = json.dumps(said if changed is None else changed).encode()
            return answer

        self._rules.append(Rule(method, pattern, after=after, **which))

    def lie_of_each(self, pattern: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Change every item of a list, also of a list inside a dossier's answer."""

        def lie(said: dict[str, Any]) -> dict[str, Any]:
            return {**said, "items": [change(item) for item in said["items"]]}

        name = pattern.strip("/$")
        self.lie("GET", pattern, lie)
        if name == "dossiers":
            each = lambda said: {**said, "whole": [change(item) for item in said["whole"]]}  # noqa: E731 - as above
            self.lie("POST", "/dossiers/changes$", each)
        self.lie("GET", "/contents$", lambda said: {**said, **({name: lie(said[name])} if name in said else {})})

    def spoil_bodies(self, change: Callable[[bytes], bytes]) -> None:
        """Change documents' bodies, for every requested range."""

        def after(_: Request, answer: Answer) -> Answer:
            answer.body = change(answer.body)
            return answer

        self._rules.append(Rule("GET", "/body$", after=after))

    def cut_bodies(self, size: int) -> None:
        """Cut connections after so many bytes of a document."""

        def after(_: Request, answer: Answer) -> Answer:
            answer.cut = size
            return answer

        self._rules.append(Rule("GET", "/body$", after=after))

    # What happens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(
            scope["method"],
            scope["path"].removeprefix(PREFIX),
            {name.decode().lower(): value.decode() for name, value in scope["headers"]},
            await _all(receive),
        )
        self.requests.append(request)
        rule = next((rule for rule in reversed(self._rules) if rule.takes(request)), None)
        early = await run_in_threadpool(rule.before, request) if rule else None
        body = rule.change(request.body) if rule else request.body
        answer = early or await _asked(self.app, scope, body, whole=rule is not None)
        if rule and not early:
            answer = _part(rule.after(request, answer), request)
        self.received += len(answer.body)
        await _send(answer, send)


class Lender:
    """Lends the body that the line has read."""

    received = 0

    def __init__(self, body: bytes) -> None:
        self._body = body

    def lend(self, _: int) -> DirectBody:
        return DirectBody(self._body, None, len(self._body))

    def take_back(self, body: DirectBody) -> None:
        pass

    def break_off(self) -> None:
        pass


async def _all(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def _asked(app: ASGIApp, scope: Scope, body: bytes, *, whole: bool) -> Answer:
    """The gateway's answer; ranges are cut from the whole body here, so that a change of it applies to every range."""
    if whole:
        scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() != b"range"]}
    length = str(len(body)).encode()
    scope["headers"] = [(n, length if n.lower() == b"content-length" else value) for n, value in scope["headers"]]
    scope["extensions"] = {EXTENSION: {"lender": Lender(body)}}
    given, answer = [{"type": "http.request", "body": body, "more_body": False}], Answer(500, {}, b"")

    async def receive() -> Message:
        if not given:
            await asyncio.Event().wait()  # the client stays
        return given.pop()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(scope, receive, send)
    return answer


def _without_index(body: bytes) -> bytes:
    """The form without its last part, if that is an index."""
    form, mark, _ = body.partition(b'Content-Disposition: form-data; name="index"')
    return form.removesuffix(b"\r\n") + b"--\r\n" if mark else body


def _part(answer: Answer, request: Request) -> Answer:
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
    if asked and answer.status == 200:
        start, total = int(asked[1]), len(answer.body)
        stop = min(total, int(asked[2]) + 1) if asked[2] else total
        answer.status, answer.body = 206, answer.body[start:stop]
        answer.headers["content-range"] = f"bytes {start}-{stop - 1}/{total}"
    return answer


async def _send(answer: Answer, send: Send) -> None:
    """An answer without an end makes the server cut the connection."""
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    headers |= {"content-length": str(len(answer.body))} if answer.status != 204 else {}
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    cut = answer.cut is not None and answer.cut < len(answer.body)
    await send(
        {"type": "http.response.body", "body": answer.body[: answer.cut] if cut else answer.body, "more_body": cut}
    )
