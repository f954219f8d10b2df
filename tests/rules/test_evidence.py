"""A tombstone is believed by its evidence, and by nothing else; the published vectors say each way it is not."""

from __future__ import annotations

import json

import pytest

from tests.records import practice, samples
from tests.records.practice import TODAY, rosters
from tests.rules import evidence_vectors as made
from tests.rules.verdicts import chain_of
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.types.tombstone import Tombstone, retention_id
from vault.rules.evidence import EvidenceError, due_of, read_evidence, read_warrant, taken_back
from vault.rules.terms import add_months

PUBLISHED = json.loads(made.FILE.read_text(encoding="utf-8"))


def test_the_published_vectors_are_what_is_made_today():
    assert json.loads(json.dumps(made.vectors())) == PUBLISHED


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in PUBLISHED["tombstones"]])
def test_a_tombstone_is_believed_as_the_vectors_say(case):
    chain = chain_of([from_json(each, "roster") for each in case["rosters"]])
    evidence, tombstone = read_evidence(case["evidence"]), Tombstone.read(from_json(case["tombstone"], "tombstone"))
    assert evidence.digest == case["digest"]
    assert evidence.to_json() == case["evidence"]
    assert made.verdict(chain, evidence, tombstone) == case["verdict"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in PUBLISHED["withdrawals"]])
def test_a_request_is_taken_back_as_the_vectors_say(case):
    request, withdrawal = from_json(case["request"], "erasure"), from_json(case["withdrawal"], "erasure_withdrawal")
    assert taken_back([request], [withdrawal]) == ({request.hash} if case["taken_back"] else set())


def test_both_verdicts_and_both_kinds_of_evidence_are_in_the_vectors():
    assert {case["verdict"] for case in PUBLISHED["tombstones"]} == {"allowed", "evidence_invalid", "signature_invalid"}
    assert {case["evidence"]["request"] is None for case in PUBLISHED["tombstones"]} == {True, False}


def test_what_a_warrant_says():
    asked = read_warrant(made.by_request(samples.erasure()), rosters())
    assert (asked.erasure, asked.documents, asked.records) == ("e5" * 16, (samples.DOCUMENT,), ())
    due = read_warrant(made.term(), rosters())
    assert due.erasure == retention_id(practice.DOSSIER)
    assert (due.documents, due.records, due.request, due.signer, due.expires) == ((), (), None, None, None)


def test_the_day_that_evidence_gives():
    assert due_of(made.term(), rosters()) == add_months(TODAY, 60)
    assert due_of(made.term(practice.trajectory(rosters(), policy=made.policy_hash())), rosters()) is None
    with pytest.raises(EvidenceError):
        due_of(made.term(made.unreadable()), rosters())


@pytest.mark.parametrize("name", ["heads", "trajectories", "policies"])
def test_evidence_that_is_none(name):
    value = made.term().to_json()
    for broken in ([{}], "x", [1], None):
        with pytest.raises(RecordError):
            read_evidence({**value, name: broken})
