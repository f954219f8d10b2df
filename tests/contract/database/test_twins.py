"""Any sequence of acts gets the same answers from the store in memory as from the one on SQL."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.contract import samples
from tests.contract.places import postgres_databases, postgres_store, sql_store
from tests.contract.samples import NOW, hash_, id_
from tests.twins import MemoryStore
from vault.domain.dossiers import DocumentState, RecordState
from vault.domain.erasures import ErasureState
from vault.ports.store import Transaction

FEW = st.integers(1, 3)
IDS = FEW.map(id_)
HASHES = st.lists(FEW.map(hash_), max_size=3)
WHEN = st.integers(-3, 3).map(lambda hours: NOW + timedelta(hours=hours, microseconds=hours))
DOCUMENT_STATES = st.lists(st.sampled_from(DocumentState), max_size=2)
ERASURE_STATES = st.sampled_from(ErasureState)
LIMITS = st.integers(1, 3)


class RolledBackError(Exception):
    pass


def roll_back() -> None:
    raise RolledBackError


class Twins(RuleBasedStateMachine):
    """Each rule is one transaction on both, ended or rolled back."""

    def __init__(self) -> None:
        super().__init__()
        with ExitStack() as starting:  # whose folder goes, too, where the other engine is missing
            folder = Path(starting.enter_context(tempfile.TemporaryDirectory()))
            self.stores = {"memory": MemoryStore(), "sql": self.other(folder, starting)}
            self.stack = starting.pop_all()

    def other(self, folder: Path, starting: ExitStack) -> Any:
        del starting
        return sql_store(folder)

    def teardown(self) -> None:
        self.stores.clear()
        self.stack.close()

    def both(self, act: Callable[[Transaction], Any], *, keep: bool = True) -> None:
        answers = {name: self._answer(store, act, keep=keep) for name, store in self.stores.items()}
        assert answers["memory"] == answers["sql"]

    @staticmethod
    def _answer(store: Any, act: Callable[[Transaction], Any], *, keep: bool) -> Any:
        answers: list[Any] = []
        try:
            with store.transaction() as rows, ExitStack() as ending:
                if not keep:
                    ending.callback(roll_back)
                answers.append(act(rows))
        except Exception as error:  # noqa: BLE001  the class of any failure is an answer to compare
            answers.append(type(error))
        return answers

    @rule(number=FEW, epoch=FEW, keep=st.booleans())
    def add_dossier(self, number: int, epoch: int, keep: bool) -> None:
        self.both(lambda rows: rows.add_dossier(samples.dossier(number, epoch=epoch)), keep=keep)

    @rule(number=FEW, sequence=st.integers(0, 2), epoch=FEW, when=st.none() | WHEN)
    def advance_dossier(self, number: int, sequence: int, epoch: int, when: Any) -> None:
        moved = samples.dossier(number, sequence=sequence + 1, epoch=epoch, destroy_on=when)
        self.both(lambda rows: rows.advance_dossier(moved, sequence=sequence, index=""))

    @rule(number=FEW, epoch=FEW, member=IDS, symmetric=st.none() | st.binary(max_size=2))
    def put_wraps(self, number: int, epoch: int, member: str, symmetric: bytes | None) -> None:
        wrap = samples.wrap(number, epoch=epoch, member=member, symmetric=symmetric)
        self.both(lambda rows: rows.put_wraps([wrap]))
        self.both(lambda rows: rows.set_symmetric(id_(number), epoch + 1, member, b"s"))
        self.both(lambda rows: rows.set_label(id_(number), epoch, member, b"l"))
        self.both(lambda rows: rows.wrap(id_(number), epoch, member))

    @rule(member=IDS, dossiers=st.lists(IDS, max_size=3), gone=IDS)
    def listed_of(self, member: str, dossiers: list[str], gone: str) -> None:
        self.both(lambda rows: rows.clear_labels(gone))
        self.both(lambda rows: (rows.listed_of(member), rows.wraps_of(member, dossiers)))

    @rule(member=IDS, after=IDS | st.just(""), limit=LIMITS)
    def dossiers_of(self, member: str, after: str, limit: int) -> None:
        self.both(lambda rows: rows.dossiers_of(member, after=after, limit=limit))
        self.both(lambda rows: rows.held_dossier(after, member))

    @rule(number=FEW, dossier=IDS, kind=st.sampled_from(["profile", "document"]), keep=st.booleans())
    def add_record(self, number: int, dossier: str, kind: str, keep: bool) -> None:
        self.both(lambda rows: rows.add_record(samples.record(number, dossier=dossier, kind=kind)), keep=keep)

    @rule(dossier=IDS, hashes=HASHES, state=st.sampled_from(RecordState), keep=st.booleans())
    def set_record_states(self, dossier: str, hashes: list[str], state: RecordState, keep: bool) -> None:
        self.both(lambda rows: rows.set_record_states(dossier, hashes, state), keep=keep)

    @rule(dossier=IDS, hashes=HASHES)
    def records_named(self, dossier: str, hashes: list[str]) -> None:
        self.both(lambda rows: rows.records_named(dossier, hashes))

    @rule(dossier=IDS, sequence=st.integers(1, 3), added=HASHES, removed=HASHES, keep=st.booleans())
    def add_index(self, dossier: str, sequence: int, added: list[str], removed: list[str], keep: bool) -> None:
        link = samples.link(sequence, dossier=dossier)
        self.both(lambda rows: rows.add_index(link, added=added, removed=removed), keep=keep)
        self.both(lambda rows: (rows.listed(dossier), rows.indexes(dossier, after=sequence - 1, limit=2)))

    @rule(
        dossier=IDS,
        kinds=st.lists(st.sampled_from(["profile", "document"]), max_size=2),
        states=st.lists(st.sampled_from(RecordState), max_size=2),
        limit=LIMITS,
    )
    def records(self, dossier: str, kinds: list[str], states: list[RecordState], limit: int) -> None:
        self.both(lambda rows: rows.records(dossier, kinds=kinds, states=states, limit=limit))

    @rule(number=FEW, dossier=IDS, leased=WHEN, created=WHEN, state=st.sampled_from(DocumentState))
    def add_document(self, number: int, dossier: str, leased: Any, created: Any, state: DocumentState) -> None:
        document = samples.document(number, dossier=dossier, leased_until=leased, created_at=created, state=state)
        self.both(lambda rows: rows.add_document(document))

    @rule(number=FEW, record=FEW)
    def complete_document(self, number: int, record: int) -> None:
        change = {"record": hash_(record), "head": b"H", "metadata": b"M"}
        self.both(lambda rows: rows.complete_document(id_(number), **change))
        self.both(lambda rows: rows.records(id_(1)))

    @rule(number=FEW, when=WHEN)
    def lease_document(self, number: int, when: Any) -> None:
        self.both(lambda rows: rows.lease_document(id_(number), when))

    @rule(ids=st.lists(IDS, max_size=3), state=st.sampled_from(DocumentState))
    def set_document_state(self, ids: list[str], state: DocumentState) -> None:
        self.both(lambda rows: rows.set_document_state(ids, state))

    @rule(dossier=IDS, states=DOCUMENT_STATES, before=WHEN, limit=LIMITS)
    def documents(self, dossier: str, states: list[DocumentState], before: Any, limit: int) -> None:
        self.both(lambda rows: rows.documents(dossier, states=states, limit=limit))
        self.both(lambda rows: rows.abandoned_documents(before, before + samples.DAY, limit))

    @rule(ids=st.lists(IDS, max_size=2), keep=st.booleans())
    def remove_documents(self, ids: list[str], keep: bool) -> None:
        self.both(lambda rows: rows.remove_documents(ids), keep=keep)

    @rule(document=IDS, number=st.integers(0, 1), digest=st.sampled_from([b"a", b"b"]))
    def add_segment(self, document: str, number: int, digest: bytes) -> None:
        self.both(lambda rows: rows.add_segment(samples.segment(number, document=document, digest=digest)))
        self.both(lambda rows: rows.segments(document))
        self.both(lambda rows: rows.segment(document, 1))

    @rule(
        number=FEW,
        dossier=IDS,
        most=st.integers(0, 2),
        ends=WHEN,
        documents=st.lists(FEW, max_size=2, unique=True),
    )
    def add_share(self, number: int, dossier: str, most: int, ends: Any, documents: list[int]) -> None:
        share = samples.share(number, dossier=dossier, max=most, expires_at=ends)
        entries = [samples.entry(document, share=id_(number)) for document in documents]
        self.both(lambda rows: rows.add_share(share, entries))
        self.both(lambda rows: (rows.share(id_(number)), rows.entries(id_(number)), rows.shares(dossier)))

    @rule(number=FEW, now=WHEN, name=FEW, keep=st.booleans())
    def claim_pickup(self, number: int, now: Any, name: int, keep: bool) -> None:
        pickup = samples.pickup(name, share=id_(number), started_at=now)
        disclosure = samples.disclosure(1, share=id_(number), at=now)

        def act(rows: Transaction) -> Any:
            counted = rows.claim_pickup(id_(number), now)
            if counted:
                rows.add_disclosures([disclosure])
            return counted, rows.add_pickup(pickup), rows.share(id_(number))

        self.both(act, keep=keep)

    @rule(number=FEW, name=FEW, now=WHEN, finished=st.booleans())
    def touch_pickup(self, number: int, name: int, now: Any, finished: bool) -> None:
        self.both(lambda rows: rows.touch_pickup(id_(number), b"n%d" % name, now, finished=finished))
        self.both(lambda rows: (rows.pickups(id_(number)), rows.disclosures(id_(number))))

    @rule(number=FEW, now=WHEN, failures=FEW)
    def revoke_share(self, number: int, now: Any, failures: int) -> None:
        self.both(lambda rows: rows.set_attempts(id_(number), failures, now))
        self.both(lambda rows: rows.revoke_share(id_(number), now), keep=failures > 1)

    @rule(number=FEW, dossier=IDS, state=ERASURE_STATES, when=WHEN, limit=LIMITS)
    def erasures(self, number: int, dossier: str, state: Any, when: Any, limit: int) -> None:
        erasure = samples.certified(number, dossier=dossier, state=state, not_before=when, documents=(id_(1), id_(1)))
        self.both(lambda rows: rows.advance_erasure(erasure))
        self.both(lambda rows: rows.add_erasure(erasure))
        self.both(lambda rows: (rows.open_erasures(NOW, limit), rows.erasures_of(dossier), rows.erasure(id_(number))))

    @rule(dossier=IDS, when=st.none() | WHEN, fence=st.booleans(), limit=LIMITS)
    def due_dossiers(self, dossier: str, when: Any, fence: bool, limit: int) -> None:
        self.both(lambda rows: rows.set_destroy_on(dossier, when))
        self.both(lambda rows: rows.fence_dossier(dossier) if fence else None)
        self.both(lambda rows: (rows.dossier(dossier), rows.due_dossiers(NOW, limit)))

    @rule(dossier=IDS, ids=st.lists(IDS, max_size=2), now=WHEN, after=st.just("") | IDS.map("{}/".format))
    def live_deposits(self, dossier: str, ids: list[str], now: Any, after: str) -> None:
        self.both(lambda rows: (rows.live_deposits(dossier, now, ids), rows.stored_segments(after=after)))

    @rule(dossier=IDS, whole=st.booleans(), keep=st.booleans())
    def remove_dossier(self, dossier: str, whole: bool, keep: bool) -> None:
        self.both(lambda rows: rows.remove_dossier(dossier) if whole else rows.remove_shares(dossier), keep=keep)
        self.both(lambda rows: (rows.shares(dossier), rows.disclosures(dossier)))

    @rule(dossier=IDS, sequence=FEW, after=st.integers(0, 2), limit=LIMITS, clear=st.booleans())
    def audit(self, dossier: str, sequence: int, after: int, limit: int, clear: bool) -> None:
        self.both(lambda rows: rows.add_audit(samples.audit(sequence, dossier=dossier)))
        self.both(lambda rows: rows.clear_audit_details(dossier) if clear else None)
        self.both(lambda rows: (rows.audit(dossier, after=after, limit=limit), rows.audit_head(dossier)))
        self.both(lambda rows: rows.audit_heads(after=id_(after), limit=limit))

    @rule(names=st.lists(IDS, max_size=3), now=WHEN, limit=LIMITS, forget=st.none() | st.lists(IDS, max_size=1))
    def orphans(self, names: list[str], now: Any, limit: int, forget: list[str] | None) -> None:
        self.both(lambda rows: rows.note_orphans(names, now))
        self.both(lambda rows: rows.orphans(NOW, limit))
        self.both(lambda rows: rows.forget_orphans(forget))

    @rule(number=FEW, email=FEW, step=st.integers(0, 3), update=st.booleans())
    def members(self, number: int, email: int, step: int, update: bool) -> None:
        member = samples.member(number, email=b"e%d" % email, totp_step=step)
        self.both(lambda rows: rows.update_member(member) if update else rows.add_member(member))
        self.both(lambda rows: (rows.spend_totp(id_(number), step), rows.member_by_email(b"e%d" % email)))

    @rule(number=FEW, member=IDS, seen=WHEN, idle=WHEN)
    def sessions(self, number: int, member: str, seen: Any, idle: Any) -> None:
        self.both(lambda rows: rows.add_session(samples.session(number, member=member, seen_at=seen)))
        self.both(lambda rows: rows.touch_session(b"s%d" % number, seen))
        self.both(lambda rows: rows.sweep_sessions(idle, idle, idle + samples.DAY))
        self.both(lambda rows: rows.session(b"s%d" % number))


TestTwins = Twins.TestCase
TestTwins.settings = settings(max_examples=15, stateful_step_count=40, deadline=None)


class TwinsOnPostgres(Twins):
    """The same on PostgreSQL, whose transactions fail otherwise and whose types are stricter."""

    def other(self, folder: Path, starting: ExitStack) -> Any:
        starting.enter_context(postgres_databases(folder, "records"))
        return postgres_store(folder)


TestTwinsOnPostgres = TwinsOnPostgres.TestCase
TestTwinsOnPostgres.settings = settings(max_examples=5, stateful_step_count=40, deadline=None)
