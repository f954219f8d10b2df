"""Dossiers, records and indexes over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.gateway.house import House
from vault.flows.dossiers.opening import NewDossier
from vault.records.encoding import from_base64url, new_id, to_base64url
from vault.records.strict_json import parse_object
from vault.records.types.dossier import Dossier, holders_of


def dossier_body(new: NewDossier) -> dict[str, Any]:
    return {
        "dossier": new.head.to_json(),
        "wraps": [{"member": w.member, "wrap": to_base64url(w.wrap), "symmetric": None} for w in new.wraps],
        "records": [
            {
                "type": r.envelope.kind,
                "record": r.envelope.to_json(),
                "text": None if r.text is None else to_base64url(r.text),
            }
            for r in new.records
        ],
        "index": new.index.to_json(),
    }


def test_a_dossier_is_opened_listed_and_read_back_byte_by_byte(house: House) -> None:
    new = house.practice.new_dossier()
    dossier = new.head.fields["dossier"]
    answer = house.member("POST", "/dossiers", json=dossier_body(new))
    assert (answer.status_code, answer.json()) == (201, {"dossier": dossier})
    assert house.member("POST", "/dossiers", json=dossier_body(new)).status_code == 200
    item = house.member("GET", "/dossiers").json()["items"][0]
    assert item["head"] == new.head.to_json()
    assert item["profile"] == {"record": new.records[0].envelope.to_json(), "text": to_base64url(b"encrypted profile")}
    assert item["retention"] == {"destroy_on": None}
    whole = house.member("GET", f"/dossiers/{dossier}").json()
    assert whole["heads"] == [new.head.to_json()]
    assert whole["index"] == new.index.to_json()
    assert whole["wrap"] == item["wrap"]


def test_a_list_comes_in_pages(house: House) -> None:
    made = sorted(house.practice.open_dossier() for _ in range(5))
    seen, after = [], ""
    while True:
        page = house.member("GET", f"/dossiers?limit=2&after={after}").json()
        seen += [item["dossier"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == made
    for query in ("limit=0", "limit=501", "limit=x", "after=%00", "after=XYZ"):
        assert house.member("GET", f"/dossiers?{query}").json()["code"] == "invalid"


def test_what_is_not_mine_is_not_there(house: House) -> None:
    dossier = house.practice.open_dossier()
    document = house.practice.deposit(dossier)
    coach = house.practice.appoint("Carla")
    unknown = house.member("GET", f"/dossiers/{new_id()}", person=coach)
    for path in (
        f"/dossiers/{dossier}",
        f"/dossiers/{dossier}/records",
        f"/dossiers/{dossier}/indexes",
        f"/dossiers/{dossier}/leaves",
        f"/dossiers/{dossier}/documents",
        f"/dossiers/{dossier}/documents/{document.id}",
        f"/dossiers/{dossier}/shares",
        f"/documents/{document.id}",
        f"/documents/{document.id}/body",
        f"/documents/{document.id}/segments",
        f"/documents/{new_id()}/body",
        "/documents/no-id",
        f"/shares/{new_id()}",
    ):
        answer = house.member("GET", path, person=coach)
        assert (answer.status_code, answer.content) == (404, unknown.content), path


def test_an_index_that_comes_second_gets_the_newest_back(house: House) -> None:
    dossier = house.practice.open_dossier()
    late = house.practice.next_index(dossier, house.practice.listed(dossier))
    house.later(seconds=1)
    house.practice.deposit(dossier)
    answer = house.member("POST", f"/dossiers/{dossier}/index", json={"index": late.to_json()})
    assert (answer.status_code, answer.json()["code"]) == (409, "index_stale")
    newest = house.practice.index[dossier]
    assert answer.json()["index"] == newest.to_json()
    repeat = house.member("POST", f"/dossiers/{dossier}/index", json={"index": newest.to_json()})
    assert repeat.json() == {"sequence": 2, "index": newest.hash}
    bad = house.practice.next_index(dossier, [*house.practice.listed(dossier), "f0" * 32])
    assert (
        house.member("POST", f"/dossiers/{dossier}/index", json={"index": bad.to_json()}).json()["code"]
        == "record_unknown"
    )
    empty = house.practice.next_index(dossier, [])
    answer = house.member("POST", f"/dossiers/{dossier}/index", json={"index": empty.to_json()})
    assert answer.json()["code"] == "record_left_out"


def test_every_link_of_an_index_is_shown_and_what_the_newest_lists(house: House) -> None:
    practice, dossier = house.practice, house.practice.open_dossier()
    first = practice.index[dossier]
    practice.deposit(dossier)
    newest = practice.index[dossier]
    path = f"/dossiers/{dossier}"
    assert house.member("GET", f"{path}/indexes").json() == {
        "items": [first.to_json(), newest.to_json()],
        "next": None,
    }
    assert house.member("GET", f"{path}/indexes?limit=1").json() == {"items": [first.to_json()], "next": 1}
    assert house.member("GET", f"{path}/indexes?after=1").json()["items"] == [newest.to_json()]
    leaves = b"".join(bytes.fromhex(hash_) for hash_ in practice.listed(dossier))
    shown = house.member("GET", f"{path}/leaves").json()
    assert shown == {"index": newest.to_json(), "leaves": to_base64url(leaves)}


def test_a_dossier_is_taken_over_by_its_next_head(house: House) -> None:
    practice, dossier = house.practice, house.practice.open_dossier()
    second = practice.appoint("Mede", "director")
    before = Dossier.read(practice.heads[dossier])
    changes = {"standing": practice.chain.standing, "version": 2, "previous": before.hash}
    grantees = holders_of(practice.chain.newest.directors)
    after = replace(before, **changes, grantees=grantees, index=practice.index[dossier].hash)
    head = practice.heads[dossier] = practice.sign("dossier", after.content())
    index = practice.next_index(dossier, practice.listed(dossier))
    wrap = {"member": second.id, "wrap": to_base64url(b"age wrap")}
    body = {"dossier": head.to_json(), "wraps": [wrap], "index": index.to_json()}
    answer = house.member("POST", f"/dossiers/{dossier}/head", json=body)
    assert (answer.status_code, answer.json()) == (201, {"sequence": 2, "index": index.hash})
    assert house.member("GET", f"/dossiers/{dossier}", person=second).json()["heads"][-1] == head.to_json()


def test_closing_a_dossier_adds_a_trajectory_with_an_end(house: House) -> None:
    practice, dossier = house.practice, house.practice.open_dossier()
    records = house.member("GET", f"/dossiers/{dossier}/records").json()["items"]
    assert sorted(record["type"] for record in records) == ["profile", "trajectory"]
    before = next(record for record in records if record["type"] == "trajectory")
    fields = parse_object(from_base64url(before["record"]["record"]), limit=65536)
    closed = practice.trajectory(
        dossier, id=fields["trajectory"], version=2, previous=before["hash"], end=practice.now.date()
    )
    listed = [record["hash"] for record in records if record is not before]
    index = practice.next_index(dossier, [*listed, closed.hash])
    body = {
        "records": [{"type": "trajectory", "record": closed.to_json(), "text": None}],
        "index": index.to_json(),
    }
    answer = house.member("POST", f"/dossiers/{dossier}/records", json=body)
    assert (answer.status_code, answer.json()) == (201, {"sequence": 2, "index": index.hash})
    states = {r["hash"]: r["state"] for r in house.member("GET", f"/dossiers/{dossier}/records").json()["items"]}
    assert states[closed.hash] == "current"
    assert states[before["hash"]] == "retired"


def test_symmetric_wraps_come_in_a_batch(house: House) -> None:
    dossier = house.practice.open_dossier()
    items = [
        {"dossier": dossier, "epoch": 1, "symmetric": to_base64url(b"quick")},
        {"dossier": new_id(), "epoch": 1, "symmetric": to_base64url(b"quick")},
    ]
    assert house.member("PUT", "/wraps", json={"items": items}).json() == {"updated": 1}
    assert house.member("GET", f"/dossiers/{dossier}").json()["symmetric"] == to_base64url(b"quick")


def test_the_contents_are_what_four_requests_answer(house: House) -> None:
    dossier = house.practice.open_dossier()
    for _ in range(3):
        house.practice.deposit(dossier)
    path = f"/dossiers/{dossier}"
    assert house.member("GET", f"{path}/contents?limit=2").json() == {
        "dossier": house.member("GET", path).json(),
        "leaves": house.member("GET", f"{path}/leaves").json(),
        "documents": house.member("GET", f"{path}/documents?limit=2").json(),
        "records": house.member("GET", f"{path}/records?limit=2").json(),
    }
    assert house.member("GET", f"/dossiers/{'ff' * 16}/contents").status_code == 404
