"""A gateway on a real HTTP server with a practice, and a client that checks every answer against the OpenAPI."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from openapi_schema_validator import OAS31Validator
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.app import create_app
from gateway.http.connection import BoundedConnection
from tests.actors import NOW, Deposited, Link, Person, Practice
from tests.installation import as_gateway
from vault.domain.sessions import SessionRow
from vault.flows.context import Ports
from vault.flows.people.signing_in import token_hash
from vault.records.encoding import to_base64url

API = "/api/v1"
JSON = "application/json"


class Switch:
    """One listening server for all tests; each puts its own application behind it."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@contextmanager
def serving(switch: Switch) -> Iterator[int]:
    """uvicorn as production runs it, on a free port of the loopback, in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        switch,
        loop="uvloop",
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


class Contract:
    """Checks answers against the OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._routes = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + r"\Z"), operations)
            for path, operations in document["paths"].items()
        ]

    def check(self, response: httpx.Response) -> None:
        """Check that the status is documented for the route, and the body matches that documentation."""
        method = response.request.method
        if method == "HEAD" and response.status_code != 405:
            method = "GET"
        operation = self.operation(method, response.request.url.path)
        if operation is None:
            assert response.status_code in {404, 405} or FILES.match(response.request.url.path)
            return
        documented = operation["responses"].get(str(response.status_code))
        assert documented is not None, f"{operation['operationId']}: {response.status_code} {response.text[:300]}"
        content = documented.get("content")
        if not content or not response.content:
            return
        media = response.headers["content-type"].partition(";")[0]
        assert media in content, f"{operation['operationId']}: {response.status_code} is {media}"
        if media.endswith("json"):
            schema = {**content[media]["schema"], "components": self.document["components"]}
            OAS31Validator(schema).validate(json.loads(response.content))

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The documentation of a method on a path, or None."""
        for pattern, operations in self._routes:
            if pattern.match(path) and method.lower() in operations:
                return operations[method.lower()]
        return None


# Files of the pages, and the document itself.
FILES = re.compile(r"/(?:openapi\.json|manifest\.json|logo\.\w+|(?:s/)?assets/[^/]+|s/[^/]+/)\Z")


@dataclass
class House:
    """A practice behind the gateway, its clock, and requests as any user."""

    practice: Practice
    port: int
    http: httpx.Client
    contract: Contract
    clock: list[datetime]
    app: FastAPI

    @property
    def ports(self) -> Ports:
        return self.practice.ports

    def later(self, **much: float) -> datetime:
        """Move the clock."""
        self.clock[0] += timedelta(**much)
        return self.clock[0]

    def session(self, person: Person | None = None) -> dict[str, str]:
        """The header of a fresh session."""
        token = secrets.token_urlsafe(32)
        member = (person or self.practice.director).id
        with self.ports.store.transaction() as tx:
            tx.add_session(SessionRow(token_hash(token), member, self.clock[0], self.clock[0]))
        return {"Authorization": f"Dossier-Session {token}"}

    def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """A request under `/api/v1` (or from the root, with a leading `//`), checked against the OpenAPI."""
        path = path[1:] if path.startswith("//") else API + path
        response = self.http.request(method, path, **rest)
        self.contract.check(response)
        return response

    def member(self, method: str, path: str, *, person: Person | None = None, **rest: Any) -> httpx.Response:
        """As a signed-in member."""
        headers = {**self.session(person), **rest.pop("headers", {})}
        return self.ask(method, path, headers=headers, **rest)

    def deposit(self, dossier: str, document: Deposited, **rest: Any) -> httpx.Response:
        """An inline deposit."""
        return self.member("POST", f"/dossiers/{dossier}/documents", **form(parts_of(document)), **rest)

    def link(self, link: Link, method: str, path: str = "", **rest: Any) -> httpx.Response:
        """As the holder of a link."""
        headers = {"Authorization": proofs(link), **rest.pop("headers", {})}
        return self.ask(method, f"/pickup/{link.id}{path}", headers=headers, **rest)


def build(
    switch: Switch, port: int, *, practice: Practice | None = None, public_url: str | None = None, **app: Any
) -> House:
    """A practice behind the switch; a fresh one that is set up, when none is given."""
    clock = [NOW]
    practice = practice or Practice().set_up()
    url = f"http://127.0.0.1:{port}"
    switch.app = app_ = create_app(
        as_gateway(practice.ports), public_url=public_url or url, clock=lambda: clock[0], **app
    )
    app_.state.gateway.readiness.fresh = -1  # what a test changed shows at once
    http = httpx.Client(base_url=url, timeout=30, verify=False)  # reading certificates takes as long as the whole test
    contract = _contracts.get(public_url or url) or Contract(http.get("/openapi.json").json())
    _contracts[public_url or url] = contract
    return House(practice, port, http, contract, clock, app_)


_contracts: dict[str, Contract] = {}


def proofs(link: Link, *, open_: bytes | None = None, possess: bytes | None = None, only: bool = False) -> str:
    """The Authorization header of a link's holder."""
    first = f'Dossier-Link possess="{to_base64url(possess or link.possess)}"'
    return first if only else f'{first}, open="{to_base64url(open_ or link.open)}"'


def parts_of(document: Deposited) -> list[tuple[str, bytes]]:
    """The four parts of an inline deposit."""
    return [
        ("record", document.envelope.to_bytes()),
        ("head", document.head),
        ("metadata", document.metadata),
        ("body", document.body),
    ]


def form(parts: list[tuple[str, bytes]], *, closing: bytes = b"--\r\n", boundary: str = "grens") -> dict[str, Any]:
    """A multipart form as httpx keyword arguments."""
    raw = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in parts
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return {"content": raw + b"--" + boundary.encode() + closing, "headers": headers}


def content_digest(segment: bytes) -> dict[str, str]:
    """The header a segment is sent with."""
    digest = base64.b64encode(hashlib.sha256(segment).digest()).decode()
    return {"Content-Digest": f"sha-256=:{digest}:", "Content-Type": "application/octet-stream"}
