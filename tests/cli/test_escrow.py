"""`dossier escrow`: key files for the operator, from a director's device or the sheet, without a server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.client.house import House
from tests.contract.places import generations, sql_keystore
from tests.contract.samples import id_
from vault.cli import main as cli
from vault.domain.escrows import Escrowed
from vault.ports.keystore import Subject, SubjectKind

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def sealed(founded: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keystore's folder, its keys sealed to the house's director and her sheet; the gateway cannot be reached."""
    keystore = sql_keystore(tmp_path)
    keystore.create([Subject(SubjectKind.DOSSIER, id_(1))])
    keystore.adopt(id_(7))
    signed_in = founded.signed_in
    to = (signed_in.keyring.recipient, signed_in.rosters.newest.recovery)
    keystore.escrow(Escrowed(signed_in.practice, signed_in.standing, to, datetime(2026, 11, 30, tzinfo=UTC)))
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(founded.home.path))
    monkeypatch.setenv("DOSSIER_URL", "http://127.0.0.1:1")
    return tmp_path


def run(capsys: Capture, *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.main([str(each) for each in arguments])
    return code, *capsys.readouterr()


def test_a_signed_in_director_opens_it(sealed: Path, capsys: Capture) -> None:
    code, out, _ = run(capsys, "escrow", sealed / "keys" / "escrow", "--out", sealed / "out", "--json")
    assert (code, json.loads(out)["files"]) == (0, [str(sealed / "out" / "generation-1")])
    assert (sealed / "out" / "generation-1").read_bytes() == generations(sealed).path(1).read_bytes()


def test_the_sheet_opens_it_on_a_device_that_knows_nothing(
    sealed: Path, founded: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOSSIER_HOME", str(sealed / "new"))
    command = ("escrow", sealed / "keys" / "escrow", "--out", sealed / "out")
    assert run(capsys, *command)[0] == 4, "not signed in"
    code, out, _ = run(capsys, *command, "--sheet", founded.folder / "sheet.txt")
    assert (code, "1 key file is in" in out) == (0, True)
    assert run(capsys, *command, "--sheet", sealed / "no words")[0] == 2


@pytest.mark.parametrize("language", ["en", "nl"])
def test_what_is_no_escrow_is_said(
    sealed: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", language)
    assert run(capsys, "escrow", sealed / "nothing", "--out", sealed / "out")[0] == 2
    (sealed / "keys" / "escrow" / "generation-1").write_bytes(b"{}")
    code, _, said = run(capsys, "escrow", sealed / "keys" / "escrow", "--out", sealed / "out")
    assert (code, "generation-1" in said) == (7, True)
    assert not (sealed / "out").exists()
