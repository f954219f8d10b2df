"""The last step of an erasure: rows removed, and the certificate of what was done signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from vault.domain.erasures import HORIZON, ErasureRow, ErasureState
from vault.errors import UnavailableError
from vault.flows.audit.installation_signature import sign_as_installation
from vault.flows.context import Ports, rosters
from vault.flows.erasures.destroying import advance, check_gone
from vault.flows.erasures.extent import folders_of
from vault.ports.store import Transaction
from vault.records.types.certificate import METHOD, Certificate
from vault.rules import merkle


def certify(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """Remove the rows, then sign what was done, once it was looked at: a state can be written by others."""
    check_gone(ports, erasure)
    if not all(map(ports.objects.empty_below, folders_of(erasure))):
        raise UnavailableError("objects that were removed are there again", advice="Run `dossier doctor`.")
    with ports.store.transaction(erasure.dossier) as tx:
        if erasure.whole:
            tx.remove_dossier(erasure.dossier)
            tx.clear_audit_details(erasure.dossier)
        else:
            tx.remove_documents(erasure.documents)
    with ports.store.transaction(erasure.dossier) as tx:
        envelope = sign_as_installation(ports, tx, "certificate", _certificate(tx, erasure, now).content())
        advance(tx, replace(erasure, certificate=envelope.to_bytes()), ErasureState.CERTIFIED, now)


def _certificate(tx: Transaction, erasure: ErasureRow, now: datetime) -> Certificate:
    assert erasure.shredded_at is not None
    assert erasure.verified_at is not None
    return Certificate(
        standing=rosters(tx).standing,
        id=erasure.id,
        kind="dossier" if erasure.whole else "document",
        dossier=erasure.dossier,
        reason=erasure.reason,
        commitment=erasure.commitment,
        documents=merkle.root(erasure.destroyed),
        tombstones=erasure.tombstones,
        counts=erasure.counts,
        requested=erasure.requested_at,
        shredded=erasure.shredded_at,
        verified=erasure.verified_at,
        horizon=erasure.shredded_at + HORIZON,
        method=METHOD,
        at=now,
    )
