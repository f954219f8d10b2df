"""The installation's keys in the roster: which are listed, and a director's signature under a new one."""

from __future__ import annotations

from dataclasses import replace

from vault.errors import InvalidInputError
from vault.records.types.roster import RosterKey
from vault.sdk.people.appointing import post_roster
from vault.sdk.people.session import SignedIn


def list_key(signed_in: SignedIn, use: str, key: bytes) -> bool:
    """List a new key of the installation for one use; the one it replaces ends now. False when it stands there already.

    The key comes from the operator, who reads it on the server, and never from an answer: a gateway that was broken
    into would name a key of its own. Raises InvalidInputError for a key that has ended or has another use.
    """
    signed_in.refresh()
    if not signed_in.is_director:
        raise InvalidInputError(
            "only a director lists a key of the installation", advice="Nothing was changed. Ask a director."
        )
    newest, now = signed_in.rosters.newest, signed_in.now()
    known = newest.installation(key)
    if known is not None:
        if known.until is None and use in known.uses:
            return False
        raise InvalidInputError(
            "this key is in the roster already, for another use or until a day that has passed",
            advice="Let the server make a new key: RUNBOOK, “Installation keys”.",
        )
    kept = tuple(
        replace(each, until=now) if use in each.uses and each.until is None else each for each in newest.installations
    )
    post_roster(signed_in, replace(newest, installations=(*kept, RosterKey(key, (use,), now))), [])
    return True
