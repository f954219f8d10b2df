"""Makes `tests/vectors/9-certificates.json`: what a reader finds wrong in a certificate's file, without any server.

`python -m tests.sdk.erasures.certificate_vectors` writes it anew. `failed` are the words for what was found; none: it
holds. `checked` are the members' checks that count.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.records import practice, samples
from tests.records.practice import COACH, DOSSIER, NOW, OTHER, PRACTICE, ROOT, TODAY, rosters
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope
from vault.records.seen import NOTHING_SEEN, Seen, Sighting
from vault.records.strict_json import dump
from vault.records.types.certificate import Certificate
from vault.records.types.tombstone import Tombstone, installation_signer, retention_id
from vault.rules.evidence import Evidence
from vault.sdk.erasures.certificate import CertificateFile, verify
from vault.sdk.keys.words import fingerprint

AWAY = (practice.member(practice.DIRECTOR, "director"), practice.member(COACH, until=NOW), practice.member(OTHER))

FILE = Path(__file__).parents[2] / "vectors" / "9-certificates.json"
NAME, NONCE = "Jan de Vries", b"k" * 32
LATER = NOW + timedelta(days=1)
DUE = NOW.replace(year=2032)
WORDS, DIGEST = fingerprint(bytes(ROOT.verify_key)), hashlib.sha256(bytes(ROOT.verify_key)).hexdigest()


def asked(**changes: Any) -> Evidence:
    return Evidence((practice.head(rosters()),), samples.erasure(**{"documents": (), **changes}))


def over() -> Evidence:
    policy = practice.policy(rosters())
    return Evidence(
        (practice.head(rosters()),), None, (practice.trajectory(rosters(), end=TODAY, policy=policy.hash),), (policy,)
    )


def stone(evidence: Evidence, **changes: Any) -> Envelope:
    request = evidence.request
    base = {
        "kind": "dossier",
        "subject": DOSSIER,
        "reason": "retention" if request is None else str(request.fields["basis"]),
        "request": None if request is None else request.hash,
        "evidence": evidence.digest,
        "at": DUE if request is None else NOW,
    }
    return samples.tombstone(**{**base, **changes})


def made(evidence: Evidence, *stones: Envelope, by: Any = samples.by_installation, **changes: Any) -> CertificateFile:
    """The practice's copy: of the whole dossier, but for the changes."""
    stones = stones or (stone(evidence),)
    at = Tombstone.read(stones[0]).at
    base = dataclasses.replace(
        Certificate.read(samples.certificate()),
        id=retention_id(DOSSIER) if evidence.request is None else str(evidence.request.fields["erasure"]),
        kind="dossier",
        reason=str(stones[0].fields["reason"]),
        tombstones=tuple(sorted(each.hash for each in stones)),
        requested=at,
        shredded=at,
        verified=at,
        horizon=at + timedelta(days=14),
        at=at,
    )
    certificate = by("certificate", dataclasses.replace(base, **changes).content())
    leaves = (samples.document().hash,)
    return CertificateFile(certificate, stones, evidence, (practice.first_roster(),), leaves)


def by_coach(kind: str, content: dict[str, Any]) -> Envelope:
    return practice.write(kind, content, COACH)


def cases() -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Name, the file, and what its reader knows: `practice`, `fingerprint`, `now`."""
    wide = asked()
    whole = made(wide)
    raw, known = whole.to_bytes(), {"practice": PRACTICE}
    yield "the practice's copy, for a member", raw, known
    yield "for somebody who knows nothing", raw, {}
    yield "for somebody with the six words", raw, {"fingerprint": WORDS}
    yield "for somebody with the words, typed otherwise", raw, {"fingerprint": f" {WORDS.upper()} "}
    yield "for somebody with the SHA-256", raw, {"fingerprint": DIGEST}
    yield "for somebody with the SHA-256, typed otherwise", raw, {"fingerprint": f"\u3000{DIGEST.upper()}\n"}
    yield "for somebody with a mark before the SHA-256", raw, {"fingerprint": f"\ufeff{DIGEST}"}
    yield "for somebody with the SHA-256 in two parts", raw, {"fingerprint": f"{DIGEST[:32]} {DIGEST[32:]}"}
    yield "for somebody with the words of another", raw, {"fingerprint": fingerprint(bytes(32))}
    yield "for somebody with words that are none", raw, {"fingerprint": "xx xx xx xx xx xx"}
    yield "for a member of another practice", raw, {"practice": "ff" * 16}
    yield "the client's copy", whole.for_client(NAME, NONCE).to_bytes(), known
    yield "a client's copy with another name", whole.for_client("Piet", NONCE).to_bytes(), known
    yield "a client's copy with another nonce", whole.for_client(NAME, bytes(32)).to_bytes(), known
    yield from _of_one_document(known)
    yield "by retention", made(over()).to_bytes(), {**known, "now": DUE + timedelta(days=1)}
    early = over()
    yield "by retention, before its day", made(early, stone(early, at=NOW)).to_bytes(), known
    yield "of tomorrow", raw, {**known, "now": NOW - timedelta(minutes=6)}
    yield "of five minutes ahead", raw, {**known, "now": NOW - timedelta(minutes=5)}
    yield "signed by a coach", made(wide, by=by_coach).to_bytes(), known
    yield "its tombstone signed by a coach", made(wide, by_coach("tombstone", _content(stone(wide)))).to_bytes(), known
    for name, changes in WRONG.items():
        yield name, made(wide, **changes).to_bytes(), known
    foreign = asked(signer=OTHER)
    yield "asked for by one who does not hold the dossier", made(foreign).to_bytes(), known
    odd = asked(basis="another")
    yield "asked for on an unknown basis", made(odd).to_bytes(), known
    yield "an unknown reason", made(wide, stone(wide, reason="another")).to_bytes(), known
    yield from _other_files(raw, known)
    yield from _checked(whole, known)


WRONG: dict[str, dict[str, Any]] = {
    "another dossier": {"dossier": "ff" * 16},
    "another erasure": {"id": "ff" * 16},
    "another reason": {"reason": "staff"},
    "another kind": {"kind": "document"},
    "an unknown kind": {"kind": "another"},
    "other tombstones": {"tombstones": ("00" * 32,)},
    "shredded before the tombstone": {"shredded": NOW - timedelta(minutes=6)},
    "verified before it was shredded": {"verified": NOW - timedelta(minutes=6)},
    "requested after it was done": {"requested": NOW + timedelta(minutes=6)},
    "a horizon before it was shredded": {"horizon": NOW - timedelta(seconds=1)},
}


def _of_one_document(known: dict[str, Any]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    one = asked(documents=(samples.DOCUMENT,))
    gone = {"kind": "document", "subject": samples.DOCUMENT}
    yield "of one document", made(one, stone(one, **gone), kind="document").to_bytes(), known
    other = stone(one, kind="document", subject="ff" * 16)
    yield "of a document that nobody asked for", made(one, other, kind="document").to_bytes(), known
    yield "of the dossier where a document was asked for", made(one).to_bytes(), known
    two = (stone(one, **gone), stone(one, **gone, sequence=2, previous="00" * 32))
    both = asked(documents=tuple(sorted((samples.DOCUMENT, "ff" * 16))))
    next_ = practice.next_roster(rosters())
    then = rosters().append(next_).standing
    first = stone(both, **gone, standing=then)
    for name, standing in (
        ("a ledger on one roster", then),
        ("a ledger that goes back to an older roster", rosters().standing),
    ):
        second = stone(both, kind="document", subject="ff" * 16, sequence=2, previous=first.hash, standing=standing)
        counts = dataclasses.replace(Certificate.read(samples.certificate()).counts, documents=2)
        file = made(both, first, second, kind="document", counts=counts)
        yield name, dataclasses.replace(file, rosters=(*file.rosters, next_)).to_bytes(), known
    yield "a document twice", made(one, *two, kind="document").to_bytes(), known


def _checked(file: CertificateFile, known: dict[str, Any]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """With checks by members: such as count, and such as do not."""
    about = {"certificate": file.certificate.hash, "id": str(file.certificate.fields["erasure"])}
    check = partial(samples.certificate_check, **about)

    def having(*checks: Envelope, rosters: tuple[Envelope, ...] = file.rosters) -> bytes:
        return dataclasses.replace(file, checks=checks, rosters=rosters).to_bytes()

    stones = [Tombstone.read(each) for each in file.tombstones]
    at_stone = Sighting(stones[0].sequence, stones[0].hash)
    next_ = practice.next_roster(rosters(), members=AWAY)
    after = rosters().append(next_).standing
    yield "checked by a coach", having(check()), known
    yield "checked by two members", having(check(OTHER), check()), known
    yield "checked by one who had seen just its tombstone", having(check(seen=Seen(at_stone))), known
    yield "checked by one who has left since", having(check(), rosters=(*file.rosters, next_)), known
    unknown = (
        practice.member(practice.DIRECTOR, "director"),
        practice.member(COACH, "another"),
        practice.member(OTHER),
    )
    later = practice.next_roster(rosters(), members=unknown)
    yield "checked by one whose role is unknown now", having(check(), rosters=(*file.rosters, later)), known
    gone = check(standing=after)
    yield "checked by one who had left", having(gone, rosters=(*file.rosters, next_)), known
    yield "checked on a roster that is not there", having(check(standing=after)), known
    newer = made(asked(), standing=after, at=NOW)
    kept = partial(samples.certificate_check, certificate=newer.certificate.hash, id=about["id"])
    for name, standing in (
        ("a check on the certificate's roster", after),
        ("a check on an older roster", rosters().standing),
    ):
        checks = (kept(OTHER, standing=standing),)
        yield name, dataclasses.replace(newer, checks=checks, rosters=(*file.rosters, next_)).to_bytes(), known
    yield "checked by one member twice", having(check(), check(at=NOW + timedelta(hours=1))), known
    yield "a check of another certificate", having(check(certificate="ff" * 32)), known
    yield "a check of another erasure", having(check(id="ff" * 16)), known
    yield "a check of another dossier", having(check(dossier="ff" * 16)), known
    yield "a check by the installation", having(as_installation(check())), known
    yield (
        "a check by somebody unknown",
        having(practice.write("certificate_check", _content(check()), "ff" * 16, ROOT)),
        known,
    )
    yield "a check from before the certificate", having(check(at=NOW - timedelta(minutes=6))), known
    yield "a check of five minutes before", having(check(at=NOW - timedelta(minutes=5))), known
    yield "a check of the future", having(check(at=LATER + timedelta(minutes=6))), known
    yield "a check by one who had seen no ledger", having(check(seen=NOTHING_SEEN)), known
    forked = Seen(dataclasses.replace(at_stone, hash="00" * 32))
    yield "a check by one who had seen another tombstone", having(check(seen=forked)), known
    broken = dataclasses.replace(
        check(), signatures=practice.write("certificate_check", _content(check()), OTHER).signatures
    )
    yield "a check with the signature of another", having(broken), known
    yield "no list of checks", dump({k: v for k, v in json.loads(file.to_bytes()).items() if k != "checks"}), known


def as_installation(envelope: Envelope) -> Envelope:
    """The same, by the key that signed the certificate."""
    key = practice.INSTALLATION["ledger"]
    return practice.write(envelope.kind, _content(envelope), installation_signer(bytes(key.verify_key)), key)


def _all(envelope: Envelope) -> dict[str, Any]:
    """Its fields, with what was seen."""
    return _content(envelope)


def _other_files(raw: bytes, known: dict[str, Any]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    whole = json.loads(raw)
    yield "another member of the file", dump({**whole, "more": 1}), known
    yield "another version", dump({**whole, "v": 2}), known
    yield "a name without a nonce", dump({**whole, "name": NAME}), known
    yield "no tombstone", dump({**whole, "tombstones": []}), known
    envelope = whole["certificate"]
    yield "another member of an envelope", dump({**whole, "certificate": {**envelope, "more": 1}}), known
    signed = {**envelope, "signatures": [{**envelope["signatures"][0], "more": 1}]}
    yield "another member of a signature", dump({**whole, "certificate": signed}), known
    yield "leaves that are cut off", dump({**whole, "leaves": whole["leaves"][:-1]}), known
    yield "no leaves", dump({**whole, "leaves": ""}), known
    yield "another member of the evidence", dump({**whole, "evidence": {**whole["evidence"], "more": []}}), known
    yield "evidence without a head", dump({**whole, "evidence": {**whole["evidence"], "heads": []}}), known
    yield "an end cut off", raw[:-1], known
    forged = practice.write("roster", practice.roster().content(), "root", practice.NEW_ROOT).to_json()
    yield "a roster that another root signed", dump({**whole, "rosters": [forged]}), known


def _content(envelope: Envelope) -> dict[str, Any]:
    return {name: value for name, value in envelope.fields.items() if name not in ("v", "type", "practice", "signer")}


def judged(raw: bytes, known: dict[str, Any]) -> dict[str, Any]:
    """The words for what that reader finds, and whose checks count."""
    verdict = verify(raw, known.get("practice"), known.get("now", LATER), known.get("fingerprint"))
    wrong = sorted(check.finding for check in verdict.checks if not check.ok)
    return {"failed": wrong, "checked": [each.to_json() for each in verdict.checked]}


def vectors() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Certificate file: what a reader finds wrong who knows `practice` or `fingerprint`, at `now`; whose checks count.",
        "cases": [
            {
                "name": name,
                "practice": known.get("practice"),
                "fingerprint": known.get("fingerprint"),
                "now": format_instant(known.get("now", LATER)),
                "file": raw.decode(),
                **judged(raw, known),
            }
            for name, raw, known in cases()
        ],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
