"""A real server whose clock was moved past the term destroys what was closed, by itself, within seconds (R6)."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.actors import TOKEN, Practice
from tests.flows.dossiers.test_closing import change
from tests.infra.serving import Server, until
from tests.installation import built
from tests.measured import MEASURED
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.domain.erasures import ErasureRow, ErasureState
from vault.flows.erasures import requesting, retention
from vault.records.types.certificate import Certificate
from vault.records.types.tombstone import retention_id
from vault.settings import Settings
from vault.wiring import keystore, records

pytestmark = pytest.mark.slow


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    """On the folder that the server will serve; everything in it was swept a moment ago."""
    (tmp_path / "data").mkdir(mode=0o700)
    settings = Settings.from_environment({"DOSSIER_DATA": str(tmp_path / "data")})
    for engine, migrate in ((records(settings), migrate_database), (keystore(settings), migrate_keystore)):
        migrate(engine)
        engine.dispose()
    ports = dataclasses.replace(built(settings), setup_token=lambda: TOKEN, spend_setup_token=lambda: None)
    practice = Practice(ports, datetime.now(UTC)).set_up()
    retention.sweep(ports, practice.now)
    return practice


def erasure(practice: Practice, id_: str) -> ErasureRow | None:
    with practice.ports.store.transaction() as tx:
        return tx.erasure(id_)


@MEASURED
def test_it_starts_although_nothing_was_swept_for_years_and_destroys_what_is_due(practice, tmp_path):
    closed, running = practice.open_dossier(), practice.open_dossier()
    practice.deposit(closed)
    kept = practice.deposit(running)
    change(practice, closed, end=practice.now.date())
    with Server(tmp_path / "data", log=tmp_path / "log", DOSSIER_CLOCK_OFFSET="+1827d") as server:
        until(lambda: ended(practice, closed), what="it is destroyed")
        until(lambda: server.get("/readyz")[0] == 200, what="the first sweep turns readiness green")
        said = server.said()
    proof = requesting.certificate(practice.ports, practice.director.caller, retention_id(closed))
    assert isinstance(proof, requesting.Proof)
    certificate = Certificate.read(proof.certificate)
    assert (certificate.dossier, certificate.reason, certificate.counts.documents) == (closed, "retention", 1)
    assert certificate.shredded - practice.now > timedelta(days=1826)
    names = [name for name in practice.ports.objects.names() if not name.startswith("ledger/")]
    assert names == [f"{running}/{kept.id}/00000"]
    assert practice.ports.objects.size("ledger/0000000001")
    assert '"event":"erased","begun":1,"certified":1' in said
    assert '"level":"error"' not in said


def ended(practice: Practice, dossier: str) -> bool:
    there = erasure(practice, retention_id(dossier))
    return there is not None and there.state is ErasureState.CERTIFIED


def test_it_starts_although_an_object_is_missing_and_readiness_says_so(practice, tmp_path):
    dossier = practice.open_dossier()
    practice.deposit(dossier)
    practice.ports.objects.remove(list(practice.ports.objects.names()))
    retention.compare(practice.ports, datetime.now(UTC))
    with Server(tmp_path / "data", log=tmp_path / "log") as server:
        status, body = server.get("/readyz")
        assert (status, [check["name"] for check in body["checks"] if not check["ok"]]) == (503, ["complete"])
        assert '"late":["complete"]' in server.said()
