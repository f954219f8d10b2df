"""Taking over what somebody who left held: the next head and index, signed by somebody who is still there.

Until then a reader who never saw the leaver's last signature keeps it in quarantine (FORMAT.md, "Who may sign").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.records import read
from vault.records.envelope import from_json
from vault.records.types.dossier import Dossier
from vault.rules.rights import next_grantees
from vault.sdk.dossiers.next_head import give_to
from vault.sdk.people.appointing import dismiss as end_membership
from vault.sdk.server.answers import mapping

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn


def dismiss(signed_in: SignedIn, member: str) -> int:
    """End a coach's membership and take over every dossier that she held; how many. Repeatable where it was cut off."""
    from vault.sdk.dossiers.finding import load_dossier  # noqa: PLC0415 - it is built on this module

    entry = signed_in.rosters.newest.member(member)
    if entry is None or entry.active:
        end_membership(signed_in, member)
    held = [item for item in signed_in.api.pages("/dossiers") if _holds(item, member)]
    for item in held:
        take_over(load_dossier(signed_in, read.identifier(item, "dossier"), left_behind=True))
    return len(held)


def _holds(item: dict[str, Any], member: str) -> bool:
    """Whether a head as the server lists it names that member; what it hides is in quarantine and shows as that."""
    return member in Dossier.read(from_json(mapping(item, "head"), "dossier")).members


def take_over(dossier: OpenDossier) -> None:
    """Sign the dossier's next head, without those who left and with every director, and the first index under it."""
    give_to(dossier, lambda before: next_grantees(before, dossier.signed_in.rosters.newest), always=True)
