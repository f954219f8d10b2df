"""The certificate of destruction as a file, verifiable offline (FORMAT.md, "Certificates").

Strict JSON `{v, certificate, tombstones, evidence, leaves, rosters, checks}`, in the client's copy `name`, `nonce`,
`documents` too: the practice's copy has no name, the client's copy opens the commitments to her name and to her
documents. All other members are signed, or digested by what is signed, from the first roster on.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.strict_json import dump, parse_object
from vault.records.types.certificate import Certificate
from vault.records.types.profile import certificate_commitment
from vault.records.types.tombstone import Tombstone
from vault.rules import merkle, rosters
from vault.rules.evidence import Evidence, read_evidence, read_warrant, requested_records
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.rules.terms import CLOCK_SLACK
from vault.sdk.checks import Check, Findings
from vault.sdk.documents.metadata import Metadata
from vault.sdk.erasures.certificate_checks import Checked, find_checks
from vault.sdk.erasures.named_documents import Opening, read_leaves, read_openings, write_leaves
from vault.sdk.people.known_practice import check_practice
from vault.secret import Secret

VERSION = 1
MAX_FILE = 64 * 1024 * 1024
NONCE_SIZE = 32
MAX_NAME = 200
FIELDS = frozenset({"v", "certificate", "tombstones", "evidence", "leaves", "rosters", "checks"})
EVIDENCE_FIELDS = frozenset({"request", "heads", "trajectories", "policies"})
CLIENTS = frozenset({"name", "nonce", "documents"})
FILE, ROSTERS, SIGNATURE, EVIDENCE, TIMES, TOMBSTONES, DOCUMENTS, COMMITMENT = (
    *("file", "rosters", "signature", "evidence", "times", "tombstones", "documents", "commitment"),
)


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """The file's content; only the client's copy has `name`, `nonce` and `documents`, the openings of her documents.

    `leaves` are the hashes of the destroyed documents' records, of which the certificate has the root. `checks` are
    by members whose devices verified it.
    """

    certificate: Envelope
    tombstones: tuple[Envelope, ...]
    evidence: Evidence
    rosters: tuple[Envelope, ...]
    leaves: tuple[str, ...] = ()
    name: str | None = None
    nonce: Secret | None = None
    documents: tuple[Opening, ...] = ()
    checks: tuple[Envelope, ...] = ()

    def for_client(self, name: str, nonce: bytes, documents: tuple[Opening, ...] = ()) -> CertificateFile:
        """The client's copy, which proves that the certificate is about this client, and about which documents."""
        return replace(self, name=name, nonce=Secret(nonce), documents=documents)

    def to_bytes(self) -> bytes:
        """The file."""
        fields: dict[str, Any] = {
            "v": VERSION,
            "certificate": self.certificate.to_json(),
            "tombstones": [each.to_json() for each in self.tombstones],
            "evidence": self.evidence.to_json(),
            "leaves": write_leaves(self.leaves),
            "rosters": [each.to_json() for each in self.rosters],
            "checks": [each.to_json() for each in self.checks],
        }
        if self.nonce is not None:
            fields |= {"name": self.name, "nonce": to_base64url(self.nonce)}
            fields["documents"] = [each.to_json() for each in self.documents]
        return dump(fields)


def parse_certificate(raw: bytes) -> CertificateFile:
    """The file's parts, not verified; raises RecordError."""
    fields = parse_object(raw, limit=MAX_FILE)
    read.integer(fields, "v", least=VERSION, most=VERSION)
    if set(fields) not in (FIELDS, FIELDS | CLIENTS):
        raise RecordError("a certificate has other fields than it may have")
    file = from_answer(fields)
    if "name" not in fields:
        return file
    name, nonce = read.text(fields, "name", limit=MAX_NAME), read.octets(fields, "nonce", NONCE_SIZE)
    return file.for_client(name, nonce, read_openings(fields))


def from_answer(fields: dict[str, Any]) -> CertificateFile:
    """The practice's copy from the server's answer; raises RecordError."""
    return CertificateFile(
        certificate=_envelope(read.mapping(fields, "certificate"), "certificate"),
        tombstones=tuple(_envelope(e, "tombstone") for e in read.objects(fields, "tombstones", least=1, most=500)),
        evidence=_evidence(read.mapping(fields, "evidence")),
        leaves=read_leaves(fields),
        rosters=tuple(_envelope(e, "roster") for e in read.objects(fields, "rosters", least=1, most=10_000)),
        checks=envelopes_of_checks(fields),
    )


def envelopes_of_checks(fields: dict[str, Any]) -> tuple[Envelope, ...]:
    """The field `checks`; raises RecordError."""
    return tuple(_envelope(e, "certificate_check") for e in read.objects(fields, "checks", most=10_000))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every check of a certificate; `certificate` and `rosters` are None if unreadable.

    `documents` are those that the client's copy names, and that the certificate covers; `checked` are members' checks.
    """

    checks: tuple[Check, ...]
    file: CertificateFile | None = None
    certificate: Certificate | None = None
    rosters: Rosters | None = None
    documents: tuple[Metadata, ...] = ()
    checked: tuple[Checked, ...] = ()

    @property
    def ok(self) -> bool:
        """True when every check passed."""
        return all(check.ok for check in self.checks)


def verify(raw: bytes, practice: str | None, now: datetime, fingerprint: str | None = None) -> Verdict:
    """Check the whole file offline; `practice` is the reader's known id, or None.

    `fingerprint` are the six words, or SHA-256 in hex, of a root key as a cover or a sheet shows them. Without either
    the practice is unknown, and the certificate proves nothing to this reader.
    Never raises: faults are in the checks.
    """
    findings = Findings()
    findings.passed(FILE)
    try:
        file = parse_certificate(raw)
        certificate = Certificate.read(file.certificate)
        tombstones = [Tombstone.read(each) for each in file.tombstones]
    except RecordError as error:
        findings.failed(FILE, "unreadable", reason=str(error))
        return Verdict(tuple(findings.all()))
    chain = _rosters(file, findings)
    if chain is not None:
        check_practice(chain, practice, fingerprint, findings)
        _check_signatures(file, chain, findings)
        _check_evidence(file, chain, (certificate, tombstones), findings)
    _check_times(certificate, tombstones, now, findings)
    _check_tombstones(certificate, tombstones, findings)
    _check_documents(file, certificate, tombstones, findings)
    named = _named(file, certificate, findings)
    _check_commitment(file, certificate, findings)
    checked = () if chain is None else find_checks(file.checks, (certificate, tombstones), chain, now, findings)
    return Verdict(tuple(findings.all()), file, certificate, chain, named, checked)


def _rosters(file: CertificateFile, findings: Findings) -> Rosters | None:
    findings.passed(ROSTERS)
    try:
        chain = rosters.first(file.rosters[0])
        for envelope in file.rosters[1:]:
            chain = chain.append(envelope)
    except (IntegrityError, RecordError) as error:
        findings.failed(ROSTERS, "rosters_broken", reason=str(error))
        return None
    return chain


def _check_signatures(file: CertificateFile, chain: Rosters, findings: Findings) -> None:
    findings.passed(SIGNATURE)
    for envelope, what in ((file.certificate, "certificate"), *((each, "tombstone") for each in file.tombstones)):
        try:
            check_signer(envelope, chain)
        except (IntegrityError, RecordError) as error:
            findings.failed(SIGNATURE, f"{what}_not_signed", reason=str(error))


def _check_times(certificate: Certificate, tombstones: list[Tombstone], now: datetime, findings: Findings) -> None:
    findings.passed(TIMES)
    last = max(each.at for each in tombstones)
    in_order = (certificate.requested, last, certificate.shredded, certificate.verified, certificate.at)
    if any(earlier > later + CLOCK_SLACK for earlier, later in pairwise(in_order)):
        findings.failed(TIMES, "times_out_of_order")
    if certificate.horizon < certificate.shredded:
        findings.failed(TIMES, "horizon_too_early")
    if certificate.at > now + CLOCK_SLACK:
        findings.failed(TIMES, "of_the_future")


def _check_tombstones(certificate: Certificate, tombstones: list[Tombstone], findings: Findings) -> None:
    """Check that these are the certificate's tombstones, of one erasure, at their positions in one ledger."""
    findings.passed(TOMBSTONES)
    if certificate.tombstones != tuple(sorted(each.hash for each in tombstones)):
        findings.failed(TOMBSTONES, "tombstones_differ")
    expected = (certificate.kind, certificate.dossier, certificate.reason, tombstones[0].request)
    if any((each.kind, each.dossier, each.reason, each.request) != expected for each in tombstones):
        findings.failed(TOMBSTONES, "tombstones_of_another")
    subjects = {each.subject for each in tombstones}
    if certificate.kind == "dossier":
        if subjects != {certificate.dossier} or len(tombstones) != 1:
            findings.failed(TOMBSTONES, "tombstones_of_another")
    elif len(subjects) != len(tombstones) or certificate.counts.documents != len(tombstones):
        findings.failed(TOMBSTONES, "tombstones_differ")
    for before, after in pairwise(sorted(tombstones, key=lambda each: each.sequence)):
        follows = after.sequence > before.sequence and after.at + CLOCK_SLACK >= before.at
        follows = follows and after.standing.version >= before.standing.version
        if not follows or (after.sequence == before.sequence + 1 and after.previous != before.hash):
            findings.failed(TOMBSTONES, "ledger_broken", sequence=after.sequence)


def _check_evidence(
    file: CertificateFile, chain: Rosters, signed: tuple[Certificate, list[Tombstone]], findings: Findings
) -> None:
    """What was destroyed had to be: somebody who may ask for it asked, or its term was over."""
    findings.passed(EVIDENCE)
    certificate, tombstones = signed
    try:
        warrant = read_warrant(file.evidence, chain)
        for tombstone in tombstones:
            warrant.check(tombstone, chain)
    except (IntegrityError, RecordError) as error:
        findings.failed(EVIDENCE, "evidence_missing", reason=str(error))
        return
    said = (certificate.id, certificate.dossier, certificate.reason)
    if said != (warrant.erasure, warrant.dossier, warrant.reason):
        findings.failed(EVIDENCE, "evidence_of_another")


def _check_documents(
    file: CertificateFile, certificate: Certificate, tombstones: list[Tombstone], findings: Findings
) -> None:
    """The leaves are what the certificate has the root of, and of single documents those that the request names."""
    findings.passed(DOCUMENTS)
    leaves = file.leaves
    if merkle.root(leaves) != certificate.documents or list(leaves) != sorted(set(leaves)):
        findings.failed(DOCUMENTS, "documents_differ")
        return
    try:
        asked = requested_records(file.evidence)
    except RecordError:
        asked = {}  # the evidence has its own finding
    expected = {asked.get(each.subject) for each in tombstones} if asked else set(leaves)
    if set(leaves) != expected or (certificate.kind == "dossier" and len(leaves) != certificate.counts.documents):
        findings.failed(DOCUMENTS, "documents_of_another")


def _named(file: CertificateFile, certificate: Certificate, findings: Findings) -> tuple[Metadata, ...]:
    """The documents that the client's copy opens; one that does not open, or is not covered, is a finding."""
    leaves, named = frozenset(file.leaves), []
    for opening in file.documents:
        try:
            metadata = opening.metadata(certificate.dossier)
        except (IntegrityError, RecordError) as error:
            findings.failed(DOCUMENTS, "document_does_not_open", reason=str(error))
            continue
        if opening.hash not in leaves:
            findings.failed(DOCUMENTS, "document_not_covered", document=metadata.path)
            continue
        named.append(metadata)
    return tuple(sorted(named, key=lambda one: (one.folder, one.name)))


def _check_commitment(file: CertificateFile, certificate: Certificate, findings: Findings) -> None:
    if file.nonce is None or file.name is None:
        return
    findings.passed(COMMITMENT)
    if not hmac.compare_digest(certificate_commitment(file.nonce, file.name), certificate.commitment):
        findings.failed(COMMITMENT, "other_name")


def file_digest(raw: bytes) -> str:
    """The SHA-256 of the file, as on its printed page."""
    return hashlib.sha256(raw).hexdigest()


def _evidence(value: dict[str, Any]) -> Evidence:
    if set(value) != EVIDENCE_FIELDS:
        raise RecordError("evidence has other fields than it may have")
    evidence = read_evidence(value)
    if evidence.to_json() != value:
        raise RecordError("evidence has other fields than it may have")
    return evidence


def _envelope(value: dict[str, Any], kind: str) -> Envelope:
    envelope = from_json(value, kind)
    if envelope.to_json() != value:
        raise RecordError("an envelope has other fields than it may have")
    return envelope
