"""After a shred and a turn no byte of the keys is left in any file of `data/`: pages that were freed included."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.actors import Practice
from tests.attack.house import ask, data_folder, ports_at
from vault.adapters.keystore import SqlKeystore
from vault.adapters.keystore.tables import shred_key
from vault.adapters.sql.factory import reading
from vault.flows.documents import deposit
from vault.flows.dossiers import sealing
from vault.flows.erasures import retention
from vault.flows.shares import sharing
from vault.ports.keystore import Subject, SubjectKind
from workers import embedded_broker

CROWD = [Subject(SubjectKind.NOTICE, f"{number:032x}") for number in range(600)]


class Known:
    """What somebody who looked into the keystore at a moment knows: keys, and the rows they were sealed in."""

    def __init__(self, folder: Path, keystore: SqlKeystore, subjects: list[Subject]) -> None:
        rows = keystore._read(set(subjects))
        self.shred_keys = list(keystore._open(rows).values())
        (path,) = (folder / "keys").iterdir()
        self.generation_key, self.file = path.read_bytes(), path
        with reading(keystore._engine) as connection:
            self.all_rows = [row.sealed for row in connection.execute(select(shred_key))]
        self.rows = [row.sealed for row in rows]


def spellings(secret: bytes) -> Iterator[bytes]:
    """Raw, in hex, and in base64 however it lies between other bytes."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + secret)[4 if shift else 0 : -4]
        yield text
        yield text.replace(b"+", b"-").replace(b"/", b"_")


def places(folder: Path, secret: bytes) -> list[str]:
    """The files that hold it in one of its spellings, the database's logs and journals among them."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    raw = {path: path.read_bytes() for path in files}
    return [path.name for path in files if any(each in raw[path] for each in spellings(secret))]


@pytest.fixture
def folder() -> Iterator[Path]:
    with data_folder() as folder:
        embedded_broker.lay_out(folder / "queue")
        yield folder


def test_the_grep_finds_what_is_there(folder: Path) -> None:
    secret = bytes(range(200, 232))
    for number, spelled in enumerate([secret, secret.hex().encode(), b"ab" + base64.b64encode(b"x" + secret + b"y")]):
        path = folder / "found"
        path.write_bytes(b"some bytes before " + spelled + b" and behind")
        assert places(folder, secret) == ["found"], number


@pytest.mark.parametrize("crowd", [0, len(CROWD)])
@pytest.mark.parametrize("whole", [True, False])
def test_no_key_is_found_in_any_file(folder: Path, crowd: int, whole: bool) -> None:
    chance = random.Random(crowd)
    practice = Practice(ports_at(folder)).set_up()
    ports, keystore = practice.ports, practice.ports.keystore
    assert isinstance(keystore, SqlKeystore)
    early = CROWD[:crowd]
    keystore.create(early)  # the tree of keys gets pages to free
    dossier = practice.open_dossier()
    documents = [practice.deposit(dossier) for _ in range(3)]
    link = practice.share(dossier, documents)
    gone = [deposit.subject_of(document.id) for document in documents[: 3 if whole else 1]]
    gone += [sealing.subject_of(dossier), sharing.subject_of(link.id)] if whole else []
    known = Known(folder, keystore, gone)
    assert places(folder, known.generation_key) == [known.file.name], "before, its file holds it, and nothing else"
    assert all(places(folder, row) for row in known.rows)
    keystore.shred(chance.sample(early, crowd // 2))
    ask(practice, dossier, () if whole else [documents[0].id])
    assert retention.sweep(ports, practice.now).certified == 1
    assert not known.file.exists()
    names = {path.name for path in folder.rglob("*")}
    assert "records.db-wal" in names, "the databases are open, with all that they keep beside them"
    for secret in (known.generation_key, *known.shred_keys, *known.all_rows):
        assert places(folder, secret) == []
    keystore.check()
