"""A device keeps what the installation signed, and shows it to a server whose stores were put back together."""

from __future__ import annotations

import pytest

from tests.client.house import House
from vault.boxes import BoxError, box
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.seen import LEDGER
from vault.records.strict_json import dump
from vault.records.types.tombstone import Tombstone
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.people.shown_before import AAD, FILE, ShownBefore, keep_shown, load_shown, open_shown

KEY = bytes(32)


def kept(house: House) -> ShownBefore:
    return load_shown(house.home, house.signed_in.keyring.pins_key)


def stores(house: House):
    """All of them as they are now."""
    keystore = house.ports.keystore
    return house.gateway.rows.copy(), keystore.image(), dict(house.gateway.objects)


def _sequence(entry) -> int:
    return Tombstone.read(from_json(entry["tombstone"], "tombstone")).sequence


def put_back(house: House, old) -> None:
    rows, keys, objects = old
    house.ports.store._tables = rows.copy()
    house.ports.keystore.put_back(keys)
    house.gateway.objects.clear()
    house.gateway.objects.update(objects)


@pytest.fixture
def back(house: House):
    """As of before the dossier was destroyed and a checkpoint made, of which this device knows; its id."""
    house.checkpoint()
    dossier, old = house.dossier, stores(house)
    house.destroy_whole(dossier)
    house.move("+3700s")
    house.checkpoint()
    house.login()
    put_back(house, old)
    return dossier.id


def test_signing_in_keeps_the_newest_checkpoint_and_the_ledger_once(house: House) -> None:
    house.checkpoint()
    house.login()
    first = kept(house)
    assert first.checkpoint is not None
    assert first.entries == ()
    house.destroy_whole(house.dossier)
    for _ in range(2):
        house.login()
        assert [_sequence(entry) for entry in kept(house).entries] == [1]
    assert house.line.count("GET", "/tombstones") >= 1


def test_a_server_that_was_put_back_is_told_and_stands_still(house: House, back: str) -> None:
    assert house.ports.store._tables.dossier[back]
    before = kept(house)
    signed_in = house.login()
    assert signed_in.told
    assert kept(house) == before, "what is doubted is not kept"
    with house.ports.store.reading() as tx:
        assert [(row.kind, row.version) for row in tx.told()] == [("checkpoint", 2), ("tombstone", 1)]


def test_a_server_that_does_not_listen_costs_nobody_the_sign_in(house: House, back: str) -> None:
    house.line.refuse("POST", "/seen$", 500, "failed")
    assert not house.login().told


def test_a_vault_that_is_whole_is_told_nothing(house: House) -> None:
    house.checkpoint()
    assert not house.login().told
    assert house.line.count("POST", "/seen$") == 0


def test_what_follows_is_added_and_a_ledger_that_began_anew_replaces_it(house: House) -> None:
    first, second = house.open("Een"), house.open("Twee")
    house.destroy_whole(first)
    house.login()
    old = stores(house)
    house.destroy_whole(second)
    house.login()
    assert [_sequence(entry) for entry in kept(house).entries] == [1, 2]
    lost = kept(house).newest
    put_back(house, old)
    house.move("+200s")
    house.destroy_whole(load_dossier(house.device("other", "+400s"), second.id))
    house.signed_in.pins.begin_anew(
        LEDGER, 1, [house.gateway.rows.chain["tombstone", number].hash for number in (1, 2)]
    )
    house.signed_in.save_pins()
    keep_shown(house.signed_in)
    assert [_sequence(entry) for entry in kept(house).entries] == [1, 2]
    assert kept(house).newest != lost


def test_a_damaged_copy_is_begun_anew(house: House) -> None:
    house.checkpoint()
    house.login()
    house.home.write(FILE, b"x" * 100)
    assert kept(house) == ShownBefore()
    house.login()
    assert kept(house).checkpoint is not None


@pytest.mark.parametrize(
    "fields", [{"v": 2}, {"v": 1}, {"v": 1, "checkpoint": {}, "ledger": []}, {"v": 1, "ledger": [{}]}]
)
def test_what_is_no_copy_is_refused(fields: dict) -> None:
    with pytest.raises(RecordError):
        open_shown(box(KEY, AAD, dump(fields)), KEY)
    with pytest.raises(BoxError):
        open_shown(b"", KEY)
