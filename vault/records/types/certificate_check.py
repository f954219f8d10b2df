"""The check of a certificate: a member says that her device verified it, when, and with what it had seen of the ledger.

A second signature over the certificate's bytes would say neither: one by somebody who has left could not be told from
one that she made before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Hash, Id, Instant
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn


@dataclass(frozen=True, slots=True)
class CertificateCheck(MemberRecord):
    """`certificate` is the hash of what was verified, `id` its erasure's."""

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("erasure")]
    certificate: Hash
    at: Instant
