"""FORMAT.md "Envelope": exact bytes, one signature a signer, nothing by anybody else."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tests.records.practice import COACH, DIRECTOR, KEYS, PRACTICE, rosters, trajectory, write
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.envelope import (
    Signature,
    SignatureError,
    TooOldError,
    parse,
    parse_record,
    record_hash,
    signed_bytes,
    verify,
)
from vault.records.strict_json import dump

PUBLIC = {id_: bytes(key.verify_key) for id_, key in KEYS.items()}


@pytest.fixture
def envelope():
    return trajectory(rosters())


def test_an_envelope_travels_as_the_bytes_that_were_signed(envelope):
    again = parse(envelope.to_bytes(), "trajectory")
    assert again.record == envelope.record
    assert again.hash == envelope.hash == record_hash("trajectory", envelope.record)
    verify(again, PUBLIC)


def test_the_label_keeps_types_apart(envelope):
    assert signed_bytes("trajectory", envelope.record).startswith(b"vault/v1/trajectory\0{")
    with pytest.raises(RecordError):
        parse(envelope.to_bytes(), "profile")


def test_every_single_bit_flip_of_a_record_is_refused(envelope):
    for position in range(len(envelope.record)):
        for bit in range(8):
            flipped = bytearray(envelope.record)
            flipped[position] ^= 1 << bit
            changed = dataclasses.replace(envelope, record=bytes(flipped))
            with pytest.raises(SignatureError):
                verify(changed, PUBLIC)


def test_a_record_signed_by_nobody_is_refused(envelope):
    raw = json.dumps({"record": to_base64url(envelope.record), "signatures": []}).encode()
    with pytest.raises(RecordError):
        parse(raw, "trajectory")


def test_a_record_signed_by_somebody_else_only_is_refused(envelope):
    other = KEYS[DIRECTOR].sign(signed_bytes("trajectory", envelope.record)).signature
    changed = dataclasses.replace(envelope, signatures=(Signature("ed25519", DIRECTOR, other),))
    with pytest.raises(SignatureError):
        verify(changed, PUBLIC)


def test_a_record_signed_twice_by_one_signer_is_refused(envelope):
    changed = dataclasses.replace(envelope, signatures=envelope.signatures * 2)
    with pytest.raises(SignatureError):
        verify(changed, PUBLIC)


def test_a_second_signature_must_verify_too(envelope):
    wrong = Signature("ed25519", DIRECTOR, bytes(64))
    with pytest.raises(SignatureError):
        verify(dataclasses.replace(envelope, signatures=(*envelope.signatures, wrong)), PUBLIC)


def test_an_unknown_algorithm_is_skipped_but_never_enough(envelope):
    unknown = Signature("ml-dsa-65", COACH, b"x")
    verify(dataclasses.replace(envelope, signatures=(*envelope.signatures, unknown)), PUBLIC)
    verify(dataclasses.replace(envelope, signatures=(unknown, *envelope.signatures)), PUBLIC)
    with pytest.raises(SignatureError):
        verify(dataclasses.replace(envelope, signatures=(unknown,)), PUBLIC)


def test_a_signature_of_another_length_is_refused(envelope):
    with pytest.raises(SignatureError):
        verify(dataclasses.replace(envelope, signatures=(Signature("ed25519", COACH, b"short"),)), PUBLIC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", 2),
        ("v", True),
        ("v", None),
        ("type", "roster"),
        ("practice", "x"),
        ("signer", ""),
        ("must", ["future"]),
        ("must", "future"),
        ("must", [[]]),
        ("must", [{}]),
    ],
)
def test_common_fields_are_checked(name, value):
    fields = {"v": 1, "type": "profile", "practice": PRACTICE, "signer": COACH, name: value}
    with pytest.raises(RecordError):
        parse_record(dump(fields), "profile")


def test_unknown_fields_are_ignored_unless_they_must_be_understood():
    fields = {"v": 1, "type": "profile", "practice": PRACTICE, "signer": COACH, "future": 1, "must": []}
    assert parse_record(dump(fields), "profile")["future"] == 1


def test_software_that_is_too_old_says_for_what_and_what_to_do():
    error = TooOldError("a suite")
    assert str(error) == "this software is too old for a suite"
    assert error.advice == "Nothing was changed. Update the software."


def test_an_oversize_record_is_refused_on_both_sides():
    with pytest.raises(RecordError):
        write("profile", {"filler": "x" * 65_536}, COACH)
    with pytest.raises(RecordError):
        parse_record(b'{"v":1,"filler":"' + b"x" * 65_536 + b'"}', "profile")


@given(st.binary(max_size=300))
def test_any_bytes_are_an_envelope_or_a_record_error(raw):
    with pytest.raises(RecordError):
        parse(raw, "roster")


@pytest.mark.parametrize(
    "change",
    [
        {"record": 1},
        {"record": "!"},
        {"signatures": [{}]},
        {"signatures": [1]},
        {"signatures": [{"alg": "ed25519", "signer": "x", "sig": 1}]},
    ],
)
def test_a_malformed_envelope_is_refused(envelope, change):
    with pytest.raises(RecordError):
        parse(json.dumps({**envelope.to_json(), **change}).encode(), "trajectory")


def test_a_wrong_key_never_verifies(envelope):
    with pytest.raises(SignatureError):
        verify(envelope, {COACH: bytes(SigningKey.generate().verify_key)})
    assert from_base64url(envelope.to_json()["record"]) == envelope.record
