"""What shows what happened, over HTTP: the ledger, the checkpoints, each dossier's chain, readiness."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest

from tests.flows.dossiers.test_closing import change
from tests.gateway.house import House
from tests.gateway.routes.test_erasures import ask
from vault.flows.audit import auditing
from vault.flows.erasures import erasing, retention
from vault.flows.positions import escrowing
from vault.records.encoding import from_base64url, lp, new_id
from vault.records.envelope import from_json
from vault.records.types.checkpoint import heads_digest, leaf
from vault.records.types.tombstone import Tombstone
from vault.rules.evidence import read_evidence


def read(house: House, path: str, limit: int = 500, **as_: Any) -> list[dict[str, Any]]:
    """Every item, page after page."""
    found: list[dict[str, Any]] = []
    after = 0
    while after is not None:
        page = house.member("GET", f"{path}?after={after}&limit={limit}", **as_).json()
        found += page["items"]
        after = page["next"]
    return found


def test_a_dossiers_chain_can_be_computed_anew_from_what_is_shown(house: House) -> None:
    dossier = house.practice.open_dossier()
    document = house.practice.deposit(dossier)
    house.member("GET", f"/documents/{document.id}/body")
    chain = read(house, f"/dossiers/{dossier}/audit")
    assert [entry["event"] for entry in chain] == ["dossier_opened", "document_stored", "document_read"]
    assert {entry["actor"] for entry in chain} == {house.practice.director.id}
    previous = "0" * 64
    for number, entry in enumerate(chain, 1):
        assert (entry["sequence"], entry["previous"]) == (number, previous)
        hashed = ("sequence", "previous", "at", "event", "actor", "digest")
        assert entry["hash"] == digest("vault/v1/audit", dossier, *(str(entry[name]) for name in hashed))
        assert entry["digest"] == digest("vault/v1/audit/details", from_base64url(entry["details"]))
        previous = entry["hash"]
    assert read(house, f"/dossiers/{dossier}/audit", limit=1) == chain
    assert house.member("GET", f"/dossiers/{dossier}/audit?after=2").json()["items"] == chain[2:]


def digest(*parts: str | bytes) -> str:
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(lp(*raw)).hexdigest()


def test_a_chain_is_for_who_holds_the_dossier_and_after_its_end_for_directors(house: House) -> None:
    coach, other = house.practice.appoint("Carla"), house.practice.appoint("Bo")
    dossier = house.practice.open_dossier(coach)
    path = f"/dossiers/{dossier}/audit"
    assert [entry["actor"] for entry in read(house, path, person=coach)] == [coach.id]
    assert house.member("GET", path, person=other).status_code == 404
    assert house.member("GET", f"/dossiers/{new_id()}/audit").status_code == 404
    ask(house, dossier)
    erasing.sweep(house.ports, house.clock[0])
    chain = read(house, path)
    assert chain[-1]["event"] == "erasure_certified"
    assert chain[0]["details"] is None, "forgotten"
    assert house.member("GET", path, person=coach).status_code == 404


def test_the_ledger_is_read_in_order_by_every_member(house: House) -> None:
    made = [house.practice.open_dossier() for _ in range(3)]
    for dossier in made:
        ask(house, dossier)
        erasing.sweep(house.ports, house.clock[0])
    coach = house.practice.appoint("Carla")
    entries = read(house, "/tombstones", 1, person=coach)
    tombstones = [Tombstone.read(from_json(each["tombstone"], "tombstone")) for each in entries]
    assert [read_evidence(each["evidence"]).digest for each in entries] == [each.evidence for each in tombstones]
    assert [each.subject for each in tombstones] == made
    assert [each.sequence for each in tombstones] == [1, 2, 3]
    assert [each.previous for each in tombstones] == [None, tombstones[0].hash, tombstones[1].hash]


def test_the_newest_checkpoint_comes_with_the_leaves_it_digested(house: House) -> None:
    assert house.member("GET", "/checkpoints/newest").json()["code"] == "not_found"
    assert house.member("GET", "/checkpoints").json() == {"items": [], "next": None}
    dossier = house.practice.open_dossier()
    for _ in range(3):
        auditing.checkpoint(house.ports, house.later(hours=1))
    newest = house.member("GET", "/checkpoints/newest").json()
    leaves = from_base64url(newest["leaves"])
    each = [leaves[at : at + 32] for at in range(0, len(leaves), 32)]
    assert heads_digest(each) == from_json(newest["checkpoint"], "checkpoint").fields["heads"]
    head = read(house, f"/dossiers/{dossier}/audit")[-1]
    assert leaf(dossier, head["sequence"], head["hash"]) in each
    shown = read(house, "/checkpoints", 2)
    assert [from_json(item, "checkpoint").fields["sequence"] for item in shown] == [1, 2, 3]
    assert shown[-1] == newest["checkpoint"]


def test_the_leaves_of_a_hundred_thousand_dossiers_are_one_answer(house: House) -> None:
    auditing.checkpoint(house.ports, house.clock[0])
    leaves = bytes(32) * 100_000
    with house.ports.store.transaction() as tx:
        tx.keep_leaves(1, leaves)
    newest = house.member("GET", "/checkpoints/newest").json()
    assert len(from_base64url(newest["leaves"])) == len(leaves)


@pytest.mark.parametrize("path", ["/tombstones", "/checkpoints", "/checkpoints/newest", f"/dossiers/{'aa' * 16}/audit"])
def test_nothing_of_it_is_public(house: House, path: str) -> None:
    answer = house.ask("GET", path)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=501"])
@pytest.mark.parametrize("path", ["/tombstones", "/checkpoints", f"/dossiers/{'aa' * 16}/audit"])
def test_a_page_that_cannot_be_is_refused(house: House, path: str, query: str) -> None:
    assert house.member("GET", f"{path}?{query}").json()["code"] == "invalid"


# When it is destroyed, and whether that still happens


@pytest.mark.parametrize(
    ("end", "day"), [("2026-11-23", "2031-11-23"), ("2028-02-29", "2033-02-28"), ("2027-07-01", "2032-07-01")]
)
def test_a_closed_dossier_shows_the_day_of_its_destruction_in_amsterdam(house: House, end: str, day: str) -> None:
    dossier = house.practice.open_dossier()
    change(house.practice, dossier, end=date.fromisoformat(end))
    assert house.member("GET", "/dossiers").json()["items"][0]["retention"] == {"destroy_on": day}
    assert house.member("GET", f"/dossiers/{dossier}").json()["retention"] == {"destroy_on": day}
    change(house.practice, dossier, end=None)
    assert house.member("GET", f"/dossiers/{dossier}").json()["retention"] == {"destroy_on": None}


def test_readiness_says_when_nothing_is_swept_and_turns_green_with_the_next_sweep(house: House) -> None:
    retention.sweep(house.ports, house.clock[0])
    house.later(days=1827)
    answer = house.ask("GET", "//readyz")
    assert answer.status_code == 503
    late = {check["name"]: check for check in answer.json()["checks"]}["sweep"]
    assert "is the worker running?" in late["advice"]
    retention.sweep(house.ports, house.clock[0])
    escrowing.renew(house.ports, house.clock[0])
    assert house.ask("GET", "//readyz").status_code == 200


def test_readiness_says_when_an_object_is_missing(house: House) -> None:
    dossier = house.practice.open_dossier()
    house.practice.deposit(dossier)
    house.ports.objects.remove(list(house.ports.objects.names()))
    retention.compare(house.ports, house.later(minutes=1))
    answer = house.ask("GET", "//readyz")
    missing = {check["name"]: check["ok"] for check in answer.json()["checks"]}
    assert (answer.status_code, missing["complete"]) == (503, False)
