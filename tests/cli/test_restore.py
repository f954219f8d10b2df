"""`dossier restore`: by a director's device or the sheet, asked first where something stands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.test_backup import Capture, run, vault
from tests.client.house import House
from tests.infra.backup.house import PAPER, Vault

__all__ = ["vault"]


def test_the_sheet_puts_it_back_and_says_what_comes_next(vault: Vault, capsys: Capture) -> None:
    sheet = written(vault)
    made = json.loads(run(capsys, "backup", vault.backups, "--objects", "--json")[1])
    vault.release()
    assert run(capsys, "restore", vault.backups, "--sheet", sheet)[0] == 2, "there is nobody to ask"
    code, out, _ = run(capsys, "restore", vault.backups, "--sheet", sheet, "--yes", "--json")
    value = json.loads(out)
    assert (code, value["set"], value["stores"]) == (0, made["set"], ["keys", "keystore", "records"])
    assert Path(value["before"]).is_dir()
    assert [each["store"] for each in value["findings"]] == ["records"]
    shutil.rmtree(vault.data)
    code, out, _ = run(capsys, "restore", vault.backups / made["set"], "--sheet", sheet, "--objects")
    assert (code, "dossier serve" in out, "put back" in out) == (0, True, True)
    code, out, _ = run(capsys, "restore", vault.backups, "--sheet", sheet, "--only", "records", "--yes")
    assert (code, "older than the other stores" in out, "data.before-" in out) == (0, True, True)


def test_who_is_not_signed_in_and_has_no_sheet_changes_nothing(
    vault: Vault, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOSSIER_HOME", str(vault.data.with_name("home")))
    assert run(capsys, "backup", vault.backups)[0] == 0
    assert run(capsys, "restore", vault.backups, "--yes")[0] == 4
    assert run(capsys, "restore", vault.backups, "--only", "everything")[0] == 2


def test_a_director_of_another_practice_opens_nothing(
    vault: Vault, founded: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert founded.signed_in.is_director
    monkeypatch.setenv("DOSSIER_HOME", str(founded.home.path))
    assert run(capsys, "backup", vault.backups)[0] == 0
    code, _, said = run(capsys, "restore", vault.backups, "--yes")
    assert (code, "not sealed to you" in said) == (2, True)


def test_a_director_who_is_signed_in_puts_it_back(
    founded: House, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = Vault(tmp_path, director=bytes(founded.signed_in.keyring.identity))
    monkeypatch.setenv("DOSSIER_HOME", str(founded.home.path))
    monkeypatch.setenv("DOSSIER_DATA", str(vault.data))
    assert run(capsys, "backup", vault.backups)[0] == 0
    vault.release()
    assert run(capsys, "restore", vault.backups, "--yes")[0] == 0


def written(vault: Vault) -> Path:
    sheet = vault.data.with_name("sheet.txt")
    sheet.write_text(" ".join(PAPER.words))
    sheet.chmod(0o600)
    return sheet
