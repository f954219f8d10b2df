"""A vault in a folder on the embedded engines, and helpers for attacks on it."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from tests.actors import TOKEN, Practice
from tests.contract.places import sql_keystore, sql_store
from tests.installation import keys
from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.objects_directory import DirectoryObjects
from vault.domain.erasures import AuditRow
from vault.flows.audit.auditing import chain
from vault.flows.context import Caller, Ports
from vault.flows.erasures import ledger, requesting
from vault.flows.positions.comparing import IDENTITY
from vault.records.encoding import new_id
from vault.records.envelope import Envelope
from vault.records.strict_json import dump
from vault.records.types.erasure import LIFE, ErasureRequest
from vault.records.types.tombstone import Tombstone
from vault.sdk.audit.audit_chain import Entry, check_entries
from vault.sdk.checks import Findings
from vault.sdk.erasures.certificate import CertificateFile

DELAY = timedelta(hours=24)
MEMORY_DISK = Path("/dev/shm")  # a sync takes milliseconds here, and there are thousands of commits


@contextmanager
def data_folder() -> Iterator[Path]:
    """An empty folder for `data/`, on a RAM disk if there is one."""
    place = str(MEMORY_DISK) if MEMORY_DISK.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place, prefix="attack-") as folder:
        yield Path(folder)


def ports_at(folder: Path, step: Callable[[str], None] = lambda _: None) -> Ports:
    """The ports on a folder; missing databases are made. `step` is called at each step of a turn."""
    return Ports(
        store=sql_store(folder),
        keystore=sql_keystore(folder, step=step),
        objects=DirectoryObjects(folder / "objects"),
        installation=keys(),
        setup_token=lambda: TOKEN,
        spend_setup_token=lambda: None,
    )


class Lasting:
    """Ports on one folder that keep their compiled statements while the folder's files are replaced.

    Compiling took most of the time of a test with a hundred repetitions.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ports = ports_at(folder)

    def ports(self, step: Callable[[str], None] = lambda _: None) -> Ports:
        """As `ports_at`."""
        generations = GenerationFiles(self.folder / "keys" / "generation")
        keystore = SqlKeystore(_engine_of(self._ports.keystore), generations, step=step)
        return dataclasses.replace(self._ports, keystore=keystore)

    def release(self) -> None:
        """Close every connection, before files are replaced or a process is forked."""
        for port in (self._ports.store, self._ports.keystore):
            _engine_of(port).dispose()


def _engine_of(port: Any) -> Engine:
    return port._engine


def request_of(
    practice: Practice, dossier: str, documents: Sequence[str], basis: str, now: datetime, **changes: Any
) -> Envelope:
    """A signed request of the director."""
    person = practice.director
    base = ErasureRequest(
        practice.chain.standing, dossier, new_id(), tuple(documents), basis, now, now + LIFE, now, signer=person.id
    )
    return practice.sign("erasure", dataclasses.replace(base, **changes).content())


def ask(
    practice: Practice, dossier: str, documents: Sequence[str] = (), basis: str = "client", now: datetime | None = None
) -> str:
    """Ask for an erasure; its id."""
    now = now or practice.now
    envelope = request_of(practice, dossier, documents, basis, now)
    answer = requesting.request(practice.ports, practice.director.caller, dossier, envelope, now, DELAY)
    assert isinstance(answer, requesting.Requested), answer
    return answer.erasure.id


def certificate_file(ports: Ports, caller: Caller, erasure: str) -> CertificateFile:
    """A certificate with all that a verifier needs, as the server gives it to a member."""
    proof = requesting.certificate(ports, caller, erasure)
    assert isinstance(proof, requesting.Proof), proof
    return CertificateFile(
        *(proof.certificate, proof.tombstones, proof.evidence, proof.rosters, proof.destroyed), checks=proof.checks
    )


def tombstones(ports: Ports) -> list[Tombstone]:
    """The signed tombstones in the records; checks that their chain has no gap."""
    found = [Tombstone.read(envelope) for envelope in chain(ports, "tombstone", 0, 10_000).items]
    for number, each in enumerate(found, start=1):
        assert each.sequence == number
        assert each.previous == (found[number - 2].hash if number > 1 else None)
    return found


def assert_ledger_is_whole(ports: Ports) -> None:
    """Records, keystore and objects hold the same tombstones, in order, without a gap."""
    signed = [dump(entry.to_json()) for entry in ledger.entries(ports, 0, 10_000).items]
    assert [entry.entry for entry in ports.keystore.ledger(limit=10_000)] == signed
    names = [name for name in ports.objects.names("ledger/") if name.count("/") == 1 and name != IDENTITY]
    assert names == [f"ledger/{number:010d}" for number in range(1, len(signed) + 1)]
    assert [b"".join(ports.objects.get(name)) for name in names] == signed


def audit_of(ports: Ports, dossier: str) -> list[AuditRow]:
    with ports.store.transaction() as tx:
        return tx.audit(dossier, limit=10_000)


def as_shown(entries: Sequence[AuditRow]) -> list[Entry]:
    """The entries in the client's form."""
    return [Entry(e.sequence, e.previous, e.hash, e.at, e.event, e.actor, e.digest, e.details) for e in entries]


def assert_audit_verifies(ports: Ports, dossier: str) -> list[str]:
    """Assert that the client's verification finds no fault; return the events, in order."""
    entries, findings = audit_of(ports, dossier), Findings()
    check_entries(dossier, as_shown(entries), findings)
    assert findings.ok, [check for check in findings.all() if not check.ok]
    return [entry.event for entry in entries]
