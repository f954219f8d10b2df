"""A member's dossiers as they differ from what she has, bucket by bucket (FORMAT.md, "The list").

The server remembers nothing of what it told whom: a bucket's mark is a digest of its rows as they are now. So neither a
clock, a database put back, a lost answer nor a dossier that is gone can make the two disagree for longer than a look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vault.domain.dossiers import ListedRow, WrapRow
from vault.flows.context import Caller, Ports, is_holder, seen
from vault.flows.damage import KEY, whole
from vault.flows.dossiers.sealing import subject_of, wrap_row
from vault.flows.dossiers.showing import Listed, parts_of, unseal

PREFIX = 2  # hex digits of an id: 256 buckets
MARK_SIZE = 16
ROWS = 1000  # a page ends with the bucket that fills it


@dataclass(frozen=True, slots=True)
class Labelled:
    """A dossier under the name that the member's own device has sealed for her."""

    row: ListedRow
    label: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """Buckets whose mark is another than was asked about (None: empty now), with all their dossiers.

    `whole`: those that have no label yet, with all that is needed to verify their names. `more`: ask again.
    """

    marks: dict[str, bytes | None]
    labelled: list[Labelled]
    whole: list[Listed]
    more: bool


def changes(ports: Ports, caller: Caller, known: Mapping[str, bytes]) -> Changes:
    """What is no more as the marks say that the caller knows; all of it for a caller who knows none."""
    return seen(lambda: _look(ports, caller, known), lambda found: any(KEY in each.damaged for each in found.whole))


def _look(ports: Ports, caller: Caller, known: Mapping[str, bytes]) -> Changes:
    with ports.store.reading() as tx:
        buckets = _buckets(tx.listed_of(caller.member))
        marks = {bucket: _mark(rows) for bucket, rows in buckets.items()}
        other = sorted(bucket for bucket in marks.keys() | known.keys() if marks.get(bucket) != known.get(bucket))
        shown, rows = list[str](), list[ListedRow]()
        for bucket in other:
            if len(rows) >= ROWS:
                break
            shown.append(bucket)
            rows += buckets.get(bucket, [])
        wraps = {wrap.dossier: wrap for wrap in tx.wraps_of(caller.member, [row.id for row in rows])}
        labels = _labels(ports, [(row, wraps[row.id]) for row in rows])
        bare = [row.id for row in rows if row.id not in labels]
        dossiers = [dossier for dossier in map(tx.dossier, bare) if dossier is not None]
        # A label needs no such look: it was taken from a holder, and goes with the head that made her one.
        mine = [dossier for dossier in dossiers if is_holder(tx, dossier, caller.member)]
        parts = [parts_of(tx, caller, dossier) for dossier in mine]
    return Changes(
        marks={bucket: marks.get(bucket) for bucket in shown},
        labelled=[Labelled(row, labels[row.id]) for row in rows if row.id in labels],
        whole=unseal(ports, parts),
        more=len(shown) < len(other),
    )


def _buckets(rows: Sequence[ListedRow]) -> dict[str, list[ListedRow]]:
    buckets: dict[str, list[ListedRow]] = {}
    for row in rows:
        buckets.setdefault(row.id[:PREFIX], []).append(row)
    return buckets


def _mark(rows: Sequence[ListedRow]) -> bytes:
    """A digest of the rows, by id. The name of a dossier changes only with its index."""
    digest = hashlib.sha256()
    for row in rows:
        until = "" if row.destroy_on is None else row.destroy_on.isoformat()
        digest.update(f"{row.id} {row.epoch} {row.version} {row.sequence} {row.index} {until}\n".encode("ascii"))
    return digest.digest()[:MARK_SIZE]


def _labels(ports: Ports, rows: Sequence[tuple[ListedRow, WrapRow]]) -> dict[str, bytes]:
    """The labels that open, by dossier. One that does not is as good as none: the dossier comes whole."""
    boxes = [
        ([(subject_of(row.id), "wrap.label", wrap_row(row.id, wrap.epoch, wrap.member))], wrap.label)
        for row, wrap in rows
        if wrap.label is not None
    ]
    opened = ports.keystore.unseal_each(boxes)
    found = zip((row.id for row, wrap in rows if wrap.label is not None), map(whole, opened), strict=True)
    return {dossier: label for dossier, label in found if label is not None}
