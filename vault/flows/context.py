"""The arguments of every flow: the ports, and the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

from vault.domain.dossiers import DossierRow
from vault.domain.people import ChainRow
from vault.domain.sessions import SessionLimits
from vault.errors import IntegrityError, UnavailableError
from vault.ports.keystore import Keystore
from vault.ports.objects import Objects
from vault.ports.store import Store, Transaction
from vault.records.encoding import RecordError, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.strict_json import dump, parse_object
from vault.records.table import SMALL
from vault.records.types.dossier import Dossier
from vault.rules.rosters import Rosters, first

T = TypeVar("T")


class Installation(Protocol):
    """The installation's Ed25519 keys, one for each use, and its secrets, as far as this process holds them."""

    @property
    def public(self) -> Mapping[str, bytes]:
        """The public halves that this process knows, by use, 32 bytes each."""

    def sign(self, use: str, message: bytes) -> bytes:
        """A signature, 64 bytes; raises ConfigurationError where this process does not hold the key."""

    def secret(self, name: str) -> bytes:
        """A secret of 32 bytes, `lookup` or `parameters`; raises ConfigurationError where it is not held."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a flow may use. `setup_token` is None once it was spent."""

    store: Store
    keystore: Keystore
    objects: Objects
    installation: Installation
    setup_token: Callable[[], bytes | None]
    spend_setup_token: Callable[[], None]
    sessions: SessionLimits = SessionLimits()  # noqa: RUF009 - it cannot be changed


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in member; `token` is the SHA-256 of the session's token."""

    member: str
    token: bytes


@dataclass(frozen=True, slots=True)
class ChainPage:
    """Records of a chain, ascending; `next` is the number to go on after, None where there are no more."""

    items: tuple[Envelope, ...]
    next: int | None


def seen(look: Callable[[], T], keyless: Callable[[T], bool]) -> T:
    """The result of `look`; one retry when it is `keyless`, as when a key was shredded before its unsealing.

    Access is always turned off before a key is shredded, so the second look does not find the subject. What still has
    no key then has lost it.
    """
    found = look()
    return look() if keyless(found) else found


def stored_signatures(envelope: Envelope) -> bytes:
    """An envelope's signatures in their stored form."""
    return dump({"signatures": envelope.to_json()["signatures"]})


def restore(kind: str, record: bytes, signatures: bytes, hash_: str | None = None) -> Envelope:
    """The envelope from its stored parts; raises IntegrityError when they no longer form a record, or not that one."""
    try:
        found = from_json({"record": to_base64url(record), **parse_object(signatures, limit=SMALL)}, kind)
    except RecordError as error:
        raise IntegrityError(f"a stored {kind} record is damaged") from error
    if hash_ is not None and found.hash != hash_:
        raise IntegrityError(f"a stored {kind} record is damaged")
    return found


def chain_record(envelope: Envelope, version: int) -> ChainRow:
    """A roster or policy as a row."""
    return ChainRow(envelope.kind, version, envelope.hash, envelope.record, stored_signatures(envelope))


def chain_envelope(row: ChainRow) -> Envelope:
    """The envelope of a stored roster or policy."""
    return restore(row.kind, row.record, row.signatures)


def whole_chain(rows: Iterable[ChainRow]) -> list[Envelope]:
    """The stored records of a chain, without those that are damaged: the numbers of the others tell which these are."""
    found = list[Envelope]()
    for row in rows:
        with suppress(IntegrityError):
            found.append(restore(row.kind, row.record, row.signatures, row.hash))
    return found


_verified: dict[str, Rosters] = {}


def rosters(tx: Transaction) -> Rosters:
    """The verified chain of rosters; raises UnavailableError before the practice is set up.

    A process verifies a chain once and caches it under the hash of its newest roster, which covers all earlier ones. A
    roster that another process accepted has a new hash: the next unit of work here loads it.
    """
    newest = tx.newest("roster")
    if newest is None:
        raise UnavailableError("no practice has been set up here", advice="Run `dossier init` first.")
    chain = _verified.get(newest.hash)
    if chain is None:
        chain = _load_chain(tx)
        _verified.clear()  # a race here is harmless: it costs another load
        _verified[newest.hash] = chain
    return chain


def _load_chain(tx: Transaction) -> Rosters:
    chain: Rosters | None = None
    version = 0
    while page := tx.chain("roster", after=version):
        for row in page:
            envelope = chain_envelope(row)
            chain = first(envelope) if chain is None else chain.append(envelope)
            version = row.version
    assert chain is not None
    return chain


def held(tx: Transaction, caller: Caller, dossier: str) -> DossierRow | None:
    """The dossier, if the caller holds it, with a wrap of its current epoch, and no erasure has begun; else None."""
    row = tx.held_dossier(dossier, caller.member)
    if row is None or row.fenced:
        return None
    return row if is_holder(tx, row, caller.member) else None


_holders: dict[str, frozenset[str]] = {}
_MOST_HOLDERS = 20_000


def is_holder(tx: Transaction, dossier: DossierRow, member: str) -> bool:
    """Whether the newest head gives the member a role that this software knows. True where that head is damaged.

    A process reads a head once: what stands under its hash never changes.
    """
    holders = _holders.get(dossier.head)
    if holders is None:
        row = tx.record(dossier.head)
        try:
            if row is None:
                return True
            holders = Dossier.read(restore("dossier", row.record, row.signatures, row.hash)).holders
        except (IntegrityError, RecordError):
            return True
        if len(_holders) >= _MOST_HOLDERS:
            _holders.clear()  # a race here is harmless, too
        _holders[dossier.head] = holders
    return member in holders
