"""The rules for the next index of a dossier (FORMAT.md "The index")."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from vault.records.table import type_of
from vault.rules.verdict import ALLOWED, Refused, Verdict


@dataclass(frozen=True, slots=True)
class Known:
    """A record of the dossier: `current` when the previous index lists it, else pending.

    `ended`: its share is revoked, expired or used up, or its document was erased.
    """

    hash: str
    name: str
    subject: str
    current: bool
    ended: bool = False


def may_list(listed: Collection[str], known: Iterable[Known]) -> Verdict:
    """Whether an index may list exactly these hashes, given the dossier's records.

    Types that no index lists are not known here. A pending record may stay pending.
    """
    among = [each for each in known if type_of(each.name).listed]
    if not set(listed) <= {each.hash for each in among}:
        return Refused("record_unknown")
    kept = {(each.name, each.subject) for each in among if each.hash in listed}
    left = [each for each in among if each.current and each.hash not in listed]
    if all(_may_leave(each, kept) for each in left):
        return ALLOWED
    return Refused("record_left_out")


def _may_leave(record: Known, kept: Collection[tuple[str, str]]) -> bool:
    if type_of(record.name).versioned:
        return (record.name, record.subject) in kept
    return record.ended
