"""The rules give the verdicts that the published vectors say, from nothing but what stands in the files."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tests.rules import (
    chain_vectors,
    index_vectors,
    installation_vectors,
    right_vectors,
    term_vectors,
    vectors,
    verdicts,
)
from vault.records.encoding import parse_instant
from vault.records.envelope import from_json
from vault.records.table import TABLE
from vault.records.types.policy import Policy
from vault.records.types.share import Share
from vault.rules import merkle
from vault.rules.sharing import may_share

FILES = {name: json.loads((verdicts.FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in vectors.FILES}
CHAINS, TREE, RIGHTS, TERMS = (FILES[name] for name in ("3-chains", "3-merkle", "3-rights", "9-terms"))


def cases(family: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in family])


def chain_of(file: dict[str, Any], hashes: list[str], kind: str) -> list[Any]:
    return [from_json(file["records"][each], kind) for each in hashes]


@pytest.mark.parametrize("name", sorted(vectors.FILES))
def test_the_published_vectors_are_what_is_made_today(name):
    assert json.loads(json.dumps(vectors.FILES[name]())) == FILES[name]


@cases(CHAINS["rosters"])
def test_a_roster_follows_as_the_vectors_say(case):
    before = chain_of(CHAINS, case["chain"], "roster")
    assert (
        verdicts.verdict_of(lambda: chain_vectors.append_all(before, from_json(case["next"], "roster")))
        == case["verdict"]
    )


@cases(CHAINS["heads"])
def test_a_head_follows_as_the_vectors_say(case):
    known = verdicts.chain_of(chain_of(CHAINS, case["rosters"], "roster"))
    before, head = chain_of(CHAINS, case["chain"], "dossier"), from_json(case["next"], "dossier")
    assert verdicts.verdict_of(lambda: chain_vectors.append_heads(before, head, known)) == case["verdict"]


@cases(CHAINS["numbers"])
def test_a_number_follows_as_the_vectors_say(case):
    assert chain_vectors.follow(case["last"], case["number"], case["previous"]) == case["verdict"]


@cases(CHAINS["entries"])
def test_a_tombstone_or_checkpoint_follows_as_the_vectors_say(case):
    before, new = (from_json(case[name], case["type"]) for name in ("before", "next"))
    assert verdicts.verdict_of(lambda: installation_vectors.follows(before, new)) == case["verdict"]


@cases(CHAINS["documents"])
def test_a_version_of_a_document_follows_as_the_vectors_say(case):
    last = None if case["last"] is None else from_json(case["last"], "document")
    new = from_json(case["next"], "document")
    assert verdicts.verdict_of(lambda: chain_vectors.follow_document(last, new)) == case["verdict"]


@cases(CHAINS["deposits"])
def test_a_deposit_is_completed_as_the_vectors_say(case):
    intent, record = from_json(case["intent"], "intent"), from_json(case["record"], "document")
    assert chain_vectors.deposit(intent, record, [bytes.fromhex(one) for one in case["segments"]]) == case["verdict"]


@cases(CHAINS["index"])
def test_an_index_lists_what_the_vectors_say(case):
    assert (
        chain_vectors.follow_index(case["before"], case["known"], from_json(case["next"], "index")) == case["verdict"]
    )


@cases(CHAINS["index_backwards"])
def test_an_index_taken_back_gives_what_the_vectors_say(case):
    found = index_vectors.take_back(case["after"], from_json(case["index"], "index"))
    assert found == (case["verdict"], case["before"])


@cases(CHAINS["index_and_head"])
def test_index_and_head_belong_together_as_the_vectors_say(case):
    heads = chain_of(CHAINS, case["heads"], "dossier")
    assert chain_vectors.stand(heads, from_json(case["index"], "index")) == case["verdict"]


@pytest.mark.parametrize("case", TREE["roots"], ids=lambda case: str(len(case["records"])))
def test_a_root_is_what_the_vectors_say(case):
    assert merkle.root(case["records"]) == merkle.root(case["records"][::-1]) == case["root"]


@cases(TREE["proofs"])
def test_a_proof_holds_as_the_vectors_say(case):
    proof = merkle.Proof(case["position"], tuple(bytes.fromhex(node) for node in case["path"]))
    assert merkle.proves(proof, case["record"], case["root"], case["count"]) is case["holds"]


def test_nothing_is_proven_of_what_is_not_listed():
    with pytest.raises(KeyError):
        merkle.prove([index_vectors.leaf(1)], index_vectors.leaf(2))


@cases(RIGHTS["in_force"])
def test_a_newest_record_is_in_force_as_the_vectors_say(case):
    chain = chain_of(RIGHTS, case["rosters"], "roster")
    assert right_vectors.force(chain, case["signer"], pinned=case["pinned"]) == case["verdict"]


@cases(RIGHTS["signing"])
def test_a_signer_has_the_right_that_the_vectors_say(case):
    chain, heads = chain_of(RIGHTS, case["rosters"], "roster"), chain_of(RIGHTS, case["heads"], "dossier")
    record = from_json(case["record"], case["type"])
    assert right_vectors.signing(record, chain, heads, new=False) == case["accepted"]
    assert right_vectors.signing(record, chain, heads, new=True) == case["new"]


@cases(RIGHTS["sharing"])
def test_a_share_is_allowed_as_the_vectors_say(case):
    share = Share.read(from_json(case["share"], "share"))
    policy, now = Policy.read(from_json(case["policy"], "policy")), parse_instant(case["now"])
    assert verdicts.verdict_of(lambda: may_share(share, policy, now)) == case["verdict"]


def test_a_term_is_computed_as_the_vectors_say():
    for case in TERMS["add_months"]:
        assert term_vectors.months_on(case["day"], case["months"]) == case["result"]
    for case in TERMS["destroy_on"]:
        assert (
            term_vectors.due([tuple(each[name] for name in term_vectors.TERM) for each in case["trajectories"]])
            == case["result"]
        )
    for case in TERMS["start_of"]:
        assert term_vectors.begins(case["day"]) == case["result"]
    for case in TERMS["ending"]:
        end = None if case["end"] is None else date.fromisoformat(case["end"])
        assert term_vectors.ending(end, parse_instant(case["at"]), parse_instant(case["now"])) == case["verdict"]


def test_every_type_and_both_verdicts_are_in_the_vectors():
    assert {case["type"] for case in RIGHTS["signing"]} | {"dossier"} == set(TABLE)
    for family in (
        *(
            CHAINS[name]
            for name in ("rosters", "heads", "numbers", "documents", "index", "index_backwards", "index_and_head")
        ),
        RIGHTS["in_force"],
        RIGHTS["sharing"],
    ):
        verdicts = {case["verdict"] for case in family}
        assert "allowed" in verdicts
        assert len(verdicts) > 1
