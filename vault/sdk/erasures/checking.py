"""A member's check of a certificate, made by her device once everything about it was verified (decision 23).

The certificate is the server's word for what the server did. Her check is hers: of what she had asked for, against what
her device had seen, and after it looked whether the list still shows what is said to be gone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.tombstone import Tombstone
from vault.sdk.audit.ledger import read_ledger
from vault.sdk.documents.listing import Quarantined, list_documents
from vault.sdk.dossiers.listing import Doubt, look_up
from vault.sdk.dossiers.loading import load_dossier
from vault.sdk.erasures.certificate import CertificateFile, Verdict, envelopes_of_checks, verify
from vault.sdk.errors import AnswerError, NotFoundError
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from vault.records.types.certificate import Certificate
    from vault.sdk.people.session import SignedIn


def with_check(signed_in: SignedIn, file: CertificateFile, verdict: Verdict) -> tuple[CertificateFile, Verdict]:
    """A certificate that `following.certificate` verified, with this member's check; repeatable, she makes one.

    Raises AnswerError where the server shows something else than what the certificate says.
    """
    if any(each.member == signed_in.member for each in verdict.checked):
        return file, verdict
    certificate = verdict.certificate
    assert certificate is not None
    _check_chains(signed_in, file)
    _check_gone(signed_in, certificate, {Tombstone.read(each).subject for each in file.tombstones})
    check = CertificateCheck(signed_in.standing, certificate.dossier, certificate.id, certificate.hash, signed_in.now())
    body = {"check": signed_in.sign("certificate_check", check.content()).to_json()}
    answer = again(lambda: signed_in.api.post(f"/erasures/{certificate.id}/checks", json=body))
    checked = replace(file, checks=envelopes_of_checks(answer), rosters=signed_in.roster_envelopes)
    after = verify(checked.to_bytes(), signed_in.practice, signed_in.now())
    if not after.ok or all(each.member != signed_in.member for each in after.checked):
        raise AnswerError("the server does not keep the check of the certificate")
    return checked, after


def _check_chains(signed_in: SignedIn, file: CertificateFile) -> None:
    """Rosters and ledger go on from what this device has seen, and the ledger holds the certificate's tombstones."""
    signed_in.refresh()
    known = [each.hash for each in signed_in.roster_envelopes]
    if [each.hash for each in file.rosters] != known[: len(file.rosters)]:
        raise AnswerError("the certificate comes with other rosters than this device has verified")
    ledger = {entry.tombstone.hash for entry in read_ledger(signed_in)}
    if not ledger.issuperset(each.hash for each in file.tombstones):
        raise AnswerError("the certificate's tombstones are not in the ledger")
    signed_in.save_pins()


def _check_gone(signed_in: SignedIn, certificate: Certificate, subjects: set[str]) -> None:
    """What is said to be destroyed is in no list that this member sees."""
    if certificate.kind == "dossier":
        doubts: list[Doubt] = []
        shown = {*look_up(signed_in, doubts), *(each.dossier for each in doubts)}
    else:
        shown = _documents(signed_in, certificate.dossier)
    if not shown.isdisjoint(subjects):
        raise AnswerError("the server still shows what the certificate says to be destroyed")


def _documents(signed_in: SignedIn, dossier: str) -> set[str]:
    """The ids of the dossier's documents; none where she does not hold it, or it is gone as a whole since."""
    try:
        opened = load_dossier(signed_in, dossier, contents=True)
    except NotFoundError:
        return set()
    apart: list[Quarantined] = []
    listed = list_documents(opened, quarantine=apart)
    return {one.id for one in listed} | {one.id for one in apart}
