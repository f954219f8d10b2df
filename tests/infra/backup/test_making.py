"""A set is whole or not there, holds nothing in the clear, and is read back before it gets its name."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
from pathlib import Path

import pytest

from infra.backup import folder as folders
from infra.backup.checking import check_set
from infra.backup.making import Made, back_up, no_step
from infra.backup.places import Places
from infra.backup.sealed import open_part
from tests.infra.backup.house import DAY, HOUR, NOW, SHEET, Vault, killed
from vault.errors import ConfigurationError, IntegrityError, UnavailableError, VaultError
from vault.flows.positions.comparing import IDENTITY
from vault.records.backup import KEYS, SEALED


def made(vault: Vault, now=NOW, step=no_step, **changes) -> Made:
    return back_up(Places.of(vault.environment), vault.backups, now, step=step, **changes)


def names(vault: Vault) -> list[str]:
    return sorted(each.name for each in vault.backups.iterdir() if each.name != ".lock")


def test_a_director_and_the_sheet_open_every_part_and_the_list_is_of_every_object(vault: Vault) -> None:
    found = made(vault).set
    for identity in (vault.identity, SHEET):
        assert all(b"".join(open_part(found.path / name, identity)) for name in SEALED)
    assert check_set(folders.read_set(found.path)) == 0
    assert found.manifest.objects.count == len(list(vault.ports.objects.names()))
    with vault.ports.store.reading() as tx:
        assert tx.heartbeats()["backup"] == NOW


def test_nothing_in_a_set_is_in_the_clear(vault: Vault) -> None:
    found = made(vault, copies=True).set.path
    written = b"".join(each.read_bytes() for each in found.rglob("*") if each.is_file())
    keys = [each.read_bytes() for each in (vault.data / "keys").iterdir() if each.name != "installation-public"]
    assert len(keys) > 5
    assert [key for key in keys if key in written and len(key) == 32] == []
    assert b"De Brug" not in written
    assert {each.stat().st_mode & 0o077 for each in [found, *found.rglob("*")]} == {0}


def test_the_objects_of_the_set_before_are_linked_and_new_ones_copied(vault: Vault) -> None:
    first = made(vault, copies=True)
    vault.practice.deposit(vault.dossier)
    second = made(vault, NOW + DAY, copies=True)
    assert (first.copied, second.copied) == (first.set.manifest.objects.count, 1)
    assert check_set(second.set) == second.set.manifest.objects.count
    assert (second.set.path / "objects" / IDENTITY).stat().st_nlink == 2


def test_on_a_disk_without_hard_links_they_are_copied(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    made(vault, copies=True)

    def refuse(*_, **__):
        raise OSError(errno.EPERM, "not here")

    monkeypatch.setattr(os, "link", refuse)
    second = made(vault, NOW + DAY, copies=True)
    assert second.copied == second.set.manifest.objects.count
    check_set(second.set)


STEPS = ["records.age", "keystore.age", "keys.age", "objects.list", "manifest", "read back"]


class StoppedError(Exception):
    pass


def test_what_fails_in_the_middle_leaves_the_set_before_and_nothing_else(vault: Vault) -> None:
    made(vault)
    before = names(vault)
    for at in STEPS:

        def stop(step: str, at: str = at) -> None:
            if step == at:
                raise StoppedError

        with pytest.raises(StoppedError):
            made(vault, NOW + DAY, stop)
        assert names(vault) == before


def test_a_full_disk_is_said_and_leaves_nothing(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def full(handle: int) -> None:
        if "backups" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise OSError(errno.ENOSPC, "full")
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(UnavailableError, match="is full"):
            made(vault)
    assert names(vault) == []
    made(vault)


def test_a_killed_backup_leaves_a_draft_at_most_which_the_next_one_removes(vault: Vault) -> None:
    whole = 0
    for number, at in enumerate([*STEPS, "named", "finished"]):
        now = NOW + number * HOUR
        assert killed(lambda now=now, at=at: made(vault, now, lambda step: os._exit(9) if step == at else None)) == 9
        whole += at in {"named", "finished"}
        assert len(folders.sets_in(vault.backups)) == whole
        assert len([name for name in names(vault) if name.startswith(".")]) <= 1, "of the one before none is left"
    made(vault, NOW + DAY)
    assert len(names(vault)) == len(folders.sets_in(vault.backups)) == whole + 1


def test_a_disk_that_takes_no_more_is_said_by_the_command(vault: Vault) -> None:
    """Not by a test's hand: the kernel lets no file grow any further."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        with pytest.raises(UnavailableError, match="is full"):
            made(vault)
        os._exit(7 if names(vault) == [] else 1)

    assert killed(limited) == 7


def test_two_at_once_are_one_and_a_refusal(vault: Vault) -> None:
    vault.backups.mkdir()
    with folders.locked(vault.backups), pytest.raises(VaultError, match="another backup"):
        made(vault)
    assert names(vault) == []


def test_sets_older_than_the_horizon_go_once_a_new_one_stands(vault: Vault) -> None:
    first, second = made(vault), made(vault, NOW + 3 * DAY)
    vault.work(NOW + 14 * DAY)
    believed(vault, NOW + 14 * DAY)
    third = made(vault, NOW + 14 * DAY)
    assert third.removed == (first.set.path.name,)
    assert names(vault) == [second.set.path.name, third.set.path.name]


def believed(vault: Vault, now) -> None:
    with vault.ports.store.transaction() as tx:
        tx.beat("clock", now)


def test_by_a_clock_in_doubt_nothing_is_removed(vault: Vault) -> None:
    made(vault)
    believed(vault, NOW)
    later = made(vault, NOW + 40 * DAY)
    assert (later.removed, later.clock_doubted, len(names(vault))) == ((), True, 2)


def test_a_set_of_another_installation_is_left_alone(vault: Vault, tmp_path: Path) -> None:
    other = Vault(tmp_path)
    other.backups = vault.backups
    foreign = made(other)
    believed(vault, NOW + 20 * DAY)
    assert made(vault, NOW + 20 * DAY).removed == ()
    assert foreign.set.path.is_dir()


@pytest.mark.parametrize("where", ["data", "data/deeper", "link"])
def test_a_folder_in_the_installation_is_refused(vault: Vault, where: str) -> None:
    vault.backups = vault.data.parent / where
    if where == "link":
        vault.backups.symlink_to(vault.data / "objects")
    with pytest.raises(ConfigurationError, match="is to be a copy of"):
        made(vault)


def test_a_folder_in_a_checkout_is_refused(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    vault.backups = tmp_path / "deep" / "backups"
    with pytest.raises(ConfigurationError, match="checkout"):
        made(vault)
    assert not vault.backups.exists()


def test_links_in_the_folder_are_followed_nowhere(vault: Vault, tmp_path: Path) -> None:
    first = made(vault).set
    elsewhere = Path(shutil.move(first.path, tmp_path / first.path.name))
    (vault.backups / first.path.name).symlink_to(elsewhere)
    (vault.backups / ".x.partial").symlink_to(elsewhere)
    believed(vault, NOW + 20 * DAY)
    assert made(vault, NOW + 20 * DAY).removed == ()
    assert (elsewhere / "manifest.json").is_file()


def test_no_backup_is_made_where_there_is_no_vault_and_none_of_a_vault_that_stands_still(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no vault"):
        back_up(Places.of({"DOSSIER_DATA": str(tmp_path / "data")}), tmp_path / "backups", NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_frozen_vault_is_not_backed_up(vault: Vault) -> None:
    vault.ports.keystore.witness(1_000_000)
    with pytest.raises(ConfigurationError, match="no backup was made"):
        made(vault)
    assert not vault.backups.exists() or names(vault) == []


def test_without_an_escrow_there_is_nobody_to_seal_it_to(vault: Vault) -> None:
    for path in (vault.data / "escrow").iterdir():
        path.unlink()
    with pytest.raises(ConfigurationError, match="sealed to nobody"):
        made(vault)


def test_a_missing_key_file_is_said(vault: Vault) -> None:
    (vault.data / "keys" / "installation-lookup").unlink()
    with pytest.raises(ConfigurationError, match="installation-lookup is missing"):
        made(vault)
    assert names(vault) == []


def test_a_damaged_database_is_not_copied_as_if_it_were_whole(vault: Vault) -> None:
    file = vault.data / "keystore.db"
    raw = bytearray(file.read_bytes())
    raw[4096 + 3 : 4096 + 5] = b"\xff\xff"  # the second page's number of cells
    file.write_bytes(raw)
    with pytest.raises(VaultError):
        made(vault)
    assert not vault.backups.exists() or names(vault) == []


def test_one_byte_altered_anywhere_is_found(vault: Vault) -> None:
    found = made(vault, copies=True).set
    for path in sorted(each for each in found.path.rglob("*") if each.is_file()):
        raw = path.read_bytes()
        path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
        with pytest.raises(IntegrityError):
            check_set(folders.read_set(found.path))
        path.write_bytes(raw)
    (found.path / "more").write_bytes(b"")
    with pytest.raises(IntegrityError, match="no part of it"):
        check_set(folders.read_set(found.path))
    (found.path / "more").unlink()
    (found.path / KEYS).unlink()
    with pytest.raises(IntegrityError, match="missing"):
        check_set(folders.read_set(found.path))
