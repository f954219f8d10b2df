"""What the gateway's role writes into the records destroys nothing, on a real server with real roles (R6)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta

import pytest

from tests import engines
from tests.actors import NOW, Practice, memory_ports
from tests.flows.dossiers.test_heading import dismiss
from tests.flows.erasures.test_evidence import BEGUN, forged
from tests.infra.roles.test_databases import ROLES, House, addresses, drop_roles
from vault.adapters.database import SqlStore
from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.sql.factory import database_engine, keystore_engine
from vault.domain.dossiers import RecordState
from vault.domain.erasures import ErasureState
from vault.flows.context import Ports
from vault.flows.dossiers import sealing
from vault.flows.dossiers.indexing import as_row
from vault.flows.erasures import erasing, ledger
from vault.records.types.tombstone import RETENTION, retention_id

ROWS = [(reason, state) for reason in ("client", RETENTION) for state in (ErasureState.REQUESTED, BEGUN[-1])]


@pytest.fixture
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ports]]:
    """One vault's records and keystore, as each role reaches them."""
    accounts = {role: (f"rows_{role}_{NOW:%f}{id(tmp_path_factory)}", "a password") for role in ROLES}
    keys, shared = GenerationFiles(tmp_path_factory.mktemp("keys") / "generation"), memory_ports()
    with ExitStack() as stack:
        stack.callback(drop_roles, [name for name, _ in accounts.values()])
        owners = [stack.enter_context(engines.new_database()) for _ in range(2)]
        house = House(*(addresses(owner, accounts) for owner in owners), accounts)
        house.apply()
        made = {}
        for role in ROLES:
            records, keystore = database_engine(house.records[role]), keystore_engine(house.keystore[role])
            stack.callback(records.dispose)
            stack.callback(keystore.dispose)
            made[role] = dataclasses.replace(shared, store=SqlStore(records), keystore=SqlKeystore(keystore, keys))
        made["worker"].keystore.begin()  # type: ignore[attr-defined]
        yield made


@pytest.fixture
def practice(ports: dict[str, Ports]) -> Practice:
    return Practice(ports["gateway"]).set_up()


def test_nothing_that_it_writes_destroys_a_dossier(practice: Practice, ports: dict[str, Ports]) -> None:
    """Rows of erasures in every state, and an end of guidance that somebody signs who held the dossier and left."""
    coach = practice.appoint("Carla")
    dossiers = [practice.open_dossier(coach) for _ in range(5)]
    documents = [practice.deposit(dossier, person=coach) for dossier in dossiers]
    standing, long_ago = practice.chain.standing, date(2019, 1, 1)
    dismiss(practice, coach)
    for dossier, (reason, state) in zip(dossiers, ROWS, strict=False):
        request, id_ = (None, retention_id(dossier)) if reason == RETENTION else ("00" * 32, dossier[::-1])
        with ports["gateway"].store.transaction(dossier) as tx:
            row = forged(dossier, id=id_, reason=reason, request=request, state=state)
            tx.add_erasure(dataclasses.replace(row, shredded_at=NOW, tombstones=("0" * 64,)))
    with ports["gateway"].store.transaction(dossiers[-1]) as tx:
        [first] = tx.records(dossiers[-1], kinds=("trajectory",))
        changes = {"version": 2, "previous": first.hash, "standing": standing, "start": long_ago, "end": long_ago}
        at = NOW - timedelta(days=40)
        hers = practice.trajectory(dossiers[-1], coach, id=first.subject, at=at, **changes)
        tx.add_record(as_row(hers, dossiers[-1], RecordState.CURRENT, None, NOW))
        tx.set_destroy_on(dossiers[-1], NOW)
    assert set(erasing.sweep(ports["worker"], NOW).refused) == set(dossiers)
    for dossier, document in zip(dossiers, documents, strict=True):
        assert ports["worker"].keystore.exists(sealing.subject_of(dossier))
        assert any(document.id in name for name in ports["worker"].objects.names())
    assert ledger.entries(ports["worker"], 0, 10).items == ()
