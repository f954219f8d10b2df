"""Depositing and reading over HTTP: whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import replace

import httpx
import pytest

from tests.actors import Deposited
from tests.gateway.house import House, content_digest, form, parts_of
from vault.records.encoding import from_base64url, new_id, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.types.document import SEGMENT_SIZE
from vault.records.types.index import Index
from vault.rules.merkle import Proof, proves


@pytest.fixture
def dossier(house: House) -> str:
    return house.practice.open_dossier()


def stored(house: House) -> list[str]:
    return list(house.ports.objects.names())


def test_a_small_document_is_deposited_in_one_request(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier, secrets.token_bytes(300_000))
    answer = house.deposit(dossier, document)
    assert (answer.status_code, answer.json()) == (201, {"document": document.id, "state": "pending", "index": None})
    again = house.deposit(dossier, document)
    assert (again.status_code, again.json()) == (200, answer.json())
    assert house.practice.advance(dossier, [document.envelope.hash]).sequence == 2
    item = house.member("GET", f"/documents/{document.id}").json()
    assert item == {
        "document": document.id,
        "hash": document.envelope.hash,
        "record": document.envelope.to_json(),
        "head": to_base64url(document.head),
        "metadata": to_base64url(document.metadata),
        "state": "stored",
        "damaged": [],
    }
    assert house.member("GET", f"/dossiers/{dossier}/documents").json() == {"items": [item], "next": None}
    body = house.member("GET", f"/documents/{document.id}/body")
    assert body.content == document.body
    assert body.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("size", [16, 65_535, 65_536, 65_537, SEGMENT_SIZE - 1, SEGMENT_SIZE])
def test_every_size_up_to_a_segment_may_travel_inline(house: House, dossier: str, size: int) -> None:
    document = house.practice.new_document(dossier, secrets.token_bytes(size))
    assert house.deposit(dossier, document).status_code == 201
    assert house.member("GET", f"/documents/{document.id}/body").content == document.body


def test_another_record_under_the_same_id_is_refused(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    assert house.deposit(dossier, document).status_code == 201
    other = house.practice.new_document(dossier, b"another ciphertext altogether", id=document.id)
    answer = house.deposit(dossier, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_deposit_cut_short_by_a_crash_converges(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    house.practice.begin_whole(dossier, document)
    assert house.deposit(dossier, document).json()["state"] == "pending"
    other = house.practice.new_document(dossier, b"ciphertext that got one step further")
    house.practice.begin_whole(dossier, other)
    house.practice.put(other)
    answer = house.deposit(dossier, other)
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")


def refused(house: House, dossier: str, document: Deposited, **request: object) -> tuple[int, str]:
    """The refusal, and that nothing whatever was kept."""
    answer = house.member("POST", f"/dossiers/{dossier}/documents", **request)
    assert stored(house) == []
    assert house.member("GET", f"/documents/{document.id}").status_code == 404
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("closing", [b"\r\n", b"", b"-", b"\r\n--"])
def test_a_form_without_its_closing_boundary_leaves_nothing(house: House, dossier: str, closing: bytes) -> None:
    document = house.practice.new_document(dossier)
    request = form(parts_of(document), closing=closing)
    assert refused(house, dossier, document, **request) == (422, "invalid")


def test_a_form_cut_anywhere_leaves_nothing(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    request = form(parts_of(document))
    whole: bytes = request["content"]
    for cut in range(1, len(whole) - 4, 97):
        code = refused(house, dossier, document, content=whole[:cut], headers=request["headers"])
        assert code in {(422, "invalid"), (422, "record_invalid")}, cut


def test_parts_come_in_order_each_once_and_no_others(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    record, head, metadata, body = parts_of(document)
    for parts in (
        [head, record, metadata, body],
        [record, metadata, head, body],
        [record, head, body, metadata],
        [record, record, head, metadata, body],
        [record, head, metadata, body, body],
        [record, head, metadata, body, ("extra", b"x")],
        [("record2", record[1]), head, metadata, body],
        [record, head],
        [],
    ):
        assert refused(house, dossier, document, **form(parts)) == (422, "invalid"), [name for name, _ in parts]


def with_index(house: House, dossier: str, document: Deposited, index: Envelope) -> httpx.Response:
    parts = [*parts_of(document), ("index", index.to_bytes())]
    return house.member("POST", f"/dossiers/{dossier}/documents", **form(parts))


def test_a_document_may_bring_the_index_that_lists_it(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    index = house.practice.next_index(dossier, [*house.practice.listed(dossier), document.envelope.hash])
    answer = with_index(house, dossier, document, index)
    stored = {"document": document.id, "state": "stored", "index": index.hash}
    assert (answer.status_code, answer.json()) == (201, stored)
    again = with_index(house, dossier, document, index)
    assert (again.status_code, again.json()) == (200, stored)


def test_a_document_whose_index_is_stale_waits_for_another(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    late = house.practice.next_index(dossier, [*house.practice.listed(dossier), document.envelope.hash])
    house.practice.deposit(dossier)
    answer = with_index(house, dossier, document, late)
    assert (answer.status_code, answer.json()["code"]) == (409, "index_stale")
    assert answer.json()["index"] == house.practice.index[dossier].to_json()
    assert house.member("GET", f"/documents/{document.id}").json()["state"] == "pending"
    assert house.practice.advance(dossier, [document.envelope.hash]).sequence == 3


def test_every_part_has_a_limit(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    record, head, metadata, body = parts_of(document)
    for parts in (
        [("record", b" " * 200_000), head, metadata, body],
        [record, ("head", b"h" * 4097), metadata, body],
        [record, head, ("metadata", b"m" * 16_500), body],
    ):
        assert refused(house, dossier, document, **form(parts)) == (413, "too_large")
    assert refused(house, dossier, document, **form([record, head, metadata, ("body", b"x" * 11_000_000)])) == (
        413,
        "too_large",
    )
    large = house.practice.new_document(dossier, size=SEGMENT_SIZE + 1)
    assert refused(house, dossier, large, **form(parts_of(large))) == (413, "too_large")


def test_a_body_that_is_not_the_signed_one_leaves_nothing(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    flipped = bytes([document.body[0] ^ 1]) + document.body[1:]
    for body in (b"", document.body[:-1], document.body + b"x", flipped):
        request = form(parts_of(replace(document, body=body)))
        assert refused(house, dossier, document, **request) == (422, "digest_mismatch")


def test_a_form_must_be_one(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    request = form(parts_of(document))
    for kind in (
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=grens",
        "multipart/form-data; boundary=" + "x" * 71,
    ):
        headers = {"Content-Type": kind}
        code = refused(house, dossier, document, content=request["content"], headers=headers)
        assert code == (415, "unsupported_type"), kind
    wrong = {"Content-Type": "multipart/form-data; boundary=anders"}
    assert refused(house, dossier, document, content=request["content"], headers=wrong) == (422, "invalid")
    twice = request["content"].replace(b"filename=", b'x=""\r\nContent-Disposition: form-data; name="head"; y=', 1)
    assert refused(house, dossier, document, content=twice, headers=request["headers"]) == (422, "invalid")
    encoded = request["content"].replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1)
    assert refused(house, dossier, document, content=encoded, headers=request["headers"]) == (422, "invalid")


def test_a_forged_record_is_refused(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    envelope = document.envelope.to_json()
    envelope["signatures"][0]["sig"] = to_base64url(secrets.token_bytes(64))
    parts = [("record", json.dumps(envelope).encode()), *parts_of(document)[1:]]
    assert refused(house, dossier, document, **form(parts)) == (403, "signature_invalid")
    doubled = b'{"record":"AA",' + document.envelope.to_bytes()[1:]
    parts = [("record", doubled), *parts_of(document)[1:]]
    assert refused(house, dossier, document, **form(parts)) == (422, "record_invalid")


# Segments


def large(house: House, dossier: str, size: int = SEGMENT_SIZE + 70_000) -> Deposited:
    document = house.practice.new_document(dossier, secrets.token_bytes(size))
    answer = reserve(house, dossier, document)
    assert (answer.status_code, answer.json()["state"]) == (201, "depositing")
    return document


def reserve(house: House, dossier: str, document: Deposited) -> httpx.Response:
    intent = house.practice.intent(document).to_bytes()
    return house.member("POST", f"/dossiers/{dossier}/documents", **form([("intent", intent)]))


def complete(house: House, document: Deposited) -> httpx.Response:
    return house.member("POST", f"/documents/{document.id}/complete", **form(parts_of(document)[:3]))


def put(
    house: House, document: Deposited, number: int, segment: bytes | None = None, **headers: str
) -> tuple[int, str]:
    segment = document.segments[number] if segment is None else segment
    answer = house.member(
        "PUT",
        f"/documents/{document.id}/segments/{number}",
        content=segment,
        headers={**content_digest(segment), **headers},
    )
    return answer.status_code, answer.json()["code"] if answer.content else ""


def test_a_larger_body_comes_in_segments_in_any_order(house: House, dossier: str) -> None:
    document = large(house, dossier)
    missing = complete(house, document)
    assert (missing.status_code, missing.json()["code"], missing.json()["missing"]) == (409, "segments_missing", [0, 1])
    assert put(house, document, 1) == (201, "")
    assert put(house, document, 1) == (200, "")
    arrived = house.member("GET", f"/documents/{document.id}/segments").json()["items"]
    assert arrived == [{"number": 1, "size": 70_000, "sha256": hashlib.sha256(document.segments[1]).hexdigest()}]
    assert put(house, document, 0) == (201, "")
    assert complete(house, document).json()["state"] == "pending"
    assert complete(house, document).status_code == 200
    assert house.member("GET", f"/documents/{document.id}/body").content == document.body


def test_other_bytes_never_replace_a_segment(house: House, dossier: str) -> None:
    document = large(house, dossier)
    put(house, document, 1)
    assert put(house, document, 1, secrets.token_bytes(70_000)) == (409, "conflict")


def test_a_segment_that_is_not_as_announced_is_not_kept(house: House, dossier: str) -> None:
    document = large(house, dossier)
    other = content_digest(b"other")["Content-Digest"]
    assert put(house, document, 1, **{"Content-Digest": other}) == (422, "digest_mismatch")
    assert put(house, document, 1, document.segments[1][:-1]) == (422, "invalid")
    assert put(house, document, 2, b"x") == (422, "invalid")
    assert put(house, document, 1, b"x" * (SEGMENT_SIZE + 1)) == (413, "too_large")
    for digest in ("", "sha-256", "sha-256=:AAAA:", "sha-512=:" + "A" * 86 + "==:", "md5=:AAAA:"):
        assert put(house, document, 1, **{"Content-Digest": digest}) == (422, "invalid"), digest
    both = (
        "sha-512=:"
        + base64.b64encode(b"x" * 64).decode()
        + ":, "
        + content_digest(document.segments[1])["Content-Digest"]
    )
    assert stored(house) == []
    assert put(house, document, 1, **{"Content-Digest": both}) == (201, "")
    for number in ("x", "-1", "99999999", "1.0"):
        answer = house.member(
            "PUT", f"/documents/{document.id}/segments/{number}", content=b"x", headers=content_digest(b"x")
        )
        assert answer.status_code == 404
    unknown = house.member("PUT", f"/documents/{new_id()}/segments/0", content=b"x", headers=content_digest(b"x"))
    assert unknown.json()["code"] == "not_found"


def test_a_segment_must_say_its_length(house: House, dossier: str) -> None:
    document = large(house, dossier)
    answer = house.member(
        "PUT",
        f"/documents/{document.id}/segments/1",
        content=iter([document.segments[1]]),
        headers=content_digest(document.segments[1]),
    )
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_segments_that_do_not_make_the_signed_body_are_refused(house: House, dossier: str) -> None:
    document = large(house, dossier)
    put(house, document, 0)
    put(house, document, 1, secrets.token_bytes(70_000))
    answer = complete(house, document)
    assert (answer.status_code, answer.json()["code"]) == (422, "digest_mismatch")


def test_an_intent_is_repeated_and_no_other_takes_its_id(house: House, dossier: str) -> None:
    document = large(house, dossier)
    assert (reserve(house, dossier, document).status_code, stored(house)) == (200, [])
    other = house.practice.new_document(dossier, id=document.id)
    answer = reserve(house, dossier, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_form_of_an_intent_holds_nothing_else(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier)
    intent = ("intent", house.practice.intent(document).to_bytes())
    for parts in ([intent, intent], [intent, *parts_of(document)], [("intent", b"{}")], [("intent", b"x" * 200_000)]):
        assert refused(house, dossier, document, **form(parts))[0] in {413, 422}


def test_a_completion_is_a_whole_form_of_three_parts(house: House, dossier: str) -> None:
    document = large(house, dossier)
    record, head, metadata, _ = parts_of(document)
    for parts in ([], [record, head], [head, record, metadata], [record, head, metadata, ("body", b"x")]):
        answer = house.member("POST", f"/documents/{document.id}/complete", **form(parts))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


# Ranges

SIZE = SEGMENT_SIZE + 1000


@pytest.fixture
def document(house: House, dossier: str) -> Deposited:
    return house.practice.deposit(dossier, secrets.token_bytes(SIZE))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=5-9", 5, 9),
        (f"bytes={SEGMENT_SIZE - 3}-{SEGMENT_SIZE + 3}", SEGMENT_SIZE - 3, SEGMENT_SIZE + 3),
        (f"bytes={SEGMENT_SIZE}-", SEGMENT_SIZE, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-100000000", 0, SIZE - 1),
        (f"bytes=10-{SIZE + 5}", 10, SIZE - 1),
        ("BYTES=1-2", 1, 2),
    ],
)
def test_a_range_gives_just_that(house: House, document: Deposited, asked: str, first: int, last: int) -> None:
    answer = house.member("GET", f"/documents/{document.id}/body", headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.content == document.body[first : last + 1]


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=-", "bytes=9-5", "bytes=a-b", "items=0-5", "bytes", "bytes=1-2x"]
)
def test_a_range_that_is_none_is_ignored(house: House, document: Deposited, asked: str) -> None:
    answer = house.member("GET", f"/documents/{document.id}/body", headers={"Range": asked})
    assert answer.status_code == 200
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-range" not in answer.headers
    assert answer.content == document.body


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE}", "bytes=-0", "bytes=999999999999999-"])
def test_a_range_beyond_the_end_is_refused(house: House, document: Deposited, asked: str) -> None:
    answer = house.member("GET", f"/documents/{document.id}/body", headers={"Range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "range_unsatisfiable")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_if_range_resumes_only_the_same_bytes(house: House, document: Deposited) -> None:
    path = f"/documents/{document.id}/body"
    etag = house.member("GET", path).headers["etag"]
    assert etag == f'"{document.envelope.fields["digest"]}"'
    same = house.member("GET", path, headers={"Range": "bytes=1-2", "If-Range": etag})
    assert same.status_code == 206
    for other in ('"other"', f"W/{etag}", "Mon, 23 Nov 2026 09:00:00 GMT"):
        answer = house.member("GET", path, headers={"Range": "bytes=1-2", "If-Range": other})
        assert answer.status_code == 200


def test_an_object_that_is_lost_is_damage_and_says_so(house: House, document: Deposited) -> None:
    house.ports.objects.remove(stored(house)[:1])
    answer = house.member("GET", f"/documents/{document.id}/body")
    assert (answer.status_code, answer.json()["code"]) == (500, "integrity")


def test_one_document_comes_with_its_proof(house: House) -> None:
    dossier, other = house.practice.open_dossier(), house.practice.open_dossier()
    stored, *_ = (house.practice.deposit(dossier) for _ in range(3))
    pending = house.practice.new_document(dossier)
    house.deposit(dossier, pending)
    answer = house.member("GET", f"/dossiers/{dossier}/documents/{stored.id}").json()
    index, path = Index.read(from_json(answer["index"], "index")), from_base64url(answer["proof"]["path"])
    proof = Proof(answer["proof"]["position"], tuple(path[at : at + 32] for at in range(0, len(path), 32)))
    assert proves(proof, answer["document"]["hash"], index.root, index.count)
    assert house.member("GET", f"/dossiers/{dossier}/documents/{pending.id}").json()["proof"] is None
    coach = house.practice.appoint("Carla")
    for path, person in (
        (f"/dossiers/{other}/documents/{stored.id}", None),
        (f"/dossiers/{dossier}/documents/{new_id()}", None),
        (f"/dossiers/{dossier}/documents/{stored.id}", coach),
    ):
        assert house.member("GET", path, person=person).status_code == 404
