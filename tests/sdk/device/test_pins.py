"""What a device has seen of chains and days survives, is merged, is wiped, and a damaged pin is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from tests.client.house import House
from vault.boxes import box
from vault.records.encoding import RecordError, new_id
from vault.records.envelope import Envelope, write
from vault.records.standing import Standing
from vault.records.strict_json import dump
from vault.records.types.erasure import ErasureRequest
from vault.sdk.checks import Findings
from vault.sdk.device.home import Home
from vault.sdk.device.pins import AAD, Mark, Pins, SeenDossier, SeenIndex, audit_mark, load_pins, open_pins, seal_pins
from vault.sdk.errors import ForkError, RollbackError

KEY = bytes(32)
ONE, TWO = new_id(), new_id()


def test_marks_terms_and_withdrawals_are_kept_and_merged(tmp_path: Path) -> None:
    home, mine, theirs = Home(tmp_path / "home"), Pins(), Pins()
    mine.see_mark("ledger", 3, "a" * 64)
    mine.see_terms(ONE, {ONE: Mark(4, "a" * 64), TWO: Mark(2, "b" * 64)}, 3)
    mine.see_withdrawn(ONE, frozenset({"d" * 64}))
    mine.save(home, KEY)
    theirs.see_mark("ledger", 5, "b" * 64)
    theirs.see_mark(audit_mark(TWO), 1, "c" * 64)
    theirs.see_terms(ONE, {TWO: Mark(3, "c" * 64)}, 2)
    for _ in range(2):
        theirs.see_terms(TWO, {ONE: Mark(1, "c" * 64)}, 1)
        theirs.see_withdrawn(ONE, frozenset({"e" * 64}))
    theirs.save(home, KEY)
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
    mine.save(home, KEY)
    kept = load_pins(home, KEY)
    assert set(kept.marks) == {"ledger"}
    assert set(kept.terms) == set(kept.terms_roster) == {ONE}


@pytest.mark.parametrize(
    "more",
    [
        {"marks": {"x": 1}},
        {"marks": {"x": [0, "a" * 64]}},
        {"terms": {ONE: 3}},
        {"terms": {ONE: {"x": [1, "a" * 64]}}},
        {"terms_roster": {ONE: 0}},
        {"withdrawn": {ONE: ["x"]}},
        {"withdrawn": {ONE: 3}},
    ],
)
def test_a_damaged_mark_term_or_withdrawal_is_refused(more: dict[str, Any]) -> None:
    fields = {"v": 1, "rosters": [], "policies": [], "dossiers": {}}
    assert open_pins(box(KEY, AAD, dump(fields)), KEY).marks == {}
    with pytest.raises(RecordError):
        open_pins(box(KEY, AAD, dump({**fields, **more})), KEY)


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


KEY = bytes(range(32))


MEMBER, PRACTICE, HASH = "1" * 32, "2" * 32, "3" * 64
INDEX = SeenIndex(2, HASH, HASH, 5, 1)


def chain() -> tuple[Pins, str]:
    roster = write("roster", {"version": 1}, practice=PRACTICE, signer="root", key=SigningKey(KEY))
    policy = write("policy", {"version": 1}, practice=PRACTICE, signer=MEMBER, key=SigningKey(KEY))
    return Pins(
        (roster,), (policy,), {MEMBER: SeenDossier(1, HASH, INDEX), PRACTICE: SeenDossier(1, HASH)}
    ), roster.hash


def test_pins_come_back_whole() -> None:
    pins, _ = chain()
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


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from("ab")), max_size=12))
def test_pins_never_go_back_and_never_sideways(shown: list[tuple[int, str]]) -> None:
    pins, newest = Pins(), (0, "")
    for version, head in shown:
        fork, back = version == newest[0] and head != newest[1], version < newest[0]
        try:
            pins.see_head(MEMBER, version, head)
        except ForkError:
            assert fork
        except RollbackError:
            assert back
        else:
            assert not fork
            assert not back
            newest = version, head


def test_a_number_that_the_server_only_names_is_compared_and_not_kept() -> None:
    pins = Pins(dossiers={MEMBER: SeenDossier(1, HASH, INDEX), PRACTICE: SeenDossier(1, HASH)})
    for dossier in (MEMBER, PRACTICE, "5" * 32):
        pins.check_index(dossier, 9, "9" * 64)
    pins.check_index(MEMBER, 2, HASH)
    with pytest.raises(RollbackError):
        pins.check_index(MEMBER, 1, HASH)
    with pytest.raises(ForkError):
        pins.check_index(MEMBER, 2, "9" * 64)
    assert pins.dossiers == {MEMBER: SeenDossier(1, HASH, INDEX), PRACTICE: SeenDossier(1, HASH)}


def test_the_newer_index_of_two_commands_is_kept(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for index in (INDEX, SeenIndex(1, "4" * 64, HASH, 3, 1)):
        pins = Pins()
        pins.see_head(MEMBER, 1, HASH)
        pins.see_index(MEMBER, index)
        pins.save(home, KEY)
    assert load_pins(home, KEY).index_of(MEMBER) == INDEX


def test_what_two_commands_saw_is_joined(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    one, two = Pins(), Pins()
    one.see_head(MEMBER, 2, HASH)
    two.see_head(MEMBER, 1, "4" * 64)
    two.see_head(PRACTICE, 1, HASH)
    one.save(home, KEY)
    two.save(home, KEY)
    raw = home.read("pins")
    assert raw is not None
    assert open_pins(raw, KEY).dossiers == {MEMBER: SeenDossier(2, HASH), PRACTICE: SeenDossier(1, HASH)}
