"""Joining by the link of an invitation: keys made on this device, and a request that a director confirms.

The practice is the one whose root the link names; what the server shows is verified from there. The request is kept
sealed until its answer is known, and repeated as it was.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from vault import totp
from vault.errors import VaultError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, new_id, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.standing import new_salt
from vault.records.strict_json import dump, parse_object
from vault.records.types.policy import Policy
from vault.rules import rosters as rules
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.device.pins_file import FILE as PINS_FILE
from vault.sdk.errors import AnswerError, ApiError, OtherMemberError
from vault.sdk.keys.keyring import Keyring, new_keyring, new_keyring_key, seal_keyring
from vault.sdk.keys.locks import password_lock
from vault.sdk.keys.password_key import derive, new_parameters
from vault.sdk.keys.password_strength import check_new_password
from vault.sdk.one_line import check_line
from vault.sdk.people.appointing import MAX_NAME, check_email
from vault.sdk.people.invitation_links import (
    InvitationLink,
    InvitationUnavailableError,
    Newcomer,
    code_over,
    words_of,
)
from vault.sdk.people.login import KEYRING_FILE
from vault.sdk.people.pending_setup import Pending, keep_pending, load_pending
from vault.sdk.people.session import MemberFile, load_member
from vault.sdk.server.answers import mapping
from vault.sdk.server.api import Api
from vault.sdk.server.retry import again
from vault.secret import Secret

JOIN_FILE, WAITS_FILE = "join", "waits"
MAX_WAITS = 16_384
_NOT_THEIRS = "Nothing was sent. Ask whoever invited you for a new link, by telephone."


@dataclass(frozen=True, slots=True)
class Practice:
    """The practice behind a link, verified from the root that the link names."""

    name: str
    rosters: Rosters


@dataclass(frozen=True, slots=True)
class HasJoined:
    """The id under which a director may confirm this member, and the words to compare with her."""

    member: str
    practice: str
    words: str
    invitation: str


def look(api: Api, link: InvitationLink) -> Practice:
    """The practice that invites; raises InvitationUnavailableError, and IntegrityError for another one."""
    above, found = {"roster": 0, "policy": 0}, {"roster": list[Envelope](), "policy": list[Envelope]()}
    while True:
        answer = _ask(api, link, "chains", above)
        pages = {"roster": mapping(answer, "rosters"), "policy": mapping(answer, "policies")}
        for kind, page in pages.items():
            found[kind] += [from_json(item, kind) for item in read.objects(page, "items", most=500)]
            above[kind] = len(found[kind])
        if all(page.get("next") is None for page in pages.values()):
            break
    chain = _chain(found["roster"])
    if link.root not in {hashlib.sha256(root).digest() for root in chain.roots}:
        raise AnswerError("the server shows another practice than the one that invited you", advice=_NOT_THEIRS)
    return Practice(_name(found["policy"], chain), chain)


def join(
    api: Api, home: Home, link: InvitationLink, practice: Practice, name: str, email: str, password: str, secret: Secret
) -> HasJoined:
    """Make keys, and ask to join under this name and address; `secret` is of the one-time codes.

    Raises WeakPasswordError, WrongPasswordError (a repetition with another one), OtherMemberError (the folder is
    somebody's), InvitationUnavailableError.
    """
    name, email = check_line(name, "name", MAX_NAME), check_email(email)
    with home.lock():
        # Keys that wait by another invitation stay until the server has taken these.
        if load_member(home) is not None and (waits(home) is None or home.read(PINS_FILE) is not None):
            raise OtherMemberError(
                f"this DOSSIER_HOME belongs to a member already: {home.path}",
                advice="Sign in with: dossier login. For another person set DOSSIER_HOME to another folder.",
            )
        pending = load_pending(home, password, JOIN_FILE)
        if pending is None or pending.asked != {"invitation": link.id, "name": name, "email": email}:
            pending = _prepare(home, link, practice, name, email, password)
        try:
            member = again(lambda: _send(api, link, pending.request, secret))
        except InvitationUnavailableError:
            home.remove(JOIN_FILE)
            raise
        return _keep(home, api, pending, practice, member)


def waits(home: Home) -> HasJoined | None:
    """Who has joined on this device and was not confirmed yet, as far as it knows; None where nobody waits."""
    raw = home.read(WAITS_FILE)
    if raw is None:
        return None
    fields = parse_object(raw, limit=MAX_WAITS)
    return HasJoined(
        read.identifier(fields, "member"),
        read.text(fields, "practice"),
        read.text(fields, "words"),
        read.identifier(fields, "invitation"),
    )


def confirmed(home: Home) -> None:
    """She has signed in: nobody waits here any more."""
    home.remove(WAITS_FILE)


def _prepare(home: Home, link: InvitationLink, practice: Practice, name: str, email: str, password: str) -> Pending:
    check_new_password(password)
    chain, parameters = practice.rosters, new_parameters()
    key = derive(password, email, parameters)
    keyring = new_keyring(chain.newest.practice, new_id(), chain.newest.root, chain.standing)
    keyring_key = new_keyring_key()
    newcomer = newcomer_of(keyring, name, email)
    code = code_over(link.secret, keyring.practice, link.id, newcomer)
    request: dict[str, Any] = {
        "possess": to_base64url(link.possess),
        "member": {
            "id": keyring.member,
            "name": name,
            "email": email,
            "recipient": keyring.recipient,
            "salt": to_base64url(new_salt()),
        },
        "signing": to_base64url(newcomer.signing),
        "mac": to_base64url(code),
        "parameters": parameters.to_json(),
        "login": to_base64url(key.login),
        "keyring": to_base64url(seal_keyring(keyring, keyring_key)),
        "lock": to_base64url(password_lock(keyring_key, key.keyring, keyring.member, parameters)),
    }
    asked = {"invitation": link.id, "name": name, "email": email}
    made = Pending(request, parameters, asked)
    keep_pending(home, made, key, email, JOIN_FILE)
    return made


def newcomer_of(keyring: Keyring, name: str, email: str) -> Newcomer:
    """What a director confirms of the member with these keys."""
    return Newcomer(keyring.member, name, email, keyring.signing_key.verify_key.encode(), keyring.recipient)


def _send(api: Api, link: InvitationLink, request: dict[str, Any], secret: Secret) -> str:
    """Send it with a code; the previous half minute's first, so that the current one stays for signing in."""
    present = totp.step_of(clock.now())
    whole = {**request, "totp": to_base64url(secret)}
    for step in (present - 1, present):
        try:
            answer = _ask(api, link, "join", {**whole, "code": totp.code(secret, step)})
        except ApiError as error:
            if error.code != "code_wrong" or step == present:
                raise
        else:
            return read.identifier(answer, "member")
    raise AssertionError("the loop ends in a return or a raise")


def _ask(api: Api, link: InvitationLink, what: str, request: dict[str, Any]) -> dict[str, Any]:
    whole = {"possess": to_base64url(link.possess), **request}
    try:
        return api.post(f"/invitations/{link.id}/{what}", json=whole)
    except ApiError as error:
        if error.code == "link_unavailable":
            raise InvitationUnavailableError from error
        raise


def _keep(home: Home, api: Api, pending: Pending, practice: Practice, member: str) -> HasJoined:
    own = read.mapping(pending.request, "member")
    if member != own["id"]:
        raise AnswerError("the server has somebody else join than asked to")
    code = from_base64url(read.text(pending.request, "mac"))
    done = HasJoined(member, practice.name, words_of(code), pending.asked["invitation"])
    fields = {"member": member, "practice": practice.name, "words": done.words, "invitation": done.invitation}
    home.write(WAITS_FILE, dump(fields))
    home.write(KEYRING_FILE, dump({name: pending.request[name] for name in ("parameters", "lock", "keyring")}))
    MemberFile(practice.rosters.newest.practice, member, api.url, own["email"]).save(home)
    home.remove(JOIN_FILE)
    return done


def _chain(envelopes: list[Envelope]) -> Rosters:
    if not envelopes:
        raise AnswerError("the server shows no practice", advice=_NOT_THEIRS)
    chain = rules.first(envelopes[0])
    for envelope in envelopes[1:]:
        chain = chain.append(envelope)
    return chain


def _name(envelopes: list[Envelope], chain: Rosters) -> str:
    """The name in the newest policy that holds; a newcomer who cannot tell it joins a practice without a name."""
    for envelope in reversed(envelopes):
        try:
            check_signer(envelope, chain)
            return Policy.read(envelope).name
        except (VaultError, RecordError):
            continue
    raise AnswerError("the server shows no policy of the practice", advice=_NOT_THEIRS)
