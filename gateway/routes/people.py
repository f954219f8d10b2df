"""Setting up, signing in and out, the sealed keyring."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from gateway.declared_codes import PROOF, RECORDS, declares
from gateway.dependencies.answers import MADE, NO_CONTENT, Made
from gateway.dependencies.bodies import Json, JsonBody
from gateway.dependencies.flows import Flows, MemberFlows, Source, WhileSetUp
from gateway.dependencies.standing import check_open
from gateway.dependencies.state import State
from gateway.http.credentials import check_origin
from gateway.http.forwarded import is_elsewhere
from gateway.wire import people as wire
from vault.flows.people import founding, keyrings, signing_in

router = APIRouter(tags=["people"])
RosterHash = Annotated[
    str | None, Header(description="SHA-256 of roster 1 in hex: after the set-up it is judged by this, before the body")
]
_COOKIE: dict[str, Any] = {
    "Set-Cookie": {
        "description": "with `cookie`: the session, out of reach of scripts",
        "schema": {"type": "string"},
    }
}


@router.get("/setup")
async def get_setup(flows: Flows) -> wire.SetupState:
    """Whether a practice can be set up.

    Roster 1 must list the installation's public keys, one for each use.
    """
    found = await flows.run(founding.setup_state)
    return wire.SetupState(
        state="open" if found.open else "done",
        installations=wire.InstallationKeys(**found.installations),
        public_url=flows.state.public.url,
    )


class _SetupBody(JsonBody[wire.Setup]):
    """After the set-up no body is read: a header says whether it is a repetition of the same request."""

    async def __call__(  # type: ignore[override]
        self, request: Request, flows: Flows, dossier_roster: RosterHash = None
    ) -> AsyncIterator[wire.Setup | founding.Created]:
        """Read it, or give the first answer; raises Problem `setup_done` where it was another's."""
        done = await flows.run(founding.done_before, dossier_roster)
        if done is not None:
            yield done
            return
        async with self.held(request) as body:
            yield body


@router.post("/setup", **MADE)
@declares(*RECORDS, "setup_done", "token_wrong", "code_wrong", "clock_wrong")
async def set_up(
    flows: Flows, body: Annotated[wire.Setup | founding.Created, Depends(_SetupBody(wire.Setup))], made: Made
) -> wire.SetupDone:
    """Set up the practice, once.

    Repeating it with the same roster, and its hash in `Dossier-Roster`, gives the first answer.
    """
    if isinstance(body, founding.Created):
        done = body
    else:
        done = await flows.run(founding.set_up, body.to_flow(), flows.now)
    return made(wire.SetupDone(practice=done.practice, member=done.member), repeated=done.repeated)


@router.post("/session/parameters", dependencies=[WhileSetUp])
@declares(frozen=True)
async def get_parameters(flows: Flows, body: Json[wire.Address]) -> wire.Parameters:
    """The password key's parameters of an address.

    An unknown address gets stable made-up ones.
    """
    return wire.Parameters.of(await flows.run(signing_in.parameters, body.email))


@router.post("/session", **MADE, responses={201: {"headers": _COOKIE}}, dependencies=[WhileSetUp])
@declares("credentials_wrong", "code_wrong", "code_spent", "too_many", "restored", "origin_wrong", frozen=True)
async def sign_in(
    request: Request, response: Response, flows: Flows, body: Json[wire.SignIn], source: Source
) -> wire.SignedIn:
    """Sign in with both factors.

    With `cookie` the token is sent only as a cookie, and only to our own page.
    """
    if body.cookie:
        check_origin(request, flows.state.public)
    if body.recovers:
        await check_open(flows.state)  # its use is an entry in the audit, by whose number a frozen store is known
    now = flows.now
    seen, elsewhere = body.seen.model_dump(), is_elsewhere(request)
    attempt = signing_in.SignIn(body.email, body.login, body.code, seen, source, elsewhere, body.said)
    session = await flows.run(signing_in.sign_in, attempt, now, flows.state.moved)
    if body.cookie:
        _set_cookie(response, flows.state, session.token, int((session.expires_at - now).total_seconds()))
    return wire.SignedIn(
        token=None if body.cookie else session.token,
        member=session.member,
        practice=session.practice,
        expires_at=session.expires_at,
        public_url=flows.state.public.url,
        known_device=session.device,
        codes_left=session.codes_left,
    )


def _set_cookie(response: Response, state: State, token: str, seconds: int) -> None:
    response.set_cookie(
        state.public.cookie,
        token,
        max_age=seconds,
        path="/",
        secure=state.public.https,
        httponly=True,
        samesite="strict",
    )


@router.delete("/session", **NO_CONTENT)
@declares(frozen=True)
async def sign_out(response: Response, flows: MemberFlows) -> None:
    """Sign out.

    The session ends at once.
    """
    await flows.run(signing_in.sign_out)
    _set_cookie(response, flows.state, "", 0)


@router.get("/session/keyring")
@declares("not_found")
async def get_keyring(flows: MemberFlows) -> wire.SealedKeyring:
    """The caller's sealed keyring.

    A session is required, so both factors were checked.
    """
    return wire.SealedKeyring.of(await flows.run(keyrings.keyring))


@router.put("/session/keyring", **NO_CONTENT)
@declares("not_found", *PROOF, "confirm_wrong", "changed_often")
async def replace_keyring(flows: MemberFlows, body: Json[wire.NewKeyring]) -> None:
    """Replace keyring, password, second factor or recovery codes, by both factors in `proof`.

    A new password, factor or set of codes ends every other session; what was before is kept for a week. To renew the
    keyring alone, the code that opened the session counts once more for five minutes. Repeating it gives the same
    answer.
    """
    await flows.run(keyrings.replace_keyring, body.to_flow(), body.proof.to_flow(), flows.now)


@router.post("/session/recovery", **MADE, dependencies=[WhileSetUp])
@declares("credentials_wrong", "too_many")
async def recover(flows: Flows, body: Json[wire.Recovery], source: Source) -> wire.Recovered:
    """Sign in by the recovery sheet.

    The sheet is both factors at once.
    """
    found = await flows.run(signing_in.recover, body.email, body.recovery_login, source, flows.now, body.said)
    return wire.Recovered(
        token=found.token,
        member=found.member,
        practice=found.practice,
        keyring=found.keyring,
        recovery=found.recovery,
        expires_at=found.expires_at,
        public_url=flows.state.public.url,
    )
