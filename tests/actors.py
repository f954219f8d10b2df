"""Test users of the server: they sign real records, with random bytes in place of every ciphertext.

The server is blind, so heads, metadata, wraps and capsules need no meaning here; the journeys use the real client.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from nacl.signing import SigningKey

from tests.installation import keys, listed
from tests.recipients import recipient
from tests.twins.keystore import MemoryKeystore
from tests.twins.objects import MemoryObjects
from tests.twins.store import MemoryStore
from vault import totp
from vault.domain.erasures import ErasureRow
from vault.flows.context import Caller, Ports, chain_envelope
from vault.flows.documents import completing, deposit
from vault.flows.dossiers import adding, indexing, opening, sealing
from vault.flows.erasures.requesting import Proof
from vault.flows.people import founding, members, proving, rosters, signing_in
from vault.flows.shares import sharing
from vault.records import envelope as envelopes
from vault.records.encoding import format_instant, new_id
from vault.records.envelope import Envelope, cosigned
from vault.records.record import write_fields
from vault.records.seen import Seen, Sighting
from vault.records.standing import salted_digest
from vault.records.types.certificate import Certificate
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.document import SEGMENT_SIZE, Document, body_digest
from vault.records.types.dossier import Dossier, holders_of
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.index import ERASED, EXPIRED, REVOKED, SUPERSEDED, Index, Removal
from vault.records.types.intent import Intent
from vault.records.types.policy import DEFAULT_MONTHS, Policy
from vault.records.types.profile import Profile
from vault.records.types.roster import Roster, RosterKey, RosterMember, practice_id, recipient_hash
from vault.records.types.share import Share, SharedDocument
from vault.records.types.tombstone import Tombstone
from vault.records.types.trajectory import Trajectory
from vault.rules import merkle
from vault.rules.rosters import Rosters, first

NOW = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
TOKEN = b"the-set-up-token"
REMEMBERED = 64  # what so many indexes list; of an older one the store is asked


def memory_ports() -> Ports:
    """A vault in memory whose set-up token is TOKEN until it is spent."""
    token: list[bytes] = [TOKEN]
    return Ports(
        store=MemoryStore(),
        keystore=MemoryKeystore(),
        objects=MemoryObjects(),
        installation=keys(),
        setup_token=lambda: token[0] if token else None,
        spend_setup_token=token.clear,
    )


@dataclass
class Person:
    """A member with a signing key, a password (its login secret) and a one-time-code device."""

    name: str
    role: str = "director"
    id: str = field(default_factory=new_id)
    key: SigningKey = field(default_factory=SigningKey.generate)
    login: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    recovery_login: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    totp: bytes = field(default_factory=lambda: secrets.token_bytes(20))
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@praktijk.example"

    @property
    def recipient(self) -> str:
        return recipient(self.id)

    @property
    def caller(self) -> Caller:
        return Caller(self.id, b"t" * 32)

    def details(self) -> members.Details:
        return members.Details(self.id, self.name, self.email, self.recipient, self.salt)

    def card(self) -> RosterMember:
        card = salted_digest("card", self.salt, self.name.encode(), self.email.lower().encode())
        return RosterMember(self.id, self.role, bytes(self.key.verify_key), recipient_hash(self.recipient), card, NOW)

    def credentials(self) -> members.Credentials:
        return members.Credentials(
            parameters=signing_in.parameters_text(b"s" * 16),
            login=self.login,
            keyring=b"sealed keyring of " + self.name.encode(),
            lock=b"lock of the password of " + self.name.encode(),
            recovery=b"sealed to the sheet of " + self.name.encode(),
            totp=self.totp,
        )

    def code(self, now: datetime) -> str:
        return totp.code(self.totp, totp.step_of(now))

    def proof(self, now: datetime) -> proving.Proof:
        """Both factors."""
        return proving.Proof(self.login, self.code(now))


@dataclass
class Deposited:
    """A document and all its sent parts."""

    id: str
    envelope: Envelope
    head: bytes
    metadata: bytes
    body: bytes

    @property
    def segments(self) -> list[bytes]:
        return [self.body[i : i + SEGMENT_SIZE] for i in range(0, len(self.body), SEGMENT_SIZE)]


@dataclass
class Link:
    """A share's proofs, for its holder."""

    id: str
    possess: bytes
    open: bytes
    envelope: Envelope
    new: sharing.NewShare


class Practice:
    """A practice with one director; every method signs as the given person, by default as the director."""

    def __init__(self, ports: Ports | None = None, now: datetime = NOW) -> None:
        self.ports = ports or memory_ports()
        self.now = now
        self.root = SigningKey.generate()
        self.installations: tuple[RosterKey, ...] = ()  # those of the ports, unless a test says others
        self.director = Person("Dirk")
        self.id = practice_id(bytes(self.root.verify_key))
        self.chain: Rosters
        self.index: dict[str, Envelope] = {}
        self.heads: dict[str, Envelope] = {}
        self._lists: dict[str, frozenset[str]] = {}
        self._documents: dict[str, str] = {}

    def sign(self, kind: str, content: dict[str, Any], person: Person | None = None) -> Envelope:
        person = person or self.director
        return envelopes.write(kind, content, practice=self.id, signer=person.id, key=person.key)

    # People

    def first_roster(self) -> Envelope:
        roster = Roster(
            practice=self.id,
            version=1,
            previous=None,
            kind="ordinary",
            root=bytes(self.root.verify_key),
            recovery=recipient("sheet"),
            members=(self.director.card(),),
            installations=self.installations or listed(self.ports.installation, self.now),
            at=self.now,
            signer="root",
        )
        return envelopes.write("roster", roster.content(), practice=self.id, signer="root", key=self.root)

    def policy_record(self) -> Envelope:
        months = dict(DEFAULT_MONTHS)
        links = ("https://kluis.example", 30)
        policy = Policy(self.chain.standing, 1, None, "Loopbaan & Co", months, 90, 100, *links, self.now)
        return self.sign("policy", policy.content())

    def setup_request(self, token: bytes = TOKEN) -> founding.SetUp:
        roster = self.first_roster()
        self.chain = first(roster)
        code = self.director.code(self.now)
        credentials = self.director.credentials()
        self.policy = self.policy_record()
        sheet = self.director.recovery_login
        return founding.SetUp(token, roster, self.policy, self.director.details(), credentials, sheet, code)

    def set_up(self) -> Practice:
        answer = founding.set_up(self.ports, self.setup_request(), self.now)
        assert isinstance(answer, founding.Created), answer
        return self

    def next_roster(
        self, members: Sequence[RosterMember], new_root: SigningKey | None = None, **changes: Any
    ) -> Envelope:
        newest = self.chain.newest
        after = replace(newest, version=newest.version + 1, previous=newest.hash, members=tuple(members), **changes)
        envelope = self.sign("roster", after.content())
        return envelope if new_root is None else cosigned(envelope, "new_root", new_root)

    def appoint(self, name: str, role: str = "coach") -> Person:
        person = Person(name, role)
        envelope = self.next_roster((*self.chain.newest.members, person.card()))
        answer = rosters.add_roster(self.ports, self.director.caller, envelope, [person.details()], self.now)
        assert isinstance(answer, Roster), answer
        self.chain = self.chain.append(envelope)
        return person

    # Dossiers

    def new_dossier(self, person: Person | None = None, **changes: Any) -> opening.NewDossier:
        person = person or self.director
        id_ = changes.pop("id", None) or new_id()
        grantees = changes.pop("grantees", None) or holders_of({self.director.id, person.id})
        base = Dossier(
            standing=self.chain.standing,
            id=id_,
            version=1,
            epoch=1,
            previous=None,
            kind="client",
            suite="mlkem768x25519",
            recipient=f"age1pq1{id_}",
            grantees=grantees,
            index=None,
            at=self.now,
            signer=person.id,
        )
        head = self.heads[id_] = self.sign("dossier", replace(base, **changes).content(), person)
        profile = self.profile(id_, person)
        trajectory = self.trajectory(id_, person)
        records = (sealing.NewRecord(profile, b"encrypted profile"), sealing.NewRecord(trajectory))
        index = self.next_index(id_, [profile.hash, trajectory.hash], person, sequence=1, previous=None)
        wraps = tuple(sealing.NewWrap(each.id, b"age wrap for " + each.id.encode()) for each in grantees)
        return opening.NewDossier(head, wraps, records, index)

    def profile(self, dossier: str, person: Person | None = None, **changes: Any) -> Envelope:
        person = person or self.director
        base = Profile(self.chain.standing, dossier, 1, None, "c0" * 32, "7e" * 32, self.now, signer=person.id)
        return self.sign("profile", replace(base, **changes).content(), person)

    def trajectory(self, dossier: str, person: Person | None = None, **changes: Any) -> Envelope:
        person = person or self.director
        day, policy = self.now.date(), self.policy.hash
        base = Trajectory(
            self.chain.standing, dossier, new_id(), 1, None, day, None, policy, True, self.now, signer=person.id
        )
        return self.sign("trajectory", replace(base, **changes).content(), person)

    def open_dossier(self, person: Person | None = None, **changes: Any) -> str:
        new = self.new_dossier(person, **changes)
        answer = opening.open_dossier(self.ports, (person or self.director).caller, new, self.now)
        assert isinstance(answer, opening.Opened), answer
        self.index[answer.dossier] = new.index
        self.heads[answer.dossier] = new.head
        return answer.dossier

    def next_index(
        self, dossier: str, records: Sequence[str], person: Person | None = None, **changes: Any
    ) -> Envelope:
        person = person or self.director
        newest = None if changes.get("sequence") == 1 else self.index.get(dossier)
        before = frozenset() if newest is None else frozenset(self.listed(dossier))
        after = frozenset(records)
        base = Index(
            standing=self.chain.standing,
            dossier=dossier,
            sequence=1 if newest is None else int(newest.fields["sequence"]) + 1,
            previous=None if newest is None else newest.hash,
            head=self.heads[dossier].hash,
            root=merkle.root(after),
            count=len(after),
            added=tuple(sorted(after - before)),
            removed=tuple(self.removal(dossier, gone, after - before) for gone in sorted(before - after)),
            at=self.now,
            signer=person.id,
        )
        envelope = self.sign("index", replace(base, **changes).content(), person)
        self._lists[envelope.hash] = after
        while len(self._lists) > REMEMBERED:
            self._lists.pop(next(iter(self._lists)))
        return envelope

    def removal(self, dossier: str, gone: str, added: Collection[str]) -> Removal:
        """Why a record leaves, as the rows tell it; a reason that does not hold where they tell none."""
        with self.ports.store.reading() as tx:
            record, stones = tx.record(gone), tx.chain("tombstone", limit=500)
            share = None if record is None else tx.share(record.subject)
        if share is not None and share.revoked_at is not None:
            return Removal(gone, REVOKED, format_instant(share.revoked_at))
        if share is not None:
            return Removal(gone, EXPIRED, format_instant(share.expires_at))
        if record is None or record.kind == "document":
            of = [Tombstone.read(chain_envelope(stone)) for stone in stones]
            subject = self._documents.get(gone)
            return Removal(gone, ERASED, next((each.hash for each in of if each.subject == subject), gone))
        return Removal(gone, SUPERSEDED, min(added, default=gone))

    def listed(self, dossier: str) -> list[str]:
        newest = self.index[dossier]
        if newest.hash not in self._lists:
            with self.ports.store.reading() as tx:
                self._lists[newest.hash] = frozenset(tx.listed(dossier))
        return sorted(self._lists[newest.hash])

    def advance(
        self, dossier: str, add: Sequence[str] = (), drop: Sequence[str] = (), person: Person | None = None
    ) -> Any:
        index = self.next_index(dossier, sorted({*self.listed(dossier), *add} - set(drop)), person)
        answer = adding.advance_index(self.ports, (person or self.director).caller, dossier, index, self.now)
        if isinstance(answer, indexing.Advanced):
            self.index[dossier] = index
        return answer

    def withdrawal(self, asked: ErasureRow, person: Person | None = None, **changes: Any) -> Envelope:
        """What takes an asked erasure back."""
        person = person or self.director
        request = asked.request or "00" * 32
        base = ErasureWithdrawal(self.chain.standing, asked.dossier, asked.id, request, self.now, signer=person.id)
        return self.sign("erasure_withdrawal", replace(base, **changes).content(), person)

    def check_of(self, proof: Proof, person: Person | None = None, **changes: Any) -> Envelope:
        """A member's check of a certificate, by a device that has seen its tombstones."""
        person, said = person or self.director, Certificate.read(proof.certificate)
        last = max((Tombstone.read(each) for each in proof.tombstones), key=lambda each: each.sequence)
        seen = changes.pop("seen", Seen(Sighting(last.sequence, last.hash)))
        base = CertificateCheck(self.chain.standing, said.dossier, said.id, said.hash, self.now, signer=person.id)
        content = {**replace(base, **changes).content(), "seen": write_fields(seen)}
        return self.sign("certificate_check", content, person)

    # Documents

    def new_document(
        self,
        dossier: str,
        body: bytes = b"ciphertext of one small report",
        person: Person | None = None,
        **changes: Any,
    ) -> Deposited:
        person = person or self.director
        id_ = changes.pop("id", None) or new_id()
        segments = [body[i : i + SEGMENT_SIZE] for i in range(0, len(body), SEGMENT_SIZE)]
        base = Document(
            standing=self.chain.standing,
            dossier=dossier,
            id=id_,
            series=id_,
            previous=None,
            kind="report",
            draft=False,
            nonce=secrets.token_bytes(16),
            commitment=secrets.token_bytes(32),
            size=len(body),
            digest=body_digest(hashlib.sha256(segment).digest() for segment in segments),
            metadata="3e" * 32,
            at=self.now,
            signer=person.id,
        )
        envelope = self.sign("document", replace(base, **changes).content(), person)
        self._documents[envelope.hash] = id_
        return Deposited(id_, envelope, b"age header and nonce", b"encrypted metadata", body)

    def intent(self, document: Deposited, person: Person | None = None, **changes: Any) -> Envelope:
        """What reserves the document; the same for the same document."""
        record = Document.read(document.envelope)
        intent = Intent(**{**record.reserved(), "at": record.at, **changes})
        return self.sign("intent", intent.content(), person)

    def begin(self, dossier: str, document: Deposited, person: Person | None = None) -> Any:
        intent = self.intent(document, person)
        return deposit.reserve(self.ports, (person or self.director).caller, dossier, intent, self.now)

    def begin_whole(self, dossier: str, document: Deposited) -> None:
        """As far as a deposit in one request comes when the gateway dies before its object is put."""
        new = deposit.NewDocument(document.envelope, document.head, document.metadata)
        record = deposit.read_new(new)
        _, sealed = deposit.seal_new(self.ports, record, new)
        with self.ports.store.transaction(dossier) as tx:
            deposit.add_new(tx, dossier, new.envelope, record, sealed, self.now)

    def complete(self, document: Deposited, person: Person | None = None) -> Any:
        new = deposit.NewDocument(document.envelope, document.head, document.metadata)
        return completing.complete(self.ports, (person or self.director).caller, document.id, new, self.now)

    def put(self, document: Deposited, number: int = 0, person: Person | None = None) -> Any:
        segment = document.segments[number]
        digest = hashlib.sha256(segment).digest()
        caller = (person or self.director).caller
        source = io.BytesIO(segment)
        return deposit.put_segment(self.ports, caller, document.id, number, source, len(segment), digest, self.now)

    def deposit(
        self, dossier: str, body: bytes = b"ciphertext of one small report", person: Person | None = None
    ) -> Deposited:
        """A whole document, listed by an index: stored."""
        document = self.new_document(dossier, body, person)
        assert isinstance(self.begin(dossier, document, person), deposit.Begun)
        for number in range(len(document.segments)):
            assert self.put(document, number, person) is True
        assert self.complete(document, person) == "pending"
        assert isinstance(self.advance(dossier, [document.envelope.hash], person=person), indexing.Advanced)
        return document

    # Shares

    def new_share(
        self, dossier: str, documents: Sequence[Deposited], person: Person | None = None, **changes: Any
    ) -> Link:
        person = person or self.director
        possess, open_ = secrets.token_bytes(32), secrets.token_bytes(32)
        base = Share(
            standing=self.chain.standing,
            dossier=dossier,
            id=new_id(),
            kind="copy",
            documents=tuple(SharedDocument(d.id, d.envelope.hash) for d in documents),
            expires_at=self.now + timedelta(days=14),
            max=3,
            consent=None,
            mode="plain",
            key=b"k" * 32,
            possess=hashlib.sha256(possess).digest(),
            open=hashlib.sha256(open_).digest(),
            text="7e" * 32,
            at=self.now,
            signer=person.id,
        )
        record = replace(base, **changes)
        envelope = self.sign("share", record.content(), person)
        entries = tuple(
            sharing.NewEntry(d.id, b"entry of " + d.id.encode(), b"capsule of " + d.id.encode()) for d in documents
        )
        index = self.next_index(dossier, [*self.listed(dossier), envelope.hash], person)
        new = sharing.NewShare(envelope, b"encrypted recipient", b"encrypted cover", entries, index)
        return Link(record.id, possess, open_, envelope, new)

    def share(self, dossier: str, documents: Sequence[Deposited], person: Person | None = None, **changes: Any) -> Link:
        link = self.new_share(dossier, documents, person, **changes)
        answer = sharing.share(self.ports, (person or self.director).caller, dossier, link.new, self.now)
        assert isinstance(answer, sharing.Shared), answer
        self.index[dossier] = link.new.index
        return link
