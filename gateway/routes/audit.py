"""The evidence: tombstones, checkpoints, and each dossier's audit chain."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from gateway.declared_codes import declares
from gateway.dependencies.answers import json_response
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import Flows, MemberFlows, SignedIn
from gateway.dependencies.paths import DossierId
from gateway.dependencies.queries import Limit, Version
from gateway.wire import audit as wire
from vault.flows.audit import auditing
from vault.flows.context import Ports
from vault.flows.erasures import ledger
from vault.flows.positions import told
from vault.rules.verdict import Refused

router = APIRouter(tags=["audit"])


@router.get("/tombstones", dependencies=[SignedIn])
async def list_tombstones(flows: Flows, after: Version = 0, limit: Limit = 500) -> wire.Tombstones:
    """The ledger: tombstones above a sequence, ascending.

    A client accepts a tombstone only if it was due or requested, and never a shorter ledger than it has seen.
    """
    return wire.Tombstones.page(await flows.run(ledger.entries, after, limit))


@router.post("/seen")
@declares("signature_invalid", "roster_invalid", "record_invalid", "software_old", frozen=True)
async def show_seen(flows: MemberFlows, body: Json[wire.ShownBefore]) -> wire.Undecided:
    """What the server showed this member's device, and shows no more: its stores were put back, all of them.

    The installation's own signatures prove it. The vault freezes; what had been erased is erased again once a director
    has decided (`/restoration`). Repeating it gives the same answer.
    """
    return wire.Undecided(frozen=await flows.run(told.tell, body.checkpoint, body.entries()))


@router.get("/checkpoints", dependencies=[SignedIn])
async def list_checkpoints(flows: Flows, after: Version = 0, limit: Limit = 500) -> wire.Checkpoints:
    """Checkpoints above a sequence, ascending.

    Each digests the heads of all audit chains at one moment, and follows its predecessor.
    """
    return wire.Checkpoints.page(await flows.run(auditing.chain, "checkpoint", after, limit))


@router.get("/checkpoints/newest", dependencies=[SignedIn], response_model=wire.NewestCheckpoint)
@declares("not_found")
async def get_newest_checkpoint(flows: Flows) -> Response:
    """The newest checkpoint and all its leaves.

    A member recognises the leaves of its own chains, and learns nothing of the others.
    """
    return await flows.run(_newest)


def _newest(ports: Ports) -> Response | Refused:
    """The answer, serialised in a thread: it has 32 bytes for every dossier that ever existed."""
    found = auditing.newest_checkpoint(ports)
    if isinstance(found, Refused):
        return found
    envelope, leaves = found
    return json_response(wire.NewestCheckpoint(checkpoint=envelope, leaves=leaves))


@router.get("/dossiers/{dossier}/audit")
@declares("not_found")
async def list_audit(flows: MemberFlows, dossier: DossierId, after: Version = 0, limit: Limit = 500) -> wire.Audit:
    """A dossier's audit chain above a sequence, ascending.

    For its holders; once it is destroyed, for directors, without the details.
    """
    return wire.Audit.page(await flows.run(auditing.entries, dossier, after, limit), limit)
