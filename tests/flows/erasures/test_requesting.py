"""The proof of an erasure: what a verifier needs, and nothing before the end (art. 17; FORMAT.md "Certificates")."""

from __future__ import annotations

import dataclasses

from tests.actors import NOW
from tests.flows.erasures.test_erasing import ask
from vault.flows.erasures import erasing, requesting
from vault.records.types.certificate import Certificate
from vault.records.types.tombstone import Tombstone
from vault.rules.verdict import Refused


def proof(practice, id_, caller=None):
    return requesting.certificate(practice.ports, caller or practice.director.caller, id_)


def test_the_proof_has_the_tombstones_it_names_and_every_roster(practice, dossier, document):
    other, kept = practice.deposit(dossier), practice.deposit(dossier)
    ask(practice, dossier, [kept.id])
    erasing.sweep(practice.ports, NOW)
    asked = ask(practice, dossier, sorted([document.id, other.id])).erasure
    practice.appoint("Carla")
    erasing.sweep(practice.ports, NOW)
    found = proof(practice, asked.id)
    assert Certificate.read(found.certificate).tombstones == tuple(sorted(each.hash for each in found.tombstones))
    subjects = {Tombstone.read(each).subject for each in found.tombstones}
    assert subjects == {document.id, other.id}, "and not the one of another erasure"
    assert [roster.fields["version"] for roster in found.rosters] == [1, 2]
    assert found.rosters[-1].hash == practice.chain.newest.hash


def test_there_is_no_proof_before_the_end_and_none_for_strangers(practice, dossier):
    asked = ask(practice, dossier).erasure
    assert proof(practice, asked.id) == Refused("not_found")
    erasing.sweep(practice.ports, NOW)
    assert proof(practice, asked.id).certificate
    stranger = dataclasses.replace(practice.director.caller, member="ff" * 16)
    assert proof(practice, asked.id, stranger) == Refused("not_found")
    assert proof(practice, "ff" * 16) == Refused("not_found")
