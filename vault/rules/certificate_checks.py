"""Whether a member's check of a certificate counts: the server asks before it takes one, and each reader."""

from __future__ import annotations

from collections.abc import Sequence

from vault.records.envelope import Envelope, SignatureError
from vault.records.types.certificate import Certificate
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.tombstone import Tombstone
from vault.rules.rights import check_member, is_older
from vault.rules.rosters import Rosters
from vault.rules.terms import CLOCK_SLACK


def read_check(
    envelope: Envelope, certificate: Certificate, tombstones: Sequence[Tombstone], rosters: Rosters
) -> CertificateCheck:
    """The check, by a member active in the roster that it stands on; raises SignatureError, RosterError, RecordError.

    It is of this very certificate, made after it, by a device that had seen its tombstones in the ledger.
    """
    check_member(envelope, rosters)
    check = CertificateCheck.read(envelope)
    if (check.certificate, check.id, check.dossier) != (certificate.hash, certificate.id, certificate.dossier):
        raise SignatureError("a check of another certificate")
    if is_older(check.standing, certificate.standing) or check.at + CLOCK_SLACK < certificate.at:
        raise SignatureError("a check from before its certificate")
    seen = check.seen.ledger
    for tombstone in tombstones:
        if seen.number < tombstone.sequence or (seen.number == tombstone.sequence and seen.hash != tombstone.hash):
            raise SignatureError("a check by a device that had not seen the certificate's tombstones")
    return check
