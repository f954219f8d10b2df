"""On PostgreSQL and S3: the same set, put into empty databases, and moved between one machine and servers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.backup.checking import check_set
from infra.backup.opening import Opened
from infra.backup.places import Places
from infra.backup.restoring import WHOLE, restore
from infra.backup.stores import Store
from tests import buckets
from tests.contract.places import emptied, postgres_databases, postgres_url
from tests.infra.backup.house import NOW, Vault, killed
from tests.infra.backup.test_making import made
from tests.infra.backup.test_restoring import RECORDS_BEHIND, destroyed, goes_on
from vault import wiring
from vault.errors import ConfigurationError, InvalidInputError
from vault.flows.positions.comparing import standing
from vault.flows.positions.keeping import shut
from vault.ports.keystore import Subject, SubjectKind
from vault.records.encoding import new_id
from vault.settings import Settings

ALL = WHOLE | {Store.OBJECTS}


def servers(folder: Path) -> dict[str, str]:
    """The settings of the databases of that folder."""
    return {
        "DOSSIER_DATABASE_URL": postgres_url(folder, "records"),
        "DOSSIER_KEYSTORE_URL": postgres_url(folder, "keystore"),
    }


@pytest.fixture
def one(tmp_path: Path) -> Iterator[dict[str, str]]:
    with postgres_databases(tmp_path / "one"):
        yield servers(tmp_path / "one")


@pytest.fixture
def other(tmp_path: Path) -> Iterator[dict[str, str]]:
    with postgres_databases(tmp_path / "other"):
        yield servers(tmp_path / "other")


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[dict[str, str]]:
    with buckets.new_bucket(buckets.moto(), versioned=True) as made:
        for name, key in (("access", made.server.access_key), ("secret", made.server.secret_key)):
            (tmp_path / name).write_text(key)
        yield {
            "DOSSIER_OBJECTS": f"s3:{made.name}",
            "DOSSIER_S3_ENDPOINT": made.server.endpoint,
            "DOSSIER_S3_ACCESS_KEY_FILE": str(tmp_path / "access"),
            "DOSSIER_S3_SECRET_KEY_FILE": str(tmp_path / "secret"),
        }


def lived(vault: Vault) -> Vault:
    vault.dossier = vault.practice.open_dossier()
    vault.documents = [vault.practice.deposit(vault.dossier) for _ in range(2)]
    vault.practice.share(vault.dossier, vault.documents[:1])
    vault.work()
    return vault


def readable(vault: Vault) -> set[str]:
    """The documents whose heads and bodies are there and open."""
    found = set()
    for each in vault.documents:
        with vault.ports.store.reading() as tx:
            row = tx.document(each.id)
        if row is not None and vault.ports.objects.size(f"{vault.dossier}/{each.id}/00000"):
            subject = Subject(SubjectKind.DOCUMENT, each.id)
            if vault.ports.keystore.exists(subject):
                vault.ports.keystore.unseal(subject, "document.head", each.id, row.head)
                found.add(each.id)
    return found


def moved(vault: Vault, found, environment: dict[str, str], stores=ALL) -> None:
    """The set put where these settings say, by the director."""
    vault.release()
    restore(Places.of(environment), Opened(found, vault.identity), NOW, stores=stores)
    vault.data = Path(environment["DOSSIER_DATA"])
    vault.again(**environment)


def test_from_servers_to_new_ones(tmp_path: Path, one: dict[str, str], other: dict[str, str]) -> None:
    vault = lived(Vault(tmp_path, **one))
    found = made(vault, copies=True).set
    check_set(found)
    moved(vault, found, {"DOSSIER_DATA": str(tmp_path / "new"), **other})
    assert readable(vault) == {each.id for each in vault.documents}
    goes_on(vault)
    vault.documents.append(vault.practice.deposit(vault.dossier))
    vault.work()
    assert readable(vault) == {each.id for each in vault.documents}, "numbers go on where the others ended"


@pytest.mark.parametrize("up", [True, False], ids=["to servers", "to one machine"])
def test_between_one_machine_and_servers(tmp_path: Path, one: dict[str, str], *, up: bool) -> None:
    vault = lived(Vault(tmp_path, **({} if up else one)))
    found = made(vault, copies=True).set
    moved(vault, found, {"DOSSIER_DATA": str(tmp_path / "new"), **(one if up else {})})
    assert readable(vault) == {each.id for each in vault.documents}
    goes_on(vault)
    assert standing(vault.ports) == ()


def test_a_bucket_gives_its_objects_and_takes_those_that_it_lacks(tmp_path: Path, bucket: dict[str, str]) -> None:
    vault = lived(Vault(tmp_path, **bucket))
    assert not (vault.data / "objects").exists()
    found = made(vault, copies=True).set
    check_set(found)
    gone, stays = vault.documents
    destroyed(vault, gone)
    vault.ports.objects.remove([f"{vault.dossier}/{stays.id}/00000"])
    assert readable(vault) == set()
    vault.put_back(found, stores=frozenset({Store.OBJECTS}))
    assert readable(vault) == {stays.id}
    vault.put_back(found)
    assert readable(vault) == {stays.id}, "its ledger is newer than the set"
    goes_on(vault)


def test_a_bucket_that_is_not_there_yet_is_made(tmp_path: Path, bucket: dict[str, str]) -> None:
    vault = lived(Vault(tmp_path))
    found = made(vault, copies=True).set
    moved(vault, found, {"DOSSIER_DATA": str(tmp_path / "new"), **bucket, "DOSSIER_OBJECTS": f"s3:{new_id()}"})
    assert readable(vault) == {each.id for each in vault.documents}
    goes_on(vault)


def test_a_bucket_of_another_installation_is_refused(tmp_path: Path, bucket: dict[str, str]) -> None:
    Vault(tmp_path / "foreign", **bucket)
    vault = lived(Vault(tmp_path / "mine"))
    found = made(vault, copies=True).set
    for stores in (ALL, frozenset({Store.OBJECTS})):
        with pytest.raises(ConfigurationError, match="another installation"):
            restore(
                Places.of({"DOSSIER_DATA": str(tmp_path / "new"), **bucket}),
                Opened(found, vault.identity),
                NOW,
                stores=stores,
            )
    assert len(list(wiring.objects(Settings.from_environment({"DOSSIER_DATA": "-", **bucket})).names())) <= 4


def test_where_anything_stands_it_is_refused_in_words(tmp_path: Path, one: dict[str, str]) -> None:
    vault = lived(Vault(tmp_path, **one))
    found = made(vault, copies=True).set
    before = readable(vault)
    for stores in (WHOLE, frozenset({Store.RECORDS}), frozenset({Store.KEYSTORE})):
        with pytest.raises(ConfigurationError, match="something stands in the database"):
            vault.put_back(found, stores=stores)
    (vault.data / "keys" / "installation-lookup").write_bytes(b"?" * 32)
    with pytest.raises(InvalidInputError, match="holds something else"):
        vault.put_back(found, stores=frozenset({Store.KEYS}))
    vault.again()
    assert readable(vault) == before


def test_one_database_alone_is_put_back_frozen(tmp_path: Path, one: dict[str, str]) -> None:
    vault = lived(Vault(tmp_path, **one))
    found = made(vault).set
    destroyed(vault, vault.documents[0])
    for store in ("records", "keystore"):
        vault.release()
        emptied(store, one["DOSSIER_DATABASE_URL" if store == "records" else "DOSSIER_KEYSTORE_URL"])
        vault.put_back(found, stores=frozenset({Store(store)}))
        assert RECORDS_BEHIND in shut(vault.ports, NOW)
        vault.accept()
        vault.work()
        assert readable(vault) == {vault.documents[1].id}


def test_a_kill_in_the_middle_is_gone_on_from_store_by_store(
    tmp_path: Path, one: dict[str, str], other: dict[str, str]
) -> None:
    vault = lived(Vault(tmp_path, **one))
    found = made(vault, copies=True).set
    new = {"DOSSIER_DATA": str(tmp_path / "new"), **other}
    vault.release()
    for at in ("keys", "objects", "keystore: shred_key", "keystore", "records: document"):

        def act(at: str = at) -> None:
            step = lambda step: os._exit(9) if step == at else None  # noqa: E731
            left = ALL - {Store.KEYSTORE} if at.startswith("records") else ALL
            restore(Places.of(new), Opened(found, vault.identity), NOW, stores=left, step=step)

        assert killed(act) == 9, at
    moved(vault, found, new, stores=frozenset({Store.RECORDS}))
    assert readable(vault) == {each.id for each in vault.documents}
    goes_on(vault)


def test_files_of_keys_elsewhere_are_filled_and_never_written_over(tmp_path: Path) -> None:
    keys = {
        "DOSSIER_GENERATION_KEY_FILE": str(tmp_path / "g" / "key"),
        "DOSSIER_INSTALLATION_KEY_FILE": str(tmp_path / "i" / "key"),
    }
    vault = lived(Vault(tmp_path, **keys))
    found = made(vault, copies=True).set
    vault.release()
    for name in ("data", "g", "i"):
        shutil.rmtree(tmp_path / name)
    vault.put_back(found, stores=ALL)
    assert readable(vault) == {each.id for each in vault.documents}
    assert not (vault.data / "keys").exists()
    assert (tmp_path / "g" / "escrow").is_dir()
    goes_on(vault)
