"""A connection to PostgreSQL that is lost at any message of any act: nothing lost, nothing half done, nothing twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.actors import memory_ports
from tests.contract import places
from tests.faults.acts import ACTS, People
from tests.faults.severing import Counter, Line
from vault.adapters.database import SqlStore
from vault.adapters.keystore import SqlKeystore
from vault.adapters.sql.factory import database_engine, keystore_engine
from vault.errors import UnavailableError
from vault.flows.context import Ports

# Of long acts every so many messages: odd, so that questions and answers are hit alike; what a sweep does at each
# step when it dies there is tried by `tests/attack/test_erasure_kills.py`.
STRIDES = {
    "set_up": 7,
    "open_dossier": 5,
    "close": 3,
    "sign_in": 3,
    "deposit": 7,
    "index": 3,
    "share": 7,
    "pick_up": 3,
    "fetch": 5,
    "erase": 61,
    "turn": 5,
}


@dataclasses.dataclass
class Wired:
    """Ports whose databases are reached over lines that break; `urls` go straight to them."""

    ports: Ports
    straight: Ports
    counter: Counter
    urls: dict[str, str]


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    with ExitStack() as stack:
        stack.enter_context(places.postgres_databases(tmp_path))
        counter = Counter()
        urls = {name: places.postgres_url(tmp_path, name) for name in places.MIGRATING}
        lines = {name: stack.enter_context(line(url, counter)) for name, url in urls.items()}
        memory = memory_ports()
        broken = [through(url, lines[name]) for name, url in urls.items()]
        ports, straight = (on(memory, *those, tmp_path, stack) for those in (broken, urls.values()))
        yield Wired(ports, straight, counter, urls)


def on(memory: Ports, records: str, keystore: str, folder: Path, stack: ExitStack) -> Ports:
    """Objects and keys in memory and in the folder, the rest at these addresses."""
    opened = database_engine(records), keystore_engine(keystore)
    for engine in opened:
        stack.callback(engine.dispose)
    keys = SqlKeystore(opened[1], places.generations(folder))
    return dataclasses.replace(memory, store=SqlStore(opened[0]), keystore=keys)


def line(url: str, counter: Counter) -> Line:
    parts = make_url(url)
    assert parts.host
    assert parts.port
    return Line(parts.host, parts.port, counter)


def through(url: str, line: Line) -> str:
    return make_url(url).set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)


@pytest.mark.parametrize("name", [name for name in ACTS if name != "set_up"])
def test_an_act_that_is_cut_off_anywhere_is_done_once_when_it_is_repeated(wired: Wired, name: str) -> None:
    people = People(wired.ports, wired.ports, straight=wired.straight)
    people.set_up().do()
    for number in count(1, STRIDES.get(name, 1)):
        if not cut_off_at(number, wired, people, name):
            break
    assert number > 5, "an act exchanges messages with the database"


def test_a_set_up_that_is_cut_off_anywhere_is_done_once_when_it_is_repeated(wired: Wired) -> None:
    for number in count(1, STRIDES["set_up"]):
        for name in ("records", "keystore"):
            places.emptied(name, wired.urls[name], stay=True)
        ports = with_token(wired.ports)
        if not cut_off_at(number, wired, People(ports, ports, straight=wired.straight), "set_up"):
            break
    assert number > 5


def with_token(ports: Ports) -> Ports:
    fresh = memory_ports()
    return dataclasses.replace(ports, setup_token=fresh.setup_token, spend_setup_token=fresh.spend_setup_token)


def cut_off_at(number: int, wired: Wired, people: People, name: str) -> bool:
    """Do an act over a line that breaks at that message, then again over a whole one; False when it never broke."""
    act = getattr(people, name)()
    wired.counter.arm(number)
    try:
        answer = act.do()
    except UnavailableError:
        assert wired.counter.broken
        answer = None
    broken = wired.counter.broken
    wired.counter.arm(None)
    act.check(act.do() if broken else answer)
    return broken


def test_after_a_restart_of_the_server_the_next_call_works(wired: Wired) -> None:
    people = People(wired.ports, wired.ports, straight=wired.straight)
    for name in ACTS:
        act = getattr(people, name)()
        for url in wired.urls.values():
            end_everybody(url)
        act.check(act.do())


def end_everybody(url: str) -> None:
    """What a restart does to those who are connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
