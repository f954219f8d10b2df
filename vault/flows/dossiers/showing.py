"""Reads a dossier: head, wrap, profile, index, and its records with their texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from vault.domain.dossiers import DossierRow, IndexRow, RecordRow, RecordState, WrapRow
from vault.errors import IntegrityError
from vault.flows.answers import NOT_FOUND
from vault.flows.context import Caller, Ports, held, is_holder, seen
from vault.flows.damage import INDEX, KEY, RECORD, damage, record_of, whole
from vault.flows.dossiers.indexing import link_envelope, whole_index
from vault.flows.dossiers.proving import proof_of
from vault.flows.dossiers.sealing import subject_of, wrap_row
from vault.ports.keystore import Layer, Opened
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.table import among_records
from vault.records.types.dossier import Dossier
from vault.rules.merkle import Proof
from vault.rules.verdict import Refused

PAGE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record for the dossier's holders; what is `damaged` of it is None."""

    hash: str
    kind: str
    envelope: Envelope | None
    text: bytes | None
    state: RecordState
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A dossier in the caller's list; what is `damaged` of it is None."""

    dossier: DossierRow
    head: Envelope | None
    wrap: bytes | None
    symmetric: bytes | None
    profile: RecordView
    damaged: tuple[str, ...] = ()


# With its head, the caller's wrap, its profile.
Parts: TypeAlias = tuple[DossierRow, RecordRow | None, WrapRow, RecordRow]


@dataclass(frozen=True, slots=True)
class Whole:
    """A dossier with all its heads and its newest index, and the proof that this lists the profile.

    A damaged head is left out, a damaged index is None; `listed` names both.
    """

    listed: Listed
    heads: tuple[Envelope, ...]
    index: Envelope | None
    proof: Proof | None


@dataclass(frozen=True, slots=True)
class Leaves:
    """The newest index, None where it is damaged, with the hashes of all records that it lists, ascending."""

    index: Envelope | None
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
            mine = [each for each in found if not each.fenced and is_holder(tx, each, caller.member)]
            rows = [parts_of(tx, caller, dossier) for dossier in mine]
        return unseal(ports, rows)

    return seen(look, lambda listed: any(KEY in each.damaged for each in listed))


def one(ports: Ports, caller: Caller, dossier: str) -> Whole | Refused:
    """A dossier of the caller, with everything to verify its content."""
    with ports.store.reading() as tx:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        parts, index = parts_of(tx, caller, row), whole_index(tx, row)
        heads = [record_of(head) for head in _heads(tx, dossier)]
        proof = proof_of(tx, dossier, parts[-1].hash)
    envelopes = sorted((each for each in heads if each is not None), key=lambda e: int(e.fields["version"]))
    listed = unseal(ports, [parts])[0]
    damaged = {*listed.damaged, *([RECORD] if len(envelopes) < row.version else []), *([] if index else [INDEX])}
    return Whole(replace(listed, damaged=tuple(sorted(damaged))), tuple(envelopes), index, proof)


def _heads(tx: Transaction, dossier: str) -> list[RecordRow]:
    """The rows of all heads."""
    found, after = list[RecordRow](), ""
    while page := tx.records(dossier, kinds=("dossier",), after=after):
        found += page
        after = page[-1].hash
    return found


def farewell(ports: Ports, caller: Caller, dossier: str) -> list[Envelope] | Refused:
    """The heads of a dossier that the caller held, ascending, up to the one that took it from her.

    So her device knows why it is in no list any more. What came after that is not hers to know.
    """
    with ports.store.reading() as tx:
        row = tx.dossier(dossier)
        if row is None or row.fenced:
            return NOT_FOUND
        envelopes = [record_of(head) for head in _heads(tx, dossier)]
    heads = sorted((each for each in envelopes if each is not None), key=lambda e: int(e.fields["version"]))
    named = [number for number, each in enumerate(heads, start=1) if caller.member in Dossier.read(each).members]
    if len(heads) < row.version or not named or named[-1] == len(heads):
        return NOT_FOUND
    return heads[: named[-1] + 1]


def indexes(ports: Ports, caller: Caller, dossier: str, after: int, limit: int) -> Links | Refused:
    """The links of a dossier's index above number `after`, ascending; few of them where they are large.

    One that is damaged is left out, as one that is lost: the numbers of the others tell which it is.
    """
    with ports.store.reading() as tx:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        found, size = list[Envelope](), 0
        while after < row.sequence and (links := tx.indexes(dossier, after=after, limit=limit)):
            for link in links:
                after = link.sequence
                if (envelope := _link_of(link)) is not None:
                    found.append(envelope)
                    size += len(link.record)
                if size > PAGE_BYTES:
                    break
            if found:
                return Links(tuple(found), after if after < row.sequence else None)
        return Links((), None)


def _link_of(link: IndexRow) -> Envelope | None:
    """A link as it was signed; None where it is damaged."""
    try:
        return link_envelope(link)
    except IntegrityError:
        return None


def leaves(ports: Ports, caller: Caller, dossier: str) -> Leaves | Refused:
    """What the newest index lists, and that index: both of one moment."""
    with ports.store.reading() as tx:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        return Leaves(whole_index(tx, row), b"".join(bytes.fromhex(leaf) for leaf in tx.listed(dossier)))


def parts_of(tx: Transaction, caller: Caller, dossier: DossierRow) -> Parts:
    """The rows of a dossier that its list shows to this caller, who holds it."""
    head, wrap = tx.record(dossier.head), tx.wrap(dossier.id, dossier.epoch, caller.member)
    profile = tx.records(dossier.id, kinds=("profile",), states=(RecordState.CURRENT,))
    assert wrap is not None
    return dossier, head, wrap, profile[-1]


def unseal(ports: Ports, parts: Sequence[Parts]) -> list[Listed]:
    """The dossiers as their holder sees them, with one read of all keys."""
    boxes: list[tuple[Sequence[Layer], bytes]] = []
    for dossier, _, wrap, profile in parts:
        row = wrap_row(dossier.id, wrap.epoch, wrap.member)
        assert profile.text is not None
        boxes.append(([(subject_of(dossier.id), "wrap.wrap", row)], wrap.wrap))
        boxes.append(([(subject_of(dossier.id), "record.text", profile.hash)], profile.text))
        if wrap.symmetric is not None:
            boxes.append(([(subject_of(dossier.id), "wrap.symmetric", row)], wrap.symmetric))
    opened = iter(ports.keystore.unseal_each(boxes))
    listed = []
    for dossier, head, wrap, profile in parts:
        named = {"wrap": next(opened), "profile": next(opened)}
        if wrap.symmetric is not None:
            named["symmetric"] = next(opened)
        listed.append(_listed(dossier, None if head is None else record_of(head), profile, named))
    return listed


def _listed(dossier: DossierRow, head: Envelope | None, profile: RecordRow, named: Mapping[str, Opened]) -> Listed:
    envelope, symmetric = record_of(profile), named.get("symmetric")
    view = RecordView(profile.hash, profile.kind, envelope, whole(named["profile"]), profile.state)
    damaged = set(damage(head, named)) | (set() if envelope is not None else {"profile"})
    return Listed(
        dossier=dossier,
        head=head,
        wrap=whole(named["wrap"]),
        symmetric=None if symmetric is None else whole(symmetric),
        profile=view,
        damaged=tuple(sorted(damaged)),
    )


def records(ports: Ports, caller: Caller, dossier: str, after: str, limit: int) -> list[RecordView] | Refused:
    """Profiles, trajectories, shares and erasure requests of a dossier, by hash."""
    with ports.store.reading() as tx:
        if held(tx, caller, dossier) is None:
            return NOT_FOUND
        rows = tx.records(dossier, kinds=among_records(), after=after, limit=limit)
    keeper = subject_of(dossier)
    boxes = [([(keeper, "record.text", row.hash)], row.text) for row in rows if row.text is not None]
    texts = iter(ports.keystore.unseal_each(boxes))
    return [_record_view(row, None if row.text is None else next(texts)) for row in rows]


def _record_view(row: RecordRow, text: Opened | None) -> RecordView:
    envelope = record_of(row)
    named = {} if text is None else {"text": text}
    return RecordView(
        hash=row.hash,
        kind=row.kind,
        envelope=envelope,
        text=None if text is None else whole(text),
        state=row.state,
        damaged=damage(envelope, named),
    )
