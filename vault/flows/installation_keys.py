"""The installation's keys in the roster: at the set-up, at a change, and whether those of this process may sign."""

from __future__ import annotations

from datetime import datetime

from vault.errors import InvalidInputError
from vault.flows.context import Ports, rosters
from vault.ports.store import Transaction
from vault.records.types.roster import Roster
from vault.rules.rights import may_sign
from vault.rules.terms import CLOCK_SLACK
from vault.rules.verdict import Refused


def check_first(ports: Ports, roster: Roster) -> None:
    """Raise InvalidInputError unless roster 1 lists this installation's keys, each for its use, and no other key."""
    listed = {use: each.key for each in roster.installations for use in each.uses}
    if listed != dict(ports.installation.public) or len(roster.installations) != len(listed):
        raise InvalidInputError("the first roster names another installation's keys")


def check_clocks(before: Roster | None, after: Roster, now: datetime) -> Refused | None:
    """Refuse a key that begins later, or ends earlier, than this server's clock says it is.

    An end in the past would make what the key signed since then nobody's: no later roster takes an end back. A key
    that begins in a year would sign nothing until then.
    """
    for entry in after.installations:
        known = None if before is None else before.installation(entry.key)
        if known is None and entry.since > now + CLOCK_SLACK:
            return Refused("clock_wrong")
        if entry.until is not None and (known is None or known.until is None) and entry.until + CLOCK_SLACK < now:
            return Refused("clock_wrong")
    return None


def unlisted(ports: Ports, tx: Transaction, now: datetime) -> tuple[str, ...]:
    """The uses for which this process knows a key that the newest roster does not let sign; none before a set-up."""
    if tx.practice() is None:
        return ()
    chain, known = rosters(tx), ports.installation.public
    return tuple(use for use, key in sorted(known.items()) if not may_sign(key, use, chain, now))
