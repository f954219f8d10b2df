"""A set put back: either the old data or the new stands, nothing erased opens, and the vault waits for a director."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from infra.backup import exchange as exchanging
from infra.backup import folder as folders
from infra.backup import restoring
from infra.backup.opening import Opened
from infra.backup.places import Places
from infra.backup.restoring import WHOLE, restore
from infra.backup.stores import Store
from infra.supervisor.lock import DataLock
from tests.attack.house import ask
from tests.infra.backup.house import DAY, HOUR, NOW, SHEET, Vault, killed
from tests.infra.backup.test_making import made
from vault.age import HybridIdentity
from vault.domain.positions import Fault, Finding, StoreName
from vault.errors import ConfigurationError, IntegrityError, InvalidInputError, UnavailableError, VaultError
from vault.flows.positions.comparing import standing
from vault.flows.positions.keeping import shut
from vault.ports.keystore import Subject, SubjectKind

RECORDS_BEHIND = Finding(StoreName.RECORDS, Fault.BEHIND)
ALL = WHOLE | {Store.OBJECTS}


def files(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def destroyed(vault: Vault, document) -> None:
    """A document erased at its client's wish, to the certificate."""
    ask(vault.practice, vault.dossier, [document.id])
    vault.work()
    vault.practice.advance(vault.dossier, drop=[document.envelope.hash])
    vault.work()


def believed(vault: Vault) -> None:
    with vault.ports.store.transaction() as tx:
        tx.beat("clock", vault.practice.now)


def goes_on(vault: Vault) -> None:
    """Until a director signs it stands still; then everything works."""
    assert RECORDS_BEHIND in shut(vault.ports, NOW)
    vault.accept()
    vault.work()
    assert standing(vault.ports) == ()
    vault.work()


def test_everything_is_back_where_nothing_is_left(vault: Vault) -> None:
    before = vault.living()
    found = made(vault, copies=True).set
    vault.release()
    shutil.rmtree(vault.data)
    back = vault.put_back(found, stores=ALL)
    assert (back.before, back.compared) == (None, True)
    assert vault.living() == before == {each.id for each in vault.documents}
    goes_on(vault)
    assert vault.practice.deposit(vault.dossier).id in vault.living()
    assert sorted(each.name for each in vault.data.parent.iterdir()) == ["backups", "data"]


def test_the_sheet_opens_it_on_an_empty_machine_and_a_stranger_changes_nothing(vault: Vault) -> None:
    found = made(vault, copies=True).set
    vault.release()
    old = files(vault.data)
    places = Places.of(vault.environment)
    with pytest.raises(InvalidInputError, match="not sealed to you"):
        restore(places, Opened(found, HybridIdentity(b"x" * 32)), NOW, stores=ALL)
    assert {name: old[name] for name in old if name != "lock"} == {
        name: raw for name, raw in files(vault.data).items() if name != "lock"
    }
    restore(places, Opened(found, SHEET), NOW, stores=ALL)
    vault.again()
    assert vault.living() == {each.id for each in vault.documents}


def test_what_was_erased_since_does_not_open_again_and_what_came_later_is_kept(vault: Vault) -> None:
    found = made(vault, copies=True).set
    gone, stays = vault.documents
    destroyed(vault, gone)
    later = vault.practice.deposit(vault.dossier)
    vault.work()
    assert vault.living() == {stays.id, later.id}
    vault.put_back(found)
    assert vault.living() == {stays.id}, "before anything is started"
    assert not vault.ports.keystore.exists(Subject(SubjectKind.DOCUMENT, gone.id))
    goes_on(vault)
    assert vault.living() == {stays.id}
    assert any(later.id in name for name in vault.ports.objects.names()), "its object waits for newer records"


@pytest.mark.parametrize("lost", ["records", "keystore", "keys", "objects"])
def test_one_store_alone_is_put_back_and_the_others_stay(vault: Vault, lost: str) -> None:
    found = made(vault, copies=True).set
    before = vault.living()
    vault.release()
    for path in vault.data.iterdir():
        if path.name == lost or path.name.startswith(f"{lost}.db"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    back = vault.put_back(found, stores=frozenset({Store(lost)}))
    assert back.before is not None
    assert vault.living() == before
    if lost in {"records", "keystore"}:
        goes_on(vault)
    assert standing(vault.ports) == ()


def test_after_a_turn_the_keys_come_from_the_escrow_that_is_there(vault: Vault) -> None:
    found = made(vault).set
    vault.ports.keystore.turn()
    vault.work()
    vault.release()
    for path in (vault.data / "keys").glob("generation-[0-9]*"):
        path.write_bytes(b"torn")
    vault.put_back(found, stores=frozenset({Store.KEYS}))
    assert vault.living() == {each.id for each in vault.documents}
    assert standing(vault.ports) == ()


def test_a_keystore_of_before_a_turn_comes_with_its_key_and_the_next_turn_takes_it(vault: Vault) -> None:
    found = made(vault).set
    destroyed(vault, vault.documents[0])
    vault.ports.keystore.turn()
    vault.work()
    vault.put_back(found, stores=frozenset({Store.KEYSTORE}))
    assert vault.living() == {vault.documents[1].id}
    goes_on(vault)
    assert vault.living() == {vault.documents[1].id}
    assert [path.name for path in (vault.data / "keys").glob("generation-[0-9]*")] == [
        f"generation-{vault.ports.keystore.position().generation}"
    ]


def test_two_stores_that_are_lost_come_back_one_after_the_other(vault: Vault) -> None:
    found = made(vault).set
    vault.release()
    for path in vault.data.glob("*.db*"):
        path.unlink()
    assert not vault.put_back(found, stores=frozenset({Store.RECORDS})).compared
    assert vault.put_back(found, stores=frozenset({Store.KEYSTORE})).compared
    goes_on(vault)
    assert vault.living() == {each.id for each in vault.documents}


STEPS = [
    *("checked", "kept", "keys", "generations", "objects", "keystore", "witnessed", "records", "durable", "exchanged"),
    "keystore: shred_key",
    "records: document",
]


def test_a_kill_at_any_line_leaves_the_old_data_or_the_new(vault: Vault) -> None:
    found = made(vault, copies=True).set
    later = vault.practice.deposit(vault.dossier)
    vault.work()
    old, new = vault.living(), {each.id for each in vault.documents}
    places = Places.of(vault.environment)
    vault.release()
    shutil.copytree(vault.data, vault.data.with_name("kept"))
    for number, at in enumerate(STEPS):
        now = NOW + number * HOUR

        def act(now=now, at=at) -> None:
            stop = lambda step: os._exit(9) if step == at else None  # noqa: E731
            restore(places, Opened(found, vault.identity), now, stores=ALL, step=stop)

        assert killed(act) == 9, at
        old = new if at == "exchanged" else old
        assert vault.living() == old, at
    back = vault.put_back(found, stores=ALL)
    assert vault.living() == new
    assert not vault.data.with_name("data.restoring").exists()
    put_aside = sorted(each.name for each in vault.data.parent.glob("data.before-*"))
    assert len(put_aside) == 2, "the one of the kill after the exchange, and the last"
    assert back.before.name in put_aside
    vault.data = vault.data.with_name(next(name for name in put_aside if name != back.before.name))
    assert later.id in vault.living()


def test_a_full_disk_changes_nothing(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(vault, copies=True).set
    vault.release()
    old = files(vault.data)
    real = os.fsync

    def full(handle: int) -> None:
        if "restoring" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, "full")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(UnavailableError, match="is full"):
            vault.put_back(found, stores=ALL)
    assert {name: raw for name, raw in files(vault.data).items() if name != "lock"} == old
    assert not vault.data.with_name("data.restoring").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files to others")
def test_what_root_puts_back_belongs_to_whom_the_data_belonged(vault: Vault) -> None:
    found = made(vault, copies=True).set
    vault.release()
    for path in (vault.data, *vault.data.rglob("*")):
        os.chown(path, 12_345, 12_345)
    restore(Places.of(vault.environment), Opened(found, vault.identity), NOW, stores=ALL)
    assert {path.stat().st_uid for path in (vault.data, *vault.data.rglob("*"))} == {12_345}


def test_while_a_server_runs_nothing_is_put_back(vault: Vault) -> None:
    found = made(vault).set
    vault.release()
    assert killed(lambda: runs_while(vault, found)) == 7


def runs_while(vault: Vault, found) -> None:
    """In a process of its own, a child holds the lock as a server does."""
    lock = DataLock(vault.data / "lock")
    lock.take()
    code = killed(lambda: refused(vault, found))
    os._exit(code)


def refused(vault: Vault, found) -> None:
    try:
        restore(Places.of(vault.environment), Opened(found, vault.identity), NOW)
    except VaultError as error:
        os._exit(7 if "already runs" in str(error) else 1)


def test_a_disk_that_cannot_exchange_folders_keeps_what_it_has(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(vault).set
    vault.release()
    old = files(vault.data)
    monkeypatch.setattr(exchanging, "_renameat2", lambda: None)
    with pytest.raises(ConfigurationError, match="in one step"):
        vault.put_back(found)
    assert {name: raw for name, raw in files(vault.data).items() if name != "lock"} == old
    shutil.rmtree(vault.data)
    vault.put_back(found)
    assert vault.data.is_dir()


def test_a_set_of_another_installation_does_not_take_its_place(vault: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path)
    foreign = made(other, copies=True).set
    vault.release()
    old = files(vault.data)
    for stores in (ALL, WHOLE, frozenset({Store.RECORDS}), frozenset({Store.KEYS}), frozenset({Store.OBJECTS})):
        with pytest.raises(VaultError):
            restore(Places.of(vault.environment), Opened(foreign, other.identity), NOW, stores=stores)
        assert {name: raw for name, raw in files(vault.data).items() if name != "lock"} == old


def test_parts_of_two_sets_make_no_set(vault: Vault) -> None:
    first = made(vault).set
    vault.practice.deposit(vault.dossier)
    second = made(vault, NOW + HOUR).set
    shutil.copy2(first.path / "records.age", second.path / "records.age")
    with pytest.raises(IntegrityError, match="another one"):
        vault.put_back(second)


def test_a_set_of_a_newer_version_is_refused(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    found = made(vault).set
    monkeypatch.setattr("infra.backup.stores.schemas", lambda _: ("0000",))
    with pytest.raises(ConfigurationError, match="a newer version"):
        vault.put_back(found)


def test_objects_that_a_set_does_not_hold_are_asked_for_elsewhere(vault: Vault) -> None:
    found = made(vault).set
    with pytest.raises(InvalidInputError, match="does not hold them"):
        vault.put_back(found, stores=ALL)


def test_what_is_put_aside_goes_with_the_backups_of_its_time(vault: Vault) -> None:
    found = made(vault).set
    back = vault.put_back(found)
    goes_on(vault)
    vault.practice.now += 14 * DAY
    believed(vault)
    assert back.before.is_dir()
    assert back.before.name in made(vault, vault.practice.now).removed
    assert not back.before.exists()


def test_the_newest_set_is_chosen_or_the_one_that_is_named(vault: Vault) -> None:
    first, second = made(vault).set, made(vault, NOW + HOUR).set
    assert folders.chosen(vault.backups).path == second.path
    assert folders.chosen(vault.backups, first.path.name).path == first.path
    assert folders.chosen(first.path).path == first.path
    assert restoring.stands(Places.of(vault.environment))
