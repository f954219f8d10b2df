"""A bare application beside ours: what Starlette and FastAPI do by themselves, on the same uvicorn.

    python -m tests.bench.peers FD URL

`/parser` takes a form by our parser, `/upload` by Starlette's; `/look` is a FastAPI endpoint of JSON in, JSON out;
`/row` the same with one row of the database at URL, by SQLAlchemy's pool and a statement built once.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import Column, MetaData, String, Table, bindparam, create_engine, select
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.connection import BoundedConnection
from gateway.http.limits import FORM, HEAD_PART, METADATA_PART, RECORD_PART
from gateway.http.multipart import Parts, events, read_boundary
from gateway.http.streams import arriving
from tests.infra.serving import ROOT, until
from vault.adapters.sql.postgres import parsed
from vault.records.types.document import SEGMENT_SIZE

app = FastAPI(openapi_url=None)


class Look(BaseModel):
    """What a receiver may send."""

    name: str = ""


class Looked(BaseModel):
    """About as much as a cover of one document."""

    mode: str
    cover: str
    entries: list[str]
    left: int


ANSWER = Looked(mode="plain", cover="c" * 900, entries=["e" * 300], left=3)


@app.post("/look")
async def look(_: Look) -> Looked:
    return ANSWER


TABLE = Table("look", MetaData(), Column("id", String, primary_key=True), Column("cover", String))
ONE_ROW = select(TABLE).where(TABLE.c.id == bindparam("id"))


@app.post("/row")
def row(look: Look, request: Request) -> Looked:
    with request.app.state.engine.connect() as connection:
        found = connection.execute(ONE_ROW, {"id": look.name}).one()
    return Looked(mode="plain", cover=found.cover, entries=ANSWER.entries, left=3)


@app.post("/parser")
async def parser(request: Request) -> Response:
    parts = Parts(events(arriving(request, limit=FORM), read_boundary(request.headers["content-type"])))
    for name, limit in (("record", RECORD_PART), ("head", HEAD_PART), ("metadata", METADATA_PART)):
        await parts.collect(name, limit)
    body = await parts.gather("body", SEGMENT_SIZE)
    await parts.finish()
    return Response(str(len(body)))


@app.post("/upload")
async def upload(request: Request) -> Response:
    async with request.form() as form:
        file = form["body"]
        assert isinstance(file, UploadFile)
        return Response(str(len(await file.read())))


@contextmanager
def serving(url: str = "sqlite://") -> Iterator[tuple[int, int]]:
    """The application in a process of its own, a row of its own in that database; its port and pid."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, handle = listener.getsockname()[1], listener.fileno()
        process = subprocess.Popen([sys.executable, "-m", __name__, str(handle), url], pass_fds=[handle], cwd=ROOT)
    try:
        until(lambda: _answers(port), what="the bare application answers")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        return connection.recv(4) == b"HTTP"


def main(handle: int, url: str) -> None:
    """Serve as the gateway is served."""
    app.state.engine = engine = create_engine(parsed(url))
    with engine.begin() as connection:
        TABLE.metadata.create_all(connection)
        connection.execute(TABLE.insert().values(id="look", cover=ANSWER.cover))
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedConnection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=handle)])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
