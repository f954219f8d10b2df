"""Makes `tests/vectors/9-named-documents.json`: `python -m tests.sdk.erasures.named_document_vectors` writes it anew.

A case is a certificate's file, the practice and the instant of its reader, the names of the checks that fail, and the
documents that it covers by name. All signatures hold in every case.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.records import practice, samples
from tests.records.practice import COACH, DOSSIER, NOW, PRACTICE, rosters
from vault.records.encoding import format_instant, parse_instant, to_base64url
from vault.records.envelope import Envelope
from vault.records.standing import text_digest
from vault.records.strict_json import dump
from vault.records.types.certificate import METHOD, Certificate, Counts
from vault.records.types.document import Document
from vault.records.types.profile import certificate_commitment
from vault.records.types.tombstone import Tombstone
from vault.rules import merkle
from vault.rules.evidence import Evidence
from vault.sdk.documents.metadata import Metadata
from vault.sdk.erasures.certificate import CertificateFile, Verdict, verify
from vault.sdk.erasures.named_documents import Opening

FILE = Path(__file__).parents[2] / "vectors" / "9-named-documents.json"
ONE, TWO, THIRD = "d1" * 16, "d2" * 16, "d3" * 16
NAME, NONCE = "Jan de Vries", b"k" * 32


def paper(document: str, **changes: Any) -> Opening:
    """A document, as the client's copy opens it."""
    fields = Metadata(f"verslag-{document[:2]}.pdf", "2026", "application/pdf", 12, "5a" * 32, "", NOW).to_json()
    text = dump({"v": 1, "salt": to_base64url(document.encode()[:16]), **fields}).ljust(256)
    record = Document.read(samples.document(id=document, series=document, metadata=text_digest("document", text)))
    return Opening(practice.write("document", dataclasses.replace(record, **changes).content(), COACH).record, text)


PAPERS = (paper(ONE), paper(TWO))
LEAVES = tuple(sorted(one.hash for one in PAPERS))


def of_documents(leaves: tuple[str, ...] = LEAVES, **changes: Any) -> CertificateFile:
    """The certificate of two documents, which a request named."""
    asked = samples.erasure(documents=(ONE, TWO), records=tuple(one.hash for one in PAPERS))
    evidence = Evidence((practice.head(rosters()),), asked)
    return _file(evidence, _stones(evidence, ("document", ONE), ("document", TWO)), leaves, changes)


def of_dossier(leaves: tuple[str, ...] = LEAVES, **changes: Any) -> CertificateFile:
    """The certificate of a whole dossier with two documents."""
    evidence = Evidence((practice.head(rosters()),), samples.erasure(documents=()))
    return _file(evidence, _stones(evidence, ("dossier", DOSSIER)), leaves, {"kind": "dossier", **changes})


def _stones(evidence: Evidence, *subjects: tuple[str, str]) -> list[Envelope]:
    assert evidence.request is not None
    found: list[Envelope] = []
    for number, (kind, subject) in enumerate(subjects, 1):
        previous = found[-1].hash if found else None
        request, said = evidence.request.hash, evidence.digest
        one = Tombstone(rosters().standing, kind, subject, DOSSIER, "client", request, said, number, previous, NOW)
        found.append(samples.by_installation("tombstone", one.content()))
    return found


def _file(
    evidence: Evidence, stones: list[Envelope], leaves: tuple[str, ...], changes: dict[str, Any]
) -> CertificateFile:
    base = Certificate(
        standing=rosters().standing,
        id="e5" * 16,
        kind="document",
        dossier=DOSSIER,
        reason="client",
        commitment=certificate_commitment(NONCE, NAME),
        documents=merkle.root(leaves),
        tombstones=tuple(sorted(each.hash for each in stones)),
        counts=Counts(documents=2, shares=0, objects=2, bytes=56, keys=2),
        requested=NOW,
        shredded=NOW,
        verified=NOW,
        horizon=NOW,
        method=METHOD,
        at=NOW,
    )
    signed = samples.by_installation("certificate", dataclasses.replace(base, **changes).content())
    return CertificateFile(signed, tuple(stones), evidence, (practice.first_roster(),), leaves)


def _cases() -> Iterator[tuple[str, CertificateFile]]:
    both, whole, other = of_documents(), of_dossier(), paper(THIRD)
    yield "two documents, the practice's copy", both
    yield "two documents, the client's copy names both", both.for_client(NAME, NONCE, PAPERS)
    yield "two documents, the client's copy names one", both.for_client(NAME, NONCE, PAPERS[:1])
    yield "a dossier, the client's copy names both", whole.for_client(NAME, NONCE, PAPERS)
    yield "a dossier without documents", of_dossier((), counts=Counts(0, 0, 0, 0, 1)).for_client(NAME, NONCE)
    yield "another name", both.for_client("Jan de Wit", NONCE, PAPERS)
    yield "a leaf less than the root has", dataclasses.replace(both, leaves=LEAVES[:1])
    yield "leaves in another order", dataclasses.replace(both, leaves=LEAVES[::-1])
    yield "a leaf twice", dataclasses.replace(both, leaves=(*LEAVES, LEAVES[1]))
    yield "another document than the request names", of_documents(tuple(sorted((PAPERS[0].hash, other.hash))))
    yield "one of the two that were asked for", of_documents(LEAVES[:1])
    yield "a dossier with fewer leaves than documents", of_dossier(LEAVES[:1])
    yield "a named document that is not covered", both.for_client(NAME, NONCE, (*PAPERS, other))
    yield (
        "a named document with another's text",
        whole.for_client(NAME, NONCE, (dataclasses.replace(PAPERS[0], text=PAPERS[1].text),)),
    )
    elsewhere = paper(THIRD, dossier="ef" * 16)
    yield (
        "a named document of another dossier",
        of_dossier((elsewhere.hash,), counts=Counts(1, 0, 0, 0, 1)).for_client(NAME, NONCE, (elsewhere,)),
    )


def judged(file: bytes, reader: str, now: str) -> dict[str, Any]:
    """What a reader of that practice finds."""
    verdict: Verdict = verify(file, reader, parse_instant(now))
    failing = [check.name for check in verdict.checks if not check.ok]
    return {"failing": failing, "documents": [one.path for one in verdict.documents]}


def vectors() -> dict[str, Any]:
    now = format_instant(NOW)
    return {
        "about": "FORMAT.md, Certificate file: which checks fail for a reader of `practice`, and what is named.",
        "cases": [
            {
                "name": name,
                "file": json.loads(file.to_bytes()),
                "practice": PRACTICE,
                "now": now,
                **judged(file.to_bytes(), PRACTICE, now),
            }
            for name, file in _cases()
        ],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
