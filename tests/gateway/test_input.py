"""What comes in is bounded and strict before anything is done with it, and never repeated back."""

from __future__ import annotations

import hashlib
import json

import pytest

from gateway.http.digests import read_content_digest
from gateway.http.failures import Problem
from gateway.wire import dossier_list, dossiers, people, rosters, shares
from gateway.wire import records as wire_records
from tests.gateway.house import API, House, content_digest

EMAIL = "jan@praktijk.example"


def post(house: House, raw: bytes, **headers: str) -> tuple[int, str]:
    answer = house.ask(
        "POST", "/session/parameters", content=raw, headers={"Content-Type": "application/json", **headers}
    )
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"email":"a@b.nl"} {}',
        b'{"email":"a@b.nl","email":"c@d.nl"}',
        b'{"email":NaN}',
        b'{"email":1e5}',
        b'{"email":1.0}',
        b'{"email":' + b"9" * 4000 + b"}",
        b'{"email":' + b"[" * 2000 + b"]" * 2000 + b"}",
        b'{"email":"\\ud800"}',
        b'{"email":"a\\u0000@b.nl"}',
        b'{"email":"\xff\xfe"}',
        '{"email":"a@b.nl"}'.encode("utf-16"),
        b"\xef\xbb\xbf" + b'{"email":"a@b.nl"}',
    ],
)
def test_json_that_is_not_strict_is_refused(house: House, raw: bytes) -> None:
    assert post(house, raw) == (422, "record_invalid")


@pytest.mark.parametrize(
    "body", [{}, {"email": 5}, {"email": ""}, {"email": "x" * 255}, {"email": EMAIL, "more": 1}, {"email": None}]
)
def test_a_body_of_another_form_is_refused(house: House, body: object) -> None:
    assert post(house, json.dumps(body).encode()) == (422, "invalid")


def test_a_refusal_names_the_field_and_not_what_stood_there(house: House) -> None:
    body = {"email": "geheim@praktijk.example", "login": "wachtwoord", "code": "12345x", "seen": {"roster": -1}}
    answer = house.ask("POST", "/session", json=body)
    assert answer.json()["fields"] == [
        {"field": "login", "reason": "base64url"},
        {"field": "code", "reason": "string_pattern_mismatch"},
        {"field": "seen/roster", "reason": "greater_than_equal"},
    ]
    for word in ("geheim", "wachtwoord", "12345x"):
        assert word not in answer.text


def test_every_character_of_unicode_may_stand_in_an_address(house: House) -> None:
    assert post(house, '{"email":"😀🏳️@b.nl"}'.encode())[0] == 200
    assert post(house, b'{"email":"\\ud83d\\ude00@b.nl"}')[0] == 200


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_another_media_type_is_refused(house: House, kind: str) -> None:
    assert post(house, b'{"email":"a@b.nl"}', **{"Content-Type": kind}) == (415, "unsupported_type")


def test_the_charset_is_utf_8_whatever_is_said(house: House) -> None:
    assert post(house, b'{"email":"a@b.nl"}', **{"Content-Type": "Application/JSON; charset=utf-8"})[0] == 200


def test_a_body_beyond_the_limit_is_refused_before_it_is_parsed(house: House) -> None:
    assert post(house, b"{" * (people.Address.limit + 1)) == (413, "too_large")
    pieces = iter([b" " * people.Address.limit, b" ", b'{"email":"a@b.nl"}'])
    answer = house.ask("POST", "/session/parameters", content=pieces, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/roster", rosters.NewRoster.limit),
        ("POST", "/policy", rosters.NewPolicy.limit),
        ("POST", "/dossiers", dossiers.NewDossier.limit),
        ("PUT", "/wraps", dossier_list.OwnWraps.limit),
        ("POST", "/dossiers/changes", dossier_list.Known.limit),
        ("PUT", "/session/keyring", people.NewKeyring.limit),
        ("POST", f"/dossiers/{'a' * 32}/records", wire_records.NewRecords.limit),
        ("POST", f"/dossiers/{'a' * 32}/index", dossiers.NewIndex.limit),
        ("POST", f"/dossiers/{'a' * 32}/shares", shares.NewShare.limit),
    ],
)
def test_every_route_has_a_limit(house: House, method: str, path: str, limit: int) -> None:
    headers = {"Content-Type": "application/json"}
    beyond = house.member(method, path, content=b" " * (limit + 1), headers=headers)
    assert (beyond.status_code, beyond.json()["code"]) == (413, "too_large")
    within = house.member(method, path, content=b" " * min(limit, 50_000), headers=headers)
    assert (within.status_code, within.json()["code"]) == (422, "record_invalid")


def test_nobody_reads_a_body_before_knowing_who_sends_it(house: House) -> None:
    raw = b" " * (shares.NewShare.limit + 1)
    answer = house.ask("POST", f"/dossiers/{'a' * 32}/shares", content=raw)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")


@pytest.mark.parametrize("envelope", [None, {}, [], {"record": "AA"}, {"record": "!", "signatures": []}, "text"])
def test_an_envelope_that_is_none_is_refused(house: House, envelope: object) -> None:
    dossier = house.practice.open_dossier()
    answer = house.member("POST", f"/dossiers/{dossier}/index", json={"index": envelope})
    assert (answer.status_code, answer.json()["code"]) == (422, "record_invalid")
    records = [{"type": "profile", "record": envelope, "text": None}]
    index = house.practice.index[dossier].to_json()
    answer = house.member("POST", f"/dossiers/{dossier}/records", json={"records": records, "index": index})
    assert (answer.status_code, answer.json()["code"]) == (422, "record_invalid")


def test_a_record_of_another_type_is_refused(house: House) -> None:
    dossier = house.practice.open_dossier()
    index = house.practice.index[dossier].to_json()
    for kind in ("share", "profile", "trajectory", 5, [], {"type": "profile"}, None):
        records = [{"type": kind, "record": index, "text": None}]
        answer = house.member("POST", f"/dossiers/{dossier}/records", json={"records": records, "index": index})
        assert answer.json()["code"] == "record_invalid"


def test_what_is_nowhere_and_what_cannot_be_done_are_problems_too(house: House) -> None:
    for path in ("//nowhere", "/nowhere", "//docs", "//redoc", "/dossiers/"):
        answer = house.ask("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
    answer = house.ask("PATCH", "/dossiers")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["content-type"] == "application/problem+json"
    assert house.http.get(f"{API}//dossiers").status_code == 404


def test_a_content_digest_is_a_sha_256() -> None:
    assert read_content_digest(content_digest(b"x")["Content-Digest"]) == hashlib.sha256(b"x").digest()
    for value in (None, "sha-256=:=A==:", "sha-256=:AAA:", "sha-256=" + "A" * 43 + "=", "SHA-256=:AAAA:"):
        with pytest.raises(Problem):
            read_content_digest(value)
