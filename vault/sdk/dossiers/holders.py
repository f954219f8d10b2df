"""Who holds a dossier, as a director says it: a coach is given it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from vault.errors import InvalidInputError, VaultError
from vault.records.types.dossier import HOLDER, Dossier, Grantee
from vault.rules.rights import next_grantees
from vault.sdk.dossiers.next_head import give_to
from vault.sdk.errors import NotFoundError

if TYPE_CHECKING:
    from vault.records.types.roster import Roster
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn


class OnlyDirectorError(VaultError):
    """Only a director says who holds a dossier."""

    code: ClassVar[str] = "not_allowed"

    def __init__(self) -> None:
        super().__init__("only a director may do this", advice="Nothing was changed. Ask a director of the practice.")


def assign(dossier: OpenDossier, member: str) -> bool:
    """Give a member the dossier, with a wrap for her; False where she held it already.

    Raises OnlyDirectorError, NotFoundError for who is no member in a known role; AnswerError, before anything is
    sealed, where the server gives another key of hers than the roster says.
    """
    check_director(dossier.signed_in)
    check_there(dossier.signed_in, member)
    return give_to(dossier, lambda before: with_holders(before, dossier.signed_in.rosters.newest, {member}))


def with_holders(before: Dossier, roster: Roster, added: set[str]) -> tuple[Grantee, ...]:
    """Who holds it by the next head: who is left, every director, and these."""
    roles = {each.id: each for each in next_grantees(before, roster)}
    roles |= {member: Grantee(member, HOLDER) for member in added}
    return tuple(roles[each] for each in sorted(roles))


def check_director(signed_in: SignedIn) -> None:
    """Raise OnlyDirectorError for a member who is no director: her head would be refused by every reader."""
    if signed_in.member not in signed_in.rosters.newest.directors:
        raise OnlyDirectorError


def check_there(signed_in: SignedIn, member: str) -> None:
    """Raise NotFoundError unless that is a member of the newest roster in a role that gives a right."""
    if member not in signed_in.rosters.newest.active:
        raise NotFoundError("this is nobody who could hold a dossier", advice="See who there is with: dossier people")


def check_taken(signed_in: SignedIn, member: str) -> None:
    """Raise InvalidInputError for a director, who holds every dossier as long as she is one."""
    if member in signed_in.rosters.newest.directors:
        raise InvalidInputError("a director holds every dossier", advice="Nothing was changed.")
