"""The chains of rosters and policies, and members' details."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.dependencies import InHouse, SignedInCaller, Version, known_id, read_json
from gateway.documentation import JSON_BODY, RECORDS, SESSION, SIGNED_IN, describe
from gateway.http import limits
from gateway.routes.answers import answer, next_after
from gateway.routes.people import details_of
from gateway.wire import people as wire
from vault.flows.people import rosters
from vault.records.envelope import Envelope

router = APIRouter(tags=["people"])
PAGE = 500


def _next(items: list[Envelope]) -> int | None:
    last = next_after(items, PAGE)
    return None if last is None else int(last.fields["version"])


@router.get(
    "/roster",
    operation_id="listRosters",
    summary="Rosters above a version, ascending",
    **describe({200: wire.Rosters}, (*SIGNED_IN, "invalid"), security=SESSION),
)
async def roster(house: InHouse, _caller: SignedInCaller, after: Version = 0) -> Response:
    """A client verifies the chain itself, from the root it pinned."""
    items = await house.run(rosters.roster, house.ports, after)
    return answer(wire.Rosters(items=items, next=_next(items)))


@router.post(
    "/roster",
    operation_id="addRoster",
    summary="The next roster, with the details of everybody it adds",
    **describe({201: wire.Accepted}, (*SIGNED_IN, *JSON_BODY, *RECORDS), body=wire.NewRoster, security=SESSION),
)
async def add_roster(request: Request, house: InHouse, caller: SignedInCaller) -> Response:
    """Repeating the newest one gives the same answer."""
    asked = await read_json(request, house, wire.NewRoster, limits.ROSTER)
    newcomers = [details_of(member) for member in asked.members]
    new = await house.run(rosters.add_roster, house.ports, caller, asked.roster, newcomers, house.clock())
    return answer(wire.Accepted(version=new.version, hash=new.hash), 201)


@router.get(
    "/policy",
    operation_id="listPolicies",
    summary="Policies above a version, ascending",
    **describe({200: wire.Policies}, (*SIGNED_IN, "invalid"), security=SESSION),
)
async def policy(house: InHouse, _caller: SignedInCaller, after: Version = 0) -> Response:
    """The newest holds for new trajectories and shares."""
    items = await house.run(rosters.policy, house.ports, after)
    return answer(wire.Policies(items=items, next=_next(items)))


@router.post(
    "/policy",
    operation_id="addPolicy",
    summary="The next policy",
    **describe({201: wire.Accepted}, (*SIGNED_IN, *JSON_BODY, *RECORDS), body=wire.NewPolicy, security=SESSION),
)
async def add_policy(request: Request, house: InHouse, caller: SignedInCaller) -> Response:
    """Signed by a director; repeating the newest one gives the same answer."""
    asked = await read_json(request, house, wire.NewPolicy, limits.POLICY)
    new = await house.run(rosters.add_policy, house.ports, caller, asked.policy)
    return answer(wire.Accepted(version=new.version, hash=new.hash), 201)


@router.get(
    "/members/{member}",
    operation_id="getMember",
    summary="Name, address and recipient of a member",
    **describe({200: wire.MemberDetails}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def member(house: InHouse, caller: SignedInCaller, member: str) -> Response:
    """`salt` opens the card that the roster signs."""
    found = await house.run(rosters.details, house.ports, caller, known_id(member))
    return answer(
        wire.MemberDetails(id=found.id, name=found.name, email=found.email, recipient=found.recipient, salt=found.salt)
    )
