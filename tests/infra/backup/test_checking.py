"""A set that somebody put together: its name fits its manifest, and its parts are not what they should be."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from infra.backup import folder as folders
from infra.backup.checking import check_set
from infra.backup.folder import MANIFEST, BackupSet
from infra.backup.sealed import Sealing
from tests.fuzz.escrow import sample
from tests.infra.backup.house import Vault
from tests.infra.backup.test_making import made
from vault.errors import IntegrityError
from vault.records.backup import KEYS, LISTING, RECORDS, Listed, name_of


def forged(found: BackupSet, name: str, content: bytes) -> BackupSet:
    """The same set with another part, under the name that fits."""
    (found.path / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    parts = tuple(
        replace(part, size=len(content), digest=digest) if part.name == name else part for part in found.manifest.parts
    )
    raw = replace(found.manifest, parts=parts).to_bytes()
    (found.path / MANIFEST).write_bytes(raw)
    path: Path = found.path.rename(found.path.with_name(name_of(found.manifest.at, raw)))
    return folders.read_set(path)


def test_each_part_is_looked_at_for_itself(vault: Vault) -> None:
    found = made(vault).set
    [escrow] = [part.name for part in found.manifest.parts if part.name.startswith("escrow/")]
    whole = {name: (found.path / name).read_bytes() for name in (escrow, RECORDS, LISTING)}
    wrong = [
        (escrow, b"{}", "is no escrow"),
        (escrow, sample("age1pq1a").to_bytes(), "another installation or generation"),
        (RECORDS, b"no age file", "is damaged"),
        (LISTING, b"no line", "is damaged"),
        (LISTING, Listed("one", 1, None).to_line(), "shorter or longer"),
    ]
    for name, content, said in wrong:
        found = forged(found, name, content)
        with pytest.raises(IntegrityError, match=said):
            check_set(found)
        found = forged(found, name, whole[name])
        check_set(found)


@pytest.mark.parametrize("name", [RECORDS, KEYS])
def test_what_opens_and_is_something_else_is_not_put_back(vault: Vault, name: str) -> None:
    found = made(vault).set
    content = b"".join(Sealing([vault.identity.recipient().to_string()]).sealed([b"{}\n"]))
    found = forged(found, name, content)
    check_set(found)
    with pytest.raises(IntegrityError, match="are damaged"):
        vault.put_back(found)
    vault.again()
    assert vault.living() == {each.id for each in vault.documents}


def test_a_manifest_that_is_none_and_a_folder_in_the_place_of_a_file_are_damage(vault: Vault) -> None:
    found = made(vault).set
    part = found.path / RECORDS
    part.rename(part.with_name("elsewhere"))
    for make in (part.mkdir, lambda: os.mkfifo(part), lambda: part.symlink_to("elsewhere")):
        make()
        with pytest.raises(IntegrityError, match="is no file"):
            check_set(found)
        part.rmdir() if part.is_dir() else part.unlink()
    (found.path / MANIFEST).write_bytes(b"{}")
    with pytest.raises(IntegrityError, match="manifest"):
        folders.read_set(found.path)
    assert folders.sets_in(vault.backups) == []
