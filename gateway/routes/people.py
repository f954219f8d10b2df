"""Setting up, signing in and out, the sealed keyring."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.dependencies import House, InHouse, SignedInCaller, read_json, source_of
from gateway.documentation import JSON_BODY, RECORDS, SESSION, SIGNED_IN, describe
from gateway.http import limits
from gateway.http.credentials import check_origin
from gateway.routes.answers import answer, made, nothing
from gateway.wire import people as wire
from vault.flows.people import founding, keyrings, members, signing_in
from vault.records.encoding import parse_object

router = APIRouter(tags=["people"])
PARAMETERS_SIZE = 1024


@router.get(
    "/setup", operation_id="getSetup", summary="Can a practice be set up?", **describe({200: wire.SetupState}, ())
)
async def state(house: InHouse) -> Response:
    """The installation's public key stands in roster 1."""
    found = await house.run(founding.setup_state, house.ports)
    return answer(wire.SetupState(state="open" if found.open else "done", installation=found.installation))


@router.post(
    "/setup",
    operation_id="setUp",
    summary="Set up the practice, once",
    **describe(
        {200: wire.SetupDone, 201: wire.SetupDone},
        (*JSON_BODY, *RECORDS, "setup_done", "token_wrong", "code_wrong"),
        body=wire.Setup,
    ),
)
async def set_up(request: Request, house: InHouse) -> Response:
    """Repeating it with the same roster gives the first answer."""
    asked = await read_json(request, house, wire.Setup, limits.SETUP)
    setup = founding.SetUp(
        token=asked.token.encode(),
        roster=asked.roster,
        policy=asked.policy,
        details=details_of(asked.member),
        credentials=members.Credentials(
            parameters=asked.parameters.to_text(),
            login=asked.login,
            keyring=asked.keyring,
            recovery=asked.recovery,
            recovery_login=asked.recovery_login,
            totp=asked.totp,
        ),
        code=asked.code,
    )
    done = await house.run(founding.set_up, house.ports, setup, house.clock())
    return made(wire.SetupDone(practice=done.practice, member=done.member), repeated=done.repeated)


def details_of(member: wire.MemberDetails) -> members.Details:
    """A member's details as the flows take them."""
    return members.Details(member.id, member.name, member.email, member.recipient, member.salt)


@router.post(
    "/session/parameters",
    operation_id="getParameters",
    summary="How a password key is derived for this address",
    **describe({200: wire.Parameters}, JSON_BODY, body=wire.Address),
)
async def parameters(request: Request, house: InHouse) -> Response:
    """An unknown address gets stable parameters of its own."""
    asked = await read_json(request, house, wire.Address, limits.SIGN_IN)
    text = await house.run(signing_in.parameters, house.ports, asked.email)
    return answer(read_parameters(text))


def read_parameters(text: bytes) -> wire.Parameters:
    """Parameters as they are kept."""
    return wire.Parameters.model_validate(parse_object(text, limit=PARAMETERS_SIZE))


@router.post(
    "/session",
    operation_id="signIn",
    summary="Sign in with both factors",
    **describe(
        {201: wire.SignedIn},
        (
            *JSON_BODY,
            "credentials_wrong",
            "code_wrong",
            "code_spent",
            "too_many",
            "restored",
            "origin_wrong",
            "setup_open",
        ),
        body=wire.SignIn,
        headers={"Set-Cookie": "with `cookie`: the session, out of reach of scripts"},
    ),
)
async def sign_in(request: Request, house: InHouse) -> Response:
    """With `cookie` the token comes as a cookie only, and only to our own page."""
    asked = await read_json(request, house, wire.SignIn, limits.SIGN_IN)
    if asked.cookie:
        check_origin(request, house.public)
    now = house.clock()
    attempt = signing_in.SignIn(asked.email, asked.login, asked.code, asked.seen.model_dump(), source_of(request))
    session = await house.run(signing_in.sign_in, house.ports, attempt, now)
    body = wire.SignedIn(
        token=None if asked.cookie else session.token,
        member=session.member,
        practice=session.practice,
        expires_at=session.expires_at,
        public_url=house.public.url,
    )
    response = answer(body, 201)
    if asked.cookie:
        _set_cookie(response, house, session.token, int((session.expires_at - now).total_seconds()))
    return response


def _set_cookie(response: Response, house: House, token: str, seconds: int) -> None:
    response.set_cookie(
        house.public.cookie,
        token,
        max_age=seconds,
        path="/",
        secure=house.public.https,
        httponly=True,
        samesite="strict",
    )


@router.delete(
    "/session",
    operation_id="signOut",
    summary="Sign out",
    **describe({204: None}, SIGNED_IN, security=SESSION),
)
async def sign_out(house: InHouse, caller: SignedInCaller) -> Response:
    """The session ends at once."""
    await house.run(signing_in.sign_out, house.ports, caller)
    response = nothing()
    _set_cookie(response, house, "", 0)
    return response


@router.get(
    "/session/keyring",
    operation_id="getKeyring",
    summary="The caller's sealed keyring",
    **describe({200: wire.SealedKeyring}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def keyring(house: InHouse, caller: SignedInCaller) -> Response:
    """Only a session gets here, so both factors were given."""
    found = await house.run(keyrings.keyring, house.ports, caller)
    return answer(wire.SealedKeyring(keyring=found.keyring, parameters=read_parameters(found.parameters)))


@router.put(
    "/session/keyring",
    operation_id="replaceKeyring",
    summary="Store a keyring sealed anew",
    **describe(
        {204: None}, (*SIGNED_IN, *JSON_BODY, "not_found", "not_allowed"), body=wire.NewKeyring, security=SESSION
    ),
)
async def replace_keyring(request: Request, house: InHouse, caller: SignedInCaller) -> Response:
    """`parameters` and `login` together change the password and end every other session."""
    asked = await read_json(request, house, wire.NewKeyring, limits.KEYRING)
    parameters = None if asked.parameters is None else asked.parameters.to_text()
    new = keyrings.NewKeyring(asked.keyring, asked.recovery, parameters, asked.login, asked.totp)
    await house.run(keyrings.replace_keyring, house.ports, caller, new)
    return nothing()


@router.post(
    "/session/recovery",
    operation_id="recover",
    summary="Sign in by the recovery sheet",
    **describe({201: wire.Recovered}, (*JSON_BODY, "credentials_wrong", "too_many", "setup_open"), body=wire.Recovery),
)
async def recover(request: Request, house: InHouse) -> Response:
    """The sheet is both factors at once."""
    asked = await read_json(request, house, wire.Recovery, limits.SIGN_IN)
    found = await house.run(
        signing_in.recover, house.ports, asked.email, asked.recovery_login, source_of(request), house.clock()
    )
    body = wire.Recovered(
        token=found.token,
        member=found.member,
        practice=found.practice,
        recovery=found.recovery,
        expires_at=found.expires_at,
        public_url=house.public.url,
    )
    return answer(body, 201)
