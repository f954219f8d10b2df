"""Everything in any order, on memory and on the embedded engines side by side, against a small model.

Nothing is readable that should be gone, nothing is gone that should be readable, both stores answer the same to every
question, every audit chain verifies after every step, and no tombstoned subject comes back.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings, target
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.actors import NOW, Deposited, Link, Practice, memory_ports
from tests.attack.house import (
    DELAY,
    assert_audit_verifies,
    assert_ledger_is_whole,
    data_folder,
    ports_at,
    request_of,
    tombstones,
)
from tests.contract.samples import tombstoned
from vault.domain.dossiers import DocumentState
from vault.errors import VaultError
from vault.flows.audit import auditing
from vault.flows.context import Ports
from vault.flows.documents import completing, deposit, reading
from vault.flows.dossiers import adding, indexing, opening, sealing, showing
from vault.flows.erasures import erasing, requesting, retention
from vault.flows.shares import pickup, sharing
from vault.ports.errors import TombstonedError
from vault.records.types.erasure import LIFE
from vault.records.types.tombstone import retention_id
from vault.rules.verdict import Refused

NOT_FOUND = Refused("not_found")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PICK = st.integers(min_value=0, max_value=1000)


@dataclasses.dataclass
class Document:
    """`coming` until it is finished; `row` until a removal took the row away."""

    sent: Deposited
    coming: bool
    lease: datetime
    shut: bool = False
    row: bool = True
    destroyed: bool = False
    abandoned: bool = False

    @property
    def keyless(self) -> bool:
        return self.destroyed or self.abandoned

    @property
    def readable(self) -> bool:
        return self.row and not self.shut and not self.coming


@dataclasses.dataclass
class Case:
    """A dossier with its documents; `end` is the day its trajectory ended."""

    id: str
    documents: list[Document] = dataclasses.field(default_factory=list)
    end: date | None = None
    shut: bool = False
    destroyed: bool = False


@dataclasses.dataclass
class Shared:
    link: Link
    case: Case
    documents: list[Document]
    expires_at: datetime
    revoked: bool = False
    names: dict[bytes, datetime] = dataclasses.field(default_factory=dict)

    @property
    def proofs(self) -> pickup.Proofs:
        return pickup.Proofs(self.link.possess, self.link.open)

    def dead(self) -> bool:
        return self.revoked or self.case.shut

    def opens(self, now: datetime, name: bytes | None = None) -> bool:
        if self.dead():
            return False
        if now < self.expires_at and len(self.names) < 3:
            return True
        return name in self.names and now - self.names[name] <= HOUR

    def released(self) -> list[str]:
        return [document.sent.id for document in self.documents if document.readable]


@dataclasses.dataclass
class Asked:
    id: str
    case: Case
    documents: list[Document]
    basis: str
    not_before: datetime
    asked_at: datetime
    state: str = "requested"

    @property
    def whole(self) -> bool:
        return not self.documents

    @property
    def running(self) -> bool:
        return self.state in {"requested", "begun"}


def due(end: date) -> datetime:
    try:
        day = end.replace(year=end.year + 5)
    except ValueError:
        day = date(end.year + 5, 2, 28)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


class Vault(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.closing = ExitStack()
        memory = memory_ports()
        self.both = (memory, ports_at(self.closing.enter_context(data_folder())))
        self.practice = Practice(memory)
        asked = self.practice.setup_request()
        self.practice.setup_request = lambda *_: asked
        for ports in self.both:
            self.practice.ports = ports
            self.practice.set_up()
        self.now = NOW
        self.caller = self.practice.director.caller
        self.cases: list[Case] = []
        self.links: list[Shared] = []
        self.asked: list[Asked] = []
        self.steps = 0
        self.swept = False

    def teardown(self) -> None:
        self.look_everywhere()
        target(float(sum(case.destroyed for case in self.cases)))
        self.both = ()
        self.practice.ports = memory_ports()
        self.closing.close()

    # Both stores, one answer

    def ask_both(self, question: Callable[[Ports], Any]) -> Any:
        """The answer of both, which is the same; a fault's type is an answer too."""
        answers = []
        for ports in self.both:
            try:
                answers.append(question(ports))
            except VaultError as error:
                answers.append(type(error))
        assert answers[0] == answers[1]
        return answers[0]

    def open_cases(self) -> list[Case]:
        return [case for case in self.cases if not case.shut]

    def pick(self, among: list[Any], number: int) -> Any:
        return among[number % len(among)]

    def move(self, by: timedelta) -> None:
        self.now = self.practice.now = self.now + by

    # What people do

    @initialize()
    def begin_with_two(self) -> None:
        for number in range(2):
            self.open_dossier()
            for _ in range(2):
                self.begin_deposit(number)
                self.finish_deposit(0)
            self.share(number, 2)

    @precondition(lambda self: len(self.cases) < 3)
    @rule()
    def open_dossier(self) -> None:
        new = self.practice.new_dossier()
        answer = self.ask_both(lambda ports: opening.open_dossier(ports, self.caller, new, self.now))
        assert isinstance(answer, opening.Opened)
        self.practice.index[answer.dossier] = new.index
        self.cases.append(Case(answer.dossier))

    @precondition(lambda self: any(len(case.documents) < 4 for case in self.open_cases()))
    @rule(which=PICK)
    def begin_deposit(self, which: int) -> None:
        case = self.pick([case for case in self.open_cases() if len(case.documents) < 4], which)
        sent = self.practice.new_document(case.id, b"ciphertext " + secrets.token_bytes(16))
        intent = self.practice.intent(sent)
        answer = self.ask_both(lambda ports: deposit.reserve(ports, self.caller, case.id, intent, self.now))
        assert isinstance(answer, deposit.Begun)
        case.documents.append(Document(sent, coming=True, lease=self.now + HOUR))

    @precondition(lambda self: any(d.coming and not d.destroyed for case in self.cases for d in case.documents))
    @rule(which=PICK)
    def finish_deposit(self, which: int) -> None:
        coming = [(c, d) for c in self.cases for d in c.documents if d.coming and not d.destroyed]
        case, document = self.pick(coming, which)
        sent, caller = document.sent, self.caller
        digest = hashlib.sha256(sent.body).digest()

        def put(ports: Ports) -> Any:
            source = io.BytesIO(sent.body)
            return deposit.put_segment(ports, caller, sent.id, 0, source, len(sent.body), digest, self.now)

        if case.shut or document.shut or not document.row:
            assert self.ask_both(put) == NOT_FOUND
            return
        assert self.ask_both(put) is True
        new = deposit.NewDocument(sent.envelope, sent.head, sent.metadata)
        answer = self.ask_both(lambda ports: completing.complete(ports, caller, sent.id, new, self.now))
        assert answer is DocumentState.PENDING
        self.index(case, add=[sent.envelope.hash])
        document.coming, document.lease = False, NOW

    def index(self, case: Case, add: list[str]) -> None:
        """The next index leaves out what is gone."""
        gone = {document.sent.envelope.hash for document in case.documents if document.shut or not document.row}
        gone |= {shared.link.envelope.hash for shared in self.links if shared.case is case and shared.dead()}
        listed = sorted({*self.practice.listed(case.id), *add} - gone)
        index = self.practice.next_index(case.id, listed)
        answer = self.ask_both(lambda ports: adding.advance_index(ports, self.caller, case.id, index, self.now))
        assert isinstance(answer, indexing.Advanced)
        self.practice.index[case.id] = index

    @precondition(lambda self: len(self.links) < 4 and any(self.shareable(case) for case in self.open_cases()))
    @rule(which=PICK, count=st.integers(min_value=1, max_value=3))
    def share(self, which: int, count: int) -> None:
        case = self.pick([case for case in self.open_cases() if self.shareable(case)], which)
        self.index(case, add=[])
        documents = self.shareable(case)[:count]
        link = self.practice.new_share(case.id, [document.sent for document in documents])
        answer = self.ask_both(lambda ports: sharing.share(ports, self.caller, case.id, link.new, self.now))
        assert isinstance(answer, sharing.Shared)
        self.practice.index[case.id] = link.new.index
        self.links.append(Shared(link, case, documents, self.now + timedelta(days=14)))

    def shareable(self, case: Case) -> list[Document]:
        return [document for document in case.documents if document.readable]

    @precondition(lambda self: self.links)
    @rule(which=PICK, again=st.booleans())
    def pick_up(self, which: int, again: bool) -> None:
        shared = self.pick(self.links, which)
        name = next(iter(shared.names)) if again and shared.names else secrets.token_bytes(16)
        link, proofs = shared.link, shared.proofs
        answer = self.ask_both(lambda ports: pickup.pick_up(ports, link.id, name, proofs, self.now))
        known, opens = name in shared.names, shared.opens(self.now, name)
        if not opens or (known and self.now - shared.names[name] > HOUR):
            assert answer == pickup.UNAVAILABLE
            return
        assert [id_ for id_, _ in answer.capsules] == shared.released()
        shared.names.setdefault(name, self.now)
        for document in shared.documents:
            body = self.ask_both(lambda ports, d=document: self.fetched(ports, shared, name, d))
            assert body == (document.sent.body if document.readable else pickup.UNAVAILABLE)
        if shared.released():
            shared.names[name] = self.now

    def fetched(self, ports: Ports, shared: Shared, name: bytes, document: Document) -> Any:
        link, proofs, id_ = shared.link, shared.proofs, document.sent.id
        answer = pickup.body(ports, link.id, name, id_, proofs, lambda: self.now, 0, None)
        return b"".join(answer.pieces) if isinstance(answer, reading.Body) else answer

    @precondition(lambda self: self.links)
    @rule(which=PICK)
    def revoke(self, which: int) -> None:
        shared = self.pick(self.links, which)
        answer = self.ask_both(lambda ports: sharing.revoke(ports, self.caller, shared.link.id, self.now))
        assert answer == (NOT_FOUND if shared.case.shut else None)
        shared.revoked = shared.revoked or not shared.case.shut

    @precondition(lambda self: any(case.end is None for case in self.open_cases()))
    @rule(which=PICK)
    def close(self, which: int) -> None:
        case = self.pick([case for case in self.open_cases() if case.end is None], which)
        self.trajectory(case, self.now.date())

    @precondition(lambda self: any(case.end for case in self.open_cases()))
    @rule(which=PICK)
    def reopen(self, which: int) -> None:
        self.trajectory(self.pick([case for case in self.open_cases() if case.end], which), None)

    def trajectory(self, case: Case, end: date | None) -> None:
        self.index(case, add=[])
        views = showing.records(self.both[0], self.caller, case.id, "", 500)
        newest = next(v for v in views if v.envelope.kind == "trajectory" and v.state == "current")
        fields = newest.envelope.fields
        after = {"id": fields["trajectory"], "version": fields["version"] + 1, "previous": newest.hash, "end": end}
        envelope = self.practice.trajectory(case.id, **after)
        listed = {*self.practice.listed(case.id), envelope.hash} - {newest.hash}
        index = self.practice.next_index(case.id, sorted(listed))
        new = [sealing.NewRecord(envelope)]
        answer = self.ask_both(lambda p: adding.add_records(p, self.caller, case.id, new, index, self.now))
        assert isinstance(answer, indexing.Advanced)
        self.practice.index[case.id] = index
        case.end = end

    @precondition(lambda self: self.open_cases())
    @rule(which=PICK, basis=st.sampled_from(["staff", "client"]))
    def erase_a_dossier(self, which: int, basis: str) -> None:
        self.erase(which, basis, set(), whole=True)

    @precondition(lambda self: self.open_cases())
    @rule(which=PICK, basis=st.sampled_from(["staff", "client"]), chosen=st.sets(PICK, min_size=1, max_size=3))
    def erase_documents(self, which: int, basis: str, chosen: set[int]) -> None:
        self.erase(which, basis, chosen, whole=False)

    def erase(self, which: int, basis: str, chosen: set[int], *, whole: bool) -> None:
        case = self.pick(self.open_cases(), which)
        there = [document for document in case.documents if document.row and not document.shut]
        documents = [] if whole else [d for n, d in enumerate(there) if n in {c % len(there) for c in chosen}]
        if not whole and not documents:
            return
        documents.sort(key=lambda document: document.sent.id)
        envelope = request_of(self.practice, case.id, [d.sent.id for d in documents], basis, self.now)
        answer = self.ask_both(lambda p: requesting.request(p, self.caller, case.id, envelope, self.now, DELAY))
        if whole and any(each.case is case and each.whole and each.running for each in self.asked):
            assert answer == Refused("state")
            return
        assert isinstance(answer, requesting.Requested)
        not_before = self.now + (DELAY if basis == "staff" else timedelta())
        self.asked.append(Asked(answer.erasure.id, case, documents, basis, not_before, self.now))

    @precondition(lambda self: any(each.basis != "retention" for each in self.asked))
    @rule(which=PICK)
    def take_back(self, which: int) -> None:
        asked = self.pick([each for each in self.asked if each.basis != "retention"], which)
        with self.both[0].store.reading() as tx:
            row = tx.erasure(asked.id)
        assert row is not None
        withdrawal = self.practice.withdrawal(row)
        answer = self.ask_both(lambda ports: requesting.take_back(ports, self.caller, asked.id, withdrawal, self.now))
        if asked.case.shut:
            assert answer == NOT_FOUND
        elif asked.state == "withdrawn":
            assert answer is None
        elif asked.basis == "client" or asked.state != "requested":
            assert answer == Refused("state")
        else:
            assert answer is None
            asked.state = "withdrawn"

    # What the worker does

    @rule()
    def sweep(self) -> None:
        answer = self.ask_both(lambda ports: retention.sweep(ports, self.now))
        assert isinstance(answer, erasing.Erased)
        self.swept = True
        self.reconciled()
        self.retained()
        waiting = [each for each in self.asked if each.running and each.not_before <= self.now]
        for each in sorted(waiting, key=lambda each: (each.not_before, each.id)):
            self.begun(each)
        for each in waiting:
            scope = each.documents or each.case.documents
            if each.state == "begun" and not any(d.row and d.coming and d.lease > self.now for d in scope):
                each.state = "certified"
        for each in waiting:
            if each.state == "certified":
                self.destroyed(each)
        for ports in self.both:
            assert_ledger_is_whole(ports)

    def reconciled(self) -> None:
        for case in self.cases:
            for document in case.documents:
                taken = any(
                    each.running and each.case is case and (each.whole or document in each.documents)
                    for each in self.asked
                )
                if document.coming and document.lease < self.now - DAY and not taken:
                    document.row, document.abandoned = False, True

    def retained(self) -> None:
        for case in self.open_cases():
            if case.end is not None and due(case.end) <= self.now:
                self.asked.append(Asked(retention_id(case.id), case, [], "retention", self.now, self.now))
                self.begun(self.asked[-1])

    def begun(self, asked: Asked) -> None:
        if asked.state != "requested":
            return
        expired = asked.basis != "retention" and self.now > asked.asked_at + LIFE
        if expired or asked.case.shut or (asked.documents and all(d.shut for d in asked.documents)):
            asked.state = "withdrawn"
            return
        asked.state = "begun"
        if asked.whole:
            asked.case.shut = True
        asked.documents = [document for document in asked.documents if not document.shut]
        for document in asked.documents or asked.case.documents:
            document.shut = True

    def destroyed(self, asked: Asked) -> None:
        for document in asked.documents or [d for d in asked.case.documents if d.row]:
            document.destroyed = True
        for document in asked.documents or asked.case.documents:
            document.row = False
        asked.case.destroyed = asked.case.destroyed or asked.whole

    @rule()
    def compare(self) -> None:
        answer = self.ask_both(lambda ports: retention.compare(ports, self.now))
        assert (answer.orphans, answer.missing) == (0, 0)

    @rule()
    def checkpoint_and_turn(self) -> None:
        answers = [auditing.checkpoint(ports, self.now) for ports in self.both]
        assert answers[0].chains == answers[1].chains == len(self.cases)

        for ports in self.both:
            ports.keystore.turn()

    @rule(
        by=st.sampled_from([25 * HOUR, HOUR / 2, 2 * HOUR, timedelta(days=15), timedelta(days=1827)]),
        late=st.booleans(),
    )
    def time_goes_by(self, by: timedelta, late: bool) -> None:
        self.move(by)
        if not late:
            self.sweep()

    # What must never be

    @precondition(lambda self: any(case.destroyed for case in self.cases))
    @rule(which=PICK)
    def bring_a_dossier_back(self, which: int) -> None:
        case = self.pick([case for case in self.cases if case.destroyed], which)
        kept = self.practice.index.pop(case.id)
        new = self.practice.new_dossier(id=case.id)
        self.practice.index[case.id] = kept
        answer = self.ask_both(lambda ports: opening.open_dossier(ports, self.caller, new, self.now))
        assert answer is TombstonedError

    @precondition(lambda self: self.open_cases() and any(d.keyless for c in self.cases for d in c.documents))
    @rule(which=PICK, where=PICK)
    def bring_a_document_back(self, which: int, where: int) -> None:
        gone = self.pick([d for case in self.cases for d in case.documents if d.keyless], which)
        case = self.pick(self.open_cases(), where)
        sent = self.practice.new_document(case.id, gone.sent.body, id=gone.sent.id)
        intent = self.practice.intent(sent)
        answer = self.ask_both(lambda ports: deposit.reserve(ports, self.caller, case.id, intent, self.now))
        assert answer is TombstonedError

    @invariant()
    def what_is_there_is_readable_and_nothing_else(self) -> None:
        """After every sweep, and after every third step besides: to read everything is what takes the time here."""
        self.steps += 1
        if self.swept or self.steps % 3 == 0:
            self.look_everywhere()
        self.swept = False

    def look_everywhere(self) -> None:
        listed = self.ask_both(lambda ports: showing.listing(ports, self.caller, "", 100))
        assert [each.dossier.id for each in listed] == sorted(case.id for case in self.open_cases())
        for case in self.cases:
            self.check_case(case)
        for shared in self.links:
            self.check_link(shared)

    def check_case(self, case: Case) -> None:
        views = self.ask_both(lambda ports: reading.documents(ports, self.caller, case.id, "", 100))
        if case.shut:
            assert views == NOT_FOUND
            assert self.ask_both(lambda ports: showing.one(ports, self.caller, case.id)) == NOT_FOUND
        else:
            there = sorted(d.sent.id for d in case.documents if d.readable)  # what is under way is listed to nobody
            assert [view.document for view in views] == there
            day = self.ask_both(lambda ports: showing.one(ports, self.caller, case.id)).listed.dossier.destroy_on
            assert day == (None if case.end is None else due(case.end))
        for document in case.documents:
            body = self.ask_both(lambda ports, d=document: self.read(ports, d))
            assert body == (document.sent.body[1:] if document.readable and not case.shut else NOT_FOUND)

    def read(self, ports: Ports, document: Document) -> Any:
        answer = reading.body(ports, self.caller, document.sent.id, 1, None, self.now)
        return b"".join(answer.pieces) if isinstance(answer, reading.Body) else answer

    def check_link(self, shared: Shared) -> None:
        link, proofs = shared.link, shared.proofs
        for name in (None, *shared.names):
            view = self.ask_both(lambda ports, name=name: pickup.cover(ports, link.id, proofs, self.now, name))
            if shared.opens(self.now, name):
                assert [id_ for id_, _ in view.entries] == shared.released()
            else:
                assert view == pickup.UNAVAILABLE

    @invariant()
    def what_is_gone_is_proven_once(self) -> None:
        for ports in self.both:
            stones = [(stone.kind, stone.subject) for stone in tombstones(ports)]
            assert len(stones) == len(set(stones)), "one tombstone a subject"
            for case in self.cases:
                assert ports.keystore.exists(sealing.subject_of(case.id)) is not case.destroyed
                assert tombstoned(ports.keystore, sealing.subject_of(case.id)) is case.destroyed
                for document in case.documents:
                    subject = deposit.subject_of(document.sent.id)
                    assert ports.keystore.exists(subject) is not document.keyless
        for asked in self.asked:
            there = self.ask_both(lambda ports, id_=asked.id: requesting.one(ports, self.caller, id_))
            assert (there.state == "certified") == (asked.state == "certified") == (there.certificate is not None)
            assert (there.state == "withdrawn") == (asked.state == "withdrawn")

    @invariant()
    def every_audit_chain_verifies(self) -> None:
        for case in self.cases:
            events = self.ask_both(lambda ports, id_=case.id: assert_audit_verifies(ports, id_))
            assert events[0] == "dossier_opened"
            ended = [each for each in self.asked if each.case is case and each.state == "certified"]
            assert events.count("erasure_certified") == len(ended)


Vault.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=30,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
TestVault = Vault.TestCase
