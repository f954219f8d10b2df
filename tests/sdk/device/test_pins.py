"""What two commands saw of chains and days is joined, and is wiped with its dossier."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.client.house import House
from vault.records.encoding import RecordError, new_id
from vault.records.envelope import Envelope
from vault.records.standing import Standing
from vault.records.types.erasure import ErasureRequest
from vault.sdk.checks import Findings
from vault.sdk.device.home import Home
from vault.sdk.device.pin_kinds import Mark, SeenDossier, SeenIndex, audit_mark
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import load_pins, open_pins, save_pins
from vault.sdk.errors import ForkError, RollbackError

KEY = bytes(32)
ONE, TWO = new_id(), new_id()


def test_marks_terms_and_withdrawals_are_kept_and_merged(tmp_path: Path) -> None:
    home, mine, theirs = Home(tmp_path / "home"), Pins(), Pins()
    mine.see_mark("ledger", 3, "a" * 64)
    mine.see_terms(ONE, {ONE: Mark(4, "a" * 64), TWO: Mark(2, "b" * 64)}, 3)
    mine.see_withdrawn(ONE, frozenset({"d" * 64}))
    save_pins(mine, home, KEY)
    theirs.see_mark("ledger", 5, "b" * 64)
    theirs.see_mark(audit_mark(TWO), 1, "c" * 64)
    theirs.see_terms(ONE, {TWO: Mark(3, "c" * 64)}, 2)
    for _ in range(2):
        theirs.see_terms(TWO, {ONE: Mark(1, "c" * 64)}, 1)
        theirs.see_withdrawn(ONE, frozenset({"e" * 64}))
    save_pins(theirs, home, KEY)
    kept = load_pins(home, KEY)
    assert kept.marks == {"ledger": Mark(5, "b" * 64), audit_mark(TWO): Mark(1, "c" * 64)}
    assert kept.terms == {ONE: {TWO: Mark(3, "c" * 64), ONE: Mark(4, "a" * 64)}, TWO: {ONE: Mark(1, "c" * 64)}}
    assert kept.terms_roster == {ONE: 3, TWO: 1}
    assert kept.withdrawn == {ONE: {"d" * 64, "e" * 64}}
    for less in ({}, {TWO: Mark(2, "b" * 64), ONE: Mark(4, "a" * 64)}):
        with pytest.raises(RollbackError):
            kept.see_terms(ONE, less, 3)
    with pytest.raises(ForkError):
        kept.see_terms(TWO, {ONE: Mark(1, "d" * 64)}, 1)
    with pytest.raises(RollbackError):
        kept.see_mark("ledger", 4, "a" * 64)
    with pytest.raises(ForkError):
        kept.see_mark("ledger", 5, "a" * 64)
    mine.forget(TWO)
    save_pins(mine, home, KEY)
    kept = load_pins(home, KEY)
    assert set(kept.marks) == {"ledger"}
    assert set(kept.terms) == set(kept.terms_roster) == {ONE}


def test_a_request_names_one_record_for_every_document() -> None:
    fields = {
        "practice": "4" * 32,
        "signer": "x",
        "roster": Standing(1, "a" * 64).to_json(),
        "seen": {"ledger": {"number": 0}, "checkpoint": {"number": 0}},
        "dossier": ONE,
        "erasure": TWO,
        "documents": ["1" * 32, "2" * 32],
        "records": ["3" * 64, "0" * 64],
        "basis": "client",
        "not_before": "2026-01-01T00:00:00Z",
        "expires": "2027-01-02T00:00:00Z",
        "at": "2026-01-01T00:00:00Z",
    }
    asked: ErasureRequest = ErasureRequest.read(Envelope("erasure", b"", (), fields))
    assert asked.records == ("3" * 64, "0" * 64)
    assert asked.content()["records"] == ["3" * 64, "0" * 64]
    assert "records" not in replace(asked, documents=(), records=()).content()
    for records in (["3" * 64], ["3" * 64, "x"]):
        with pytest.raises(RecordError):
            ErasureRequest.read(Envelope("erasure", b"", (), {**fields, "records": records}))
    for expires in ("2026-01-01T00:00:00Z", "2027-01-02T00:00:01Z"):
        with pytest.raises(RecordError):
            ErasureRequest.read(Envelope("erasure", b"", (), {**fields, "expires": expires}))


def test_the_first_finding_of_a_name_stands() -> None:
    findings = Findings()
    findings.passed("a")
    findings.failed("a", "one")
    findings.failed("a", "two")
    findings.passed("a")
    assert [check.finding for check in findings.all()] == ["one"]
    assert not findings.ok


def test_signing_in_says_what_was_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.signed_in.pins.see_mark("ledger", 7, "a" * 64)
    house.signed_in.save_pins()
    sent: list[dict[str, int]] = []
    api = type(house.signed_in.api)
    post = api.post

    def spy(self: Any, path: str, *, json: Any = None, headers: Any = None) -> Any:
        if path == "/session":
            sent.append(json["seen"])
            json = {**json, "seen": {"roster": 1, "ledger": 0, "checkpoint": 0}}
        return post(self, path, json=json, headers=headers)

    monkeypatch.setattr(api, "post", spy)
    house.device("home")
    assert sent == [{"roster": 1, "ledger": 7, "checkpoint": 0}]


MEMBER, PRACTICE, HASH = "1" * 32, "2" * 32, "3" * 64
INDEX = SeenIndex(2, HASH, HASH, 5, 1)


def test_the_newer_index_of_two_commands_is_kept(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for index in (INDEX, SeenIndex(1, "4" * 64, HASH, 3, 1)):
        pins = Pins()
        pins.see_head(MEMBER, 1, HASH)
        pins.see_index(MEMBER, index)
        save_pins(pins, home, KEY)
    assert load_pins(home, KEY).index_of(MEMBER) == INDEX


def test_what_two_commands_saw_is_joined(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    one, two = Pins(), Pins()
    one.see_head(MEMBER, 2, HASH)
    two.see_head(MEMBER, 1, "4" * 64)
    two.see_head(PRACTICE, 1, HASH)
    save_pins(one, home, KEY)
    save_pins(two, home, KEY)
    raw = home.read("pins")
    assert raw is not None
    assert open_pins(raw, KEY).dossiers == {MEMBER: SeenDossier(2, HASH), PRACTICE: SeenDossier(1, HASH)}
