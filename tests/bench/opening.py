"""Opening a share (`POST /pickup/<share>/cover`) against a bare FastAPI endpoint of JSON on the same uvicorn."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import repeat

from tests.bench import peers
from tests.bench.download import shared
from tests.bench.load import hammer
from tests.bench.measuring import Sample, alternate, timed
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import Stage, plaintext, stage
from vault.sdk.shares.links import derive

ROW = 5
CONNECTIONS = 8


def run(*, quick: bool = False) -> Iterator[Result]:
    """Over embedded records, then over PostgreSQL."""
    count, rounds = (40, 1) if quick else (1500, 5)
    for engine, on_postgres in (("SQLite", False), ("PostgreSQL", True)):
        if quick and on_postgres:
            return
        with stage(on_s3=False, on_postgres=on_postgres) as house, peers.serving() as (port, pid):
            request = cover_of(house)
            ours = partial(calls, house.vault.port, request, count, house.vault.gateways)
            bare = partial(calls, port, post("/look", b'{"name": "look"}'), count, [pid])
            compared = alternate(ours, bare, rounds)
        name = f"open a share ({engine}) against a bare FastAPI endpoint"
        yield ratio(ROW, name, compared, Goal(at_least=0.3), size=count, unit="requests")


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
