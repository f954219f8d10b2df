"""The acts of users and of the clock, each on its own data, to be repeated until it succeeds.

An act interrupted anywhere is called again unchanged, as by a client without an answer; then `check` verifies it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.actors import NOW, Deposited, Link, Practice
from tests.attack.house import DELAY, request_of
from tests.contract.samples import tombstoned
from vault.domain.dossiers import StagedKind
from vault.domain.erasures import ErasureState
from vault.flows.audit import auditing
from vault.flows.context import Caller, Ports
from vault.flows.documents import completing, deposit, reading
from vault.flows.dossiers import adding, changes, heading, indexing, opening, sealing, showing, staging
from vault.flows.erasures import requesting, retention
from vault.flows.people import founding, keyrings, rosters, signing_in
from vault.flows.people.proving import Proof
from vault.flows.shares import pickup, sharing
from vault.records.types.dossier import Dossier
from vault.rules.verdict import Refused
from vault.sdk.audit.audit_chain import Entry, check_entries
from vault.sdk.checks import Findings


@dataclass
class Act:
    """`do` is repeated until it succeeds; `check` asserts the result."""

    do: Callable[[], Any]
    check: Callable[[Any], None]


@dataclass
class People:
    """A practice; gateway and worker may have separate ports; `now` only moves forward."""

    gateway: Ports
    worker: Ports
    now: datetime = NOW
    straight: Ports | None = None  # for an act's preparations; by default the gateway's
    practice: Practice = field(init=False)

    def __post_init__(self) -> None:
        self.practice = Practice(self.straight or self.gateway)

    @property
    def caller(self) -> Caller:
        return self.practice.director.caller

    # People

    def set_up(self) -> Act:
        self.practice = Practice(self.straight or self.gateway)
        request = self.practice.setup_request()

        def check(answer: Any) -> None:
            assert answer.member == self.practice.director.id
            assert self.gateway.setup_token() is None

        return Act(lambda: founding.set_up(self.gateway, request, NOW), check)

    def sign_in(self) -> Act:
        """A one-time code is valid once: after a lost answer wait for the next."""
        director = self.practice.director

        def do() -> Any:
            self.now += timedelta(seconds=60)
            request = signing_in.SignIn(director.email, director.login, director.code(self.now), {}, "here")
            return signing_in.sign_in(self.gateway, request, self.now)

        def check(answer: Any) -> None:
            assert signing_in.authenticate(self.gateway, answer.token, self.now) is not None

        return Act(do, check)

    def sign_out(self) -> Act:
        answer = self.sign_in().do()
        caller = signing_in.authenticate(self.gateway, answer.token, self.now)
        assert caller is not None

        def check(_: Any) -> None:
            assert signing_in.authenticate(self.gateway, answer.token, self.now) is None

        return Act(lambda: signing_in.sign_out(self.gateway, caller), check)

    def guess(self) -> Act:
        """A wrong password is counted; one failure does not lock the right one out."""
        director = self.practice.director
        request = signing_in.SignIn(director.email, b"x" * 32, "000000", {}, str(self.now))
        signing_in.sign_in(self.gateway, request, self.now - timedelta(days=1))

        def check(_: Any) -> None:
            self.sign_in().check(self.sign_in().do())

        return Act(lambda: signing_in.sign_in(self.gateway, request, self.now), check)

    def renew_keyring(self) -> Act:
        """A new password with all that changes with it; the secrets to sign in by stay as the others know them."""
        director, said = self.practice.director, str(self.now).encode()
        sheet = Proof(recovery_login=director.recovery_login)
        sealed = keyrings.Keyring(b"keyring of " + said, b"lock of " + said, signing_in.parameters_text(b"n" * 16))
        new = keyrings.NewKeyring(
            sealed.keyring,
            sealed.lock,
            b"sheet of " + said,
            sealed.parameters,
            director.login,
            director.totp,
            director.code(self.now - timedelta(seconds=30)),
        )

        def check(_: Any) -> None:
            assert keyrings.keyring(self.gateway, self.caller) == sealed

        return Act(lambda: keyrings.replace_keyring(self.gateway, self.caller, new, sheet, self.now), check)

    def appoint(self) -> Act:
        from tests.actors import Person  # noqa: PLC0415

        person = Person(f"Carla{self.practice.chain.newest.version}", "coach")
        envelope = self.practice.next_roster((*self.practice.chain.newest.members, person.card()))

        def check(answer: Any) -> None:
            self.practice.chain = self.practice.chain.append(envelope)
            assert answer.hash == envelope.hash
            found = rosters.details(self.gateway, self.caller, person.id)
            assert not isinstance(found, Refused)
            assert found.name == person.name

        return Act(lambda: rosters.add_roster(self.gateway, self.caller, envelope, [person.details()], NOW), check)

    # Dossiers

    def open_dossier(self) -> Act:
        new = self.practice.new_dossier()

        def check(answer: Any) -> None:
            self.practice.index[answer.dossier], self.practice.heads[answer.dossier] = new.index, new.head
            assert not isinstance(showing.one(self.gateway, self.caller, answer.dossier), Refused)
            self.assert_audit(answer.dossier, ["dossier_opened"])

        return Act(lambda: opening.open_dossier(self.gateway, self.caller, new, NOW), check)

    def close(self) -> Act:
        dossier = self.dossier()
        shown = showing.records(self.gateway, self.caller, dossier, "", 100)
        assert not isinstance(shown, Refused)
        [before] = [view for view in shown if view.envelope.kind == "trajectory"]
        after = {**before.envelope.fields, "version": 2, "previous": before.hash, "end": str(NOW.date())}
        after = {name: value for name, value in after.items() if name not in {"v", "type", "practice", "signer"}}
        closed = self.practice.sign("trajectory", after)
        listed = sorted({*self.practice.listed(dossier), closed.hash} - {before.hash})
        index = self.practice.next_index(dossier, listed)
        new = [sealing.NewRecord(closed)]

        def check(answer: Any) -> None:
            assert answer == indexing.Advanced(2, index.hash)
            with self.gateway.store.reading() as tx:
                row = tx.dossier(dossier)
            assert row is not None
            assert row.destroy_on is not None

        return Act(lambda: adding.add_records(self.gateway, self.caller, dossier, new, index, NOW), check)

    def new_keys(self) -> Act:
        """One part is laid by, the rest comes with the head."""
        dossier = self.dossier()
        self.practice.deposit(dossier)
        old = Dossier.read(self.practice.heads[dossier])
        changes = {"version": 2, "epoch": 2, "recipient": "age1pq1new", "previous": old.hash}
        head = replace(old, standing=self.practice.chain.standing, **changes, index=self.practice.index[dossier].hash)
        envelope = self.practice.heads[dossier] = self.practice.sign("dossier", head.content())
        index = self.practice.next_index(dossier, self.practice.listed(dossier))
        shown = showing.records(self.gateway, self.caller, dossier, "", 100)
        [document] = self.documents(dossier)
        assert not isinstance(shown, Refused)
        part = staging.Rewrapped(StagedKind.DOCUMENT, document.document, b"new head", b"new metadata")
        texts = [staging.Rewrapped(StagedKind.RECORD, each.hash, None, b"new") for each in shown if each.text]
        wraps = tuple(sealing.NewWrap(each, b"new wrap") for each in sorted(head.members))
        new = heading.NewHead(envelope, wraps, index, tuple(texts))

        def do() -> Any:
            staged = staging.stage(
                self.gateway, self.caller, dossier, 2, staging.identity_of("age1pq1new"), [part], NOW
            )
            assert staged == 1 or staged == Refused("epoch_stale"), "the head has come"
            return heading.take_next(self.gateway, self.caller, dossier, new, NOW)

        def check(answer: Any) -> None:
            assert answer == indexing.Advanced(3, index.hash)
            assert [each.head for each in self.documents(dossier)] == [b"new head"]
            with self.gateway.store.reading() as tx:
                assert tx.staged_dossiers(NOW + timedelta(days=9), 10) == []
                assert tx.wrap(dossier, 1, self.caller.member) is None
            self.assert_audit(dossier, ["dossier_handed_over"])

        return Act(do, check)

    def documents(self, dossier: str) -> list[reading.DocumentView]:
        found = reading.documents(self.gateway, self.caller, dossier, "", 100)
        assert not isinstance(found, Refused)
        return found

    def put_own(self) -> Act:
        dossier = self.dossier()
        items = [sealing.OwnWrap(dossier, 1, b"my own wrap", b"label", self.practice.index[dossier].hash)]

        def check(count: int) -> None:
            assert count == 1
            assert changes.changes(self.gateway, self.caller, {}).labelled[0].label == b"label"

        return Act(lambda: sealing.put_own(self.gateway, self.caller, items), check)

    def dossier(self) -> str:
        return self.practice.open_dossier()

    # Documents

    def deposit(self) -> Act:
        """Begin, send, complete; after an interruption begin again."""
        dossier = self.dossier()
        document = self.practice.new_document(dossier)

        def check(answer: Any) -> None:
            assert answer == "pending"
            self.practice.advance(dossier, [document.envelope.hash])
            kept = reading.body(self.gateway, self.caller, document.id, 0, None, NOW)
            assert not isinstance(kept, Refused)
            assert b"".join(kept.pieces) == document.body

        return Act(lambda: self.send(self.gateway, dossier, document), check)

    def send(self, ports: Ports, dossier: str, document: Deposited) -> Any:
        begun = deposit.reserve(ports, self.caller, dossier, self.practice.intent(document), NOW)
        # Where the first time got as far as the record, the intent is refused, and the record is repeated.
        assert isinstance(begun, deposit.Begun) or begun == Refused("conflict"), begun
        digest = hashlib.sha256(document.body).digest()
        source = io.BytesIO(document.body)
        deposit.put_segment(ports, self.caller, document.id, 0, source, len(document.body), digest, NOW)
        new = deposit.NewDocument(document.envelope, document.head, document.metadata)
        return completing.complete(ports, self.caller, document.id, new, NOW)

    def abandon(self) -> Act:
        dossier = self.dossier()
        document = self.practice.new_document(dossier)
        self.practice.begin(dossier, document)

        def check(_: Any) -> None:
            assert reading.document(self.gateway, self.caller, document.id) == Refused("not_found")

        return Act(lambda: deposit.abandon(self.gateway, self.caller, document.id), check)

    def index(self) -> Act:
        dossier = self.dossier()
        documents = [self.practice.new_document(dossier) for _ in range(2)]
        for document in documents:
            self.send(self.practice.ports, dossier, document)
        index = self.practice.next_index(
            dossier, [*self.practice.listed(dossier), *(d.envelope.hash for d in documents)]
        )

        def check(answer: Any) -> None:
            assert answer == indexing.Advanced(2, index.hash)
            shown = reading.documents(self.gateway, self.caller, dossier, "", 10)
            assert not isinstance(shown, Refused)
            assert [view.state for view in shown] == ["stored", "stored"]

        return Act(lambda: adding.advance_index(self.gateway, self.caller, dossier, index, NOW), check)

    # Shares

    def share(self) -> Act:
        dossier = self.dossier()
        link = self.practice.new_share(dossier, [self.practice.deposit(dossier) for _ in range(2)])

        def check(answer: Any) -> None:
            assert answer.share == link.id
            shown = sharing.one(self.gateway, self.caller, link.id, NOW)
            assert not isinstance(shown, Refused)
            self.assert_audit(dossier, ["dossier_opened", "share_made"])

        return Act(lambda: sharing.share(self.gateway, self.caller, dossier, link.new, NOW), check)

    def link(self, most: int = 1, mode: str = "plain") -> tuple[str, Deposited, Link]:
        dossier = self.dossier()
        document = self.practice.deposit(dossier)
        return dossier, document, self.practice.share(dossier, [document], max=most, mode=mode)

    def pick_up(self) -> Act:
        """The link's only pick-up, under one name, repeated as often as needed."""
        dossier, document, link = self.link()
        proofs, name = pickup.Proofs(link.possess, link.open), b"n" * 16

        def check(answer: Any) -> None:
            assert answer.capsules == ((document.id, b"capsule of " + document.id.encode()),)
            assert pickup.pick_up(self.gateway, link.id, b"o" * 16, proofs, NOW) == pickup.UNAVAILABLE
            with self.gateway.store.reading() as tx:
                row = tx.share(link.id)
                assert row is not None
                assert (row.used, len(tx.pickups(link.id)), len(tx.disclosures(link.id))) == (1, 1, 1)
            self.assert_audit(dossier, ["dossier_opened", "share_made", "picked_up"])

        return Act(lambda: pickup.pick_up(self.gateway, link.id, name, proofs, NOW), check)

    def fetch(self) -> Act:
        _, document, link = self.link()
        proofs, name = pickup.Proofs(link.possess, link.open), b"n" * 16
        pickup.pick_up(self.practice.ports, link.id, name, proofs, NOW)

        def do() -> Any:
            assert not isinstance(pickup.cover(self.gateway, link.id, proofs, NOW, name), Refused)
            body = pickup.body(self.gateway, link.id, name, document.id, proofs, lambda: NOW, 0, None)
            assert not isinstance(body, Refused)
            return b"".join(body.pieces)  # type: ignore[union-attr]

        return Act(do, lambda answer: equal(answer, document.body))

    def guess_passphrase(self) -> Act:
        _, _, link = self.link(mode="passphrase")
        wrong = pickup.Proofs(link.possess, b"x" * 32)

        def check(answer: Any) -> None:
            assert answer == pickup.PASSPHRASE_WRONG
            with self.gateway.store.reading() as tx:
                row = tx.share(link.id)
            assert row is not None
            assert 1 <= row.failures <= 2, "one that was counted before its answer was lost is counted again"

        return Act(lambda: pickup.pick_up(self.gateway, link.id, b"n" * 16, wrong, NOW), check)

    def revoke(self) -> Act:
        dossier, _, link = self.link()

        def check(answer: Any) -> None:
            assert answer is None
            proofs = pickup.Proofs(link.possess, link.open)
            assert pickup.pick_up(self.gateway, link.id, b"n" * 16, proofs, NOW) == pickup.UNAVAILABLE
            self.assert_audit(dossier, ["dossier_opened", "share_made", "share_revoked"])

        return Act(lambda: sharing.revoke(self.gateway, self.caller, link.id, NOW), check)

    # Forgetting

    def ask_to_erase(self) -> Act:
        dossier, _, _ = self.link()
        envelope = request_of(self.practice, dossier, (), "staff", NOW)

        def check(answer: Any) -> None:
            withdrawal = self.practice.withdrawal(answer.erasure)
            assert requesting.take_back(self.gateway, self.caller, answer.erasure.id, withdrawal, NOW) is None
            events = ["dossier_opened", "share_made", "erasure_requested", "erasure_withdrawn"]
            self.assert_audit(dossier, events)

        return Act(lambda: requesting.request(self.gateway, self.caller, dossier, envelope, NOW, DELAY), check)

    def erase(self) -> Act:
        """The worker's sweep, until nothing is left to do."""
        dossier, document, link = self.link(most=2)
        envelope = request_of(self.practice, dossier, (), "client", NOW)
        asked = requesting.request(self.practice.ports, self.caller, dossier, envelope, NOW, DELAY)
        assert isinstance(asked, requesting.Requested)
        later = NOW + timedelta(days=2)

        def check(_: Any) -> None:
            with self.worker.store.reading() as tx:
                erasure = tx.erasure(asked.erasure.id)
                assert erasure is not None
                assert erasure.state is ErasureState.CERTIFIED
                assert tx.dossier(dossier) is None
                assert tx.document(document.id) is None
                assert tx.share(link.id) is None
                assert tx.live_deposits(dossier, later) == 0
            for subject in (sealing.subject_of(dossier), deposit.subject_of(document.id), sharing.subject_of(link.id)):
                assert tombstoned(self.worker.keystore, subject)
            assert list(self.worker.objects.names(dossier)) == []

        return Act(lambda: retention.sweep(self.worker, later), check)

    def turn(self) -> Act:
        dossier = self.dossier()

        def check(_: Any) -> None:
            assert not isinstance(showing.one(self.gateway, self.caller, dossier), Refused)
            self.worker.keystore.check()

        return Act(self.worker.keystore.turn, check)

    def checkpoint(self) -> Act:
        self.dossier()
        self.now += timedelta(hours=2)
        when = self.now

        def check(_: Any) -> None:
            found = auditing.newest_checkpoint(self.gateway)
            assert not isinstance(found, Refused)

        return Act(lambda: auditing.checkpoint(self.worker, when), check)

    def compare(self) -> Act:
        self.practice.deposit(self.dossier())
        return Act(lambda: retention.compare(self.worker, NOW), lambda found: equal(found.missing, 0))

    def assert_audit(self, dossier: str, events: list[str]) -> None:
        """Assert one unbroken chain with these events in this order, each once."""
        with self.gateway.store.reading() as tx:
            entries, findings = tx.audit(dossier), Findings()
        shown = [Entry(e.sequence, e.previous, e.hash, e.at, e.event, e.actor, e.digest, e.details) for e in entries]
        check_entries(dossier, shown, findings)
        assert findings.ok
        assert [entry.event for entry in entries if entry.event in events] == events


def equal(found: Any, expected: Any) -> None:
    assert found == expected


ACTS = (
    "set_up",
    "sign_in",
    "sign_out",
    "guess",
    "renew_keyring",
    "appoint",
    "open_dossier",
    "close",
    "new_keys",
    "put_own",
    "deposit",
    "abandon",
    "index",
    "share",
    "pick_up",
    "fetch",
    "guess_passphrase",
    "revoke",
    "ask_to_erase",
    "erase",
    "turn",
    "checkpoint",
    "compare",
)
