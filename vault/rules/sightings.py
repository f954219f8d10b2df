"""Whether a chain holds what the signer of a record says she has seen of it (FORMAT.md "Seen").

The server asks before it takes a record, a reader when it reads one.
"""

from __future__ import annotations

from collections.abc import Callable

from vault.records.seen import Sighting
from vault.rules.verdict import ALLOWED, Refused, Verdict


def is_held(sighting: Sighting, at: Callable[[int], str | None]) -> Verdict:
    """Compare with `at`, the chain's hash under a number, None beyond its end: put back, or forked."""
    if sighting.hash is None:
        return ALLOWED
    found = at(sighting.number)
    if found is None:
        return Refused("rolled_back")
    return ALLOWED if found == sighting.hash else Refused("forked")
