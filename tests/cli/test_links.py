"""Links begin where the server says that receivers reach it, however the member herself got there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.client.house import EMAIL, PASSWORD, TOTP, House
from vault.cli import main as cli
from vault.sdk.keys.one_time_codes import write_secret_file
from vault.sdk.shares.sharing import links_base

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def dossier(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    (tmp_path / "password").write_text(PASSWORD)
    write_secret_file(tmp_path / "codes", TOTP)
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("DOSSIER_TOTP_FILE", str(tmp_path / "codes"))
    dossier = house.open()
    house.put(dossier, a=b"a")
    return dossier.id


def shared(house: House, public: str, dossier: str, capsys: Capture) -> tuple[int, dict[str, str], str]:
    """Sign in and share at a server of that public address; the exit code, the result and what was said."""
    house.gateway.public(public)
    house.move("+120s")
    assert cli.main(["login", "--email", EMAIL]) == 0
    capsys.readouterr()
    code = cli.main(["share", dossier, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out or "{}"), said.err


def test_links_begin_with_the_servers_public_address(house: House, dossier: str, capsys: Capture) -> None:
    code, made, _ = shared(house, "https://dossier.voorbeeld.nl/", dossier, capsys)
    assert code == 0
    assert made["link"].startswith(f"https://dossier.voorbeeld.nl/s/{made['share']}#")


@pytest.mark.parametrize("public", ["http://dossier.voorbeeld.nl", "https://dossier.voorbeeld.nl/a#b"])
def test_an_address_that_receivers_cannot_use_safely_makes_no_link(
    house: House, dossier: str, capsys: Capture, public: str
) -> None:
    code, made, said = shared(house, public, dossier, capsys)
    assert (code, made, json.loads(said)["error"]["code"]) == (1, {}, "share_refused")


def test_a_server_that_names_none_leaves_the_address_that_was_reached(house: House) -> None:
    assert links_base(house.again()) == house.url
    house.signed_in.public_url = None
    assert links_base(house.signed_in) == house.url
