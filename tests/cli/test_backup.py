"""`dossier backup`: what it says, its exit codes, and reading a set again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.attack.house import data_folder
from tests.infra.backup.house import DAY, MADE, Vault
from vault.cli import main as cli

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    with data_folder() as folder:
        monkeypatch.setenv("DOSSIER_DATA", str(folder / "data"))
        monkeypatch.setenv("DOSSIER_LANG", "en")
        vault = Vault(folder)
        yield vault
        vault.release()
        MADE.remove(vault)


def run(capsys: Capture, *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main([str(each) for each in arguments])
    return code, *capsys.readouterr()


def test_a_set_is_made_and_read_again(vault: Vault, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run(capsys, "backup", vault.backups, "--objects", "--json")
    made = json.loads(out)
    assert (code, made["objects"]["held"], made["removed"]) == (0, True, [])
    assert made["objects"]["count"] == made["objects"]["copied"] > 0
    code, out, _ = run(capsys, "backup", vault.backups, "--check", "--json")
    assert (code, json.loads(out)["set"]) == (0, made["set"])
    code, out, _ = run(capsys, "backup", vault.backups, "--check", "--set", made["set"])
    assert (code, "all of it is as it was written" in out) == (0, True)
    assert run(capsys, "backup", vault.backups / made["set"], "--check")[0] == 0
    monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", "+15d")
    code, out, _ = run(capsys, "backup", vault.backups, "--check")
    assert (code, "older than 14 days" in out) == (1, True)


def test_what_was_altered_is_integrity_and_what_is_not_there_is_said(vault: Vault, capsys: Capture) -> None:
    assert run(capsys, "backup", vault.backups, "--check")[0] == 2
    made = json.loads(run(capsys, "backup", vault.backups, "--json")[1])
    assert run(capsys, "backup", vault.backups, "--set", made["set"])[0] == 2
    assert run(capsys, "backup", vault.backups, "--check", "--set", "another")[0] == 2
    part = vault.backups / made["set"] / "records.age"
    part.write_bytes(part.read_bytes() + b".")
    code, _, said = run(capsys, "backup", vault.backups, "--check")
    assert (code, "records.age is another one" in said) == (7, True)


def test_each_sentence_is_said_in_dutch_too(vault: Vault, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSSIER_LANG", "nl")
    code, out, _ = run(capsys, "backup", vault.backups)
    assert (code, "teruggelezen" in out, "--objects" in out) == (0, True, True)
    with vault.ports.store.transaction() as tx:
        tx.beat("clock", vault.practice.now - 3 * DAY)
    vault.backups = vault.backups.with_name("others")
    code, out, _ = run(capsys, "backup", vault.backups)
    assert (code, "in twijfel" in out) == (0, True)
