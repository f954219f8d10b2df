"""Each lock opens the same keyring, for its member, password and sheet alone; the published vectors say how."""

from __future__ import annotations

import json

import pytest

from tests.records.practice import DIRECTOR, KEYS
from tests.sdk.keys import keyring_vectors as vectors
from vault.boxes import BoxError, box
from vault.records.encoding import RecordError, lp
from vault.records.envelope import verify
from vault.records.strict_json import parse_object
from vault.records.types.lock import Lock
from vault.sdk.errors import AnswerError, WeakParametersError
from vault.sdk.keys.locks import Locked, open_sheet_lock, password_lock, read_locked, sheet_lock
from vault.sdk.keys.password_key import Parameters, derive, read_parameters
from vault.sdk.keys.sheet import new_sheet

PUBLISHED = json.loads(vectors.FILE.read_text(encoding="utf-8"))
PASSWORD = PUBLISHED["password"]


def locked(parameters: str = PASSWORD["parameters"]) -> Locked:
    read = read_parameters(parse_object(parameters.encode(), limit=1000))
    return Locked(read, bytes.fromhex(PASSWORD["lock"]), bytes.fromhex(PUBLISHED["keyring"]["box"]))


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert vectors.vectors(vectors.known_file()) == PUBLISHED


def test_the_password_opens_its_lock_and_the_keyring_behind_it() -> None:
    key = derive(PASSWORD["password"], PASSWORD["email"], locked().parameters)
    assert locked().open(key.keyring, PUBLISHED["member"]) == (vectors.keyring(), vectors.KEY)
    assert read_locked(locked().to_json()) == locked()


@pytest.mark.parametrize("case", PUBLISHED["refused"], ids=lambda case: case["name"])
def test_a_lock_opens_for_nobody_else(case: dict[str, str]) -> None:
    other = locked(case.get("parameters", PASSWORD["parameters"]))
    with pytest.raises(BoxError):
        other.open(bytes.fromhex(PASSWORD["keyring"]), case.get("member", PUBLISHED["member"]))


def test_a_lock_with_another_key_than_a_keyring_has_is_refused() -> None:
    parameters, key = Parameters(vectors.SALT), bytes.fromhex(PASSWORD["keyring"])
    short = box(key, lp(b"vault/v1/lock/password", DIRECTOR.encode(), parameters.text()), b"short")
    with pytest.raises(RecordError):
        Locked(parameters, short, b"").open(key, DIRECTOR)


def test_weak_parameters_are_refused_before_anything_is_derived() -> None:
    fields = locked().to_json()
    with pytest.raises(WeakParametersError):
        read_locked({**fields, "parameters": {**fields["parameters"], "passes": 1}})


def test_the_sheet_opens_its_lock_and_finds_who_signed_it() -> None:
    envelope = open_sheet_lock(bytes.fromhex(PUBLISHED["sheet"]["file"]), vectors.SHEET.identity)
    assert envelope.to_bytes().decode() == PUBLISHED["sheet"]["envelope"]
    verify(envelope, {DIRECTOR: bytes(KEYS[DIRECTOR].verify_key)})
    record = Lock.read(envelope)
    assert (record.signer, record.key) == (DIRECTOR, vectors.KEY)
    assert "f" * 10 not in repr(record)
    with pytest.raises(AnswerError):
        open_sheet_lock(sheet_lock(envelope, new_sheet().identity.recipient().to_string()), vectors.SHEET.identity)


def test_a_new_lock_opens_the_same_keyring() -> None:
    parameters = Parameters(b"n" * 16)
    renewed = Locked(parameters, password_lock(vectors.KEY, b"p" * 32, DIRECTOR, parameters), locked().keyring)
    assert renewed.open(b"p" * 32, DIRECTOR) == (vectors.keyring(), vectors.KEY)
