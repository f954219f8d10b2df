"""Whole erasures, certified, on the embedded engines against a raw delete of a copy of the same files."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.actors import Practice
from tests.attack.house import ask, ports_at
from tests.bench.measuring import timed
from tests.bench.results import Result
from tests.bench.stage import scratch
from vault.domain.dossiers import SegmentRow, object_name
from vault.flows.documents import deposit
from vault.flows.erasures import erasing

ROW = 6
OBJECTS = 50
BODY = b"ciphertext of a page, " * 200


def run(*, quick: bool = False) -> Iterator[Result]:
    """The peer makes the same syncs; it signs nothing, shreds nothing and looks at nothing again."""
    dossiers = 2 if quick else 50
    with scratch() as folder:
        practice = Practice(ports_at(folder / "data")).set_up()
        for dossier in [practice.open_dossier() for _ in range(dossiers)]:
            _fill(practice, dossier, folder / "data" / "objects")
            ask(practice, dossier)
        objects = folder / "data" / "objects"
        shutil.copytree(objects, folder / "copy")
        raw = timed(lambda: _delete(folder / "copy")).wall
        ours = timed(lambda: _erase(practice, dossiers)).wall
    each = f"{1000 * ours / dossiers:.0f} ms a dossier"
    name = f"erase {dossiers} dossiers of {OBJECTS} objects, certified (embedded), against deleting the files"
    yield Result(ROW, name, raw / ours, ours=each, peer=f"{1000 * raw / dossiers:.0f} ms a dossier")


def _erase(practice: Practice, dossiers: int) -> None:
    certified = 0
    while (done := erasing.sweep(practice.ports, practice.now)).found:
        certified += done.certified
    left = [name for name in practice.ports.objects.names() if not name.startswith("ledger/")]
    if certified != dossiers or left:
        raise RuntimeError(f"{certified} of {dossiers} erased, {len(left)} objects left")


def _fill(practice: Practice, dossier: str, folder: Path) -> None:
    """Stored documents of one object each; written without a sync for each, for that is not what is measured."""
    ports = practice.ports
    first = practice.deposit(dossier, BODY)
    with ports.store.transaction() as tx:
        row = tx.document(first.id)
        assert row is not None
        record = tx.record(row.record)
        assert record is not None
    copies = [practice.new_document(dossier, BODY) for _ in range(OBJECTS - 1)]
    ports.keystore.create([deposit.subject_of(each.id) for each in copies])
    digest = hashlib.sha256(BODY).digest()
    for each in copies:
        path = folder / object_name(dossier, each.id, 0)
        path.parent.mkdir(mode=0o700, parents=True)
        path.write_bytes(BODY)
    heads = ports.keystore.seal_many(
        [(deposit.subject_of(each.id), "document.head", each.id, each.head) for each in copies]
    )
    with ports.store.transaction() as tx:
        for each, head in zip(copies, heads, strict=True):
            tx.add_record(replace(record, hash=each.envelope.hash, subject=each.id, record=each.envelope.record))
            tx.add_document(replace(row, id=each.id, record=each.envelope.hash, head=head))
            tx.add_segment(SegmentRow(each.id, 0, len(BODY), digest))


def _delete(folder: Path) -> None:
    for path, _, files in os.walk(folder, topdown=False):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        for name in files:
            os.unlink(name, dir_fd=handle)
            os.fsync(handle)
        os.close(handle)
        Path(path).rmdir()
