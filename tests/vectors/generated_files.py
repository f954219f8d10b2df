"""Evidence, certificates and audit files that chance makes of those in the vectors."""

from __future__ import annotations

import json
from random import Random

from tests.rules import verdicts
from tests.sdk.audit import belief_vectors
from tests.vectors.families import Family
from tests.vectors.mutations import Json, Signers, allowed, change_json, often, read
from vault.errors import VaultError
from vault.records.encoding import from_base64url, parse_instant
from vault.records.envelope import from_json
from vault.records.types.tombstone import Tombstone
from vault.rules.evidence import read_evidence, read_warrant
from vault.rules.rights import check_signer
from vault.sdk.audit.verification import verify_file
from vault.sdk.erasures.certificate import verify

SIGNERS = Signers()


def _evidence(rng: Random) -> Json:
    one = rng.choice(allowed("9-evidence", "tombstones"))
    evidence, stone = one["evidence"], one["tombstone"]
    kinds = {"heads": "dossier", "trajectories": "trajectory", "policies": "policy"}
    if often(rng, 50):
        stone = SIGNERS.change(rng, stone, "tombstone")
    elif evidence["request"] is not None and often(rng, 60):
        evidence = {**evidence, "request": SIGNERS.change(rng, evidence["request"], "erasure")}
    else:
        name = rng.choice([name for name in kinds if evidence[name]])
        changed = [SIGNERS.change(rng, each, kinds[name]) for each in evidence[name]]
        evidence = {**evidence, name: rng.choice((changed, evidence[name] * 2, []))}
    if often(rng, 70):
        stone = _of_evidence(stone, evidence, one["tombstone"]["signatures"][0]["signer"])
    return {"rosters": one["rosters"], "evidence": evidence, "tombstone": stone}


def _of_evidence(stone: Json, evidence: Json, signer: str) -> Json:
    """The tombstone that names the evidence as it is now, where both can be read."""
    try:
        shown = read_evidence(evidence)
        fields = json.loads(from_base64url(stone["record"]))
        fields["evidence"] = shown.digest
        if shown.request is not None:
            fields["request"] = shown.request.hash
        return SIGNERS.sign("tombstone", fields, signer)
    except (VaultError, KeyError, TypeError, ValueError):
        return stone


def _judge_evidence(case: Json) -> Json:
    chain = verdicts.chain_of([from_json(each, "roster") for each in case["rosters"]])
    evidence, envelope = read_evidence(case["evidence"]), from_json(case["tombstone"], "tombstone")
    check_signer(envelope, chain)
    read_warrant(evidence, chain).check(Tombstone.read(envelope), chain)
    return "allowed"


def _belief(rng: Random) -> Json:
    one = dict(rng.choice(read("9-beliefs")["cases"]))
    if often(rng, 50):
        entry = rng.randrange(len(one["ledger"]))
        stone = SIGNERS.change(rng, one["ledger"][entry]["tombstone"], "tombstone")
        one["ledger"] = [
            *one["ledger"][:entry],
            {**one["ledger"][entry], "tombstone": stone},
            *one["ledger"][entry + 1 :],
        ]
    else:
        hashes = [one["pins"]["head"][1]] if "head" in one["pins"] else ["5e" * 32]
        one["pins"] = {
            **one["pins"],
            **rng.choice(
                (
                    {"head": [rng.choice((1, 2, 3)), rng.choice(hashes)]},
                    {"index_roster": rng.choice((1, 2))},
                    {"terms_roster": rng.choice((1, 2))},
                    {"withdrawn": ["5e" * 32]},
                    {"terms": {"7a" * 16: [rng.choice((1, 2)), "5e" * 32]}},
                )
            ),
        }
    return one


def _certificate(rng: Random) -> Json:
    one = rng.choice([case for case in read("9-certificates")["cases"] if not case["failed"]])
    file = json.loads(one["file"])
    kinds = {"tombstones": "tombstone", "rosters": "roster", "checks": "certificate_check"}
    name = rng.choice(["certificate", "certificate", "", *(name for name in kinds if file[name])])
    if name == "certificate":
        file[name] = SIGNERS.change(rng, file[name], name)
    elif name:
        at = rng.randrange(len(file[name]))
        file[name][at] = SIGNERS.change(rng, file[name][at], kinds[name])
    else:
        file = change_json(rng, file)
    return {**{key: one[key] for key in ("practice", "fingerprint", "now")}, "file": json.dumps(file)}


def _judge_certificate(case: Json) -> Json:
    raw, now = case["file"].encode("utf-8", "surrogatepass"), parse_instant(case["now"])
    verdict = verify(raw, case["practice"], now, case["fingerprint"])
    failed = sorted(check.finding for check in verdict.checks if not check.ok)
    return [failed, [[one.member, one.left] for one in verdict.checked]]


def _audit(rng: Random) -> Json:
    one = rng.choice([case for case in read("10-audit")["files"] if not case["failed"]])
    file = json.loads(one["file"])
    if file["checkpoints"] and often(rng, 40):
        at = rng.randrange(len(file["checkpoints"]))
        file["checkpoints"][at] = SIGNERS.change(rng, file["checkpoints"][at], "checkpoint")
    else:
        file = change_json(rng, file)
    return {**{key: one[key] for key in ("practice", "fingerprint")}, "file": json.dumps(file)}


def _judge_audit(case: Json) -> Json:
    raw = case["file"].encode("utf-8", "surrogatepass")
    return sorted(check.finding for check in verify_file(raw, case["practice"], case["fingerprint"]) if not check.ok)


FAMILIES = {
    "evidence": Family(_evidence, _judge_evidence, words=False),
    "belief": Family(_belief, belief_vectors.believed, words=False),
    "certificate": Family(_certificate, _judge_certificate),
    "audit": Family(_audit, _judge_audit),
}
