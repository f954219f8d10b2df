"""Who can write to the database cannot rewrite what happened: the client finds it and names it.

A forged tombstone and an altered certificate are found too.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, update

from tests.actors import Practice
from tests.attack.house import as_shown, ask, audit_of, certificate_file, data_folder, ports_at
from tests.installation import keys
from vault.adapters.database.tables import audit
from vault.adapters.installation import InstallationKeys
from vault.flows.audit import auditing, installation_signature
from vault.flows.audit.auditing import chain
from vault.flows.erasures import retention
from vault.flows.shares import sharing
from vault.records.encoding import from_base64url, to_base64url
from vault.records.envelope import Envelope, SignatureError, parse, write_with
from vault.records.types.roster import LEDGER
from vault.records.types.tombstone import installation_signer
from vault.rules.audit_entries import GENESIS, details_digest, entry_hash
from vault.rules.rights import check_installation
from vault.sdk.audit.verification import Evidence, verify_file
from vault.sdk.erasures.certificate import CertificateFile, verify

DAY = timedelta(days=1)


class Scene:
    """A dossier with a history of nine entries under a signed checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.practice = Practice(ports_at(folder)).set_up()
        self.dossier = self.practice.open_dossier()
        documents = [self.practice.deposit(self.dossier) for _ in range(4)]
        for _ in range(2):
            link = self.practice.share(self.dossier, documents)
            sharing.revoke(self.practice.ports, self.practice.director.caller, link.id, self.practice.now)
        other = self.practice.open_dossier()
        self.checkpoint(self.practice.now + DAY)
        self.checkpoint(self.practice.now + 2 * DAY)
        assert other != self.dossier
        assert len(audit_of(self.practice.ports, self.dossier)) == 9

    def checkpoint(self, now: Any) -> None:
        assert auditing.checkpoint(self.practice.ports, now) is not None

    def write(self, change: Callable[[Connection], Any]) -> None:
        with self.practice.ports.store._engine.begin() as connection:
            change(connection)

    def findings(self) -> dict[str, str]:
        """What the client's verification of an export finds, by the check."""
        ports = self.practice.ports
        with ports.store.transaction() as tx:
            leaves = tx.leaves()
        evidence = Evidence(
            dossier=self.dossier,
            entries=tuple(as_shown(audit_of(ports, self.dossier))),
            checkpoints=tuple(chain(ports, "checkpoint", 0, 100).items),
            leaves=leaves[1] if leaves else b"",
            rosters=tuple(chain(ports, "roster", 0, 100).items),
        )
        checks = verify_file(evidence.to_bytes(), self.practice.id)
        return {check.name: f"{check.finding} {check.values.get('sequence', '')}" for check in checks if not check.ok}


@pytest.fixture
def scene() -> Iterator[Scene]:
    with data_folder() as folder:
        yield Scene(folder)


def at(scene: Scene, sequence: int) -> Any:
    return (audit.c.dossier == scene.dossier) & (audit.c.sequence == sequence)


def put(scene: Scene, number: int, **values: Any) -> None:
    scene.write(lambda connection: connection.execute(update(audit).where(at(scene, number)).values(**values)))


def exchange(scene: Scene, one: int, other: int) -> None:
    put(scene, one, sequence=1000)
    put(scene, other, sequence=one)
    put(scene, 1000, sequence=other)


def rewrite(scene: Scene, keep: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """The whole chain anew, with hashes that fit: what somebody does who knows how they are made."""
    entries, previous, rows = audit_of(scene.practice.ports, scene.dossier), GENESIS, []
    for entry in entries:
        row = keep(dataclasses.asdict(entry))
        if row is not None:
            row["sequence"], row["previous"] = len(rows) + 1, previous
            if row["details"] is not None:
                row["digest"] = details_digest(row["details"])
            fields = [row[name] for name in ("sequence", "previous", "at", "event", "actor", "digest")]
            row["hash"] = previous = entry_hash(scene.dossier, *fields)
            rows.append(row)

    def change(connection: Connection) -> None:
        connection.execute(delete(audit).where(audit.c.dossier == scene.dossier))
        connection.execute(audit.insert(), rows)

    scene.write(change)


def cut(scene: Scene, after: int) -> None:
    mine = (audit.c.dossier == scene.dossier) & (audit.c.sequence > after)
    scene.write(lambda connection: connection.execute(delete(audit).where(mine)))


def test_an_untouched_history_verifies(scene: Scene) -> None:
    assert scene.findings() == {}


def test_deleted_details_break_nothing(scene: Scene) -> None:
    put(scene, 3, details=None)
    assert scene.findings() == {}


TAMPERED: dict[str, tuple[Callable[[Scene], Any], dict[str, str]]] = {
    "one missing": (
        lambda s: s.write(lambda c: c.execute(delete(audit).where(at(s, 4)))),
        {"entries": "missing 4"},
    ),
    "the first missing": (
        lambda s: s.write(lambda c: c.execute(delete(audit).where(at(s, 1)))),
        {"entries": "missing 1"},
    ),
    "another event": (lambda s: put(s, 5, event="picked_up"), {"entries": "changed 5"}),
    "another actor": (lambda s: put(s, 5, actor="worker"), {"entries": "changed 5"}),
    "another instant": (lambda s: put(s, 5, at=s.practice.now - DAY), {"entries": "changed 5"}),
    "other details": (lambda s: put(s, 2, details=b'{"salt":"AAAA"}'), {"entries": "changed 2"}),
    "another digest": (lambda s: put(s, 2, digest="ab" * 32), {"entries": "changed 2"}),
    "two exchanged": (lambda s: exchange(s, 3, 6), {"entries": "changed 3"}),
    "cut": (lambda s: cut(s, 7), {"covered": "cut_or_other 8"}),
    "cut to the first": (lambda s: cut(s, 1), {"covered": "cut_or_other 2"}),
    "one left out and all hashes anew": (
        lambda s: rewrite(s, lambda row: None if row["sequence"] == 4 else row),
        {"covered": "cut_or_other 9"},
    ),
    "one changed and all hashes anew": (
        lambda s: rewrite(s, lambda row: row | {"event": "seen"} if row["sequence"] == 4 else row),
        {"covered": "cut_or_other 10"},
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_in_the_database_is_found_and_named(scene: Scene, name: str) -> None:
    tamper, expected = TAMPERED[name]
    tamper(scene)
    found = scene.findings()
    for check, finding in expected.items():
        assert found[check] == finding


def test_an_entry_of_before_the_checkpoint_that_is_put_in_later_is_found(scene: Scene) -> None:
    ports = scene.practice.ports
    with ports.store.transaction() as tx:
        auditing.note(tx, scene.dossier, "picked_up", "link", scene.practice.now)
    assert scene.findings() == {"covered": "put_in_later 10"}


def test_a_checkpoint_of_another_installation_is_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation_signature, "may_sign", lambda *_: True)
    ports, stranger = scene.practice.ports, keys("J")
    scene.practice.ports = dataclasses.replace(ports, installation=stranger)
    cut(scene, 7)
    auditing.checkpoint(scene.practice.ports, scene.practice.now + 3 * DAY)
    assert scene.findings()["checkpoints"].startswith("checkpoint_not_signed")


# Tombstones and certificates


@pytest.fixture
def file(scene: Scene) -> CertificateFile:
    id_, ports = ask(scene.practice, scene.dossier), scene.practice.ports
    retention.sweep(ports, scene.practice.now)
    return certificate_file(ports, scene.practice.director.caller, id_)


def wrong(scene: Scene, file: CertificateFile) -> set[str]:
    verdict = verify(file.to_bytes(), scene.practice.id, scene.practice.now + DAY)
    return {check.name for check in verdict.checks if not check.ok}


def altered(envelope: Envelope, **fields: Any) -> Envelope:
    """The record with other fields under the signature that it had."""
    value = envelope.to_json()
    record = json.loads(from_base64url(value["record"])) | fields
    raw = json.dumps(record, separators=(",", ":")).encode()
    return parse(json.dumps(value | {"record": to_base64url(raw)}).encode(), envelope.kind)


def signed_by(scene: Scene, envelope: Envelope, installation: InstallationKeys, **fields: Any) -> Envelope:
    own = {"v", "type", "practice", "signer"}
    content = {name: value for name, value in (envelope.fields | fields).items() if name not in own}
    signer, sign = installation_signer(installation.public[LEDGER]), partial(installation.sign, LEDGER)
    return write_with(envelope.kind, content, practice=scene.practice.id, signer=signer, sign=sign)


def test_the_true_certificate_verifies(scene: Scene, file: CertificateFile) -> None:
    assert wrong(scene, file) == set()


def test_a_tombstone_of_another_installation_is_refused(scene: Scene, file: CertificateFile) -> None:
    forged = signed_by(scene, file.tombstones[0], keys("J"))
    with pytest.raises(SignatureError):
        check_installation(forged, scene.practice.chain)
    assert "signature" in wrong(scene, dataclasses.replace(file, tombstones=(forged,)))


def test_a_true_tombstone_of_another_erasure_does_not_fit(scene: Scene, file: CertificateFile) -> None:
    subject = {"kind": "dossier", "id": "ee" * 16}
    other = signed_by(scene, file.tombstones[0], keys(), subject=subject, dossier="ee" * 16)
    assert "signature" not in wrong(scene, dataclasses.replace(file, tombstones=(other,)))
    assert "tombstones" in wrong(scene, dataclasses.replace(file, tombstones=(other,)))


@pytest.mark.parametrize("field", ["dossier", "commitment", "counts", "horizon", "shredded", "reason"])
def test_an_altered_certificate_is_found(scene: Scene, file: CertificateFile, field: str) -> None:
    said = file.certificate.fields[field]
    others = {
        "dossier": "ee" * 16,
        "commitment": "ee" * 32,
        "counts": said | {"documents": 400} if isinstance(said, dict) else said,
        "horizon": "2026-11-24T09:00:00Z",
        "shredded": "2026-11-22T09:00:00Z",
        "reason": "staff",
    }
    assert others[field] != said
    changed = dataclasses.replace(file, certificate=altered(file.certificate, **{field: others[field]}))
    assert "signature" in wrong(scene, changed)


def test_a_certificate_of_another_installation_is_found(scene: Scene, file: CertificateFile) -> None:
    forged = signed_by(scene, file.certificate, keys("J"))
    assert "signature" in wrong(scene, dataclasses.replace(file, certificate=forged))


def test_another_practices_certificate_is_found(scene: Scene, file: CertificateFile) -> None:
    verdict = verify(file.to_bytes(), "ee" * 16, scene.practice.now + DAY)
    assert {check.name for check in verdict.checks if not check.ok} == {"practice"}


def test_another_name_does_not_open_the_commitment(scene: Scene, file: CertificateFile) -> None:
    assert "commitment" in wrong(scene, file.for_client("Somebody Else", bytes(32)))
