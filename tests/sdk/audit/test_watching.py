"""A server that takes an act out of the audit, and signs its checkpoints again, is found out by whoever did the act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.client.house import House
from vault.cli import main as cli
from vault.rules.audit_entries import GENESIS, entry_hash
from vault.sdk.audit.verification import verify_online, watch
from vault.sdk.device.pin_kinds import DOCUMENT_STORED, Act
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import load_pins, open_pins, save_pins, seal_pins
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.shares.acts import acts_of_records
from vault.sdk.shares.listing import list_shares

Capture = pytest.CaptureFixture[str]
KEY, ID = b"k" * 32, "a" * 32


def take_out(house: House, dossier: str, *events: str) -> None:
    """Remove these acts from the chain, number and hash it anew, and sign a fresh chain of checkpoints."""
    rows, kept = house.gateway.rows, []
    chain = sorted(number for of, number in rows.audit if of == dossier)
    for number in chain:
        row = rows.audit.pop((dossier, number))
        if row.event not in events:
            kept.append(row)
    previous = GENESIS
    for number, row in enumerate(kept, start=1):
        made = entry_hash(dossier, number, previous, row.at, row.event, row.actor, row.digest)
        rows.audit[dossier, number] = replace(row, sequence=number, previous=previous, hash=made)
        previous = made
    for key in [key for key in rows.chain if key[0] == "checkpoint"]:
        del rows.chain[key]
    house.checkpoint()


@pytest.fixture
def dossier(house: House) -> OpenDossier:
    """Two documents and a link, picked up once, under a checkpoint."""
    dossier = house.open()
    house._dossier = dossier
    house.put(dossier, a=b"a", b=b"b")
    house.pick_up(house.share())
    house.checkpoint()
    return dossier


def wrong(checks: list) -> dict[str, str]:
    return {check.name: check.finding for check in checks if not check.ok}


def acts(dossier: OpenDossier) -> list[Act]:
    return acts_of_records(list_documents(dossier), list_shares(dossier))


@pytest.mark.parametrize(
    ("events", "finding"),
    [
        (("document_stored",), "no_document_stored"),
        (("share_made",), "no_share_made"),
        (("share_made", "picked_up"), "no_picked_up"),
        (("picked_up",), "no_picked_up"),
    ],
)
def test_what_records_prove_must_be_mentioned(
    house: House, dossier: OpenDossier, events: tuple[str, ...], finding: str
) -> None:
    take_out(house, dossier.id, *events)
    for look in (verify_online, watch):
        assert wrong(look(house.again(), dossier.id, acts(dossier))) == {"mentioned": finding}
    stranger = house.device("new")
    assert wrong(watch(stranger, dossier.id, acts(load_dossier(stranger, dossier.id)))) == {"mentioned": finding}


def test_what_this_device_did_is_remembered_though_no_record_shows_it(house: House, dossier: OpenDossier) -> None:
    take_out(house, dossier.id, "share_made", "picked_up")
    assert wrong(watch(house.again(), dossier.id, [])) == {"mentioned": "no_share_made"}


@pytest.mark.parametrize("look", [watch, verify_online])
def test_what_was_seen_once_cannot_be_taken_out_later(
    house: House, dossier: OpenDossier, look: Callable[..., list]
) -> None:
    assert wrong(watch(house.signed_in, dossier.id, acts(dossier))) == {}
    assert house.signed_in.pins.acts.get(dossier.id, frozenset()) == frozenset()
    take_out(house, dossier.id, "share_made", "picked_up")
    found = wrong(look(house.again(), dossier.id, []))
    assert found["seen"] == "cut_since_seen"
    assert found["checkpoints"] == "checkpoint_other"


def test_a_later_look_asks_for_what_came_since(house: House, dossier: OpenDossier) -> None:
    assert wrong(watch(house.signed_in, dossier.id, acts(dossier))) == {}
    house.put(dossier, c=b"c")
    house.checkpoint()
    house.line.requests.clear()
    signed_in = house.again()
    assert wrong(watch(signed_in, dossier.id, acts(dossier))) == {}
    assert house.line.count("GET", "/checkpoints/newest$") == 0
    take_out(house, dossier.id, "document_stored")
    assert "seen" in wrong(watch(house.again(), dossier.id, []))


def test_an_act_that_another_command_saw_already_is_no_finding(house: House, dossier: OpenDossier) -> None:
    assert wrong(watch(house.signed_in, dossier.id, acts(dossier))) == {}
    stored = list_documents(dossier)[0].id
    house.signed_in.pins.see_act(dossier.id, Act(DOCUMENT_STORED, stored))
    assert wrong(watch(house.signed_in, dossier.id, [])) == {}
    assert not house.signed_in.pins.acts.get(dossier.id)


def test_ls_and_audit_verify_say_so_on_the_device_that_made_the_link(
    house: House, dossier: OpenDossier, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))

    assert cli.main(["audit", "verify", dossier.id]) == 0
    take_out(house, dossier.id, "share_made", "picked_up")
    capsys.readouterr()
    assert cli.main(["ls", dossier.id]) == 7
    assert "does not hold" in capsys.readouterr().err
    assert cli.main(["audit", "verify", dossier.id]) == 1
    assert cli.main(["audit", "verify"]) == 1


def test_acts_are_kept_sealed_and_two_commands_lose_none(house: House, dossier: OpenDossier) -> None:
    pins = Pins(acts={ID: frozenset({Act("share_made", ID), Act(DOCUMENT_STORED, ID)})})
    assert open_pins(seal_pins(pins, KEY), KEY).acts == pins.acts
    one, two = Pins(), Pins()
    first, second = Act("share_made", "1" * 32), Act("share_made", "2" * 32)
    home = house.at("acts")
    one.see_act(ID, first)
    save_pins(one, home, KEY)
    two.see_act(ID, second)
    save_pins(two, home, KEY)
    assert load_pins(home, KEY).acts == {ID: {first, second}}
    two.see_mentioned(ID, [first, second])
    save_pins(two, home, KEY)
    one.see_act(ID, Act("share_made", "3" * 32))
    save_pins(one, home, KEY)
    assert load_pins(home, KEY).acts == {ID: {Act("share_made", "3" * 32)}}
    one.forget(ID)
    save_pins(one, home, KEY)
    assert load_pins(home, KEY).acts == {}
