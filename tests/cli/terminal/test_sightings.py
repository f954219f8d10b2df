"""What was seen and is not shown is said by every verb, in both languages; `ls` and `audit verify` fail on it."""

from __future__ import annotations

import json

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from tests.sdk.audit.test_watching import take_out
from vault.cli import main as cli
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.dossiers.taking_over import take_over

Capture = pytest.CaptureFixture[str]
SAYS = {"en": "Mede ({}) signed that she saw checkpoint 1", "nl": "Mede ({}) heeft ondertekend dat ijkpunt 1"}


@pytest.fixture
def second(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """The member who saw a share and its pick-up under a checkpoint, before both were taken out of the audit."""
    monkeypatch.setenv("DOSSIER_LANG", "en")
    second = join(house, house.signed_in, "Mede", "director")
    take_over(house.dossier)
    house.put(house.dossier, a=b"a")
    house.pick_up(house.share())
    house.checkpoint()
    house.put(load_dossier(anew(second), house.dossier.id), b=b"b")
    take_out(house, house.dossier.id, "share_made", "picked_up")
    return second.member


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_third_device_that_never_saw_the_old_past_is_told_by_whom(
    house: House, second: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture, language: str
) -> None:
    third, dossier = house.device("third"), house.dossier.id
    monkeypatch.setenv("DOSSIER_HOME", str(third.home.path))
    monkeypatch.setenv("DOSSIER_LANG", language)
    assert cli.main(["ls", dossier, "--json"]) == 7
    out, err = capsys.readouterr()
    assert {each["member"] for each in json.loads(out)["contradicted"]} == {second}
    assert err.count(SAYS[language].format(second)) == len(json.loads(out)["contradicted"])
    assert cli.main(["audit", "verify", dossier, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["contradicted"]
    assert cli.main(["ls"]) == 7
    capsys.readouterr()
    (house.folder / "c.txt").write_bytes(b"c")
    assert cli.main(["put", dossier, str(house.folder / "c.txt"), "--purpose", "x"]) == 0
    assert SAYS[language].format(second) in capsys.readouterr().err


def test_a_device_whose_own_past_is_contradicted_reads_on_and_signs_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    house.put(house.dossier, a=b"a")
    house.checkpoint()
    assert cli.main(["ls", house.dossier.id]) == 0
    for key in [key for key in house.gateway.rows.chain if key[0] == "checkpoint"]:
        del house.gateway.rows.chain[key]
    capsys.readouterr()
    assert cli.main(["ls"]) == 7
    assert "the server shows an older checkpoint" in capsys.readouterr().err
    assert cli.main(["ls", house.dossier.id]) == 7
    assert "1 byte" in capsys.readouterr().out
    (house.folder / "c.txt").write_bytes(b"c")
    assert cli.main(["put", house.dossier.id, str(house.folder / "c.txt"), "--purpose", "x"]) == 7
