"""The chain of rosters: only who the roster before names can add the next (R3)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.records.practice import (
    COACH,
    DIRECTOR,
    NEW_ROOT,
    NOW,
    OTHER,
    PRACTICE,
    ROOT,
    first_roster,
    member,
    next_roster,
    roster,
    rosters,
    write,
)
from vault.records.encoding import RecordError
from vault.records.envelope import SignatureError
from vault.records.standing import Standing
from vault.records.types.roster import practice_id
from vault.rules import rosters as module
from vault.rules.rosters import RosterError, first


def test_the_first_roster_gives_the_practice_its_id():
    chain = rosters()
    assert chain.newest.practice == practice_id(bytes(ROOT.verify_key)) == PRACTICE
    assert chain.newest.directors == {DIRECTOR}
    assert chain.newest.active == {DIRECTOR, COACH, OTHER}
    assert chain.roots == {bytes(ROOT.verify_key)}
    assert [each.uses for each in chain.newest.installations] == [("ledger",), ("checkpoint",), ("attest",)]


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"previous": "00" * 32},
        {"root": bytes(NEW_ROOT.verify_key)},
        {"members": (member(COACH),)},
        {"installations": ()},
    ],
)
def test_a_first_roster_that_does_not_hold_is_refused(changes):
    with pytest.raises(RosterError):
        first(first_roster(**changes))


def test_a_first_roster_by_another_root_is_refused():
    with pytest.raises(SignatureError):
        first(write("roster", roster().content(), "root", NEW_ROOT))
    with pytest.raises(RosterError):
        first(write("roster", roster(signer=DIRECTOR).content(), DIRECTOR))


def test_a_director_adds_the_next_roster():
    chain = rosters().append(next_roster(rosters()))
    assert chain.newest.version == 2
    assert chain.at(Standing(1, chain.chain[0].hash)).version == 1
    with pytest.raises(RosterError):
        chain.at(Standing(1, chain.newest.hash))
    with pytest.raises(RosterError):
        chain.at(Standing(3, chain.newest.hash))


@pytest.mark.parametrize("signer", [COACH, OTHER])
def test_a_coach_cannot_add_a_roster(signer):
    with pytest.raises(SignatureError):
        rosters().append(next_roster(rosters(), signer))


def test_a_director_who_left_cannot_add_a_roster():
    two = (member(DIRECTOR, "director", until=NOW), member(COACH, "director"), member(OTHER))
    chain = rosters().append(
        next_roster(rosters(), members=two, root=bytes(NEW_ROOT.verify_key), recovery="age1pq1new")
    )
    with pytest.raises(SignatureError):
        chain.append(next_roster(chain, DIRECTOR, members=two))


@pytest.mark.parametrize("changes", [{"version": 3}, {"previous": "00" * 32}, {"version": 1}])
def test_a_rollback_or_fork_is_refused(changes):
    with pytest.raises(RosterError):
        rosters().append(next_roster(rosters(), **changes))


def test_a_roster_of_another_practice_is_refused():
    other = first(
        write(
            "roster",
            roster(root=bytes(NEW_ROOT.verify_key), practice="").content()
            | {"practice": practice_id(bytes(NEW_ROOT.verify_key))},
            "root",
            NEW_ROOT,
        )
    )
    with pytest.raises(RosterError):
        other.append(next_roster(rosters()))


@pytest.mark.parametrize("half", [{}, {"root": bytes(NEW_ROOT.verify_key)}, {"recovery": "age1pq1new"}])
def test_dismissing_a_director_replaces_both_keys_of_the_sheet(half):
    left = (member(DIRECTOR, "director", until=NOW), member(COACH, "director"), member(OTHER))
    with pytest.raises(RosterError):
        rosters().append(next_roster(rosters(), members=left, **half))


def test_a_member_is_never_taken_out():
    with pytest.raises(RosterError):
        rosters().append(next_roster(rosters(), members=(member(DIRECTOR, "director"),)))


def test_a_recovery_roster_is_signed_by_the_root_of_the_one_before():
    chain = rosters()
    changes = {"kind": "recovery", "root": bytes(NEW_ROOT.verify_key), "recovery": "age1pq1new"}
    recovered = chain.append(next_roster(chain, "root", ROOT, **changes))
    assert recovered.newest.kind == "recovery"
    with pytest.raises(SignatureError):
        chain.append(next_roster(chain, "root", NEW_ROOT, **changes))
    with pytest.raises(RosterError):
        chain.append(next_roster(chain, DIRECTOR, kind="recovery"))
    with pytest.raises(SignatureError):
        recovered.append(next_roster(recovered, "root", ROOT, kind="recovery"))


def test_a_member_stands_once_in_a_roster():
    with pytest.raises(RecordError):
        first(first_roster(members=(member(DIRECTOR, "director"), member(DIRECTOR, "director"))))
    assert rosters().newest.member("ff" * 16) is None


def test_a_next_roster_asks_for_no_fewer_suites(monkeypatch) -> None:
    """Told by itself: this software reads no roster with a second suite yet."""
    for check in ("_check_whole", "_check_kept", "_check_keys_kept", "_check_dismissals", "_check_suites"):
        monkeypatch.setattr(module, check, lambda *_: None)
    newest = SimpleNamespace(signature_suites=("ed25519", "later"))
    with pytest.raises(RosterError, match="fewer signatures"):
        module._check_next(newest, SimpleNamespace(signature_suites=("ed25519",)), None)
