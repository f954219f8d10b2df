"""The installation's keys in the roster: whose they are, since when, and that nothing is signed without a place there."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.actors import NOW, Practice
from tests.flows.dossiers.test_closing import change
from tests.health import checks
from tests.installation import as_gateway, as_worker, keys, listed
from vault.errors import InvalidInputError
from vault.flows import health
from vault.flows.audit import auditing
from vault.flows.audit.installation_signature import UnlistedKeyError
from vault.flows.audit.installation_signature import sign_as_installation as sign
from vault.flows.erasures import erasing, retention
from vault.flows.installation_keys import unlisted
from vault.flows.people import founding, rosters
from vault.records.types.checkpoint import Checkpoint
from vault.records.types.roster import Roster, RosterKey
from vault.records.types.tombstone import Tombstone
from vault.rules.verdict import Refused

DAY = timedelta(days=1)


def fooled() -> Practice:
    """A practice that a broken gateway set up with keys of its own; the worker's are others."""
    practice = Practice()
    ports = practice.ports
    practice.ports = dataclasses.replace(ports, installation=keys("J"))
    practice.set_up()
    practice.ports = ports
    return practice


def keys_check(practice: Practice, now=NOW) -> health.Check:
    return next(check for check in checks(as_gateway(practice.ports), now) if check.name == health.KEYS)


def next_roster(practice: Practice, installations: tuple[RosterKey, ...], now=NOW) -> Roster | Refused:
    envelope = practice.next_roster(practice.chain.newest.members, installations=installations)
    answer = rosters.add_roster(practice.ports, practice.director.caller, envelope, [], now)
    if isinstance(answer, Roster):
        practice.chain = practice.chain.append(envelope)
    return answer


def replaced(practice: Practice, use: str, by: str = "K", now=NOW) -> tuple[RosterKey, ...]:
    """The newest roster's keys with another one for that use."""
    ended = [
        dataclasses.replace(each, until=now) if use in each.uses else each
        for each in practice.chain.newest.installations
    ]
    return (*ended, *listed(keys(by, (use,)), now))


@pytest.mark.parametrize("wrong", ["another's", "too few", "too many", "swapped"])
def test_roster_1_lists_this_installations_keys_and_no_other(wrong):
    practice = Practice()
    one = listed(practice.ports.installation, NOW)
    attest, checkpoint, ledger = one
    practice.installations = {
        "another's": listed(keys("J"), NOW),
        "too few": (attest, dataclasses.replace(ledger, uses=("ledger", "checkpoint"))),
        "too many": (*one, *listed(keys("J", ("ledger",)), NOW)),
        "swapped": (attest, dataclasses.replace(checkpoint, key=ledger.key), *listed(keys("J", ("ledger",)), NOW)),
    }[wrong]
    with pytest.raises(InvalidInputError, match="another installation's keys"):
        founding.set_up(practice.ports, practice.setup_request(), NOW)


def test_a_founder_whose_clock_is_ahead_is_told():
    """Keys that begin in a year would sign nothing until then, and nobody takes a beginning back."""
    practice = Practice()
    practice.installations = listed(practice.ports.installation, NOW + timedelta(minutes=6))
    assert founding.set_up(practice.ports, practice.setup_request(), NOW) == Refused("clock_wrong")
    practice.installations = listed(practice.ports.installation, NOW + timedelta(minutes=4))
    assert isinstance(founding.set_up(practice.ports, practice.setup_request(), NOW), founding.Created)


def test_a_key_does_not_end_in_the_past_nor_begin_in_the_future(practice):
    """What it signed since then would be nobody's: the ledger would break off for every reader."""
    assert next_roster(practice, replaced(practice, "ledger", now=NOW - DAY)) == Refused("clock_wrong")
    late = (*replaced(practice, "ledger")[:-1], *listed(keys("K", ("ledger",)), NOW + DAY))
    assert next_roster(practice, late) == Refused("clock_wrong")
    assert isinstance(next_roster(practice, replaced(practice, "ledger")), Roster)
    assert isinstance(next_roster(practice, practice.chain.newest.installations, NOW + DAY), Roster), "ended long ago"


def test_a_process_knows_which_of_its_keys_may_not_sign(practice):
    with practice.ports.store.reading() as tx:
        assert unlisted(as_worker(practice.ports), tx, NOW) == unlisted(as_gateway(practice.ports), tx, NOW) == ()
    next_roster(practice, replaced(practice, "checkpoint"))
    with practice.ports.store.reading() as tx:
        later = NOW + timedelta(minutes=6)
        assert unlisted(as_worker(practice.ports), tx, later) == ("checkpoint",)
        assert unlisted(as_gateway(practice.ports), tx, later) == ("checkpoint",)


def test_before_the_set_up_no_key_is_missed():
    practice = Practice()
    assert retention.sweep(as_worker(practice.ports), NOW).unlisted == ()
    assert keys_check(practice).ok


def test_a_worker_whose_keys_a_lying_gateway_left_out_signs_and_destroys_nothing_and_says_so():
    practice = fooled()
    dossier = practice.open_dossier()
    change(practice, dossier, end=NOW.date())
    worker, due = as_worker(practice.ports), NOW + 2000 * DAY
    assert retention.sweep(worker, due).unlisted == ("checkpoint", "ledger")
    with practice.ports.store.reading() as tx:
        assert (tx.newest("tombstone"), tx.newest("checkpoint")) == (None, None)
        assert not tx.dossier(dossier).fenced
    check = keys_check(practice, due)
    assert not check.ok
    assert "does not list a key of this installation" in check.advice


def test_the_worker_says_so_also_where_the_gateway_shows_the_keys_that_it_named():
    practice = fooled()
    lying = dataclasses.replace(practice.ports, installation=keys("J"))
    assert checks(lying, NOW)[-1].ok, "the worker has not looked yet"
    retention.sweep(as_worker(practice.ports), NOW)
    assert not checks(lying, NOW)[-1].ok


def test_after_a_director_listed_the_keys_the_worker_goes_on():
    practice = fooled()
    dossier = practice.open_dossier()
    change(practice, dossier, end=NOW.date())
    worker, due = as_worker(practice.ports), NOW + 2000 * DAY
    retention.sweep(worker, due)
    ended = [dataclasses.replace(each, until=due) for each in practice.chain.newest.installations]
    assert isinstance(next_roster(practice, (*ended, *listed(practice.ports.installation, due)), due), Roster)
    done = retention.sweep(worker, due + DAY)
    assert (done.begun, done.certified, done.unlisted) == (1, 1, ())
    assert keys_check(practice, due + DAY).ok


def test_what_has_begun_under_a_key_goes_on_after_its_end_and_is_certified_by_the_next(practice, monkeypatch):
    dossier = practice.open_dossier()
    change(practice, dossier, end=NOW.date())
    worker, due = as_worker(practice.ports), NOW + 2000 * DAY
    monkeypatch.setattr("vault.flows.erasures.destroying.write_ledger", _fail)
    with pytest.raises(InvalidInputError):
        retention.sweep(worker, due)
    monkeypatch.undo()
    next_roster(practice, replaced(practice, "ledger", now=due), due)
    done = retention.sweep(worker, due + DAY)
    assert (done.certified, done.unlisted) == (0, ("ledger",))
    with practice.ports.store.reading() as tx:
        assert tx.open_erasures(due + DAY, 10)[0].state == "verified", "destroyed, and not certified yet"
    with_next = dataclasses.replace(worker, installation=keys("K", ("ledger",)))
    assert erasing.sweep(with_next, due + 2 * DAY).certified == 1


def _fail(_: object) -> None:
    raise InvalidInputError("killed here")


def test_a_signature_is_refused_by_the_flow_itself_whatever_asked_for_it():
    practice = fooled()
    worker = as_worker(practice.ports)
    with practice.ports.store.reading() as tx, pytest.raises(UnlistedKeyError, match="for checkpoint"):
        sign(worker, tx, "checkpoint", Checkpoint(practice.chain.standing, 1, None, 0, "00" * 32, 0, NOW).content())
    with pytest.raises(UnlistedKeyError):
        auditing.checkpoint(worker, NOW)
    assert auditing.catch_up(worker, NOW) is None
    chain = practice.chain.standing
    grave = Tombstone(chain, "dossier", "d" * 32, "d" * 32, "client", "0" * 64, "0" * 64, 1, None, NOW).content()
    with practice.ports.store.reading() as tx, pytest.raises(UnlistedKeyError, match="for ledger"):
        sign(worker, tx, "tombstone", grave)
