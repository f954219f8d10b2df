"""What happened to a dossier is recomputed; whatever is missing, changed, reordered or cut is found and named."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.client.house import House
from vault.records.encoding import RecordError
from vault.rules.audit_entries import GENESIS, entry_hash
from vault.sdk.audit.audit_chain import Entry, check_seen
from vault.sdk.audit.verification import Evidence, fetch_evidence, parse_evidence, verify_file, verify_online
from vault.sdk.checks import Check, Findings
from vault.sdk.device.pin_kinds import Mark
from vault.sdk.documents.export import save_evidence
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import list_dossiers
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.erasures.following import wait
from vault.sdk.erasures.requesting import request
from vault.sdk.errors import ApiError, NotFoundError
from vault.sdk.keys.words import fingerprint
from vault.sdk.shares.sharing import ShareTerms, share

PLACE = Callable[[list[Any]], Any]


def wrong(checks: list[Check]) -> dict[str, tuple[str, Any]]:
    return {check.name: (check.finding, check.values.get("sequence")) for check in checks if not check.ok}


def known(evidence: Evidence) -> str:
    """The practice, which the reader of a file knows."""
    return str(evidence.rosters[0].fields["practice"])


@pytest.fixture
def dossier(house: House) -> OpenDossier:
    """A chain of five acts under a checkpoint, and one after it."""
    other, dossier = house.open("Ander"), house.open()
    house.put(dossier, a=b"a", b=b"b")
    share(dossier, list_documents(dossier), ShareTerms(), base=house.url)
    house.put(other, c=b"c")
    house.checkpoint()
    house.move("+2h")
    house.checkpoint()
    house.put(dossier, d=b"d")
    return dossier


def test_a_sound_chain_is_verified_online_and_from_a_file(house: House, dossier: OpenDossier) -> None:
    checks = verify_online(house.signed_in, dossier.id)
    assert wrong(checks) == {}
    assert [check.name for check in checks] == ["entries", "checkpoints", "covered", "mentioned"]
    again = verify_online(house.again(), dossier.id)
    assert wrong(again) == {}
    assert "seen" in {check.name for check in again}
    name = save_evidence(dossier, house.folder)
    raw = (house.folder / name).read_bytes()
    assert wrong(verify_file(raw, house.signed_in.practice)) == {}
    assert wrong(verify_file(raw, None)) == {"practice": ("practice_unknown", None)}
    words = fingerprint(house.signed_in.rosters.newest.root)
    assert wrong(verify_file(raw, None, words)) == {}
    assert wrong(verify_file(raw, house.signed_in.practice, words)) == {}
    assert wrong(verify_file(raw, None, fingerprint(bytes(32)))) == {"practice": ("other_fingerprint", None)}
    assert wrong(verify_file(raw, "0" * 32)) == {"practice": ("other_practice", None)}
    assert parse_evidence(raw).to_bytes() == raw
    assert b"Anna" not in raw
    assert save_evidence(dossier, house.folder) == "audit (2).json"


def test_a_chain_before_the_first_checkpoint_holds_too(house: House) -> None:
    dossier = house.open()
    assert [check.name for check in verify_online(house.signed_in, dossier.id)] == [
        "entries",
        "checkpoints",
        "mentioned",
    ]
    evidence = fetch_evidence(house.signed_in, dossier.id)
    assert (evidence.checkpoints, evidence.leaves) == ((), b"")


def test_a_dossier_opened_after_the_checkpoint_is_not_covered_yet(house: House, dossier: OpenDossier) -> None:
    assert wrong(verify_online(house.signed_in, house.open("Later").id)) == {}


def test_a_director_verifies_a_destroyed_dossier(house: House, dossier: OpenDossier) -> None:
    wait(house.signed_in, request(dossier, [], "client"), sleep=lambda _: house.sweep())
    house.checkpoint()
    assert dossier.id not in {one.id for one in list_dossiers(house.signed_in)}
    assert wrong(verify_online(house.signed_in, dossier.id)) == {}
    events = {entry.event: entry for entry in fetch_evidence(house.signed_in, dossier.id).entries}
    assert events["dossier_opened"].details is None
    with pytest.raises(NotFoundError):
        verify_online(house.signed_in, "0" * 32)


@pytest.fixture
def evidence(house: House, dossier: OpenDossier) -> Evidence:
    found = fetch_evidence(house.signed_in, dossier.id)
    assert len(found.entries) > 4
    return found


def rehash(evidence: Evidence, entries: list[Entry]) -> tuple[Entry, ...]:
    """As somebody would who owns the server: every number and every hash made anew."""
    made: list[Entry] = []
    for number, entry in enumerate(entries, start=1):
        previous = made[-1].hash if made else GENESIS
        fields = (evidence.dossier, number, previous, entry.at, entry.event, entry.actor, entry.digest)
        made.append(replace(entry, sequence=number, previous=previous, hash=entry_hash(*fields)))
    return tuple(made)


def swapped(entries: list[Entry]) -> list[Entry]:
    return [entries[0], entries[2], entries[1], *entries[3:]]


@pytest.mark.parametrize(
    ("act", "finding"),
    [
        (lambda e: [], ("no_entries", None)),
        (lambda e: e[1:], ("missing", 1)),
        (lambda e: [*e[:2], *e[3:]], ("missing", 3)),
        (swapped, ("reordered", 2)),
        (lambda e: [e[0], replace(e[1], actor="worker"), *e[2:]], ("changed", 2)),
        (lambda e: [e[0], replace(e[1], event="picked_up"), *e[2:]], ("changed", 2)),
        (lambda e: [e[0], replace(e[1], at=e[1].at.replace(year=2020)), *e[2:]], ("changed", 2)),
        (lambda e: [e[0], replace(e[1], details=b"{}"), *e[2:]], ("changed", 2)),
        (lambda e: [e[0], replace(e[1], hash="0" * 64), *e[2:]], ("changed", 2)),
    ],
)
def test_what_was_done_to_an_entry_is_named(evidence: Evidence, act: PLACE, finding: tuple[str, Any]) -> None:
    changed = replace(evidence, entries=tuple(act(list(evidence.entries))))
    assert wrong(verify_file(changed.to_bytes(), known(evidence)))["entries"] == finding


def test_an_entry_that_rests_on_another_past_is_named(evidence: Evidence) -> None:
    e = evidence.entries
    other = entry_hash(evidence.dossier, 2, "1" * 64, e[1].at, e[1].event, e[1].actor, e[1].digest)
    changed = replace(evidence, entries=(e[0], replace(e[1], previous="1" * 64, hash=other), *e[2:]))
    assert wrong(verify_file(changed.to_bytes(), known(evidence)))["entries"] == ("not_joined", 2)


@pytest.mark.parametrize("act", [lambda e: e[:3], lambda e: e[1:], lambda e: [*e[:2], *e[3:]], swapped])
def test_a_rewritten_or_cut_chain_is_not_the_one_that_was_signed(
    evidence: Evidence, act: Callable[[list[Entry]], list[Entry]]
) -> None:
    entries = rehash(evidence, act(list(evidence.entries)))
    found = wrong(verify_file(replace(evidence, entries=entries).to_bytes(), known(evidence)))
    assert found == {"covered": ("cut_or_other", len(entries) + 1)}


def test_an_entry_dated_before_the_checkpoint_that_does_not_know_it_is_named(evidence: Evidence) -> None:
    late = replace(evidence.entries[-1], at=evidence.entries[0].at)
    entries = rehash(evidence, [*evidence.entries[:-1], late])
    found = wrong(verify_file(replace(evidence, entries=entries).to_bytes(), known(evidence)))
    assert found == {"covered": ("put_in_later", len(entries))}


def test_checkpoints_and_leaves_are_held_to_their_signatures(evidence: Evidence) -> None:
    first, last = evidence.checkpoints
    leaves = evidence.leaves
    cases = [
        (replace(evidence, leaves=leaves[:32]), {"covered": ("leaves_differ", 2)}),
        (replace(evidence, leaves=leaves[32:] + leaves[:32]), {"covered": ("leaves_differ", 2)}),
        (replace(evidence, checkpoints=(last, first)), "checkpoint_missing"),
        (replace(evidence, checkpoints=(first, first)), "checkpoint_missing"),
        (replace(evidence, checkpoints=(first, replace(last, signatures=first.signatures))), "checkpoint_not_signed"),
    ]
    for changed, expected in cases:
        found = wrong(verify_file(changed.to_bytes(), known(evidence)))
        assert found == expected if isinstance(expected, dict) else found["checkpoints"][0] == expected


def test_every_changed_byte_of_the_file_is_noticed(evidence: Evidence) -> None:
    raw = evidence.to_bytes()
    for position in range(0, len(raw), 11):
        changed = bytearray(raw)
        changed[position] ^= 1
        assert wrong(verify_file(bytes(changed), known(evidence))), (position, raw[position - 20 : position + 20])


@pytest.mark.parametrize(
    "act",
    [
        lambda v: v.update(v=2),
        lambda v: v.update(extra=1),
        lambda v: v.update(leaves="AAAA"),
        lambda v: v.update(leaves=3),
        lambda v: v.update(rosters=[]),
        lambda v: v.update(dossier="x"),
        lambda v: v["entries"][0].update(sequence=0),
    ],
)
def test_another_file_is_refused_whole(evidence: Evidence, act: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads(evidence.to_bytes())
    act(value)
    raw = json.dumps(value).encode()
    assert wrong(verify_file(raw, known(evidence))).keys() == {"file"}
    with pytest.raises(RecordError):
        parse_evidence(raw)


def test_a_forged_roster_ends_it(evidence: Evidence) -> None:
    value = json.loads(evidence.to_bytes())
    value["rosters"] *= 2
    assert wrong(verify_file(json.dumps(value).encode(), known(evidence))).keys() == {"rosters"}


class Server:
    """What the client is shown, changed on its way."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        api = type(house.signed_in.api)
        pages, get = api.pages, api.get
        self.change: Any = lambda path, items: items
        self.answer: Any = lambda path, answer: answer
        monkeypatch.setattr(api, "pages", lambda s, p, **r: iter(self.change(p, list(pages(s, p, **r)))))
        monkeypatch.setattr(api, "get", lambda s, p, **r: self.answer(p, get(s, p, **r)))


@pytest.fixture
def server(house: House, dossier: OpenDossier, monkeypatch: pytest.MonkeyPatch) -> Server:
    assert wrong(verify_online(house.signed_in, dossier.id)) == {}
    return Server(house, monkeypatch)


def test_a_tail_cut_since_the_last_time_is_named(house: House, dossier: OpenDossier, server: Server) -> None:
    seen = len(fetch_evidence(house.signed_in, dossier.id).entries)
    server.change = lambda path, items: items[:-1] if path.endswith("/audit") else items
    assert wrong(verify_online(house.again(), dossier.id)) == {"seen": ("cut_since_seen", seen)}


def test_an_older_checkpoint_than_was_seen_is_named(house: House, dossier: OpenDossier, server: Server) -> None:
    # What the list leaves out, the newest one brings.
    server.change = lambda path, items: items[:-1] if path.startswith("/checkpoints") else items
    assert wrong(verify_online(house.signed_in, dossier.id)) == {}

    def hide(path: str, answer: Any) -> Any:
        if path == "/checkpoints/newest":
            raise ApiError("none", status=404, code="not_found")
        return answer

    server.answer = hide
    assert wrong(verify_online(house.signed_in, dossier.id)) == {"checkpoints": ("checkpoint_missing", 2)}
    house.signed_in.pins.marks["checkpoint"] = Mark(2, "0" * 64)
    server.answer = lambda path, answer: answer
    server.change = lambda path, items: items
    assert wrong(verify_online(house.signed_in, dossier.id)) == {"checkpoints": ("checkpoint_other", 2)}


def test_faults_of_the_server_are_told_as_they_are(house: House, dossier: OpenDossier, server: Server) -> None:
    def refuse(path: str, answer: Any) -> Any:
        if path.startswith(("/checkpoints/newest", f"/dossiers/{dossier.id}/audit")):
            raise ApiError("x", status=500, code="failed")
        return answer

    server.answer = refuse
    with pytest.raises(ApiError):
        verify_online(house.signed_in, dossier.id)
    server.answer = lambda path, answer: {**answer, "leaves": 3} if path == "/checkpoints/newest" else answer
    with pytest.raises(RecordError):
        verify_online(house.signed_in, dossier.id)

    def broken(path: str, items: Any) -> Any:
        if path.endswith("/audit"):
            raise ApiError("x", status=500, code="failed")
        return items

    server.answer, server.change = (lambda path, answer: answer), broken
    with pytest.raises(ApiError):
        verify_online(house.signed_in, dossier.id)


def test_another_past_than_was_seen_is_named(evidence: Evidence) -> None:
    findings = Findings()
    check_seen(evidence.entries, Mark(2, "0" * 64), findings)
    assert wrong(findings.all()) == {"seen": ("other_past", 2)}
