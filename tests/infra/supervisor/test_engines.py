"""A start waits for engines that come up beside it, says which one it waits for, and gives up in time."""

from __future__ import annotations

import secrets
import signal
import threading
from contextlib import ExitStack
from functools import partial

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from infra.supervisor import engines as waiting
from infra.supervisor import preparing
from infra.supervisor.engines import Engines, Stopped
from tests import engines
from tests.infra.serving import Server, free_port, until
from tests.measured import MEASURED
from vault.errors import ConfigurationError, UnavailableError
from vault.settings import Settings


class Engine:
    """Answers at the given attempt."""

    def __init__(self, at: int) -> None:
        self._left = at

    def __call__(self) -> str:
        self._left -= 1
        if self._left:
            raise UnavailableError("nobody is there", advice="See whether it runs.")
        return "there"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    monkeypatch.setattr(waiting, "_PAUSE", 0.01)
    return []


def test_an_engine_that_comes_up_is_waited_for_and_named_once(told):
    waits = Engines(lambda key, **values: told.append({"key": key, **values}))
    assert waits.ask("broker", Engine(4), outside=True) == "there"
    ((said),) = told
    assert (said["key"], said["engine"], str(said["reason"])) == ("waiting", "broker", "nobody is there")


def test_one_that_does_not_come_is_given_up_with_its_name(told):
    waits = Engines(lambda *_, **__: None, patience=0.05)
    with pytest.raises(UnavailableError, match="objects: nobody is there") as refused:
        waits.ask("objects", Engine(-1), outside=True)
    assert refused.value.advice == "See whether it runs."


def test_an_embedded_one_is_not_waited_for():
    with pytest.raises(UnavailableError, match="records: nobody"):
        Engines(lambda *_, **__: None).ask("records", Engine(2), outside=False)


def test_what_waiting_does_not_mend_is_told_at_once():
    def refuse() -> None:
        raise ConfigurationError("the role may not", advice="python -m infra.roles")

    with pytest.raises(ConfigurationError, match="records, as the gateway: the role may not") as refused:
        Engines(lambda *_, **__: None).ask("records, as the gateway", refuse, outside=True)
    assert refused.value.advice == "python -m infra.roles"


def test_who_waits_can_be_ended(told):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, waiting.ENDING)
    try:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)  # to us: other threads of the tests do not wait
        with pytest.raises(Stopped):
            Engines(lambda *_, **__: None).ask("broker", Engine(-1), outside=True)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_a_start_without_its_engine_is_told_which_and_starts_nothing(tmp_path, told, monkeypatch):
    monkeypatch.setattr(preparing, "Engines", partial(Engines, patience=0.1))
    address = f"postgresql://u:hush@127.0.0.1:{free_port()}"
    environment = {
        "DOSSIER_DATA": str(tmp_path / "data"),
        "DOSSIER_LISTEN": f"127.0.0.1:{free_port()}",
        "DOSSIER_DATABASE_URL": f"{address}/records",
        "DOSSIER_KEYSTORE_URL": f"{address}/keys",
    }
    tell = lambda key, **values: told.append({"key": key, **values})  # noqa: E731
    with pytest.raises(UnavailableError, match="records: the database cannot do this now") as refused:
        preparing.prepare(Settings.from_environment(environment), environment, tell)
    assert [said["engine"] for said in told] == ["records"]
    assert "hush" not in str(refused.value) + str(told)


@MEASURED
@pytest.mark.slow
def test_a_start_that_waits_ends_when_it_is_told_to(tmp_path):
    url = f"redis://:hush@127.0.0.1:{free_port()}/0"
    server = Server(tmp_path / "data", log=tmp_path / "log", DOSSIER_BROKER_URL=url).start()
    until(lambda: "Not reachable yet" in server.said(), within=60, what="it waits")
    assert server.stop() == 0
    assert "child started" not in server.said()


@MEASURED
@pytest.mark.slow
def test_a_broker_that_is_none_is_refused_before_anything_is_written(tmp_path):
    server = Server(tmp_path / "data", log=tmp_path / "log", DOSSIER_BROKER_URL="sqs://u:hush@h").start()
    assert server.ended() == 1
    assert "DOSSIER_BROKER_URL" in server.said()
    assert "hush" not in server.said()
    assert not (tmp_path / "data").exists()


@MEASURED
@pytest.mark.slow
def test_a_role_that_may_not_do_its_work_is_told_with_what_to_do(tmp_path):
    worker, password = f"test_worker_{secrets.token_hex(6)}", secrets.token_hex(16)
    with ExitStack() as stack:
        stack.callback(administer, sql.SQL("DROP ROLE {}").format(sql.Identifier(worker)))
        made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(worker), sql.Literal(password))
        administer(made)
        settings = {}
        for name in ("DATABASE_URL", "KEYSTORE_URL"):
            url = make_url(stack.enter_context(engines.new_database()))
            theirs = url.set(username=worker, password=password)
            settings[f"DOSSIER_{name}"] = url.render_as_string(hide_password=False)
            settings[f"DOSSIER_WORKER_{name}"] = theirs.render_as_string(hide_password=False)
        server = Server(tmp_path / "data", log=tmp_path / "log", **settings).start()
        assert server.ended() == 1
    said = server.said()
    assert "as the worker: the database refuses" in said
    assert "python -m infra.roles" in said
    assert password not in said
    assert "child started" not in said


def administer(statement: sql.Composed) -> None:
    with psycopg.connect(engines.postgres(), autocommit=True) as connection:
        connection.execute(statement)
