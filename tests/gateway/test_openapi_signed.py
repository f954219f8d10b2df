"""A member who signs nonsense: records with good signatures and hostile contents, as the last gate sees them.

Nothing of it may be answered by a 5xx or by what is not documented, and what was accepted may jam neither the reading
of everything else nor the sweeps that come by.
"""

from __future__ import annotations

import copy
import os
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.fuzz.json_mutation import edited
from tests.gateway.house import House, form
from tests.gateway.routes.test_erasures import request_of
from vault.flows.audit import auditing
from vault.flows.erasures import retention
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, write
from vault.records.strict_json import dump

TRIES = int(os.environ.get("DOSSIER_FUZZ_EXAMPLES", "6")) * 5
ENVELOPE = ("v", "type", "practice", "signer")


def spoiled(house: House, envelope: Envelope, choose: random.Random) -> Envelope | None:
    """The record with some values changed, signed by the director; None when no record can hold them."""
    content = copy.deepcopy({name: value for name, value in envelope.fields.items() if name not in ENVELOPE})
    for _ in range(choose.choice((1, 1, 2))):
        content = edited(content, choose)
    director = house.practice.director
    try:
        return write(envelope.kind, content, practice=house.practice.id, signer=director.id, key=director.key)
    except (RecordError, ValueError):
        return None


def open_dossier(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    new = house.practice.new_dossier()
    records = [
        {"type": record.envelope.kind, "record": spoil(record.envelope), "text": "AAAA" if record.text else None}
        for record in new.records
    ]
    wraps = [{"member": wrap.member, "wrap": "AAAA", "symmetric": None} for wrap in new.wraps]
    body = {"dossier": spoil(new.head), "wraps": wraps, "records": records, "index": spoil(new.index)}
    return house.member("POST", "/dossiers", json=body)


def add_records(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    practice, dossier = house.practice, house.practice.open_dossier()
    trajectory = practice.trajectory(dossier, end=practice.now.date())
    index = practice.next_index(dossier, [*practice.listed(dossier), trajectory.hash])
    body = {"records": [{"type": "trajectory", "record": spoil(trajectory), "text": None}], "index": spoil(index)}
    return house.member("POST", f"/dossiers/{dossier}/records", json=body)


def close_dossier(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    """An index that fits whatever became of the trajectory: what is hostile is accepted if it can be."""
    practice, dossier = house.practice, house.practice.open_dossier()
    sent = spoil(practice.trajectory(dossier, end=practice.now.date()))
    hash_ = sent.pop("hash")
    index = practice.next_index(dossier, [*practice.listed(dossier), hash_])
    body = {"records": [{"type": "trajectory", "record": sent, "text": None}], "index": index.to_json()}
    return house.member("POST", f"/dossiers/{dossier}/records", json=body)


def advance_index(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    practice, dossier = house.practice, house.practice.open_dossier()
    index = practice.next_index(dossier, practice.listed(dossier))
    return house.member("POST", f"/dossiers/{dossier}/index", json={"index": spoil(index)})


def deposit(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    dossier = house.practice.open_dossier()
    document = house.practice.new_document(dossier)
    record = dump(spoil(document.envelope))
    parts = [("record", record), ("head", document.head), ("metadata", document.metadata), ("body", document.body)]
    return house.member("POST", f"/dossiers/{dossier}/documents", **form(parts))


def share(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    practice, dossier = house.practice, house.practice.open_dossier()
    document = practice.deposit(dossier)
    sent = spoil(practice.new_share(dossier, [document]).envelope)
    index = practice.next_index(dossier, [*practice.listed(dossier), sent.pop("hash")])
    entries = [{"document": document.id, "entry": "AAAA", "capsule": "AAAA"}]
    body = {"share": sent, "text": "AAAA", "cover": "AAAA", "entries": entries, "index": index.to_json()}
    return house.member("POST", f"/dossiers/{dossier}/shares", json=body)


def erase(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    dossier = house.practice.open_dossier()
    envelope = request_of(house, dossier)
    return house.member("POST", f"/dossiers/{dossier}/erasure", json={"erasure": spoil(envelope)})


def add_roster(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    envelope = house.practice.next_roster(house.practice.chain.newest.members)
    return house.member("POST", "/roster", json={"roster": spoil(envelope), "members": []})


def add_policy(house: House, spoil: Callable[[Envelope], Any]) -> httpx.Response:
    policy = house.practice.policy
    content = {name: value for name, value in policy.fields.items() if name not in ENVELOPE}
    following = house.practice.sign("policy", {**content, "version": 2, "previous": policy.hash})
    return house.member("POST", "/policy", json={"policy": spoil(following)})


REQUESTS = (
    open_dossier,
    add_records,
    close_dossier,
    advance_index,
    deposit,
    share,
    erase,
    add_roster,
    add_policy,
)
WITH_HASH = (close_dossier, share)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request_: request_.__name__)
def test_a_signed_record_of_any_content_is_taken_or_refused_as_documented(
    house: House, request_: Callable[..., httpx.Response]
) -> None:
    check_signed(house, request_, TRIES)
    check_everything_is_read(house)


def check_signed(house: House, request_: Callable[..., httpx.Response], tries: int) -> None:
    for seed in range(tries):
        answer = request_(house, spoiler(house, seed, with_hash=request_ in WITH_HASH))
        assert answer.status_code < 500, (seed, answer.text)


def spoiler(house: House, seed: int, *, with_hash: bool) -> Callable[[Envelope], dict[str, Any]]:
    """One of the records of a request is spoiled; `hash` beside it, where the request must list it."""
    choose = random.Random(seed)

    def spoil(envelope: Envelope) -> dict[str, Any]:
        sent = (spoiled(house, envelope, choose) if with_hash or choose.random() < 0.5 else None) or envelope
        return {**sent.to_json(), "hash": sent.hash} if with_hash else sent.to_json()

    return spoil


def check_everything_is_read(house: House) -> None:
    """Every list, and the sweeps of the worker, over all that was accepted."""
    for path in ("/roster", "/policy", "/tombstones", "/checkpoints"):
        assert house.member("GET", path).status_code == 200
    for item in house.member("GET", "/dossiers").json()["items"]:
        dossier = item["dossier"]
        for path in ("", "/records", "/documents", "/shares", "/audit"):
            assert house.member("GET", f"/dossiers/{dossier}{path}").status_code == 200
    retention.sweep(house.ports, house.later(days=400 * 365))
    assert auditing.checkpoint(house.ports, house.clock[0]) is not None
