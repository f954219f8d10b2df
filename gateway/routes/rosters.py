"""The chains of rosters and policies, and members' details."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.declared_codes import RECORDS, declares
from gateway.dependencies.answers import MADE
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import Flows, MemberFlows, SignedIn
from gateway.dependencies.paths import MemberId
from gateway.dependencies.queries import Version
from gateway.wire import rosters as wire
from vault.flows.people import repairs, rosters
from vault.flows.positions import restoring

router = APIRouter(tags=["people"])


@router.get("/roster", dependencies=[SignedIn])
async def list_rosters(flows: Flows, after: Version = 0) -> wire.Rosters:
    """Rosters above a version, ascending.

    A client verifies the chain itself, from its pinned root.
    """
    return wire.Rosters.page(await flows.run(rosters.roster, after))


@router.post("/roster", **MADE)
@declares(*RECORDS, "clock_wrong", "state")
async def add_roster(flows: MemberFlows, body: Json[wire.NewRoster]) -> wire.Accepted:
    """Add the next roster, with the details of every member who is added or renamed.

    Whoever joined by an invitation is confirmed by it. Repeating the newest one gives the same answer.
    """
    changed, sheet = [member.to_flow() for member in body.members], body.sheet
    new_sheet = None if sheet is None else sheet.to_flow()
    new = await flows.run(rosters.add_roster, body.roster, changed, flows.now, new_sheet, body.invitation)
    return wire.Accepted(version=new.version, hash=new.hash)


@router.get("/policy", dependencies=[SignedIn])
async def list_policies(flows: Flows, after: Version = 0) -> wire.Policies:
    """Policies above a version, ascending.

    The newest applies to new trajectories and shares.
    """
    return wire.Policies.page(await flows.run(rosters.policy, after))


@router.post("/policy", **MADE)
@declares(*RECORDS)
async def add_policy(flows: MemberFlows, body: Json[wire.NewPolicy]) -> wire.Accepted:
    """The next policy.

    Signed by a director; repeating the newest one gives the same answer.
    """
    new = await flows.run(rosters.add_policy, body.policy)
    return wire.Accepted(version=new.version, hash=new.hash)


@router.get("/chains", dependencies=[SignedIn])
async def list_chains(
    flows: Flows,
    roster: Version = 0,
    policy: Version = 0,
    ledger: Version | None = None,
    checkpoint: Version | None = None,
) -> wire.Chains:
    """All chains above these numbers, ascending; every command begins with it.

    A longer chain continues at `/roster` or `/policy`, after its `next`; ledger and checkpoints here. Without a number
    of theirs their newest page is given.
    """
    above = {"roster": roster, "policy": policy, "tombstone": ledger, "checkpoint": checkpoint, "repair": None}
    return wire.Chains.of(await flows.run(rosters.all_chains, above))


@router.post("/repairs", **MADE)
@declares(*RECORDS, frozen=True)
async def add_repair(flows: MemberFlows, body: Json[wire.NewRepair]) -> wire.Kept:
    """A repair, signed by a director: what devices have seen and need not be shown any more.

    `/chains` gives the newest 500 of them. Repeating one gives the same answer.
    """
    new = await flows.run(repairs.repair, body.repair)
    return wire.Kept(hash=new.hash)


@router.get("/restoration")
@declares("not_allowed")
async def get_restoration(flows: MemberFlows) -> wire.RestorationState:
    """For directors: the stores that were put back, and the objects that no record knows and that are kept.

    Without a store to accept, all is well or nobody can accept it; `/readyz` tells which.
    """
    return wire.RestorationState.of(await flows.transfer(restoring.restoration_state, flows.now))


@router.post("/restoration", **MADE)
@declares(*RECORDS, "state", frozen=True)
async def add_restoration(flows: MemberFlows, body: Json[wire.NewRestoration]) -> wire.Kept:
    """A restoration, signed by a director: the vault goes on from the stores as they are.

    It names exactly the positions that are found. The worker follows it within seconds; every session and every open
    link ends where the records were put back. Repeating one gives the same answer.
    """
    new = await flows.transfer(restoring.restore, body.restoration)
    return wire.Kept(hash=new.hash)


@router.get("/members")
@declares("not_found")
async def list_members(flows: MemberFlows) -> wire.Members:
    """Everybody who is or was in the practice.

    Directors also see how many devices of each are signed in, and when one was last used.
    """
    return wire.Members.of(await flows.run(rosters.everybody, flows.now))


@router.get("/members/{member}")
@declares("not_found")
async def get_member(flows: MemberFlows, member: MemberId) -> wire.MemberDetails:
    """Name, address and recipient of a member.

    `salt` opens the card that the roster signs.
    """
    return wire.MemberDetails.of(await flows.run(rosters.details, member))
