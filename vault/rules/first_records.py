"""The first state of a dossier: its head, a wrap for every grantee, a first profile and trajectory, the first index."""

from __future__ import annotations

from collections.abc import Sequence

from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.table import type_of
from vault.records.types.index import Index
from vault.records.types.policy import Policy
from vault.records.types.trajectory import Trajectory
from vault.rules.indexes import listed_after
from vault.rules.rights import Heads, check_current, check_new, first_head
from vault.rules.rosters import Rosters
from vault.rules.verdict import Refused
from vault.rules.versions import Version, next_entry, next_version


def check_beginning(
    head: Envelope,
    wrapped: Sequence[str],
    records: Sequence[Envelope],
    index: Envelope,
    *,
    rosters: Rosters,
    policy: Policy,
) -> Heads:
    """Check a new dossier's first records; return the chain of its first head.

    `wrapped` are the members with a wrap. Raises RecordError, RosterError, SignatureError.
    """
    check_current(head, rosters)
    heads = first_head(head, rosters)
    if sorted(wrapped) != sorted(heads.newest.members):
        raise RecordError("there must be one wrap for every grantee")
    if sorted(record.kind for record in records) != ["profile", "trajectory"]:
        raise RecordError("a dossier begins with a profile and a trajectory")
    for record in records:
        check_new(record, rosters, heads)
        _check_first(record, policy)
    check_new(index, rosters, heads)
    _check_first_index(Index.read(index), heads.newest.hash, records)
    return heads


def _check_first(envelope: Envelope, policy: Policy) -> None:
    record = type_of(envelope.kind).cls.read(envelope)
    if isinstance(record, Trajectory) and record.policy != policy.hash:
        raise RecordError("a first trajectory stands under the newest policy")
    if isinstance(record, Version) and isinstance(next_version(record, None), Refused):
        raise RecordError(f"not a first {envelope.kind}")


def _check_first_index(index: Index, head: str, records: Sequence[Envelope]) -> None:
    if isinstance(next_entry(index, None), Refused) or index.head != head:
        raise RecordError("not a first index")
    if listed_after(index, ()) != frozenset(record.hash for record in records):
        raise RecordError("the first index lists the dossier's records and nothing else")
