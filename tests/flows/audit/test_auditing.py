"""The audit chain: what happened, in order, by pseudonyms; signed as a whole every hour (art. 5(2))."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.actors import NOW, Practice, memory_ports
from vault.flows.audit import auditing
from vault.flows.documents import reading
from vault.flows.erasures.retention import sweep
from vault.flows.shares import pickup, sharing
from vault.records.types.checkpoint import heads_digest, leaf
from vault.rules.audit_entries import GENESIS, details_digest, entry_hash
from vault.rules.rights import check_installation
from vault.rules.verdict import Refused


def entries(practice, dossier, after=0):
    return auditing.entries(practice.ports, practice.director.caller, dossier, after, 500)


def test_everything_that_matters_is_written_down_in_order(practice, dossier, document):
    link = practice.share(dossier, [document], mode="passphrase")
    reading.body(practice.ports, practice.director.caller, document.id, 0, None, NOW)
    pickup.cover(practice.ports, link.id, pickup.Proofs(link.possess, b"x" * 32), NOW)
    pickup.pick_up(practice.ports, link.id, b"n" * 16, pickup.Proofs(link.possess, link.open), NOW)
    sharing.revoke(practice.ports, practice.director.caller, link.id, NOW)
    chain = entries(practice, dossier)
    assert [entry.event for entry in chain] == [
        *("dossier_opened", "document_stored", "share_made", "document_read", "passphrase_wrong", "picked_up"),
        "share_revoked",
    ]
    assert {entry.actor for entry in chain} == {practice.director.id, "link"}


def test_each_entry_hashes_the_one_before(practice, dossier, document):
    previous = GENESIS
    for number, entry in enumerate(entries(practice, dossier), 1):
        assert (entry.sequence, entry.previous) == (number, previous)
        fields = (dossier, number, previous, entry.at, entry.event, entry.actor, entry.digest)
        assert entry.hash == entry_hash(*fields)
        assert entry.digest == details_digest(entry.details)
        previous = entry.hash
    assert [entry.sequence for entry in entries(practice, dossier, 1)] == [2]


def test_only_holders_read_it(practice, dossier, coach):
    assert auditing.entries(practice.ports, coach.caller, dossier, 0, 10) == Refused("not_found")
    assert auditing.entries(practice.ports, practice.director.caller, "ff" * 16, 0, 10) == Refused("not_found")


def test_a_checkpoint_signs_the_heads_of_all_chains(practice, dossier, document):
    practice.open_dossier()
    first = auditing.checkpoint(practice.ports, NOW)
    second = auditing.checkpoint(practice.ports, NOW + timedelta(hours=1))
    assert (first.sequence, second.sequence, second.previous) == (1, 2, first.hash)
    assert (second.chains, second.ledger) == (2, 0)
    envelope, leaves = auditing.newest_checkpoint(practice.ports)
    assert envelope.hash == second.hash
    assert check_installation(envelope, practice.chain)
    each = [leaves[i : i + 32] for i in range(0, len(leaves), 32)]
    assert heads_digest(each) == second.heads
    head = entries(practice, dossier)[-1]
    assert leaf(dossier, head.sequence, head.hash) in each
    assert [e.hash for e in auditing.chain(practice.ports, "checkpoint", 0, 10).items] == [first.hash, second.hash]


def test_without_a_practice_there_is_nothing_to_sign():
    ports = memory_ports()
    assert auditing.checkpoint(ports, NOW) is None
    assert auditing.newest_checkpoint(ports) == Refused("not_found")
    assert Practice(ports).id


@pytest.mark.parametrize("name", ["event", "actor", "digest", "previous", "sequence"])
def test_a_changed_entry_has_another_hash(practice, dossier, name):
    entry = entries(practice, dossier)[0]
    changed = dataclasses.replace(entry, **{name: 7 if name == "sequence" else "ff" * 32})
    fields = (changed.dossier, changed.sequence, changed.previous, changed.at, changed.event, changed.actor)
    assert entry_hash(*fields, changed.digest) != entry.hash


def test_a_checkpoint_that_did_not_come_is_made_up_for_by_the_sweep(practice, dossier):
    sequence = lambda: auditing.newest_checkpoint(practice.ports)[0].fields["sequence"]  # noqa: E731
    sweep(practice.ports, NOW)
    assert sequence() == 1
    sweep(practice.ports, NOW + timedelta(minutes=64))
    assert sequence() == 1
    sweep(practice.ports, NOW + timedelta(minutes=65))
    assert sequence() == 2
