"""Opening a dossier and reading what belongs to it: head, wraps, profile, records, index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vault.domain.dossiers import DossierRow, RecordRow, RecordState, WrapRow
from vault.flows.answers import NOT_FOUND, Stale, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, held, restore, rosters, seen
from vault.flows.dossiers.closing import set_clock
from vault.flows.dossiers.indexing import Advanced, advance, as_row, every_record, index_envelope, newest_head
from vault.flows.people.rosters import newest_policy
from vault.ports.errors import ShreddedError
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.types.dossier import Dossier
from vault.records.types.index import Index
from vault.records.types.profile import Profile
from vault.records.types.trajectory import Trajectory
from vault.rules.authority import check_current, check_holder, first_head
from vault.rules.verdict import Refused

MAX_TEXT = 16_384 + 64
SHOWN = ("erasure", "profile", "share", "trajectory")


@dataclass(frozen=True, slots=True)
class NewWrap:
    """A grantee's wrap; the opener may bring its own symmetric one at once."""

    member: str
    wrap: bytes
    symmetric: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A signed record and its encrypted text, where its type has one."""

    envelope: Envelope
    text: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewDossier:
    """Everything a dossier begins with."""

    head: Envelope
    wraps: tuple[NewWrap, ...]
    records: tuple[NewRecord, ...]
    index: Envelope


@dataclass(frozen=True, slots=True)
class Opened:
    """The dossier; `repeated` when it had been opened before by the same record."""

    dossier: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as its readers get it."""

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


def subject_of(dossier: str) -> Subject:
    """The dossier's subject."""
    return Subject(SubjectKind.DOSSIER, dossier)


def open_dossier(ports: Ports, caller: Caller, new: NewDossier, now: datetime) -> Opened | Refused:
    """Make a dossier: all of it or nothing. Repeating it gives the first answer.

    Raises RecordError, RosterError, SignatureError; ConflictError when the id is another's; TombstonedError when it
    was destroyed.
    """
    head = Dossier.read(new.head)

    def check(tx: Transaction) -> Opened | Refused | None:
        if tx.dossier(head.id) is not None:
            return Opened(head.id, repeated=True) if tx.record(head.hash) is not None else Refused("conflict")
        return _check_new(tx, caller, new)

    with ports.store.reading() as tx:
        answer = check(tx)
    if answer is not None:
        return answer
    ports.keystore.create([subject_of(head.id)])
    wraps = _seal_wraps(ports, head.id, head.epoch, new.wraps)
    rows = [_sealed_row(ports, head.id, record, RecordState.CURRENT, now) for record in new.records]
    index = Index.read(new.index)

    def work(tx: Transaction) -> Opened | Refused:
        if again := check(tx):
            return again
        row = DossierRow(head.id, head.kind, head.version, head.epoch, head.hash, index.sequence, index.hash, now)
        tx.add_dossier(row)
        for record in (
            *rows,
            as_row(new.head, head.id, head.id, RecordState.CURRENT, None, now),
            as_row(new.index, head.id, head.id, RecordState.CURRENT, None, now),
        ):
            tx.add_record(record)
        tx.put_wraps(wraps)
        note(tx, head.id, "dossier_opened", caller.member, now)
        return Opened(head.id, repeated=False)

    return decide(ports.store, work, head.id)


def _check_new(tx: Transaction, caller: Caller, new: NewDossier) -> Refused | None:
    chain = rosters(tx)
    check_current(new.head, chain)
    heads = first_head(new.head, chain)
    head = heads.newest
    if head.signer != caller.member:
        return Refused("not_allowed")
    if sorted(wrap.member for wrap in new.wraps) != sorted(head.grantees):
        raise RecordError("there must be one wrap for every grantee")
    if sorted(record.envelope.kind for record in new.records) != ["profile", "trajectory"]:
        raise RecordError("a dossier begins with a profile and a trajectory")
    for record in new.records:
        check_holder(record.envelope, chain, heads)
        _check_first(tx, record)
    index = Index.read(new.index)
    check_holder(new.index, chain, heads)
    if (index.sequence, index.previous) != (1, None):
        raise RecordError("not a first index")
    if list(index.records) != sorted(record.envelope.hash for record in new.records):
        raise RecordError("the first index lists the dossier's records and nothing else")
    return None


def _check_first(tx: Transaction, record: NewRecord) -> None:
    _check_text(record)
    if record.envelope.kind == "profile":
        if Profile.read(record.envelope).version != 1:
            raise RecordError("not a first profile")
        return
    trajectory = Trajectory.read(record.envelope)
    if trajectory.version != 1 or trajectory.policy != newest_policy(tx).hash:
        raise RecordError("not a first trajectory under the newest policy")


def _check_text(record: NewRecord) -> None:
    wanted = "text" in record.envelope.fields
    if wanted != (record.text is not None):
        raise RecordError("a record comes with the text it speaks of, and with none otherwise")
    if record.text is not None and len(record.text) > MAX_TEXT:
        raise RecordError(f"a text may have {MAX_TEXT} bytes")


def subject_id(envelope: Envelope) -> str:
    """The id a record is about."""
    match envelope.kind:
        case "profile":
            return Profile.read(envelope).dossier
        case "trajectory":
            return Trajectory.read(envelope).id
        case _:
            raise RecordError(f"a {envelope.kind} record does not come this way")


def _sealed_row(ports: Ports, dossier: str, record: NewRecord, state: RecordState, now: datetime) -> RecordRow:
    text = record.text
    if text is not None:
        text = ports.keystore.seal(subject_of(dossier), "record.text", record.envelope.hash, text)
    return as_row(record.envelope, dossier, subject_id(record.envelope), state, text, now)


def _seal_wraps(ports: Ports, dossier: str, epoch: int, wraps: Sequence[NewWrap]) -> list[WrapRow]:
    subject = subject_of(dossier)
    sealed = ports.keystore.seal_many(
        [(subject, "wrap.wrap", wrap_row(dossier, epoch, wrap.member), wrap.wrap) for wrap in wraps]
    )
    return [
        WrapRow(dossier, epoch, wrap.member, box, _seal_symmetric(ports, dossier, epoch, wrap.member, wrap.symmetric))
        for wrap, box in zip(wraps, sealed, strict=True)
    ]


def _seal_symmetric(ports: Ports, dossier: str, epoch: int, member: str, symmetric: bytes | None) -> bytes | None:
    if symmetric is None:
        return None
    return ports.keystore.seal(subject_of(dossier), "wrap.symmetric", wrap_row(dossier, epoch, member), symmetric)


def wrap_row(dossier: str, epoch: int, member: str) -> str:
    """The row id a wrap is sealed under."""
    return f"{dossier}/{epoch}/{member}"


def listing(ports: Ports, caller: Caller, after: str, limit: int) -> list[Listed]:
    """The dossiers the caller holds, by id."""

    def look() -> list[Listed]:
        with ports.store.reading() as tx:
            found = tx.dossiers_of(caller.member, after=after, limit=limit)
            rows = [_parts(tx, caller, dossier) for dossier in found if not dossier.fenced]
        return _unseal(ports, rows)

    return seen(look)


def one(ports: Ports, caller: Caller, dossier: str) -> Whole | Refused:
    """A dossier the caller holds, with what is needed to verify everything in it."""
    with ports.store.reading() as tx:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        parts, index = _parts(tx, caller, row), index_envelope(tx, row)
        heads = tx.records(dossier, kinds=("dossier",))
    envelopes = sorted((_envelope(head) for head in heads), key=lambda e: int(e.fields["version"]))
    return Whole(_unseal(ports, [parts])[0], tuple(envelopes), index)


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
        view = RecordView(profile.hash, _envelope(profile), text, profile.state)
        listed.append(Listed(dossier, _envelope(head), wrapped, symmetric, view))
    return listed


def _envelope(row: RecordRow) -> Envelope:
    return restore(row.kind, row.record, row.signatures)


def put_symmetric(ports: Ports, caller: Caller, items: Sequence[tuple[str, int, bytes]]) -> int:
    """Keep the caller's own symmetric wraps (dossier, epoch, wrap); how many fitted a wrap she has."""
    updated = 0
    for dossier, epoch, symmetric in items:
        with ports.store.reading() as tx:
            if tx.wrap(dossier, epoch, caller.member) is None:
                continue
        sealed = _seal_symmetric(ports, dossier, epoch, caller.member, symmetric)
        assert sealed is not None
        with ports.store.transaction(dossier) as tx:
            updated += tx.set_symmetric(dossier, epoch, caller.member, sealed)
    return updated


def records(ports: Ports, caller: Caller, dossier: str, after: str, limit: int) -> list[RecordView] | Refused:
    """Profiles, trajectories, shares and erasure requests of a dossier, by hash; a text that was shredded is None."""
    with ports.store.reading() as tx:
        if held(tx, caller, dossier) is None:
            return NOT_FOUND
        rows = tx.records(dossier, kinds=SHOWN, after=after, limit=limit)
    return [RecordView(row.hash, _envelope(row), _text(ports, row), row.state) for row in rows]


def _text(ports: Ports, row: RecordRow) -> bytes | None:
    if row.text is None:
        return None
    subject = Subject(SubjectKind.SHARE, row.subject) if row.kind == "share" else subject_of(row.dossier)
    try:
        return ports.keystore.unseal(subject, "record.text", row.hash, row.text)
    except ShreddedError:
        return None


def add_records(
    ports: Ports, caller: Caller, dossier: str, new: Sequence[NewRecord], index: Envelope, now: datetime
) -> Advanced | Stale | Refused:
    """Add versions of profile or trajectory together with the index that lists them."""
    for record in new:
        _check_text(record)
    rows = [_sealed_row(ports, dossier, record, RecordState.PENDING, now) for record in new]

    def work(tx: Transaction) -> Advanced | Stale | Refused:
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        if index.hash == row.index:
            return Advanced(row.sequence, row.index)
        heads = newest_head(tx, row)
        for record, sealed in zip(new, rows, strict=True):
            check_holder(record.envelope, rosters(tx), heads)
            if refused := _check_version(tx, row, record.envelope):
                return refused
            tx.add_record(sealed)
        advanced = advance(tx, caller, row, index, now)
        if isinstance(advanced, Advanced):
            set_clock(tx, row)
            note(tx, dossier, "records_changed", caller.member, now, index=advanced.index)
        return advanced

    return decide(ports.store, work, dossier)


def _check_version(tx: Transaction, dossier: DossierRow, envelope: Envelope) -> Refused | None:
    """The next version of a profile or trajectory follows the newest; a new trajectory begins at 1."""
    subject, fields = subject_id(envelope), envelope.fields
    before = [
        row
        for row in every_record(tx, dossier.id, states=(RecordState.CURRENT,))
        if row.kind == envelope.kind and row.subject == subject
    ]
    newest = _envelope(before[-1]) if before else None
    version, previous = (0, None) if newest is None else (int(newest.fields["version"]), newest.hash)
    if fields["version"] != version + 1 or fields.get("previous") != previous:
        return Refused("conflict")
    return None


def advance_index(
    ports: Ports, caller: Caller, dossier: str, envelope: Envelope, now: datetime
) -> Advanced | Stale | Refused:
    """Accept the next index; see `vault.flows.dossiers.indexing.advance`."""

    def work(tx: Transaction) -> Advanced | Stale | Refused:
        row = held(tx, caller, dossier)
        return NOT_FOUND if row is None else advance(tx, caller, row, envelope, now)

    return decide(ports.store, work, dossier)
