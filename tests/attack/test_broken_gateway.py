"""Whoever took over a gateway (its memory, files, credentials) signs no tombstone, certificate or checkpoint that a
reader believes: neither by the ports, nor with the key and the secrets that the gateway holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from nacl.signing import SigningKey

from tests.actors import NOW, Practice
from tests.attack.house import as_shown, ask, audit_of, certificate_file
from tests.installation import as_gateway, as_worker
from vault.boxes import hkdf
from vault.errors import ConfigurationError
from vault.flows.audit import auditing
from vault.flows.audit.auditing import chain
from vault.flows.audit.installation_signature import sign_as_installation
from vault.flows.context import Ports
from vault.flows.erasures import retention
from vault.records.envelope import Envelope, SignatureError, write
from vault.records.types.roster import ATTEST, CHECKPOINT, LEDGER
from vault.records.types.tombstone import installation_signer
from vault.rules.rights import check_installation
from vault.sdk.audit.verification import Evidence, verify_file
from vault.sdk.erasures.certificate import CertificateFile, verify

OWN = {"v", "type", "practice", "signer"}


@pytest.fixture(scope="module")
def practice() -> Practice:
    """One dossier destroyed at the client's request, another one living, and a checkpoint over both."""
    practice = Practice().set_up()
    living, gone = practice.open_dossier(), practice.open_dossier()
    practice.deposit(living)
    practice.deposit(gone)
    practice.erasure = ask(practice, gone)  # type: ignore[attr-defined]
    practice.living = living  # type: ignore[attr-defined]
    retention.sweep(as_worker(practice.ports), NOW)
    return practice


@pytest.fixture(scope="module")
def file(practice: Practice) -> CertificateFile:
    return certificate_file(practice.ports, practice.director.caller, practice.erasure)


def forgeries(practice: Practice, envelope: Envelope) -> Iterator[tuple[str, Envelope]]:
    """The record again, signed by everything that a gateway has, in its own name and in those of the worker's keys."""
    keys: Any = as_gateway(practice.ports).installation
    seeds = {ATTEST: bytes(keys._keys[ATTEST]), **{name: bytes(keys.secret(name)) for name in ("lookup", "parameters")}}
    for name, seed in tuple(seeds.items()):
        for label in ("ledger", "checkpoint", "email", "parameters"):
            seeds[f"{name}, by {label}"] = bytes(hkdf(seed, f"vault/v1/{label}"))
    content = {name: value for name, value in envelope.fields.items() if name not in OWN}
    for name, seed in seeds.items():
        key = SigningKey(seed)
        for signer in (
            bytes(key.verify_key),
            *(practice.ports.installation.public[use] for use in (LEDGER, CHECKPOINT)),
        ):
            forged = write(envelope.kind, content, practice=practice.id, signer=installation_signer(signer), key=key)
            yield name, forged


def failing(checks: Any) -> set[str]:
    return {check.name for check in checks if not check.ok}


@pytest.mark.parametrize("kind", ["tombstone", "certificate", "checkpoint"])
def test_its_own_ports_sign_nothing(practice: Practice, kind: str) -> None:
    gateway = as_gateway(practice.ports)
    with gateway.store.reading() as tx, pytest.raises(ConfigurationError, match="does not hold"):
        sign_as_installation(gateway, tx, kind, {"at": "2026-11-23T09:00:00Z"})


ACTS: list[Callable[[Ports], Any]] = [
    lambda gateway: retention.sweep(gateway, NOW),
    lambda gateway: auditing.checkpoint(gateway, NOW),
]


@pytest.mark.parametrize("act", ACTS, ids=["sweep", "checkpoint"])
def test_the_workers_acts_in_a_gateway_sign_nothing(practice: Practice, act: Callable[[Ports], Any]) -> None:
    ask(practice, practice.open_dossier())
    signed = {kind: len(chain(practice.ports, kind, 0, 100).items) for kind in ("tombstone", "checkpoint")}
    with pytest.raises(ConfigurationError):
        act(as_gateway(practice.ports))
    assert {kind: len(chain(practice.ports, kind, 0, 100).items) for kind in signed} == signed


def test_no_reader_believes_a_record_that_a_gateway_signed(practice: Practice, file: CertificateFile) -> None:
    for envelope in (file.certificate, file.tombstones[0], chain(practice.ports, "checkpoint", 0, 1).items[0]):
        check_installation(envelope, practice.chain)
        for _, forged in forgeries(practice, envelope):
            with pytest.raises(SignatureError):
                check_installation(forged, practice.chain)


def test_certificate_verify_refuses_what_a_gateway_signed(practice: Practice, file: CertificateFile) -> None:
    assert failing(verify(file.to_bytes(), practice.id, NOW).checks) == set()
    for name, forged in forgeries(practice, file.certificate):
        lie = dataclasses.replace(file, certificate=forged)
        assert "signature" in failing(verify(lie.to_bytes(), practice.id, NOW).checks), name
    for name, forged in forgeries(practice, file.tombstones[0]):
        lie = dataclasses.replace(file, tombstones=(forged,))
        assert "signature" in failing(verify(lie.to_bytes(), practice.id, NOW).checks), name


def test_audit_verify_refuses_a_checkpoint_that_a_gateway_signed(practice: Practice) -> None:
    ports = practice.ports
    with ports.store.reading() as tx:
        leaves = tx.leaves()
    assert leaves is not None
    true = Evidence(
        dossier=practice.living,
        entries=tuple(as_shown(audit_of(ports, practice.living))),
        checkpoints=tuple(chain(ports, "checkpoint", 0, 100).items),
        leaves=leaves[1],
        rosters=tuple(chain(ports, "roster", 0, 100).items),
    )
    assert failing(verify_file(true.to_bytes(), practice.id)) == set()
    for name, forged in forgeries(practice, true.checkpoints[0]):
        lie = dataclasses.replace(true, checkpoints=(forged,))
        assert "checkpoints" in failing(verify_file(lie.to_bytes(), practice.id)), name
