"""A database that hangs or is full of work: health says so of the first, in time, and not of the second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from gateway import readiness
from gateway.app import create_app
from tests.actors import NOW, memory_ports
from tests.contract import places
from tests.faults.severing import Counter, Line
from tests.gateway.house import Switch, serving
from tests.infra.serving import until
from vault.adapters.database import SqlStore
from vault.adapters.sql.factory import database_engine
from vault.adapters.sql.patience import WATCHING, WORKING


class Hanging(Counter):
    """Lets no message through until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.go.set()

    def passes(self) -> bool:
        self.go.wait()
        return True


class Ill:
    """A gateway on PostgreSQL behind a line that can hang."""

    def __init__(self, http: httpx.Client, hanging: Hanging, work: SqlStore) -> None:
        self.http, self.hanging, self.work = http, hanging, work

    def red(self) -> set[str]:
        """The parts that `/readyz` names; it answers whatever hangs."""
        said = self.http.get("/readyz").json()
        return {check["name"] for check in said["checks"] if not check["ok"]}


@contextmanager
def gateway(folder: Path) -> Iterator[Ill]:
    with ExitStack() as stack:
        url, hanging = make_url(places.postgres_url(folder, "records")), Hanging()
        assert url.host
        assert url.port
        line = stack.enter_context(Line(url.host, url.port, hanging))
        stack.callback(hanging.go.set)
        through = url.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
        engines = [database_engine(through, patience) for patience in (WORKING, WATCHING)]
        work, watched = (replace(memory_ports(), store=SqlStore(engine)) for engine in engines)
        for engine in engines:
            stack.callback(engine.dispose)
        switch = Switch()
        port = stack.enter_context(serving(switch))
        url_ = f"http://127.0.0.1:{port}"
        switch.app = create_app(work, public_url=url_, clock=lambda: NOW, watched=watched)
        http = stack.enter_context(httpx.Client(base_url=url_, timeout=60))
        yield Ill(http, hanging, SqlStore(engines[0]))


@pytest.fixture
def ill(tmp_path: Path) -> Iterator[Ill]:
    with places.postgres_databases(tmp_path, "records"), gateway(tmp_path) as made:
        yield made


def test_a_database_that_hangs_is_red_while_readiness_answers_and_green_when_it_goes_on(ill: Ill) -> None:
    until(lambda: "records" not in ill.red(), what="green")
    ill.hanging.go.clear()
    until(lambda: "records" in ill.red(), what="red")
    assert ill.http.get("/healthz").status_code == 200
    ill.hanging.go.set()
    until(lambda: "records" not in ill.red(), what="green again")


def test_a_house_full_of_work_is_not_ill(ill: Ill) -> None:
    with ExitStack() as busy:
        for _ in range(WORKING.connections):
            busy.enter_context(ill.work.reading())
        until(lambda: "records" not in ill.red(), what="green")


def test_what_hangs_is_known_within_five_seconds() -> None:
    assert readiness.FRESH + readiness.WITHIN < 5
