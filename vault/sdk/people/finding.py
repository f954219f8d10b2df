"""Members of the practice, found by name, e-mail address, id or the beginning of an id.

The roster says who is a member; a name and an address are believed where they are those of its card.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.types.roster import MAX_MEMBERS, RosterMember
from vault.sdk.errors import AmbiguousError, NotFoundError
from vault.sdk.people.session import SignedIn

SEE = "See who there is with: dossier people"
_ID = re.compile(r"[0-9a-f]{32}\Z")
_SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True)
class Known:
    """A member of the newest roster, with name and address; both are empty where the server does not give them.

    `devices` and `seen_at` are the server's word, for directors: how many are signed in, and the last use of one.
    """

    entry: RosterMember
    name: str
    email: str
    devices: int | None = None
    seen_at: datetime | None = None

    @property
    def id(self) -> str:
        """The member's id."""
        return self.entry.id

    @property
    def called(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.id


def members(signed_in: SignedIn) -> list[Known]:
    """Everybody in the newest roster, in its order: also who has left."""
    items = read.objects(signed_in.api.get("/members"), "items", most=MAX_MEMBERS)
    given = {read.identifier(item, "id"): item for item in items}
    return [_known(signed_in, entry, given.get(entry.id, {})) for entry in signed_in.rosters.newest.members]


def _known(signed_in: SignedIn, entry: RosterMember, item: dict[str, Any]) -> Known:
    details = read.optional(read.mapping, item, "details")
    name, email = ("", "") if details is None else signed_in.card_in(entry.id, details)
    return Known(
        entry, name, email, read.optional(read.integer, item, "devices"), read.optional(read.instant, item, "seen_at")
    )


def find_member(signed_in: SignedIn, reference: str, *, left: bool = False) -> Known:
    """The member whom an id, an e-mail address, a name or the beginning of an id names; with `left` also who has left.

    An id says it alone; else an address goes before a name and the beginning of an id, and who is there before who has
    left. Raises NotFoundError, AmbiguousError.
    """
    wanted = _folded(reference)
    everybody = [each for each in members(signed_in) if left or each.entry.active]
    if _ID.match(wanted):
        return _one(reference, [each for each in everybody if each.id == wanted])
    short = [each for each in everybody if len(wanted) >= _SHORTEST_PREFIX and each.id.startswith(wanted)]
    named = [each for each in everybody if each.name and _folded(each.name) == wanted]
    matches = [each for each in everybody if each.email and _folded(each.email) == wanted] or [
        *named,
        *(each for each in short if each not in named),  # a name that looks like somebody's number takes nothing away
    ]
    return _one(reference, [each for each in matches if each.entry.active] or matches)


def _one(reference: str, matches: Iterable[Known]) -> Known:
    found = list(matches)
    if not found:
        raise NotFoundError(f"there is no such member: {reference}", advice=SEE)
    if len(found) > 1:
        ids = tuple(each.id for each in found)
        raise AmbiguousError(
            f"several members go by that name: {', '.join(ids)}",
            candidates=ids,
            advice="Give the e-mail address, or as much of the id as is needed.",
        )
    return found[0]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u2019", "'").strip().casefold()
