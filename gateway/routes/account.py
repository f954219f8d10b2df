"""A member's own account: devices, what was done to it; and giving back what a change of password replaced."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.declared_codes import PROOF, declares
from gateway.dependencies.answers import NO_CONTENT
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import MemberFlows
from gateway.dependencies.paths import MemberId
from gateway.dependencies.queries import Limit, Version
from gateway.dependencies.standing import check_open
from gateway.wire import account as wire
from gateway.wire.audit import Audit
from vault.flows.people import account, giving_back

router = APIRouter(tags=["people"])


@router.get("/account")
@declares("not_found")
async def get_account(flows: MemberFlows) -> wire.Account:
    """The caller's account.

    Since when password and second factor are what they are, and where she is signed in.
    """
    return wire.Account.of(await flows.run(account.account, flows.now))


@router.get("/account/audit")
async def list_account_audit(flows: MemberFlows, after: Version = 0, limit: Limit = 500) -> Audit:
    """The chain of what was done to the caller's account, ascending.

    Directors read it as they read a dossier's.
    """
    return Audit.page(await flows.run(account.audit, after, limit), limit)


@router.post("/account/devices/end", **NO_CONTENT)
@declares("not_found", "not_allowed", "credentials_wrong", "too_many", "restored", frozen=True)
async def end_devices(flows: MemberFlows, body: Json[wire.EndDevices]) -> None:
    """End the session of a device, or all sessions, by the password.

    It takes effect with the next request of that device, also while a vault that was put back stands still: but not of
    another member. Repeating it gives the same answer.
    """
    if body.member is not None:
        await check_open(flows.state)
    await flows.run(account.end_devices, body.device, body.login, flows.now, body.member)


@router.get("/members/{member}/former")
@declares("not_allowed")
async def list_former(flows: MemberFlows, member: MemberId) -> wire.Formers:
    """The changes of a member's password and factor, for a director.

    Those of the last seven days.
    """
    return wire.Formers.of(await flows.run(giving_back.formers, member, flows.now))


@router.post("/members/{member}/former", **NO_CONTENT)
@declares("not_found", "not_allowed", "record_invalid", *PROOF)
async def give_back(flows: MemberFlows, member: MemberId, body: Json[wire.GiveBack]) -> None:
    """Give back what a change replaced, by a director with her own factors.

    The member's sessions and recovery codes end. Repeating it gives the same answer.
    """
    await flows.run(giving_back.give_back, member, body.moment, body.proof.to_flow(), flows.now)
