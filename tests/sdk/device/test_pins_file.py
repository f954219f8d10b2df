"""Pins come back whole from their file, and a damaged pin is refused."""

from __future__ import annotations

from typing import Any

import pytest
from nacl.signing import SigningKey

from vault.boxes import box
from vault.records.encoding import RecordError
from vault.records.envelope import write
from vault.records.strict_json import dump
from vault.sdk.device.pin_kinds import SeenDossier, SeenIndex
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import AAD, open_pins, seal_pins

KEY = bytes(range(32))
MEMBER, PRACTICE, HASH = "1" * 32, "2" * 32, "3" * 64
INDEX = SeenIndex(2, HASH, HASH, 5, 1)


def chain() -> Pins:
    roster = write("roster", {"version": 1}, practice=PRACTICE, signer="root", key=SigningKey(KEY))
    policy = write("policy", {"version": 1}, practice=PRACTICE, signer=MEMBER, key=SigningKey(KEY))
    return Pins((roster,), (policy,), {MEMBER: SeenDossier(1, HASH, INDEX), PRACTICE: SeenDossier(1, HASH)})


def test_pins_come_back_whole() -> None:
    pins = chain()
    again = open_pins(seal_pins(pins, KEY), KEY)
    assert (again.rosters, again.policies, again.dossiers) == (pins.rosters, pins.policies, pins.dossiers)


@pytest.mark.parametrize(
    "value",
    [
        [],
        [1],
        "x",
        [0, HASH],
        [1, "x"],
        [1, HASH, 2],
        [1, HASH, 2, HASH, HASH, 5],
        [1, HASH, 0, HASH, HASH, 5, 1],
        [1, HASH, True, HASH, HASH, 5, 1],
        [1, HASH, 2, "", HASH, 5, 1],
        [1, HASH, 2, HASH, "", 5, 1],
        [1, HASH, 2, HASH, HASH, -1, 1],
        [1, HASH, 2, HASH, HASH, 5, 0],
    ],
)
def test_a_pin_that_is_none_is_refused(value: object) -> None:
    fields = {"v": 1, "rosters": [], "policies": [], "dossiers": {MEMBER: value}}
    with pytest.raises(RecordError):
        open_pins(box(KEY, b"vault/v1/pins", dump(fields)), KEY)


@pytest.mark.parametrize(
    "more",
    [
        {"marks": {"x": 1}},
        {"marks": {"x": [0, "a" * 64]}},
        {"terms": {MEMBER: 3}},
        {"terms": {MEMBER: {"x": [1, "a" * 64]}}},
        {"terms_roster": {MEMBER: 0}},
        {"withdrawn": {MEMBER: ["x"]}},
        {"withdrawn": {MEMBER: 3}},
    ],
)
def test_a_damaged_mark_term_or_withdrawal_is_refused(more: dict[str, Any]) -> None:
    fields = {"v": 1, "rosters": [], "policies": [], "dossiers": {}}
    assert open_pins(box(KEY, AAD, dump(fields)), KEY).marks == {}
    with pytest.raises(RecordError):
        open_pins(box(KEY, AAD, dump({**fields, **more})), KEY)
