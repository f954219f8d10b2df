"""The twin in memory fails a unit of work that writes what it promised not to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields

import pytest

from tests.contract import samples
from tests.contract.samples import NOW, id_
from tests.twins import MemoryStore, promises
from tests.twins.rows import Tables
from vault.domain.dossiers import DocumentState
from vault.ports.store import Named, Transaction

MINE, OTHER = id_(1), id_(2)


@pytest.fixture
def store() -> MemoryStore:
    """Two dossiers, each with a document, a share and an entry."""
    store = MemoryStore()
    with store.transaction() as rows:
        rows.add_member(samples.member(1))
        for number in (1, 2):
            rows.add_dossier(samples.dossier(number))
            rows.add_document(samples.document(number, dossier=id_(number)))
            rows.add_share(samples.share(number, dossier=id_(number)), [])
    return store


@pytest.fixture
def ours(store: MemoryStore) -> Callable[[Callable[[Transaction], object]], None]:
    """Does something in a unit of work that names the first dossier."""

    def act(write: Callable[[Transaction], object]) -> None:
        with store.transaction(MINE) as rows:
            write(rows)

    return act


def writes(number: int) -> dict[str, Callable[[Transaction], object]]:
    """One write to each kind of row of that dossier."""
    dossier = id_(number)
    return {
        "dossier": lambda rows: rows.set_destroy_on(dossier, NOW),
        "wrap": lambda rows: rows.put_wraps([samples.wrap(number)]),
        "record": lambda rows: rows.add_record(samples.record(number, dossier=dossier)),
        "index_link": lambda rows: rows.add_index(samples.link(1, dossier=dossier), added=[], removed=[]),
        "listed": lambda rows: rows.add_index(samples.link(2, dossier=dossier), added=["1d" * 32], removed=[]),
        "document": lambda rows: rows.set_document_state([id_(number)], DocumentState.REMOVED),
        "segment": lambda rows: rows.add_segment(samples.segment(0, document=id_(number))),
        "share": lambda rows: rows.revoke_share(id_(number), NOW),
        "entry": lambda rows: rows.add_share(
            samples.share(number + 10, dossier=dossier), [samples.entry(number, share=id_(number + 10))]
        ),
        "pickup": lambda rows: rows.add_pickup(samples.pickup(share=id_(number))),
        "disclosure": lambda rows: rows.add_disclosures([samples.disclosure(1, share=id_(number))]),
        "erasure": lambda rows: rows.add_erasure(samples.erasure(number, dossier=dossier)),
        "audit": lambda rows: rows.add_audit(samples.audit(1, dossier=dossier)),
        "gone": lambda rows: rows.remove_dossier(dossier),
    }


GLOBAL: dict[str, Callable[[Transaction], object]] = {
    "practice": lambda rows: rows.add_practice(samples.practice()),
    "chain": lambda rows: rows.add_chain(samples.chain("roster", 1)),
    "member": lambda rows: rows.add_member(samples.member(2)),
    "recovery_code": lambda rows: rows.set_codes(id_(1), [b"c"]),
    "leaves": lambda rows: rows.keep_leaves(1, b"l"),
    "orphan": lambda rows: rows.note_orphans(["name"], NOW),
}
ANYBODYS: dict[str, Callable[[Transaction], object]] = {
    "session": lambda rows: rows.add_session(samples.session(1)),
    "throttle": lambda rows: rows.set_throttle(samples.throttle()),
    "former": lambda rows: rows.keep_former(samples.former()),
    "heartbeat": lambda rows: rows.beat("sweep", NOW),
    "one-time step": lambda rows: rows.spend_totp(id_(1), 1),
}


@pytest.mark.parametrize("write", [*writes(1).values(), *ANYBODYS.values()], ids=[*writes(1), *ANYBODYS])
def test_a_unit_that_names_a_dossier_writes_what_is_its_own_and_what_is_anybodys(
    ours: Callable[..., None], write: Callable[[Transaction], object]
) -> None:
    ours(write)


@pytest.mark.parametrize("write", [*writes(2).values(), *GLOBAL.values()], ids=[*writes(2), *GLOBAL])
def test_what_it_writes_of_another_or_of_all_fails(
    store: MemoryStore, ours: Callable[..., None], write: Callable[[Transaction], object]
) -> None:
    before = vars(store)["_tables"]
    with pytest.raises(RuntimeError, match="names one dossier"):
        ours(write)
    assert vars(store)["_tables"] is before, "and nothing of it stays"


@pytest.mark.parametrize("write", ANYBODYS.values(), ids=ANYBODYS)
def test_a_unit_with_a_name_writes_what_is_anybodys(store: MemoryStore, write: Callable[[Transaction], object]) -> None:
    with store.transaction(Named("sessions")) as rows:
        write(rows)


@pytest.mark.parametrize("write", [*writes(1).values(), *GLOBAL.values()], ids=[*writes(1), *GLOBAL])
@pytest.mark.parametrize("name", ["sessions", MINE])
def test_a_unit_with_a_name_writes_no_dossiers_rows(
    store: MemoryStore, name: str, write: Callable[[Transaction], object]
) -> None:
    """Not even one that is called as the dossier is."""
    with pytest.raises(RuntimeError, match=f"names {name}"), store.transaction(Named(name)) as rows:
        write(rows)


@pytest.mark.parametrize("write", [*writes(1).values(), *GLOBAL.values(), *ANYBODYS.values()])
def test_a_unit_that_only_reads_writes_nothing(store: MemoryStore, write: Callable[[Transaction], object]) -> None:
    with pytest.raises(RuntimeError, match="only reads"), store.reading() as rows:
        write(rows)


def test_a_disclosure_is_never_changed(store: MemoryStore, ours: Callable[..., None]) -> None:
    ours(lambda rows: rows.add_disclosures([samples.disclosure(1)]))
    with pytest.raises(RuntimeError, match="disclosure"):
        ours(lambda rows: vars(rows)["_tables"].disclosure.clear())


def test_units_of_one_thread_do_not_nest(store: MemoryStore) -> None:
    for outer in (store.reading, store.transaction):
        for inner in (store.reading, store.transaction):
            with outer(), pytest.raises(RuntimeError, match="nest"), inner():
                pass
            with suppress(LookupError), outer():
                raise LookupError
    with store.reading() as rows:
        assert rows.practice() is None


def test_every_kind_of_row_belongs_to_somebody() -> None:
    known = {*promises.ANYBODYS, *promises.GLOBAL, *promises.BY_KEY, *promises.BY_VALUE}
    known |= {"dossier", *promises.BELOW, "disclosure"}
    assert known == {each.name for each in fields(Tables)}
