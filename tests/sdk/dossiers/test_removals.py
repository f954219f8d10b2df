"""No version comes back: not by a holder who signs an index for a lying server, and not in a list without an index."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.client.house import House, seal_text
from tests.sdk.dossiers.test_finding import join
from tests.sdk.dossiers.test_index_chain import shown
from vault.records.encoding import to_base64url
from vault.records.envelope import Envelope
from vault.records.types.index import SUPERSEDED, Removal
from vault.records.types.profile import Profile, certificate_commitment
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.closing import close, reopen
from vault.sdk.dossiers.completeness import UnexplainedError
from vault.sdk.dossiers.dossier_records import dossier_records
from vault.sdk.dossiers.finding import list_dossiers, load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import AnswerError, RollbackError


@pytest.fixture
def held(house: House) -> OpenDossier:
    """A dossier of a coach, which her director holds, too."""
    coach = join(house, house.signed_in, "coach", "coach")
    house.signed_in.refresh()
    return load_dossier(coach, open_dossier(coach, "Jan", "client", "loopbaan"))


def versions(dossier: OpenDossier, kind: str) -> list[Envelope]:
    found = [each.envelope for each in dossier_records(dossier) if each.kind == kind]
    return sorted(found, key=lambda each: int(each.fields["version"]))


def test_a_coach_brings_no_trajectory_back_that_a_director_let_go_without_grace(
    house: House, held: OpenDossier
) -> None:
    director = load_dossier(house.signed_in, held.id)
    close(director, date(2019, 1, 1), grace=False)
    reopen(director)
    held.refresh_index()
    _, waived, running = versions(held, "trajectory")
    back = Removal(running.hash, SUPERSEDED, waived.hash)
    index = held.next_index([waived.hash], [back])
    shown(house, held, index, (held.records - {running.hash}) | {waived.hash})
    with pytest.raises(UnexplainedError) as told:
        load_dossier(house.again(), held.id)
    assert told.value.records == (running.hash,)


def rename(dossier: OpenDossier, name: str) -> Envelope:
    """The next version of the profile, with the index that lists it."""
    signed_in, before = dossier.signed_in, dossier.profile
    nonce = bytes(range(32))
    fields = {"name": name, "purpose": "loopbaan", "contact": {}, "nonce": to_base64url(nonce)}
    digest, sealed = seal_text(dossier, "profile", dossier.id, fields)
    profile = Profile(
        *(signed_in.standing, dossier.id, before.version + 1, before.hash),
        *(certificate_commitment(nonce, name), digest, signed_in.now()),
    )
    envelope = signed_in.sign("profile", profile.content())
    body = [{"type": "profile", "record": envelope.to_json(), "text": to_base64url(sealed)}]
    path = f"/dossiers/{dossier.id}/records"
    dossier.with_index(
        lambda index: signed_in.api.post(path, json={"records": body, "index": index.to_json()}),
        add=[envelope.hash],
        drop=[Removal(before.hash, SUPERSEDED, envelope.hash)],
    )
    return envelope


def test_a_list_shows_no_older_profile_than_an_index_was_seen_to_list(house: House) -> None:
    dossier = house.open("Piet")
    (old,) = (item for item in dossier.signed_in.api.get("/dossiers")["items"] if item["dossier"] == dossier.id)
    rename(dossier, "Jan")
    assert load_dossier(house.again(), dossier.id).name == "Jan"
    mine = lambda item: item["dossier"] == dossier.id  # noqa: E731
    house.line.lie_of_each("/dossiers$", lambda item: {**item, "profile": old["profile"]} if mine(item) else item)
    with pytest.raises(RollbackError):
        list_dossiers(house.again())
    house.line.clear()
    assert [one.name for one in list_dossiers(house.again())] == ["Jan"]


def test_a_list_shows_no_label_of_an_older_profile(house: House) -> None:
    dossier = house.open("Piet")
    list_dossiers(house.again())
    [old] = dossier.signed_in.api.post("/dossiers/changes", json={"marks": {}})["rows"]
    rename(dossier, "Jan")
    assert load_dossier(house.again(), dossier.id).name == "Jan"

    def replayed(said: Any) -> Any:
        rows = [[*old[:2], item["sequence"], item["index"][:16], None, old[5]] for item in said["whole"]]
        return {**said, "rows": rows, "whole": []}

    house.line.lie("POST", "/dossiers/changes$", replayed)
    with pytest.raises(RollbackError):
        list_dossiers(house.again())


@pytest.mark.parametrize("served", ["old", "new"])
def test_two_profiles_of_one_dossier_are_refused(house: House, held: OpenDossier, served: str) -> None:
    director = load_dossier(house.signed_in, held.id)
    first = versions(held, "profile")[0]
    old = house.signed_in.api.get(f"/dossiers/{held.id}")["profile"]
    rename(director, "Piet")
    load_dossier(house.again(), held.id)
    held.refresh_index()
    index = held.next_index([first.hash])
    shown(house, held, index, held.records | {first.hash})
    if served == "old":
        house.line.lie("GET", f"/dossiers/{held.id}$", lambda whole: {**whole, "profile": old})
        with pytest.raises(RollbackError):
            load_dossier(house.again(), held.id)
    else:
        found = load_dossier(house.again(), held.id)
        with pytest.raises(AnswerError, match="two profiles"):
            list_documents(found)


def test_a_server_takes_no_index_that_lists_an_older_version(house: House, held: OpenDossier) -> None:
    director: Any = load_dossier(house.signed_in, held.id)
    close(director)
    first, second = versions(director, "trajectory")
    back = Removal(second.hash, SUPERSEDED, first.hash)
    sent = replace(director.index)
    with pytest.raises(Exception, match="record") as refused:
        director.send_index(director.next_index([first.hash], [back]))
    assert getattr(refused.value, "code", "") == "record_unknown"
    assert director.refresh_index() == sent
