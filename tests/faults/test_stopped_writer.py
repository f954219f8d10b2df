"""A gateway that is stopped in the middle of writing, on SQLite: everybody's lock is free again within seconds."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.infra.serving import Server, until
from tests.journeys.machine import Director

pytestmark = pytest.mark.slow
WRONG = {"login": "A" * 43, "code": "123456", "seen": {"roster": 0, "ledger": 0, "checkpoint": 0}, "cookie": False}


@contextmanager
def writing(server: Server) -> Iterator[None]:
    """Wrong passwords of ever new addresses: each is counted by a unit of work that writes."""
    over = threading.Event()

    def write(number: int) -> None:
        while not over.is_set():
            number += 100
            body = json.dumps({"email": f"{number}@debrug.example", **WRONG})
            with suppress(OSError, http.client.HTTPException):
                line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
                line.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
                line.getresponse().read()
                line.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def locked(database: Path) -> bool:
    """Whether somebody else is writing."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as line:
        try:
            line.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        line.execute("ROLLBACK")
        return False


def stopped_while_writing(pid: int, database: Path) -> bool:
    """Stop it; go on where it held no lock."""
    os.kill(pid, signal.SIGSTOP)
    if locked(database) and locked(database):
        return True
    os.kill(pid, signal.SIGCONT)
    return False


def test_a_writer_that_was_stopped_stops_the_others_for_seconds(tmp_path: Path) -> None:
    with Server(tmp_path / "data", log=tmp_path / "log") as server:
        Director(tmp_path / "anna", server.url).set_up(server)
        database, pid = tmp_path / "data" / "records.db", server.children()["gateway"]
        with writing(server):
            until(lambda: stopped_while_writing(pid, database), what="it is stopped while it writes")
            start = time.monotonic()
            until(lambda: not locked(database), what="others can write again")
            took = time.monotonic() - start
        assert "child stands still" in server.said()
        assert took < 12, "well before a silent one would be given up"
