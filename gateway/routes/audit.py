"""What shows what happened: tombstones, checkpoints, and each dossier's audit chain."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.dependencies import InHouse, Limit, SignedInCaller, Version, known_id
from gateway.documentation import SESSION, SIGNED_IN, describe
from gateway.routes.answers import answer, next_after
from gateway.wire import audit as wire
from vault.domain.erasures import AuditRow
from vault.flows.audit import auditing
from vault.flows.context import Ports
from vault.records.envelope import Envelope
from vault.rules.verdict import Refused

router = APIRouter(tags=["audit"])


def _next(items: list[Envelope], limit: int) -> int | None:
    last = next_after(items, limit)
    return None if last is None else int(last.fields["sequence"])


@router.get(
    "/tombstones",
    operation_id="listTombstones",
    summary="The ledger: tombstones above a sequence, ascending",
    **describe({200: wire.Tombstones}, (*SIGNED_IN, "invalid"), security=SESSION),
)
async def tombstones(house: InHouse, _caller: SignedInCaller, after: Version = 0, limit: Limit = 500) -> Response:
    """A client accepts one only where it was due or asked for, and never one chain shorter than it has seen."""
    items = await house.run(auditing.chain, house.ports, "tombstone", after, limit)
    return answer(wire.Tombstones(items=items, next=_next(items, limit)))


@router.get(
    "/checkpoints",
    operation_id="listCheckpoints",
    summary="Checkpoints above a sequence, ascending",
    **describe({200: wire.Checkpoints}, (*SIGNED_IN, "invalid"), security=SESSION),
)
async def checkpoints(house: InHouse, _caller: SignedInCaller, after: Version = 0, limit: Limit = 500) -> Response:
    """Each digests the heads of all audit chains at one moment, and follows the one before."""
    items = await house.run(auditing.chain, house.ports, "checkpoint", after, limit)
    return answer(wire.Checkpoints(items=items, next=_next(items, limit)))


@router.get(
    "/checkpoints/newest",
    operation_id="getNewestCheckpoint",
    summary="The newest checkpoint and every leaf that it digested",
    **describe({200: wire.NewestCheckpoint}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def newest(house: InHouse, _caller: SignedInCaller) -> Response:
    """A member finds the leaves of its own chains among them, and learns nothing of the others."""
    return await house.run(_newest, house.ports)


def _newest(ports: Ports) -> Response | Refused:
    """The whole answer in a thread: there are 32 bytes for every dossier that ever was."""
    found = auditing.newest_checkpoint(ports)
    if isinstance(found, Refused):
        return found
    envelope, leaves = found
    return answer(wire.NewestCheckpoint(checkpoint=envelope, leaves=leaves))


@router.get(
    "/dossiers/{dossier}/audit",
    operation_id="listAudit",
    summary="What happened to a dossier, above a sequence, ascending",
    **describe({200: wire.Audit}, (*SIGNED_IN, "not_found", "invalid"), security=SESSION),
)
async def audit(
    house: InHouse, caller: SignedInCaller, dossier: str, after: Version = 0, limit: Limit = 500
) -> Response:
    """For who holds it; once it was destroyed, for directors, without the details."""
    rows = await house.run(auditing.entries, house.ports, caller, known_id(dossier), after, limit)
    last = next_after(rows, limit)
    return answer(wire.Audit(items=[_shown(row) for row in rows], next=None if last is None else last.sequence))


def _shown(entry: AuditRow) -> wire.Entry:
    return wire.Entry(
        sequence=entry.sequence,
        previous=entry.previous,
        hash=entry.hash,
        at=entry.at,
        event=entry.event,
        actor=entry.actor,
        digest=entry.digest,
        details=entry.details,
    )
