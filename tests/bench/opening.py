"""Opening a share (`POST /pickup/<share>/cover`) against bare FastAPI endpoints of JSON on the same uvicorn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import repeat

from tests.bench import peers
from tests.bench.download import shared
from tests.bench.load import hammer
from tests.bench.measuring import Sample, alternate, timed
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import Stage, plaintext, stage
from tests.engines import new_database
from vault.adapters.sql.factory import sqlite_url
from vault.sdk.shares.links import derive

ROW = 5
CONNECTIONS = 8
PEERS = (
    ("/row", "a bare FastAPI endpoint with one SQL row", Goal(at_least=0.15)),
    ("/look", "a bare FastAPI endpoint that asks no database", None),
)


def run(*, quick: bool = False) -> Iterator[Result]:
    """Over embedded records, then over PostgreSQL."""
    count, rounds = (40, 1) if quick else (1500, 5)
    for engine, on_postgres in (("SQLite", False), ("PostgreSQL", True)):
        if quick and on_postgres:
            return
        with ExitStack() as stack:
            house = stack.enter_context(stage(on_s3=False, on_postgres=on_postgres))
            url = stack.enter_context(new_database()) if on_postgres else sqlite_url(house.folder / "peer.db")
            port, pid = stack.enter_context(peers.serving(url))
            ours = partial(calls, house.vault.port, cover_of(house), count, house.vault.gateways)
            for path, what, goal in PEERS:
                bare = partial(calls, port, post(path, b'{"name": "look"}'), count, [pid])
                name = f"open a share ({engine}) against {what}"
                yield ratio(ROW, name, alternate(ours, bare, rounds), goal, size=count, unit="requests")


def calls(port: int, request: bytes, count: int, pids: list[int]) -> Sample:
    return timed(partial(hammer, port, repeat(request, count), CONNECTIONS), pids)


def cover_of(house: Stage) -> bytes:
    """The request that opens a share of one document."""
    _, link = shared(house, plaintext(house.folder / "one", 100_000))
    assert link.secret is not None
    return post(f"/api/v1/pickup/{link.share}/cover", b"{}", derive(link.secret).authorization())


def post(path: str, body: bytes, authorization: str = "") -> bytes:
    more = f"Authorization: {authorization}\r\n" if authorization else ""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{more}\r\n".encode() + body
