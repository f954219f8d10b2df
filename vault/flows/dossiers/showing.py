"""Reads a dossier: head, wrap, profile, index, and its records with their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vault.domain.dossiers import DossierRow, RecordRow, RecordState, WrapRow
from vault.flows.answers import NOT_FOUND
from vault.flows.context import Caller, Ports, held, seen
from vault.flows.dossiers.indexing import index_envelope, link_envelope
from vault.flows.dossiers.sealing import envelope_of, subject_of, wrap_row
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.table import among_records
from vault.rules.verdict import Refused

PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record for the dossier's holders."""

    hash: str
    envelope: Envelope
    text: bytes | None
    state: RecordState


@dataclass(frozen=True, slots=True)
class Listed:
    """A dossier in the caller's list."""

    dossier: DossierRow
    head: Envelope
    wrap: bytes
    symmetric: bytes | None
    profile: RecordView


@dataclass(frozen=True, slots=True)
class Whole:
    """A dossier with all its heads and its newest index."""

    listed: Listed
    heads: tuple[Envelope, ...]
    index: Envelope


@dataclass(frozen=True, slots=True)
class Leaves:
    """The newest index with the hashes of all records that it lists, ascending, 32 bytes each."""

    index: Envelope
    leaves: bytes


@dataclass(frozen=True, slots=True)
class Links:
    """Some links of an index; `next` is the number to go on after, None where the newest is among them."""

    items: tuple[Envelope, ...]
    next: int | None


def listing(ports: Ports, caller: Caller, after: str, limit: int) -> list[Listed]:
    """The dossiers the caller holds, by id."""

    def look() -> list[Listed]:
        with ports.store.reading() as tx:
            found = tx.dossiers_of(caller.member, after=after, limit=limit)
            rows = [_parts(tx, caller, dossier) for dossier in found if not dossier.fenced]
        return _unseal(ports, rows)

    return seen(look)


def one(ports: Ports, caller: Caller, dossier: str) -> Whole | Refused:
    """A dossier of the caller, with everything to verify its content."""
    with ports.store.reading() as tx:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        parts, index = _parts(tx, caller, row), index_envelope(tx, row)
        heads = tx.records(dossier, kinds=("dossier",))
    envelopes = sorted((envelope_of(head) for head in heads), key=lambda e: int(e.fields["version"]))
    return Whole(_unseal(ports, [parts])[0], tuple(envelopes), index)


def indexes(ports: Ports, caller: Caller, dossier: str, after: int, limit: int) -> Links | Refused:
    """The links of a dossier's index above number `after`, ascending; few of them where they are large."""
    with ports.store.reading() as tx:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        found, size = list[Envelope](), 0
        for link in tx.indexes(dossier, after=after, limit=limit):
            found.append(link_envelope(link))
            size += len(link.record)
            after = link.sequence
            if size > PAGE_BYTES:
                break
        return Links(tuple(found), after if after < row.sequence else None)


def leaves(ports: Ports, caller: Caller, dossier: str) -> Leaves | Refused:
    """What the newest index lists, and that index: both of one moment."""
    with ports.store.reading() as tx:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        return Leaves(index_envelope(tx, row), b"".join(bytes.fromhex(leaf) for leaf in tx.listed(dossier)))


def _parts(tx: Transaction, caller: Caller, dossier: DossierRow) -> tuple[DossierRow, RecordRow, WrapRow, RecordRow]:
    head, wrap = tx.record(dossier.head), tx.wrap(dossier.id, dossier.epoch, caller.member)
    profile = tx.records(dossier.id, kinds=("profile",), states=(RecordState.CURRENT,))
    assert head is not None
    assert wrap is not None
    return dossier, head, wrap, profile[-1]


def _unseal(ports: Ports, parts: Sequence[tuple[DossierRow, RecordRow, WrapRow, RecordRow]]) -> list[Listed]:
    sealed: list[tuple[Subject, str, str, bytes]] = []
    for dossier, _, wrap, profile in parts:
        row = wrap_row(dossier.id, wrap.epoch, wrap.member)
        assert profile.text is not None
        sealed.append((subject_of(dossier.id), "wrap.wrap", row, wrap.wrap))
        sealed.append((subject_of(dossier.id), "record.text", profile.hash, profile.text))
        if wrap.symmetric is not None:
            sealed.append((subject_of(dossier.id), "wrap.symmetric", row, wrap.symmetric))
    opened = iter(ports.keystore.unseal_many(sealed))
    listed = []
    for dossier, head, wrap, profile in parts:
        wrapped, text = next(opened), next(opened)
        symmetric = None if wrap.symmetric is None else next(opened)
        view = RecordView(profile.hash, envelope_of(profile), text, profile.state)
        listed.append(Listed(dossier, envelope_of(head), wrapped, symmetric, view))
    return listed


def records(ports: Ports, caller: Caller, dossier: str, after: str, limit: int) -> list[RecordView] | Refused:
    """Profiles, trajectories, shares and erasure requests of a dossier, by hash; a shredded text is None."""
    with ports.store.reading() as tx:
        if held(tx, caller, dossier) is None:
            return NOT_FOUND
        rows = tx.records(dossier, kinds=among_records(), after=after, limit=limit)
    sealed = [([(_keeper(row), "record.text", row.hash)], row.text) for row in rows if row.text is not None]
    texts = iter(ports.keystore.unseal_layers(sealed))
    return [
        RecordView(row.hash, envelope_of(row), None if row.text is None else next(texts), row.state) for row in rows
    ]


def _keeper(row: RecordRow) -> Subject:
    """Whose key a record's text is sealed under."""
    return Subject(SubjectKind.SHARE, row.subject) if row.kind == "share" else subject_of(row.dossier)
