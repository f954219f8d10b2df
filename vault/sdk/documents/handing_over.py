"""Many dossiers that change hands: one after another, each whole; what cannot be done is told, and stops nothing.

Nothing is kept of how far it came: who holds a dossier, and whose key of it is good, stands in its signed heads. So it
is repeated as it was, and does only what is left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vault.boxes import BoxError
from vault.errors import IntegrityError, InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.types.dossier import Dossier
from vault.rules.rights import Heads, next_grantees
from vault.sdk.documents.epochs import take_from
from vault.sdk.documents.rewrapping import LeftBehindError
from vault.sdk.dossiers.holders import check_director, check_taken, check_there
from vault.sdk.dossiers.loading import load_dossier
from vault.sdk.dossiers.next_head import give_to
from vault.sdk.errors import ApiError, NotFoundError

if TYPE_CHECKING:
    from vault.rules.rosters import Rosters
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn

Tell = Callable[[int, int], None]
Act = Callable[["OpenDossier"], bool]
_APART = (IntegrityError, RecordError, BoxError, ApiError)


def _nobody(done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A dossier that could not be done, and why; its name where it is known."""

    dossier: str
    name: str
    reason: str


@dataclass(slots=True)
class Handed:
    """What was done, by id, and what was left."""

    done: list[str] = field(default_factory=list)
    left: list[LeftOver] = field(default_factory=list)


def hand_over(
    signed_in: SignedIn,
    giver: str,
    taker: str,
    dossiers: Collection[str] | None = None,
    *,
    leave_damaged: bool = False,
    tell: Tell = _nobody,
) -> Handed:
    """Give all dossiers that one member holds (or these of them) to another, and take them from her with new keys.

    Raises OnlyDirectorError, NotFoundError, InvalidInputError for a director, who holds every dossier.
    """
    check_director(signed_in)
    check_taken(signed_in, giver)
    check_there(signed_in, taker)
    if giver == taker:
        raise InvalidInputError("nobody hands dossiers over to herself")

    def act(dossier: OpenDossier) -> bool:
        if giver not in dossier.heads.newest.members:
            return False
        return take_from(dossier, frozenset({giver}), give=frozenset({taker}), leave_damaged=leave_damaged)

    all_ = _listed(signed_in)
    chosen = all_ if dossiers is None else {each: all_.get(each, frozenset()) for each in dossiers}
    return _each(signed_in, chosen, giver, act, tell)


def let_go(signed_in: SignedIn, member: str, *, leave_damaged: bool = False, tell: Tell = _nobody) -> Handed:
    """Give new keys to every dossier whose key that member could have kept.

    Who has left is out of a dossier's head in any case, also where something damaged keeps its keys the old ones.
    """
    check_director(signed_in)
    check_taken(signed_in, member)

    def act(dossier: OpenDossier) -> bool:
        if member not in dossier.heads.could_keep:
            return False
        try:
            return take_from(dossier, frozenset({member}), leave_damaged=leave_damaged)
        except LeftBehindError:
            give_to(dossier, lambda before: next_grantees(before, signed_in.rosters.newest))
            raise

    return _each(signed_in, _listed(signed_in), member, act, tell)


def bring_directors(signed_in: SignedIn, *, tell: Tell = _nobody) -> Handed:
    """Give every dossier to every director: after somebody became one."""
    check_director(signed_in)
    act = lambda dossier: give_to(dossier, lambda before: next_grantees(before, signed_in.rosters.newest))  # noqa: E731
    return _each(signed_in, _listed(signed_in), "", act, tell)


def step_down(
    signed_in: SignedIn,
    member: str,
    *,
    keep: Collection[str] | None = None,
    leave_damaged: bool = False,
    tell: Tell = _nobody,
) -> Handed:
    """Take from a director who is one no more what she held as one alone: all but `keep`, or what is her own.

    Her own is what she opened, or was given while she was no director.
    """
    check_director(signed_in)
    check_taken(signed_in, member)

    def act(dossier: OpenDossier) -> bool:
        own = is_own(dossier.heads, signed_in.rosters, member) if keep is None else dossier.id in keep
        return not own and take_from(dossier, frozenset({member}), leave_damaged=leave_damaged)

    return _each(signed_in, _listed(signed_in), member, act, tell)


def is_own(heads: Heads, rosters: Rosters, member: str) -> bool:
    """Whether she holds the dossier, and opened it or was given it while she was no director."""
    given = (each for each in heads.chain if member in each.members)
    by_name = any(member not in rosters.at(each.standing).directors for each in given)
    return member in heads.newest.members and (by_name or heads.chain[0].signer == member)


def all_dossiers(signed_in: SignedIn) -> list[str]:
    """The ids of all dossiers that the server lists for this member."""
    return list(_listed(signed_in))


def _listed(signed_in: SignedIn) -> dict[str, frozenset[str]]:
    """By their ids, who holds them by the head that the server lists: its word, by which no dossier is passed over."""
    found = dict[str, frozenset[str]]()
    for item in signed_in.api.pages("/dossiers"):
        found[read.identifier(item, "dossier")] = frozenset()
        with suppress(RecordError):
            head = Dossier.read(from_json(read.mapping(item, "head"), "dossier"))
            found[read.identifier(item, "dossier")] = head.members
    return found


def _each(signed_in: SignedIn, dossiers: Mapping[str, frozenset[str]], member: str, act: Act, tell: Tell) -> Handed:
    """Every one is opened and looked at; where that member holds it, all of it comes by the same request."""
    handed, all_ = Handed(), list(dossiers)
    for number, id_ in enumerate(all_, start=1):
        name = ""
        try:
            dossier = load_dossier(signed_in, id_, contents=member in dossiers[id_], left_behind=True)
            name = dossier.name
            if act(dossier):
                handed.done.append(id_)
        except NotFoundError:
            pass  # it was erased meanwhile
        except _APART as error:
            handed.left.append(LeftOver(id_, name, str(error)))
        tell(number, len(all_))
    return handed
