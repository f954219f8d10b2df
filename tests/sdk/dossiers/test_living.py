"""A tombstone, perhaps a certificate, of a dossier that the server still has is found out by who signs in next."""

from __future__ import annotations

from functools import partial

import pytest

from tests.client.house import House
from vault.cli import main as cli
from vault.flows.context import chain_record
from vault.records.envelope import Envelope, write_with
from vault.records.types.roster import LEDGER
from vault.records.types.tombstone import RETENTION, Tombstone, installation_signer
from vault.sdk.dossiers.living import living
from vault.sdk.dossiers.open_dossier import OpenDossier

Capture = pytest.CaptureFixture[str]


def bury(house: House, dossier: OpenDossier) -> Envelope:
    """A worker that was broken into signs, and destroys nothing."""
    keys, signed_in = house.gateway.ports.installation, dossier.signed_in
    content = Tombstone(
        signed_in.standing, "dossier", dossier.id, dossier.id, RETENTION, None, "00" * 32, 1, None, signed_in.now()
    ).content()
    signer, sign = installation_signer(keys.public[LEDGER]), partial(keys.sign, LEDGER)
    envelope = write_with("tombstone", content, practice=signed_in.practice, signer=signer, sign=sign)
    house.gateway.rows.chain["tombstone", 1] = chain_record(envelope, 1)
    return envelope


@pytest.fixture
def buried(house: House) -> str:
    house.open("Bob")
    dossier = house.dossier
    assert living(house.again()) == []
    bury(house, dossier)
    return dossier.id


def test_every_device_that_did_not_know_of_it_says_so(house: House, buried: str) -> None:
    signed_in = house.again()
    assert [one.id for one in living(signed_in)] == [buried]
    assert buried in signed_in.pins.dossiers, "nothing is wiped by it"
    assert living(house.again()) == [], "it was told"
    assert [one.name for one in living(house.device("fresh"))] == ["Anna Bakker"]


@pytest.mark.parametrize(
    ("verb", "language", "words"), [("login", "nl", "heeft het nog"), ("ls", "en", "still has it")]
)
def test_it_is_told_at_the_next_command(
    house: House,
    buried: str,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    language: str,
    words: str,
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", language)
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    if verb == "login":
        monkeypatch.setattr("vault.cli.login.credentials.password", lambda _: "")
        monkeypatch.setattr("vault.cli.login._signed_in", lambda *_: house.device("fresh"))
    assert cli.main([verb, "--json"]) == 0
    err = capsys.readouterr().err
    assert words in err
    assert f"Anna Bakker ({buried})" in err


def test_a_dossier_that_is_gone_is_no_news(house: House) -> None:
    gone = house.open("Weg")
    house.destroy_whole(gone)
    signed_in = house.again()
    assert living(signed_in) == []
