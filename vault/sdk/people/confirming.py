"""Confirming somebody who has joined by an invitation: verified on a director's device, then signed into the roster.

The server chooses what it shows. So an invitation counts only with the signature of somebody who is a director now, and
who joined only with the code that the link's secret gives over her address, name and keys. Two people compare six words
of that code aloud, against whoever read the link on its way.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vault.errors import InvalidInputError, VaultError
from vault.records import read
from vault.records.encoding import RecordError, fold_address, from_base64url, to_base64url
from vault.records.envelope import parse
from vault.records.standing import salted_digest
from vault.records.types.invitation import Invitation
from vault.records.types.roster import RosterMember, recipient_hash
from vault.rules.rights import check_signer, in_force
from vault.rules.terms import INVITATION_LIFE, INVITATION_WAITS
from vault.rules.verdict import Refused
from vault.sdk.errors import AnswerError
from vault.sdk.one_line import check_line
from vault.sdk.people.appointing import MAX_NAME, post_roster
from vault.sdk.people.invitation_links import Newcomer, code_over, words_of

if TYPE_CHECKING:
    from vault.sdk.keys.sheet import Sheet
    from vault.sdk.people.session import SignedIn

MAX_SEALED = 131_072


class NotForYouError(AnswerError):
    """An invitation that was sealed before this director was one, or that is damaged."""

    def __init__(self) -> None:
        super().__init__(
            "an invitation does not open with your key",
            advice="It was made before you were a director, or is damaged. Another director confirms by it, or you "
            "invite anew.",
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation that verifies; `newcomer`, her words and her details once somebody has joined by it."""

    invitation: Invitation
    newcomer: Newcomer | None = None
    words: str = ""
    details: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Doubtful:
    """What the server shows as an invitation, and why nobody is confirmed by it."""

    id: str
    reason: VaultError | RecordError


def waiting(signed_in: SignedIn) -> list[Waiting | Doubtful]:
    """Every invitation that the server shows a director, each verified by itself; raises ApiError for a coach."""
    signed_in.refresh()
    items = read.objects(signed_in.api.get("/invitations"), "items", most=100)
    return [_judged(signed_in, item) for item in items]


def confirm(signed_in: SignedIn, joined: Waiting, words: str, sheet: Sheet | None = None) -> str:
    """Sign the next roster with whoever has joined, a director once she compared the words; the newcomer's id.

    Whoever she replaces leaves by it; in the place of a director that takes a new recovery sheet, printed before.
    Raises InvalidInputError for other words, where nobody has joined, or for a director without a new sheet.
    """
    from vault.sdk.keys.words import normalise_passphrase  # noqa: PLC0415 - the list of words

    newcomer, details = joined.newcomer, joined.details
    if newcomer is None or details is None:
        raise InvalidInputError("nobody has joined by this invitation yet")
    if not hmac.compare_digest(normalise_passphrase(words), normalise_passphrase(joined.words)):
        raise InvalidInputError(
            "these are not the words of whoever has joined",
            advice="Ask her to read them again from her screen. If they stay others, revoke the invitation: somebody "
            "else has joined by it.",
        )
    if joined not in waiting(signed_in):
        raise InvalidInputError(
            "this invitation is not what it was: it was revoked, confirmed, or whoever made it has left",
            advice="Nothing was changed. See who waits with: dossier people",
        )
    newest, now = signed_in.rosters.newest, signed_in.now()
    entry = RosterMember(
        id=newcomer.id,
        role=joined.invitation.role,
        signing=newcomer.signing,
        recipient=recipient_hash(newcomer.recipient),
        card=_card(details),
        since=now,
    )
    left = joined.invitation.replaces
    if (left in newest.directors) != (sheet is not None):
        raise InvalidInputError("exactly with a director a new recovery sheet comes in the place of the old one")
    before = (replace(each, until=now) if each.id == left and each.active else each for each in newest.members)
    post_roster(signed_in, replace(newest, members=(*before, entry)), [details], sheet, joined.invitation.id)
    return newcomer.id


def _judged(signed_in: SignedIn, item: dict[str, Any]) -> Waiting | Doubtful:
    shown = item.get("invitation")
    id_ = shown if isinstance(shown, str) else ""
    try:
        invitation = _opened(signed_in, item)
        joined = read.optional(read.mapping, item, "joined")
        return Waiting(invitation) if joined is None else _newcomer(signed_in, invitation, joined)
    except (VaultError, RecordError) as error:
        return Doubtful(id_, error)


def _opened(signed_in: SignedIn, item: dict[str, Any]) -> Invitation:
    """The invitation as a director signed it, who is one still."""
    from vault.age import AgeError, decrypt  # noqa: PLC0415 - loads `cryptography`

    try:
        sealed = from_base64url(read.text(item, "sealed", limit=MAX_SEALED))
        envelope = parse(decrypt(sealed, [signed_in.keyring.age_identity]), "invitation")
    except AgeError as error:
        raise NotForYouError from error
    check_signer(envelope, signed_in.rosters)
    invitation = Invitation.read(envelope)
    if isinstance(in_force(invitation.signer, signed_in.rosters, pinned=False), Refused):
        raise AnswerError("an invitation by somebody who has left")
    if invitation.signer not in signed_in.rosters.newest.directors:
        raise AnswerError("an invitation by somebody who is no director any more")
    if invitation.id != read.identifier(item, "invitation"):
        raise AnswerError("an invitation under the number of another one")
    if (
        invitation.expires_at > invitation.at + INVITATION_LIFE
        or signed_in.now() > invitation.expires_at + INVITATION_WAITS
    ):
        raise AnswerError("an invitation that is over")
    return invitation


def _newcomer(signed_in: SignedIn, invitation: Invitation, joined: dict[str, Any]) -> Waiting:
    """Who has joined by it, if the link's secret vouches for all of it."""
    details = read.mapping(joined, "member")
    newcomer = Newcomer(
        id=read.identifier(details, "id"),
        name=read.text(details, "name", limit=200),
        email=read.text(details, "email", limit=254),
        signing=read.octets(joined, "signing", 32),
        recipient=read.text(details, "recipient", limit=4000),
    )
    _check_form(newcomer)
    code = code_over(invitation.secret, signed_in.practice, invitation.id, newcomer)
    if not hmac.compare_digest(code, read.octets(joined, "mac", 32)):
        raise AnswerError("whoever has joined did not do so with the link of this invitation")
    if fold_address(newcomer.email) != fold_address(invitation.email):
        raise AnswerError("somebody has joined under another address than was invited")
    if signed_in.rosters.newest.member(newcomer.id) is not None:
        raise AnswerError("whoever has joined by this invitation is or was a member already")
    own = {name: details[name] for name in ("id", "name", "email", "recipient")}
    salt = to_base64url(read.octets(details, "salt", 16))
    return Waiting(invitation, newcomer, words_of(code), {**own, "salt": salt})


def _check_form(newcomer: Newcomer) -> None:
    """Raise for a name or a recipient that no honest device makes: nothing could be sealed to her once she is there."""
    from vault.age import AgeError, HybridRecipient, parse_recipient  # noqa: PLC0415 - loads `cryptography`

    check_line(newcomer.name, "name", MAX_NAME)
    try:
        hybrid = isinstance(parse_recipient(newcomer.recipient), HybridRecipient)
    except AgeError:
        hybrid = False
    if not hybrid:
        raise AnswerError("whoever has joined gives a key that nothing can be encrypted to")


def _card(details: dict[str, Any]) -> str:
    salt = from_base64url(read.text(details, "salt"))
    name, email = read.text(details, "name"), read.text(details, "email")
    return salted_digest("card", salt, name.encode(), email.lower().encode())
