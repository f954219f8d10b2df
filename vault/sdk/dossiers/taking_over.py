"""Taking over what somebody who left held: the next head and index, signed by somebody who is still there.

Until then a reader who never saw the leaver's last signature keeps it in quarantine (FORMAT.md, "Who may sign").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.boxes import BoxError
from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.types.dossier import Dossier
from vault.rules.rights import next_grantees
from vault.sdk.dossiers.next_head import give_to
from vault.sdk.errors import NotTakenOverError
from vault.sdk.people.appointing import dismiss as end_membership
from vault.sdk.server.answers import mapping

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn


def dismiss(signed_in: SignedIn, member: str) -> int:
    """End a coach's membership and take over every dossier that she held; how many. Repeatable where it was cut off.

    One that does not open keeps no other: at the end raises NotTakenOverError, which names those that are left. A
    connection that is lost ends it at once.
    """
    from vault.sdk.dossiers.finding import load_dossier  # noqa: PLC0415 - it is built on this module

    entry = signed_in.rosters.newest.member(member)
    if entry is None or entry.active:
        end_membership(signed_in, member)
    taken, left = 0, list[str]()
    for item in list(signed_in.api.pages("/dossiers")):
        id_ = read.identifier(item, "dossier")
        try:
            if _holds(item, member):
                take_over(load_dossier(signed_in, id_, left_behind=True))
                taken += 1
        except (IntegrityError, RecordError, BoxError):
            left.append(id_)
    if left:
        raise NotTakenOverError(taken, tuple(left))
    return taken


def _holds(item: dict[str, Any], member: str) -> bool:
    """Whether a head as the server lists it names that member; what it hides is in quarantine and shows as that.

    Raises AnswerError where the head is damaged: nobody can tell.
    """
    return member in Dossier.read(from_json(mapping(item, "head"), "dossier")).members


def take_over(dossier: OpenDossier) -> None:
    """Sign the dossier's next head, without those who left and with every director, and the first index under it."""
    give_to(dossier, lambda before: next_grantees(before, dossier.signed_in.rosters.newest), always=True)
