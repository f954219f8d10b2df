"""What a leaver could have kept, what she read last, and the links that she leaves open."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from vault.sdk.documents.epochs import take_from
from vault.sdk.documents.handing_over import let_go
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.dossiers.holders import assign
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.people.appointing import dismiss
from vault.sdk.people.session import SignedIn
from vault.sdk.shares.leaving import leaving, revoke_links
from vault.sdk.shares.sharing import ShareTerms, share


@pytest.fixture
def coach(house: House) -> SignedIn:
    return join(house, house.signed_in, "Carla", "coach")


@pytest.fixture
def hers(house: House, coach: SignedIn) -> list[OpenDossier]:
    """Two dossiers of the coach, of which she read one and lost the other, and one that was never hers."""
    house.open("Andere")
    dossiers = [house.open(name) for name in ("Jan", "Piet")]
    for dossier in dossiers:
        house.put(dossier, a=b"a", b=b"b")
        assign(dossier, coach.member)
    mine = load_dossier(anew(coach), dossiers[0].id)
    for one in sorted(list_documents(mine), key=lambda one: one.metadata.name):
        coach.api.download(f"/documents/{one.id}/body").close()
    take_from(dossiers[1], frozenset({coach.member}))
    return dossiers


def test_every_key_that_she_could_have_kept_is_named(house: House, coach: SignedIn, hers: list[OpenDossier]) -> None:
    found = leaving(house.signed_in, coach.member)
    kept = {each.name: (each.holds, each.good, each.last_read and each.last_read.name) for each in found.kept}
    assert kept == {"Jan": (True, True, "b"), "Piet": (False, False, None)}
    assert (found.links, found.left) == ([], [])
    dismiss(house.signed_in, coach.member)
    let_go(house.signed_in, coach.member)
    kept = {each.name: (each.holds, each.good) for each in leaving(house.signed_in, coach.member).kept}
    assert kept == {"Jan": (False, False), "Piet": (False, False)}
    assert {each.to_json()["name"] for each in found.kept} == {"Jan", "Piet"}


def test_her_open_links_are_listed_to_keep_or_to_revoke(house: House, coach: SignedIn, hers: list[OpenDossier]) -> None:
    mine, theirs = load_dossier(anew(coach), hers[0].id), load_dossier(house.again(), hers[0].id)
    made = [share(one, list_documents(one), ShareTerms(), base=house.url) for one in (mine, mine, theirs)]
    house.gateway.revoke(made[0].share)
    dismiss(house.signed_in, coach.member)
    let_go(house.signed_in, coach.member)
    links = leaving(house.signed_in, coach.member).links
    assert [(link.share, link.name, link.recipient) for link in links] == [(made[1].share, "Jan", "client")]
    assert house.pick_up(made[1]).files, "it works until it is revoked"
    revoke_links(house.signed_in, links)
    revoke_links(house.signed_in, links)
    assert leaving(house.signed_in, coach.member).links == []
    assert house.gateway.share(made[1].share).revoked_at is not None
    assert house.gateway.share(made[2].share).revoked_at is None


def test_what_cannot_be_told_is_named_and_the_rest_is_told(
    house: House, coach: SignedIn, hers: list[OpenDossier]
) -> None:
    def cut(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "items": said["items"][1:]}

    house.line.lie("GET", f"/dossiers/{hers[0].id}/audit$", cut)
    found = leaving(house.signed_in, coach.member)
    assert [each.dossier for each in found.left] == [hers[0].id]
    assert [each.name for each in found.kept] == ["Piet"]
