"""Links begin where the server says that receivers reach it, however the member herself got there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.app import create_app
from tests.gateway.house import Switch
from tests.sdk.places import EMAIL, PASSWORD, TOTP
from tests.sdk.vault_house import VaultHouse
from vault.cli import main as cli
from vault.sdk.device import clock
from vault.sdk.keys.one_time_codes import write_secret_file
from vault.sdk.shares.sharing import links_base

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def dossier(house: VaultHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    (tmp_path / "password").write_text(PASSWORD)
    write_secret_file(tmp_path / "codes", TOTP)
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("DOSSIER_TOTP_FILE", str(tmp_path / "codes"))
    dossier = house.open()
    house.put(dossier, a=b"a")
    return dossier.id


def shared(
    house: VaultHouse, switch: Switch, public: str, dossier: str, capsys: Capture
) -> tuple[int, dict[str, str], str]:
    """Sign in and share at a server of that public address; the exit code, the result and what was said."""
    switch.app = create_app(house.ports, public_url=public, clock=clock.now)
    house.move("+120s")
    assert cli.main(["login", "--email", EMAIL]) == 0
    capsys.readouterr()
    code = cli.main(["share", dossier, "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out or "{}"), said.err


def test_links_begin_with_the_servers_public_address(
    house: VaultHouse, switch: tuple[Switch, int], dossier: str, capsys: Capture
) -> None:
    code, made, _ = shared(house, switch[0], "https://dossier.voorbeeld.nl/", dossier, capsys)
    assert code == 0
    assert made["link"].startswith(f"https://dossier.voorbeeld.nl/s/{made['share']}#")


@pytest.mark.parametrize("public", ["http://dossier.voorbeeld.nl", "https://dossier.voorbeeld.nl/a#b"])
def test_an_address_that_receivers_cannot_use_safely_makes_no_link(
    house: VaultHouse, switch: tuple[Switch, int], dossier: str, capsys: Capture, public: str
) -> None:
    code, made, said = shared(house, switch[0], public, dossier, capsys)
    assert (code, made, json.loads(said)["error"]["code"]) == (1, {}, "share_refused")


def test_a_server_that_names_none_leaves_the_address_that_was_reached(house: VaultHouse) -> None:
    assert links_base(house.again()) == house.url
    house.signed_in.public_url = None
    assert links_base(house.signed_in) == house.url
