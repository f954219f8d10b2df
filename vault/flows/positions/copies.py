"""What the worker keeps of the records beside the objects, where nothing is ever removed: enough to find them put back.

`ledger/<sequence>` holds every tombstone, `ledger/subjects/<sequence>` the keys that go with it, `ledger/roster/…` and
`ledger/policy/…` those chains. The keystore holds the number of the newest audit entry.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from typing import Any

from vault.errors import IntegrityError
from vault.flows.context import Ports, restore
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Named
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.strict_json import dump, parse_object
from vault.records.table import LARGE

KINDS = ("roster", "policy")
POSITION = Named("position")
MAX_SUBJECTS = 16 * 1024 * 1024


def copy_name(kind: str, version: int) -> str:
    """Where the copy of a roster or a policy lies."""
    return f"ledger/{kind}/{version:010d}"


def subjects_name(sequence: int) -> str:
    """Where the subjects of a tombstone lie."""
    return f"ledger/subjects/{sequence:010d}"


def copied(ports: Ports, kind: str, near: int = 0) -> int:
    """The newest version of that chain that has a copy, looked for from `near`."""
    return end_of(lambda version: ports.objects.size(copy_name(kind, version)) is not None, near)


def keep_copies(ports: Ports) -> None:
    """Bring the copies and the keystore's view of the records up to date; repeatable."""
    for kind in KINDS:
        _copy(ports, kind)
    with ports.store.reading() as tx:
        records, mark = tx.position(), tx.seen_mark()
    keystore = ports.keystore.position()
    if keystore.audit < records.audit:
        ports.keystore.witness(records.audit)
    if keystore.mark != mark:
        note_generation(ports)


def note_generation(ports: Ports) -> None:
    """Let the records see the keystore's generation."""
    keystore = ports.keystore.position()
    with ports.store.transaction(POSITION) as tx:
        tx.note_generation(keystore.generation, keystore.mark)


def _copy(ports: Ports, kind: str) -> None:
    with ports.store.reading() as tx:
        newest = tx.newest(kind)
        known = copied(ports, kind, 0 if newest is None else newest.version)
        rows = tx.chain(kind, after=known)
    for row in rows:
        whole = restore(row.kind, row.record, row.signatures, row.hash)  # what is damaged gets no copy
        put(ports, copy_name(kind, row.version), dump(whole.to_json()))


def keep_subjects(ports: Ports, sequence: int, subjects: Sequence[Subject]) -> None:
    """Write down which keys a tombstone destroys, before the tombstone stands in the ledger."""
    put(ports, subjects_name(sequence), dump({"subjects": [[each.kind.value, each.id] for each in subjects]}))


def subjects_of(ports: Ports, sequence: int) -> list[Subject]:
    """The subjects that were written down; raises IntegrityError for something else."""
    try:
        fields = parse_object(fetch(ports, subjects_name(sequence)), limit=MAX_SUBJECTS)
        return [Subject(SubjectKind(kind), str(id_)) for kind, id_ in fields["subjects"]]
    except (RecordError, KeyError, ValueError, TypeError) as error:
        raise IntegrityError(f"{subjects_name(sequence)} is damaged") from error


def chain_copy(ports: Ports, kind: str, version: int) -> dict[str, Any]:
    """The copy of one version as JSON; raises RecordError."""
    return read.mapping({"copy": parse_object(fetch(ports, copy_name(kind, version)), limit=2 * LARGE)}, "copy")


def put(ports: Ports, name: str, raw: bytes) -> None:
    """Write a small object unless it is there."""
    ports.objects.put(name, io.BytesIO(raw), len(raw), hashlib.sha256(raw).digest())


def fetch(ports: Ports, name: str) -> bytes:
    """A small object; raises IntegrityError when it is gone."""
    try:
        return b"".join(ports.objects.get(name))
    except LookupError as error:
        raise IntegrityError(f"{name} is not in the store of objects") from error


def end_of(there: Callable[[int], bool], near: int) -> int:
    """The last number that is there, of numbers without gaps, looked for from `near` in growing steps."""
    step = 1
    if near and not there(near):
        high = near
        while high - step > 0 and not there(high - step):
            high, step = high - step, step * 2
        low = max(0, high - step)
    else:
        low = near
        while there(low + step):
            low, step = low + step, step * 2
        high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if there(middle) else (low, middle)
    return low
