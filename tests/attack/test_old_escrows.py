"""Any copy of the keystore beside any copy of its escrow: a director opens what lived then, and nothing erased before.

A keystore and an escrow of two different times open nothing together. The two of one time are what the horizon speaks of.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.places import sql_keystore
from tests.contract.samples import id_
from vault.age import HybridIdentity
from vault.domain.escrows import Escrowed
from vault.errors import VaultError
from vault.ports.keystore import Subject, SubjectKind
from vault.records.standing import Standing
from vault.sdk.keys.escrow import open_folder, write_keys

DIRECTOR = HybridIdentity(b"d" * 32)
TO = Escrowed(
    "cd" * 16, Standing(1, "ab" * 32), (DIRECTOR.recipient().to_string(),), datetime(2026, 11, 30, tzinfo=UTC)
)
SUBJECTS = [Subject(SubjectKind.DOCUMENT, id_(number)) for number in range(4)]
MOMENTS = range(3)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[Subject, bytes], list[set[Subject]]]:
    """Copies of a keystore and its escrow, one after each erasure; what was sealed; and what lived at each copy."""
    folder = tmp_path_factory.mktemp("history")
    keystore = sql_keystore(folder / "data")
    keystore.create(SUBJECTS)
    keystore.adopt(id_(7))
    keystore.escrow(TO)
    sealed = {subject: keystore.seal(subject, "f", "r", subject.id.encode()) for subject in SUBJECTS}
    living = []
    for moment in MOMENTS:
        if moment:
            keystore.shred([SUBJECTS[moment]])
            keystore.turn()
        living.append(set(SUBJECTS) - set(SUBJECTS[1 : moment + 1]))
        copy = folder / f"copy-{moment}"
        copy.mkdir()
        shutil.copy2(folder / "data" / "keystore.db", copy)
        shutil.copytree(folder / "data" / "keys" / "escrow", copy / "escrow")
    return folder, sealed, living


@pytest.mark.parametrize("escrow", MOMENTS)
@pytest.mark.parametrize("rows", MOMENTS)
def test_one_time_opens_what_lived_then_and_two_times_nothing(history, tmp_path: Path, rows: int, escrow: int) -> None:
    folder, sealed, living = history
    shutil.copy2(folder / f"copy-{rows}" / "keystore.db", tmp_path)
    write_keys(open_folder(folder / f"copy-{escrow}" / "escrow", DIRECTOR), tmp_path / "keys")
    keystore = sql_keystore(tmp_path)
    opened = set()
    for subject, value in sealed.items():
        try:
            assert keystore.unseal(subject, "f", "r", value) == subject.id.encode()
        except VaultError:
            continue
        opened.add(subject)
    assert opened == (living[rows] if rows == escrow else set())
