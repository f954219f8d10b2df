"""Users with real ciphertexts, made like the client's, and an attacker who has stolen everything."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Table, select

from tests.actors import Deposited, Link, Person, Practice
from tests.attack.house import ports_at
from tests.contract.places import sql_keystore
from vault.adapters.database import tables
from vault.adapters.keystore import SqlKeystore
from vault.adapters.sql.factory import database_engine, sqlite_url
from vault.age import (
    AgeError,
    Head,
    HybridIdentity,
    OpenStream,
    decrypt,
    parse_recipient,
    payload_key,
    unwrap,
    write_header,
)
from vault.errors import IntegrityError, VaultError
from vault.flows.context import restore
from vault.flows.dossiers import opening, sealing
from vault.flows.people import rosters
from vault.flows.shares import sharing
from vault.ports.errors import ShreddedError
from vault.ports.keystore import Subject, SubjectKind
from vault.records.encoding import new_id
from vault.records.envelope import parse
from vault.records.types.document import Document
from vault.records.types.roster import SUITE
from vault.records.types.wrap import Wrap
from vault.sdk.documents.sealing import FileKey, seal_bytes
from vault.sdk.keys.keyring import Keyring, new_keyring
from vault.sdk.keys.sealed_text import open_text, seal_text, text_key
from vault.sdk.keys.wraps import age_wrap, open_symmetric_wrap, symmetric_wrap
from vault.sdk.shares.capsules import Capsule, Entry, open_capsule, seal_capsule, seal_entry
from vault.sdk.shares.links import LinkKeys, derive, new_secret


@dataclasses.dataclass
class Member(Person):
    """A member whose recipient has an identity."""

    identity: bytes = dataclasses.field(default_factory=lambda: secrets.token_bytes(32))
    wrap: bytes = dataclasses.field(default_factory=lambda: secrets.token_bytes(32))

    @property
    def recipient(self) -> str:
        return HybridIdentity(self.identity).recipient().to_string()


class RealPractice(Practice):
    """The actors' practice, with real wraps, heads, bodies, texts and capsules."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.director = Member("Dirk")
        self.members = [self.director]
        self.identities: dict[str, bytes] = {}
        self.keys: dict[str, FileKey] = {}
        self.plain: dict[str, bytes] = {}
        self.links: list[tuple[str, LinkKeys]] = []

    def keyring(self, member: Member) -> Keyring:
        base = new_keyring(self.id, member.id, bytes(self.root.verify_key), self.chain.standing)
        return dataclasses.replace(base, identity=member.identity, wrap=member.wrap)  # type: ignore[arg-type]

    def appoint(self, name: str, role: str = "coach") -> Member:
        person = Member(name, role)
        envelope = self.next_roster((*self.chain.newest.members, person.card()))
        rosters.add_roster(self.ports, self.director.caller, envelope, [person.details()], self.now)
        self.chain = self.chain.append(envelope)
        self.members.append(person)
        return person

    def new_dossier(self, person: Person | None = None, **changes: Any) -> opening.NewDossier:
        person, id_, identity = person or self.director, new_id(), secrets.token_bytes(32)
        recipient = HybridIdentity(identity).recipient().to_string()
        new = super().new_dossier(person, id=id_, recipient=recipient, **changes)
        self.identities[id_] = identity
        wraps = tuple(self._wrapped(id_, identity, wrap.member, person) for wrap in new.wraps)
        profile, trajectory = new.records
        _, text = seal_text("profile", {"name": "a client"}, key=text_key(identity), dossier=id_, epoch=1, subject=id_)
        return dataclasses.replace(new, wraps=wraps, records=(dataclasses.replace(profile, text=text), trajectory))

    def _wrapped(self, dossier: str, identity: bytes, grantee: str, person: Person) -> sealing.NewWrap:
        member = next(each for each in self.members if each.id == grantee)
        record = Wrap(self.chain.standing, dossier, 1, identity, grantee, self.now, signer=person.id)
        envelope = self.sign("wrap", record.content(), person)
        quick = symmetric_wrap(identity, envelope.hash, self.keyring(member), dossier, 1)
        return sealing.NewWrap(grantee, age_wrap(envelope, member.recipient), quick)

    def new_document(self, dossier: str, body: bytes = b"", person: Person | None = None, **changes: Any) -> Deposited:
        id_, key = new_id(), FileKey()
        plain = b"the report " + id_.encode()
        identity = self.identities[dossier]
        recipient = HybridIdentity(identity).recipient().to_string()
        head = Head(write_header(bytes(key.octets), [parse_recipient(recipient)]), key.nonce).to_bytes()
        _, text = seal_text("document", {"name": id_}, key=text_key(identity), dossier=dossier, epoch=1, subject=id_)
        more = {"id": id_, "nonce": key.nonce, "commitment": key.commitment, **changes}
        made = super().new_document(dossier, bytes(seal_bytes(plain, key)), person, **more)
        self.keys[id_], self.plain[id_] = key, plain
        return dataclasses.replace(made, head=head, metadata=text)

    def new_share(
        self, dossier: str, documents: Sequence[Deposited], person: Person | None = None, **changes: Any
    ) -> Link:
        keys = derive(new_secret())
        possess, open_ = keys.proofs()
        link = super().new_share(dossier, documents, person, possess=possess, open=open_, **changes)
        entries = tuple(
            sharing.NewEntry(
                document.id,
                seal_entry(keys.cover, link.id, document.id, Entry(document.id, "", "text/plain", 1, "00" * 32)),
                seal_capsule(
                    keys.capsule, link.id, document.id, Capsule(self.keys[document.id].octets, document.envelope.record)
                ),
            )
            for document in documents
        )
        self.links.append((link.id, keys))
        new = dataclasses.replace(link.new, entries=entries)
        return dataclasses.replace(link, possess=bytes(keys.possess), open=bytes(keys.open), new=new)


@dataclasses.dataclass
class Loot:
    """The attacker's result: plaintexts and names of documents by id, and dossiers whose profile opened."""

    plain: dict[str, bytes] = dataclasses.field(default_factory=dict)
    named: set[str] = dataclasses.field(default_factory=set)
    profiles: set[str] = dataclasses.field(default_factory=set)
    by_link: set[str] = dataclasses.field(default_factory=set)


class Attacker:
    """An attacker with all copies of database and objects, all members' keys, all links, one keystore with keys."""

    def __init__(self, practice: RealPractice, copies: Sequence[Path], keystore: Path) -> None:
        self.practice = practice
        self.copies = copies
        self.keystore: SqlKeystore = sql_keystore(keystore)
        self.keyrings = {member.id: practice.keyring(member) for member in practice.members}
        self.loot = Loot()

    def open_everything(self) -> Loot:
        """Combine the wraps, heads and bodies of all copies."""
        identities = self._identities()
        for kind, identity in identities:
            self._profile(kind, identity)
        file_keys = [*self._by_heads([identity for _, identity in identities]), *self._by_links()]
        bodies = self._bodies()
        for document, file_key in file_keys:
            for nonce, body in bodies.get(document, ()):
                with suppress(AgeError):
                    stream = OpenStream(payload_key(file_key, nonce))
                    self.loot.plain[document] = stream.update(body) + stream.finish()
        return self.loot

    def _unsealed(self, subject: Subject, field: str, row: str, sealed: bytes | None) -> bytes | None:
        if sealed is None:
            return None
        with suppress(ShreddedError, IntegrityError):
            return self.keystore.unseal(subject, field, row, sealed)
        return None

    def _rows(self, table: Table) -> Iterator[Row[Any]]:
        """The distinct rows of all copies."""
        seen = set()
        for copy in self.copies:
            with opened(copy) as connection:
                for row in connection.execute(select(table)):
                    if row not in seen:
                        seen.add(row)
                        yield row

    def _identities(self) -> list[tuple[str, bytes]]:
        found = set()
        for row in self._rows(tables.wrap):
            subject = sealing.subject_of(row.dossier)
            place = sealing.wrap_row(row.dossier, row.epoch, row.member)
            keyring = self.keyrings[row.member]
            if wrap := self._unsealed(subject, "wrap.wrap", place, row.wrap):
                plain = decrypt(wrap, [HybridIdentity(bytes(keyring.identity))], expect=SUITE)
                found.add((row.dossier, Wrap.read(parse(plain, "wrap")).identity))
            if quick := self._unsealed(subject, "wrap.symmetric", place, row.symmetric):
                found.add((row.dossier, bytes(open_symmetric_wrap(quick, keyring, row.dossier, row.epoch))))
        return sorted(found)

    def _profile(self, dossier: str, identity: bytes) -> None:
        for row in self._rows(tables.record):
            if row.kind == "profile" and row.dossier == dossier:
                text = self._unsealed(sealing.subject_of(dossier), "record.text", row.hash, row.text)
                if text is not None and self._reads("profile", text, identity, dossier, dossier):
                    self.loot.profiles.add(dossier)

    def _by_heads(self, identities: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
        for row in self._rows(tables.document):
            subject = Subject(SubjectKind.DOCUMENT, row.id)
            head = self._unsealed(subject, "document.head", row.id, row.head)
            text = self._unsealed(subject, "document.metadata", row.id, row.metadata)
            for identity in identities:
                if text is not None and self._reads("document", text, identity, row.dossier, row.id):
                    self.loot.named.add(row.id)
                if head is not None:
                    with suppress(AgeError):
                        yield row.id, unwrap(Head.parse(head).parsed(), [HybridIdentity(identity)], expect=SUITE)

    def _reads(self, kind: str, text: bytes, identity: bytes, dossier: str, subject: str) -> bool:
        """Whether the text opens; an attacker need not check the digest in its record."""
        try:
            open_text(kind, text, "00" * 32, key=text_key(identity), dossier=dossier, epoch=1, subject=subject)
        except VaultError as error:
            return type(error).__name__ != "BoxError"
        return True

    def _by_links(self) -> Iterator[tuple[str, bytes]]:
        keys = dict(self.practice.links)
        for row in self._rows(tables.entry):
            place = sharing.entry_row(row.share, row.document)
            inner = self._unsealed(sharing.subject_of(row.share), "entry.capsule", place, row.capsule)
            box = self._unsealed(Subject(SubjectKind.DOCUMENT, row.document), "entry.capsule", place, inner)
            if box is not None:
                self.loot.by_link.add(row.document)
                yield row.document, bytes(open_capsule(keys[row.share].capsule, row.share, row.document, box).file_key)

    def _bodies(self) -> dict[str, set[tuple[bytes, bytes]]]:
        nonces = {
            row.subject: Document.read(restore(row.kind, row.record, row.signatures)).nonce
            for row in self._rows(tables.record)
            if row.kind == "document"
        }
        found: dict[str, set[tuple[bytes, bytes]]] = {}
        for copy in self.copies:
            objects = ports_at(copy).objects
            for name in objects.names():
                document = name.split("/")[1]
                if document in nonces:
                    found.setdefault(document, set()).add((nonces[document], b"".join(objects.get(name))))
        return found


@contextmanager
def opened(folder: Path) -> Iterator[Any]:
    engine = database_engine(sqlite_url(folder / "records.db"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
