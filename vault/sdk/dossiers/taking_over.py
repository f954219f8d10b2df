"""Taking over what somebody who left held: the next head and index, signed by somebody who is still there.

Until then a reader who never saw the leaver's last signature keeps it in quarantine (FORMAT.md, "Who may sign").
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vault.records import read
from vault.records.envelope import from_json
from vault.records.types.dossier import Dossier
from vault.rules.rights import next_grantees
from vault.sdk.dossiers.new_dossier import wrap_for
from vault.sdk.dossiers.open_dossier import sign_index
from vault.sdk.people.appointing import dismiss as end_membership
from vault.sdk.server.answers import mapping
from vault.sdk.server.retry import again

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
    signed_in, before = dossier.signed_in, dossier.heads.newest
    dossier.refresh_index()
    records, newest = dossier.records, dossier.index  # after its records: those may have come with a newer one
    head = replace(
        before,
        standing=signed_in.standing,
        version=before.version + 1,
        previous=before.hash,
        grantees=next_grantees(before, signed_in.rosters.newest),
        index=newest.hash,
        at=signed_in.now(),
    )
    envelope = signed_in.sign("dossier", head.content())
    heads = dossier.heads.append(envelope, signed_in.rosters)
    index = sign_index(signed_in, heads.newest, newest, records, added=frozenset())
    joined = sorted(heads.newest.members - before.members)
    request = {
        "dossier": envelope.to_json(),
        "wraps": [wrap_for(signed_in, dossier.id, dossier.epoch, dossier.identity, each) for each in joined],
        "index": index.to_json(),
    }
    again(lambda: signed_in.api.post(f"/dossiers/{dossier.id}/head", json=request))
    dossier.move_to(heads, index, records)
