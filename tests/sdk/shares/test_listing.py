"""A share that is over says so to its coach and to nobody else, before and after its key was shredded."""

from __future__ import annotations

import pytest

from tests.client.house import House
from vault.flows.shares.shredding import shred_over
from vault.sdk.audit.verification import verify_online
from vault.sdk.shares.links import LinkUnavailableError
from vault.sdk.shares.listing import DoubtfulShare, list_shares
from vault.sdk.shares.sharing import revoke


@pytest.fixture
def practice(house: House, no_pauses: None) -> House:
    house.deposit(house.write("a.txt", b"a"))
    return house


def test_a_share_whose_key_was_shredded_is_listed_as_it_was(practice: House) -> None:
    made = practice.share(note="for Friday")
    practice.pick_up(made)
    revoke(practice.signed_in, made.share)
    before = list_shares(practice.dossier)
    assert shred_over(practice.ports, practice.signed_in.now()) == 1
    hidden: list[str] = []
    doubtful: list[DoubtfulShare] = []
    assert list_shares(practice.dossier, hidden=hidden, doubtful=doubtful) == before
    assert (hidden, doubtful) == ([], [])
    [listed] = before
    assert (listed.state, listed.note, listed.damaged, len(listed.pickups)) == ("revoked", "for Friday", "", 1)
    with pytest.raises(LinkUnavailableError):
        practice.pick_up(made, "again")
    practice.checkpoint()
    assert all(check.ok for check in verify_online(practice.signed_in, practice.dossier.id))


def test_a_server_that_holds_a_text_back_is_told(practice: House) -> None:
    practice.share()
    practice.line.lie_of_each("/shares$", lambda item: {**item, "text": None})
    [listed] = list_shares(practice.dossier)
    assert listed.damaged
