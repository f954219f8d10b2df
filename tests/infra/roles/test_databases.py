"""What each role of the databases can do is what its processes need, and what it may not do it cannot."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url

from infra.roles.databases import apply_databases
from tests import engines
from tests.actors import NOW, memory_ports
from tests.faults.acts import ACTS, People
from tests.health import checks
from vault.adapters.database import SqlStore
from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.sql.factory import database_engine, keystore_engine
from vault.domain.clock import ClockWord
from vault.errors import ConfigurationError
from vault.flows.clock.trusting import doubtful
from vault.flows.context import Ports
from vault.flows.erasures.rowless import keep_rowless, note_rowless, shred_rowless
from vault.ports.keystore import Subject, SubjectKind

ROLES = ("gateway", "worker")


@dataclass(frozen=True)
class House:
    """Two databases with their roles; addresses as owner, gateway and worker."""

    records: dict[str, str]
    keystore: dict[str, str]
    accounts: dict[str, tuple[str, str]]

    def apply(self) -> None:
        apply_databases(self.records["owner"], self.keystore["owner"], **self.accounts)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    accounts = {role: (f"test {role} {secrets.token_hex(6)}", secrets.token_hex(8) + "%'") for role in ROLES}
    with ExitStack() as stack:
        stack.callback(drop_roles, [name for name, _ in accounts.values()])
        owners = [stack.enter_context(engines.new_database()) for _ in range(2)]
        made = House(*(addresses(owner, accounts) for owner in owners), accounts)
        made.apply()
        yield made


def addresses(owner: str, accounts: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {"owner": owner, **addresses_of(make_url(owner), accounts)}


def addresses_of(url: URL, accounts: dict[str, tuple[str, str]]) -> dict[str, str]:
    theirs = {role: url.set(username=name, password=password) for role, (name, password) in accounts.items()}
    return {role: each.render_as_string(hide_password=False) for role, each in theirs.items()}


def connected(url: str, **more: bool) -> psycopg.Connection[tuple[object, ...]]:
    """As the driver connects to an address of SQLAlchemy, which writes a blank otherwise than libpq reads it."""
    return psycopg.connect(**make_url(url).translate_connect_args(username="user", database="dbname"), **more)


def drop_roles(names: list[str]) -> None:
    with psycopg.connect(engines.postgres(), autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def ports(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ports]]:
    keys = GenerationFiles(tmp_path_factory.mktemp("keys") / "generation")
    opened: list[Engine] = []

    def of(role: str) -> Ports:
        opened.extend([database_engine(house.records[role]), keystore_engine(house.keystore[role])])
        return dataclasses.replace(shared, store=SqlStore(opened[-2]), keystore=SqlKeystore(opened[-1], keys))

    shared = memory_ports()  # objects, keys and the set-up token are the same for both
    yield {role: of(role) for role in ROLES}
    for engine in opened:
        engine.dispose()


def test_each_role_can_do_all_of_its_work(ports: dict[str, Ports]) -> None:
    """Everything people and the clock do, the gateway's part and the worker's part each as its own role."""
    ports["worker"].keystore.begin()  # type: ignore[attr-defined]
    people = People(ports["gateway"], ports["worker"])
    assert doubtful(ports["worker"], NOW, timedelta(0)) is None
    for name in ACTS:
        act = getattr(people, name)()
        act.check(act.do())
    with ports["gateway"].store.transaction() as tx:
        practice = tx.practice()
        assert practice is not None
        for at in (NOW, NOW):
            tx.keep_word(ClockWord(practice.director, at))
    ports["gateway"].keystore.create([Subject(SubjectKind.DOCUMENT, "9" * 32)])
    note_rowless(ports["worker"], NOW)
    keep_rowless(ports["worker"], NOW + timedelta(days=90))
    with ports["worker"].store.transaction() as tx:
        tx.note_rowless([Subject(SubjectKind.SHARE, "9" * 32)], NOW)
    assert shred_rowless(ports["worker"], NOW + timedelta(days=2)) == 1
    for role in ROLES:
        assert [check.name for check in checks(ports[role], NOW) if not check.ok] == []


MAY_NOT = {
    "records": {
        "gateway": [
            "UPDATE disclosure SET document = ''",
            "DELETE FROM disclosure",
            "TRUNCATE disclosure",
            "UPDATE audit SET details = NULL",
            "DELETE FROM audit",
            "UPDATE chain SET record = ''",
            "DELETE FROM chain",
            "DELETE FROM dossier",
            "UPDATE dossier SET fenced = false",
            "DELETE FROM share",
            "UPDATE share SET max = 100",
            "UPDATE share SET expires_at = 0",
            "DELETE FROM pickup",
            "DELETE FROM erasure",
            "UPDATE erasure SET tombstones = ''",
            "UPDATE erasure SET evidence = ''",
            "DELETE FROM index_link",
            "UPDATE index_link SET hash = ''",
            "UPDATE listed SET hash = ''",
            "DELETE FROM member",
            "UPDATE document SET size = 1",
            "UPDATE record SET record = ''",
            "INSERT INTO orphan VALUES ('x', 0)",
            "SELECT * FROM orphan",
            "INSERT INTO leaves VALUES (1, 1, '')",
            "INSERT INTO heartbeat VALUES ('sweep', 0)",
            "UPDATE practice SET director = ''",
            "UPDATE alembic_version SET version_num = ''",
            "SELECT setval('disclosure_number_seq', 1)",
            "CREATE TABLE mine (id integer)",
            "DELETE FROM former",
            "UPDATE former SET at = 0",
            "CREATE TEMPORARY TABLE mine (id integer)",
            "ALTER TABLE disclosure DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "COPY share TO PROGRAM 'cat'",
        ],
        "worker": [
            "UPDATE disclosure SET document = ''",
            "DELETE FROM disclosure",
            "INSERT INTO disclosure (share, pickup, document, at) VALUES ('', '', '', 0)",
            "DELETE FROM audit",
            "UPDATE audit SET hash = ''",
            "DELETE FROM erasure",
            "UPDATE member SET login = ''",
            "UPDATE member SET lock = ''",
            "INSERT INTO index_link VALUES ('', 0, '')",
            "INSERT INTO listed VALUES ('', '')",
            "INSERT INTO session (token, member) VALUES ('', '')",
            "SELECT * FROM recovery_code",
            "INSERT INTO former (member, at) VALUES ('', 0)",
            "INSERT INTO share (id) VALUES ('')",
            "UPDATE share SET used = 0",
            "INSERT INTO dossier (id) VALUES ('')",
            "INSERT INTO document (id) VALUES ('')",
            "UPDATE document SET leased_until = 0",
            "UPDATE record SET state = 'current'",
            "INSERT INTO pickup VALUES ('', '', 0, 0)",
            "SELECT * FROM throttle",
            "INSERT INTO practice (id) VALUES ('')",
            "CREATE TABLE mine (id integer)",
        ],
    },
    "keystore": {
        "gateway": [
            "DELETE FROM shred_key",
            "UPDATE shred_key SET sealed = ''",
            "UPDATE shred_key SET generation = 0",
            "INSERT INTO tombstone VALUES ('share', 'x')",
            "DELETE FROM tombstone",
            "INSERT INTO ledger VALUES (1, '')",
            "SELECT * FROM ledger",
            "UPDATE state SET current = 1",
            "UPDATE state SET turner = ''",
            "DELETE FROM state",
            "CREATE TABLE mine (id integer)",
        ],
        "worker": [
            "INSERT INTO shred_key VALUES ('share', 'x', 1, '')",
            "UPDATE shred_key SET id = ''",
            "DELETE FROM tombstone",
            "UPDATE tombstone SET id = ''",
            "UPDATE ledger SET entry = ''",
            "DELETE FROM ledger",
            "DELETE FROM state",
            "CREATE TABLE mine (id integer)",
        ],
    },
}
CASES = [
    pytest.param(database, role, statement, id=f"{database}-{role}-{statement}")
    for database, roles in MAY_NOT.items()
    for role, statements in roles.items()
    for statement in statements
]


@pytest.mark.parametrize(("database", "role", "statement"), CASES)
def test_a_role_cannot_do_what_it_may_not(house: House, database: str, role: str, statement: str) -> None:
    with (
        connected(getattr(house, database)[role]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


def test_nobody_else_enters_either_database(house: House) -> None:
    name, password = f"test_stranger_{secrets.token_hex(6)}", secrets.token_hex(8)
    with psycopg.connect(engines.postgres(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
        )
    try:
        for owner in (house.records["owner"], house.keystore["owner"]):
            url = make_url(owner).set(username=name, password=password).render_as_string(hide_password=False)
            with pytest.raises(psycopg.OperationalError, match="CONNECT"):
                psycopg.connect(url)
    finally:
        drop_roles([name])


def test_rights_that_somebody_added_are_gone_after_the_next_run(house: House) -> None:
    gateway = sql.Identifier(house.accounts["gateway"][0])
    with connected(house.keystore["owner"]) as connection:
        connection.execute(sql.SQL("GRANT DELETE ON shred_key TO {}").format(gateway))
    house.apply()
    with (
        connected(house.keystore["gateway"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("DELETE FROM shred_key")


def test_a_role_that_could_do_more_is_refused(house: House) -> None:
    name, _ = house.accounts["worker"]
    try:
        with connected(house.records["owner"], autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER ROLE {} CREATEROLE").format(sql.Identifier(name)))
        with pytest.raises(ConfigurationError, match="may make roles"):
            house.apply()
    finally:
        with connected(house.records["owner"], autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER ROLE {} NOCREATEROLE").format(sql.Identifier(name)))


def test_who_does_not_own_the_databases_makes_no_roles(house: House) -> None:
    with pytest.raises(ConfigurationError) as caught:
        apply_databases(house.records["worker"], house.keystore["worker"], **house.accounts)
    assert "owner" in caught.value.advice


def test_an_owner_who_may_make_no_roles_gives_rights_to_those_an_administrator_made() -> None:
    owner = (f"test_owner_{secrets.token_hex(6)}", secrets.token_hex(8))
    accounts = {role: (f"test_{role}_{secrets.token_hex(6)}", secrets.token_hex(8)) for role in ROLES}
    with ExitStack() as stack:
        stack.callback(drop_roles, [owner[0], *(name for name, _ in accounts.values())])
        admin = stack.enter_context(connected(engines.postgres(), autocommit=True))
        for name, password in (owner, *accounts.values()):
            made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))
            admin.execute(made)
        urls = [make_url(stack.enter_context(engines.new_database())) for _ in range(2)]
        for url in urls:
            database, name = sql.Identifier(str(url.database)), sql.Identifier(owner[0])
            admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, name))
        house = House(*(addresses_of(url, {"owner": owner, **accounts}) for url in urls), accounts)
        house.apply()
        with connected(house.keystore["gateway"]) as connection:
            assert connection.execute("SELECT current FROM state").fetchall() == [(0,)]
        with pytest.raises(ConfigurationError, match="role"):
            apply_databases(
                house.records["owner"], house.keystore["owner"], **{**accounts, "worker": (f"{owner[0]}_", "x")}
            )


def test_the_server_never_sees_a_password(house: House) -> None:
    name, password = house.accounts["gateway"]
    with connected(house.records["owner"]) as connection:
        [stored] = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (name,)).fetchone() or [
            ""
        ]
    assert stored.startswith("SCRAM-SHA-256$")
    assert password not in stored


def test_a_missing_right_says_which_command_gives_it(house: House, ports: dict[str, Ports]) -> None:
    with pytest.raises(ConfigurationError, match="shred_key") as caught:
        ports["gateway"].keystore.shred([Subject(SubjectKind.SHARE, "x")])
    assert "python -m infra.roles" in caught.value.advice
