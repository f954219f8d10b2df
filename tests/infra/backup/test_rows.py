"""Lines of rows: what is another store's, cut off or put together by somebody is refused, and nothing is kept of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.backup.row_lines import About, line, read_lines
from infra.backup.rows import KEYSTORE, dump, load, revision_of
from tests.contract.places import sql_keystore
from tests.contract.samples import id_
from vault.adapters.sql.factory import reading, writing
from vault.errors import IntegrityError
from vault.ports.keystore import Subject, SubjectKind

ABOUT = About(KEYSTORE, "ab" * 16, "0001")
TABLE = line({"table": "shred_key", "columns": [["kind", "text"], ["id", "text"], ["sealed", "bytes"]]})
ROW = line(["member", "12", "AAAA"])


def lines(*more: bytes, about: About = ABOUT) -> list[bytes]:
    return [each.rstrip(b"\n") for each in (line(about.to_json()), *more)]


def test_a_keystore_is_the_same_after_a_dump_and_a_load(tmp_path: Path) -> None:
    one, other = sql_keystore(tmp_path / "one"), sql_keystore(tmp_path / "other")
    one.create([Subject(SubjectKind.DOCUMENT, id_(number)) for number in range(1200)])
    one.turn()
    one.shred([Subject(SubjectKind.DOCUMENT, id_(1))])
    with reading(one._engine) as connection:
        about = About(KEYSTORE, "ab" * 16, revision_of(connection))
        dumped = [each.rstrip(b"\n") for each in dump(connection, about)]
    with writing(other._engine) as connection:
        load(connection, dumped, about, lambda _: None)
    with reading(other._engine) as connection:
        assert [each.rstrip(b"\n") for each in dump(connection, about)] == dumped
    assert other.position() == one.position()


@pytest.mark.parametrize(
    "told",
    [
        [],
        lines(about=About("records", "ab" * 16, "0001")),
        lines(about=About(KEYSTORE, "cd" * 16, "0001")),
        lines(TABLE, ROW),
        lines(TABLE, ROW, line({"rows": 2})),
        lines(TABLE, ROW, line({"rows": 1}), ROW),
        lines(ROW, line({"rows": 1})),
        lines(TABLE, line(["member", "12"]), line({"rows": 1})),
        lines(TABLE, line(["member", 12, "AAAA"]), line({"rows": 1})),
        lines(TABLE, line(["member", "12", "A=A"]), line({"rows": 1})),
        lines(line({"table": "x; drop", "columns": [["id", "text"]]}), line({"rows": 0})),
        lines(line({"table": "state", "columns": []}), line({"rows": 0})),
        lines(line({"table": "state", "columns": [["id", "code"]]}), line({"rows": 0})),
        lines(line({"table": "state", "columns": 7}), line({"rows": 0})),
        lines(b"[" * 100_000),
        lines(b"\xff"),
        [json.dumps(None).encode()],
    ],
    ids=str,
)
def test_what_is_no_dump_of_this_store_is_damaged(told: list[bytes]) -> None:
    with pytest.raises(IntegrityError, match="are damaged"):
        list(read_lines(told, ABOUT))


def test_rows_of_a_table_that_is_none_of_the_stores_are_refused(tmp_path: Path) -> None:
    keystore = sql_keystore(tmp_path)
    told = lines(
        line({"table": "alembic_version", "columns": [["version_num", "text"]]}), line(["9"]), line({"rows": 1})
    )
    with pytest.raises(IntegrityError), writing(keystore._engine) as connection:
        load(connection, told, ABOUT, lambda _: None)
    with reading(keystore._engine) as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalars().all() == ["0001"]
        assert connection.execute(text("select count(*) from state")).scalar_one() == 1
