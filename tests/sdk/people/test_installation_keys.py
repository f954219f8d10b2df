"""A director lists a new key of the installation; the worker then signs with it, and readers believe both."""

from __future__ import annotations

import pytest

from tests.client.house import House
from tests.installation import keys, renewed
from vault.errors import InvalidInputError
from vault.records.types.erasure import CLIENT
from vault.records.types.roster import LEDGER
from vault.records.types.tombstone import installation_signer
from vault.sdk.audit.ledger import read_ledger
from vault.sdk.dossiers.finding import list_dossiers
from vault.sdk.erasures.requesting import request
from vault.sdk.people.installation_keys import list_key

NEW = keys("K").public[LEDGER]


def destroy(house: House, name: str) -> None:
    request(house.open(name), (), CLIENT)
    house.sweep()


def test_the_ledger_goes_on_under_a_new_key_for_old_and_new_devices(house: House) -> None:
    destroy(house, "Anna")
    assert list_key(house.signed_in, LEDGER, NEW)
    house.gateway.ports = renewed(house.ports, LEDGER)
    house.move("+600s")
    destroy(house, "Bob")
    for signed_in in (house.again(), house.device("other", "+700s")):
        signers = [entry.tombstone.signer for entry in read_ledger(signed_in)]
        assert signers == [installation_signer(key) for key in (keys().public[LEDGER], NEW)]
        assert list_dossiers(signed_in) == []


def test_the_old_key_signs_nothing_any_more(house: House) -> None:
    list_key(house.signed_in, LEDGER, NEW)
    house.move("+600s")
    destroy(house, "Anna")
    assert list(read_ledger(house.again())) == []
    assert [dossier.name for dossier in list_dossiers(house.again())] == ["Anna"]


def test_listing_a_key_again_changes_nothing(house: House) -> None:
    assert list_key(house.signed_in, LEDGER, NEW)
    version = house.signed_in.rosters.newest.version
    assert not list_key(house.signed_in, LEDGER, NEW)
    assert house.signed_in.rosters.newest.version == version
    ended = [each.until is not None for each in house.signed_in.rosters.newest.installations if LEDGER in each.uses]
    assert sorted(ended) == [False, True]


def test_a_key_that_ended_or_does_something_else_is_not_listed_again(house: House) -> None:
    known = {use: each.key for each in house.signed_in.rosters.newest.installations for use in each.uses}
    list_key(house.signed_in, LEDGER, NEW)
    for key in (known[LEDGER], known["attest"]):
        with pytest.raises(InvalidInputError, match="in the roster already"):
            list_key(house.signed_in, LEDGER, key)


def test_only_a_director_lists_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(house.signed_in), "is_director", False)
    with pytest.raises(InvalidInputError, match="only a director"):
        list_key(house.signed_in, LEDGER, NEW)
