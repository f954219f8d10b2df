"""Links begin where the signed policy says, whatever address the server gives for itself."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.client.house import EMAIL, PASSWORD, TOKEN, TOTP, Gateway, House
from vault.cli import main as cli
from vault.cli.terminal.output import Output
from vault.flows.context import chain_envelope
from vault.records.types.policy import Policy
from vault.sdk.doctor import examine
from vault.sdk.errors import ApiError
from vault.sdk.keys.one_time_codes import write_secret_file
from vault.sdk.people.policies import change_policy
from vault.sdk.shares.sharing import ShareRefusedError, links_base

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


def signed_in_at(house: House, public: str, capsys: Capture) -> None:
    """Sign in again at a server that was given that public address."""
    house.gateway.public(public)
    house.move("+120s")
    assert cli.main(["login", "--email", EMAIL]) == 0
    capsys.readouterr()


@pytest.mark.parametrize("said", ["https://elders.example", "http://dossier.voorbeeld.nl", "https://a.nl/a#b"])
def test_a_server_that_says_another_address_leads_no_link_there_and_is_told(
    house: House, dossier: str, capsys: Capture, said: str
) -> None:
    signed_in_at(house, said, capsys)
    assert cli.main(["share", dossier, "--json"]) == 0
    out = capsys.readouterr()
    made = json.loads(out.out)
    assert made["link"].startswith(f"{house.url}/s/{made['share']}#")
    assert said in out.err
    (check,) = [check for check in examine(lambda home: home.path / "totp") if check.name == "address"]
    assert (check.finding, check.values) == ("address_differs", {"said": said, "url": house.url})


def test_a_server_of_the_policys_address_is_not_told_about(house: House, dossier: str, capsys: Capture) -> None:
    signed_in_at(house, f"{house.url}/", capsys)
    assert cli.main(["share", dossier, "--json"]) == 0
    assert capsys.readouterr().err == ""
    assert [c.ok for c in examine(lambda home: home.path / "totp") if c.name == "address"] == [True]


def test_a_director_moves_links_by_the_next_policy(house: House) -> None:
    before = house.signed_in.policy
    after = change_policy(house.signed_in, public_url="https://kluis.example/praktijk", announce_days=45)
    assert (after.version, after.previous, after.announce_days) == (before.version + 1, before.hash, 45)
    assert after.months == before.months
    assert links_base(house.again()) == "https://kluis.example/praktijk"


def test_an_address_that_receivers_cannot_use_safely_makes_no_link(house: House) -> None:
    change_policy(house.signed_in, public_url="http://dossier.voorbeeld.nl")
    with pytest.raises(ShareRefusedError):
        links_base(house.signed_in)


def test_who_is_no_director_changes_no_policy(house: House) -> None:
    house.line.refuse("POST", "/policy$", 403, "not_allowed")
    with pytest.raises(ApiError):
        change_policy(house.signed_in, announce_days=10)
    assert house.signed_in.policy.announce_days == 30


@pytest.mark.parametrize(("typed", "agreed"), [("j", True), ("n", False), (None, None)])
def test_a_founder_is_asked_about_an_address_she_did_not_type(
    gateway: Gateway,
    quick_argon: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: str | None,
    agreed: bool | None,
) -> None:
    gateway.public("https://elders.example")
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setattr(Output, "interactive", typed is not None)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    given = ["--practice", "Proef", "--email", EMAIL, "--setup-token-file", str(tmp_path / "token")]
    code = cli.main(["init", *given, "--sheet", str(tmp_path / "sheet.txt")])
    assert (code == 0) == bool(agreed)
    assert (gateway.line.count("POST", "/setup$") > 0) == bool(agreed)
    if agreed is None:
        assert cli.main(["init", *given, "--sheet", str(tmp_path / "s.txt"), "--public-url", "https://kluis.nl/"]) == 0
        assert Policy.read(chain_envelope(gateway.rows.chain["policy", 1])).public_url == "https://kluis.nl"
