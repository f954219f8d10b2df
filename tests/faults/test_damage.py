"""One flipped bit or lost key of one item in the databases of a real gateway: that item alone is damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select, update

from gateway.app import create_app
from tests.client.fixtures import own_environment, quick_argon, switch
from tests.client.house import DELAY, Gateway, House, found_house
from tests.client.line import Line
from tests.contract.places import sql_keystore, sql_store
from tests.gateway.house import Switch
from vault.adapters.database.tables import document, index_link, member, record, wrap
from vault.adapters.keystore.tables import shred_key
from vault.adapters.sql.factory import writing
from vault.cli import main as cli
from vault.domain.dossiers import RecordState
from vault.sdk.device import clock

__all__ = ["own_environment", "quick_argon", "switch"]

pytestmark = pytest.mark.slow


class SqlGateway(Gateway):
    """A gateway over SQLite, with a failing disk."""

    def __init__(self, place: Switch, port: int, folder: Path) -> None:
        super().__init__(place, port)
        self.ports = replace(self.ports, store=sql_store(folder), keystore=sql_keystore(folder))
        self.line = Line(create_app(self.ports, public_url=self.url, clock=clock.now, erasure_delay=DELAY))
        place.app = self.line

    def spend_codes(self, until: int) -> None:
        with self._opened(member) as connection:
            connection.execute(update(member).values(totp_step=until))

    def flip(self, table: Table, column: str, **where: Any) -> None:
        """Flip one bit in the middle of a value; of signatures, so that they can still be read."""
        chosen = [table.c[name] == value for name, value in where.items()]
        with self._opened(table) as connection:
            value = connection.scalars(select(table.c[column]).where(*chosen)).one()
            middle = range(len(value) // 2, len(value))
            at = next(n for n in middle if column != "signatures" or chr(value[n] ^ 1).isalnum())
            flipped = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
            assert connection.execute(update(table).where(*chosen).values({column: flipped})).rowcount == 1

    def cut(self, table: Table, column: str, **where: Any) -> None:
        """Leave nothing but the first half of a value."""
        chosen = [table.c[name] == value for name, value in where.items()]
        with self._opened(table) as connection:
            value = connection.scalars(select(table.c[column]).where(*chosen)).one()
            connection.execute(update(table).where(*chosen).values({column: value[: len(value) // 2]}))

    def row(self, table: Table, **where: Any) -> dict[str, Any]:
        """One row, to be put back later."""
        with self._opened(table) as connection:
            chosen = [table.c[name] == value for name, value in where.items()]
            return dict(connection.execute(select(table).where(*chosen)).one()._mapping)

    def put_back(self, table: Table, kept: dict[str, Any]) -> None:
        """As an operator does from a backup."""
        with self._opened(table) as connection:
            connection.execute(update(table).where(table.c.hash == kept["hash"]).values(kept))

    def lose_key(self, id_: str) -> None:
        with self._opened(shred_key) as connection:
            assert connection.execute(delete(shred_key).where(shred_key.c.id == id_)).rowcount == 1

    def _opened(self, table: Table) -> AbstractContextManager[Connection]:
        of = self.ports.keystore if table is shred_key else self.ports.store
        return writing(of._engine)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Practice:
    """Two dossiers: Anna's with a.txt, b.txt and a share of b.txt; Bob's is whole in every test."""

    house: House
    gateway: SqlGateway
    capsys: pytest.CaptureFixture[str]

    def does(self, *argv: object) -> tuple[int, Any]:
        """Exit code, and the object on standard output, else the error."""
        code = cli.main([*(str(each) for each in argv), "--json", "--yes"])
        said = self.capsys.readouterr()
        return code, json.loads(said.out) if said.out else json.loads(said.err.splitlines()[-1])["error"]

    def anna(self) -> str:
        return self.house.dossier.id

    def hash_of(self, kind: str) -> str:
        with self.gateway._opened(record) as connection:
            chosen = select(record.c.hash).where(record.c.kind == kind, record.c.dossier == self.anna())
            return str(connection.scalars(chosen).one())

    def current(self, kind: str) -> str:
        """The hash of the newest index's record of that type."""
        with self.gateway._opened(record) as connection:
            mine = (record.c.kind == kind, record.c.dossier == self.anna(), record.c.state == RecordState.CURRENT)
            return str(connection.scalars(select(record.c.hash).where(*mine)).one())

    def newest_index(self) -> dict[str, Any]:
        """Where the dossier's newest index stands."""
        with self.gateway.ports.store.reading() as tx:
            row = tx.dossier(self.anna())
        assert row is not None
        return {"dossier": row.id, "sequence": row.sequence}

    def erased(self, *what: object) -> None:
        """Ask for it, and let the worker finish."""
        code, value = self.does("erase", *what, "--basis", "client")
        assert (code, value["state"]) == (0, "requested")
        for _ in range(6):
            self.house.sweep()
        with self.gateway.ports.store.reading() as tx:
            there = tx.erasure(value["erasure"])
        assert there is not None
        assert there.state == "certified"


@pytest.fixture
def practice(
    switch: tuple[Switch, int],
    tmp_path: Path,
    quick_argon: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Practice:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    (tmp_path / "data").mkdir()
    gateway = SqlGateway(*switch, tmp_path / "data")
    monkeypatch.setenv("DOSSIER_URL", gateway.url)
    house = found_house(gateway, tmp_path, lambda offset: monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", offset))
    made = Practice(house, gateway, capsys)
    house.deposit(*(house.write(name, name.encode()) for name in ("a.txt", "b.txt")))
    house.put(house.open("Bob"), **{"c.txt": b"c"})
    return made


Damage = Callable[[Practice, str], None]
DOCUMENT: dict[str, tuple[Damage, str | None]] = {
    "head": (lambda at, id_: at.gateway.flip(document, "head", id=id_), "a.txt"),
    "metadata": (lambda at, id_: at.gateway.flip(document, "metadata", id=id_), None),
    "key": (lambda at, id_: at.gateway.flip(shred_key, "sealed", id=id_), None),
    "lost key": (lambda at, id_: at.gateway.lose_key(id_), None),
    "record": (lambda at, id_: at.gateway.cut(record, "record", subject=id_, kind="document"), None),
}


@pytest.mark.parametrize("place", DOCUMENT)
def test_a_damaged_document_is_shown_as_damaged_and_harms_no_other(practice: Practice, place: str) -> None:
    hurt, name = DOCUMENT[place]
    anna, out = practice.anna(), practice.house.folder
    [id_] = [one.id for one in practice.house.listed() if one.metadata.name == "a.txt"]
    hurt(practice, id_)
    code, value = practice.does("ls")
    assert (code, len(value["dossiers"])) == (0, 2)
    code, value = practice.does("ls", anna)
    assert (code, [one["name"] for one in value["documents"]]) == (7, ["b.txt"])
    assert [(doubt["id"], doubt["name"]) for doubt in value["doubtful"]] == [(id_, name)]
    assert practice.does("cat", anna, "b.txt", "--out", out / "b")[0] == 0
    assert (out / "b").read_bytes() == b"b.txt"
    code, error = practice.does("cat", anna, id_, "--out", out / "a")
    assert (code, error["code"], (out / "a").exists()) == (7, "quarantined", False)
    assert practice.does("share", anna, "b.txt")[0] == 0
    code, value = practice.does("share", anna)
    assert (code, [one["id"] for one in value["left_out"]]) == (3, [id_])
    code, value = practice.does("export", anna, out / "export")
    assert (code, [file["name"] for file in value["files"]]) == (3, ["b.txt.age"])
    assert [one["id"] for one in value["left_out"]] == [id_]
    assert practice.does("put", anna, practice.house.write("later.txt", b"later"))[0] == 0
    practice.erased(anna, id_)
    code, value = practice.does("ls", anna)
    assert (code, [one["name"] for one in value["documents"]]) == (0, ["b.txt", "later.txt"])


SHARE: dict[str, Damage] = {
    "text": lambda at, _: at.gateway.flip(record, "text", hash=at.hash_of("share")),
    "key": lambda at, id_: at.gateway.flip(shred_key, "sealed", id=id_),
    "lost key": lambda at, id_: at.gateway.lose_key(id_),
    "record": lambda at, _: at.gateway.cut(record, "record", hash=at.hash_of("share")),
}


@pytest.mark.parametrize("place", SHARE)
def test_a_damaged_share_is_shown_as_damaged_and_can_be_ended(practice: Practice, place: str) -> None:
    anna = practice.anna()
    damaged = practice.does("share", anna, "a.txt")[1]["share"]
    SHARE[place](practice, damaged)
    whole = practice.does("share", anna, "b.txt")[1]["share"]
    code, value = practice.does("ls", anna)
    assert (code, len(value["documents"])) == (7, 2)
    assert [doubt["id"] for doubt in value["doubtful"]] == [damaged]
    assert practice.does("share", anna)[0] == 0
    assert whole in {share["share"] for share in value["shares"]}
    assert practice.does("export", anna, practice.house.folder / "export")[0] == 0
    assert practice.does("cat", anna, "a.txt", "--out", practice.house.folder / "a")[0] == 0
    assert practice.does("revoke", damaged)[0] == 0
    assert practice.does("ls", anna)[1]["documents"][0]["name"] == "a.txt"


DOSSIER: dict[str, tuple[Damage, bool]] = {
    "profile": (lambda at, _: at.gateway.flip(record, "text", hash=at.hash_of("profile")), True),
    "both wraps": (lambda at, id_: _hurt_wraps(at, id_, "wrap", "symmetric"), False),
    "key": (lambda at, id_: at.gateway.flip(shred_key, "sealed", id=id_), False),
    "lost key": (lambda at, id_: at.gateway.lose_key(id_), False),
    "profile record": (lambda at, _: at.gateway.cut(record, "record", hash=at.hash_of("profile")), False),
    "index": (lambda at, _: at.gateway.cut(index_link, "record", **at.newest_index()), False),
    "index's signature": (lambda at, _: at.gateway.flip(index_link, "signatures", **at.newest_index()), False),
}


LISTED = ("both wraps", "index", "index's signature")  # the list was verified before, or needs no such part


def _hurt_wraps(practice: Practice, id_: str, *columns: str) -> None:
    practice.does("ls")  # has opened the wrap and brought a symmetric one
    for column in columns:
        practice.gateway.flip(wrap, column, dossier=id_)


@pytest.mark.parametrize("place", DOSSIER)
def test_a_damaged_dossier_is_shown_as_damaged_and_can_be_erased(practice: Practice, place: str) -> None:
    hurt, opens = DOSSIER[place]
    anna, out = practice.anna(), practice.house.folder
    hurt(practice, anna)
    code, value = practice.does("ls")
    if place in LISTED:
        assert (code, [one["name"] for one in value["dossiers"]]) == (0, ["Anna Bakker", "Bob"])
    else:
        assert (code, [one["name"] for one in value["dossiers"]]) == (7, ["Bob"])
        assert [doubt["id"] for doubt in value["doubtful"]] == [anna]
    code, value = practice.does("ls", "Bob")
    assert (code, [one["name"] for one in value["documents"]]) == (0, ["c.txt"])
    assert practice.does("share", "Bob")[0] == practice.does("export", "Bob", out / "export")[0] == 0
    assert practice.does("ls", anna)[0] == 7
    assert practice.does("cat", anna, "a.txt", "--out", out / "a")[0] == (0 if opens else 7)
    practice.erased(anna[:12])
    code, value = practice.does("ls")
    assert (code, [one["name"] for one in value["dossiers"]]) == (0, ["Bob"])


@pytest.mark.parametrize("place", ["record", "bit", "signature"])
def test_a_dossier_whose_head_is_damaged_is_shown_and_waits_for_its_row(practice: Practice, place: str) -> None:
    """Nobody can tell who may ask for its erasure: that is refused, with the way out, and no request is kept."""
    anna, head = practice.anna(), practice.hash_of("dossier")
    kept = practice.gateway.row(record, hash=head)
    hurt = practice.gateway.cut if place == "record" else practice.gateway.flip
    hurt(record, "signatures" if place == "signature" else "record", hash=head)
    code, value = practice.does("ls")
    assert (code, [one["name"] for one in value["dossiers"]]) == (7, ["Bob"])
    assert [doubt["id"] for doubt in value["doubtful"]] == [anna]
    assert practice.does("ls", "Bob")[0] == 0
    code, error = practice.does("ls", anna)
    assert (code, error["code"]) == (7, "signature_invalid" if place == "signature" else "damaged")
    for basis in ("client", "staff"):
        code, error = practice.does("erase", anna, "--basis", basis)
        assert (code, error["code"], anna in error["message"]) == (7, "damaged", True)
        assert "backup" in error["advice"]
    with practice.gateway.ports.store.reading() as tx:
        assert not tx.erasures_of(anna)
    practice.gateway.put_back(record, kept)
    assert practice.does("ls", anna)[0] == 0
    practice.erased(anna)


def test_a_false_word_of_damage_makes_no_dossier_vanish(practice: Practice) -> None:
    anna = practice.anna()
    lie = f"/dossiers/{anna}/contents"
    practice.house.line.lie("GET", lie, lambda said: {**said, "dossier": _said_damaged(said["dossier"])})
    assert practice.does("ls", anna)[1]["code"] == "damaged"
    assert practice.does("ls")[0] == 0
    assert practice.house.signed_in.pins.head_of(anna) is not None
    practice.house.line.clear()
    assert practice.does("ls", anna)[0] == 0


def _said_damaged(dossier: dict[str, Any]) -> dict[str, Any]:
    return {**dossier, "heads": [], "index": None, "damaged": ["record", "index"]}


def test_a_damaged_trajectory_is_shown_by_itself_and_leaves_the_day_unchecked(practice: Practice) -> None:
    anna = practice.anna()
    assert practice.does("close", anna)[0] == 0
    assert practice.does("ls", anna)[1]["retention"]["checked"]
    hurt = practice.current("trajectory")
    practice.gateway.cut(record, "record", hash=hurt)
    code, value = practice.does("ls", anna)
    assert (code, [one["name"] for one in value["documents"]]) == (7, ["a.txt", "b.txt"])
    assert hurt[:32] in [doubt["id"] for doubt in value["doubtful"]]
    assert not value["retention"]["checked"]
    assert practice.does("cat", anna, "a.txt", "--out", practice.house.folder / "a")[0] == 0
    code, error = practice.does("reopen", anna)
    assert (code, error["code"]) == (7, "damaged")
    practice.erased(anna)


@pytest.mark.parametrize("column", ["wrap", "symmetric"])
def test_one_of_two_wraps_is_enough(practice: Practice, column: str) -> None:
    _hurt_wraps(practice, practice.anna(), column)
    code, value = practice.does("ls")
    assert (code, [one["name"] for one in value["dossiers"]]) == (0, ["Anna Bakker", "Bob"])
    assert practice.does("cat", practice.anna(), "a.txt", "--out", practice.house.folder / "a")[0] == 0


def test_a_document_that_the_index_lists_is_stored_whatever_the_server_says(practice: Practice) -> None:
    practice.house.line.lie_of_each("/documents$", lambda item: {**item, "state": "depositing"})
    anna, out = practice.anna(), practice.house.folder
    code, value = practice.does("ls", anna)
    assert (code, {one["state"] for one in value["documents"]}) == (0, {"stored"})
    assert len(practice.does("export", anna, out / "export")[1]["files"]) == 2
    assert practice.does("share", anna)[0] == 0


@pytest.mark.parametrize("part", ["head", "metadata"])
def test_what_the_server_spoils_is_damaged_by_itself_too(practice: Practice, part: str) -> None:
    anna = practice.anna()
    a, b = sorted(practice.house.listed(), key=lambda one: one.metadata.name)

    def swapped(item: dict[str, Any]) -> dict[str, Any]:
        return {**item, part: spoiled} if item["document"] == a.id else item

    spoiled = practice.house.signed_in.api.get(f"/documents/{b.id}")[part]
    practice.house.line.lie_of_each("/documents$", swapped)
    one = f"/dossiers/{anna}/documents/{a.id}$"
    practice.house.line.lie("GET", one, lambda said: {**said, "document": swapped(said["document"])})
    code, value = practice.does("share", anna)
    assert (code, [one["id"] for one in value["left_out"]]) == (3, [a.id])
    code, value = practice.does("export", anna, practice.house.folder / "export")
    assert (code, [file["document"] for file in value["files"]]) == (3, [b.id])
    assert practice.does("share", anna, a.id)[0] == 7
    practice.erased(anna, a.id)
