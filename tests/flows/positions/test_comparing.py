"""The four stores of a practice in memory: adopted, compared, emptied, put back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.actors import NOW, Practice, memory_ports
from tests.flows.erasures.test_erasing import ask
from tests.health import checks
from tests.twins.keystore import MemoryKeystore
from tests.twins.objects import MemoryObjects
from tests.twins.store import MemoryStore
from vault.domain.positions import Fault, Finding, StoreName
from vault.errors import ConfigurationError, IntegrityError
from vault.flows import health
from vault.flows.context import Ports
from vault.flows.erasures import erasing
from vault.flows.positions import copies
from vault.flows.positions.adopting import adopt
from vault.flows.positions.comparing import StoresError, positions, standing
from vault.flows.positions.keeping import shut
from vault.flows.positions.replaying import shred_again
from vault.flows.positions.saying import said, told
from vault.ports.errors import ShreddedError
from vault.ports.keystore import Subject, SubjectKind
from vault.records.strict_json import dump

BEHIND = (Finding(StoreName.KEYSTORE, Fault.BEHIND),)


@pytest.fixture
def kept(practice: Practice) -> Practice:
    """A practice with an identity, whose worker has swept."""
    adopt(practice.ports)
    copies.keep_copies(practice.ports)
    return practice


def destroy(practice: Practice, dossier: str) -> None:
    """Erase it, certified."""
    erasing.sweep(practice.ports, NOW)
    ask(practice, dossier)
    for _ in range(8):
        erasing.sweep(practice.ports, NOW)
    with practice.ports.store.reading() as tx:
        assert tx.dossier(dossier) is None
    copies.keep_copies(practice.ports)


def without(ports: Ports, store: StoreName) -> Ports:
    match store:
        case StoreName.RECORDS:
            return replace(ports, store=MemoryStore())
        case StoreName.OBJECTS:
            return replace(ports, objects=MemoryObjects())
        case _:
            return replace(ports, keystore=MemoryKeystore())


def test_a_new_installation_gets_one_identity_and_keeps_it():
    ports = memory_ports()
    identity = adopt(ports)
    assert adopt(ports) == identity
    assert set(positions(ports).identities.values()) == {identity}
    assert standing(ports) == ()


@pytest.mark.parametrize("written", ["keystore", "records"])
def test_a_start_that_was_killed_while_it_wrote_the_identity_goes_on(written, monkeypatch):
    ports = memory_ports()
    ports.keystore.adopt("a" * 32)
    if written == "records":
        with ports.store.transaction() as tx:
            tx.adopt("a" * 32)
    assert adopt(ports) == "a" * 32
    assert standing(ports) == ()


@pytest.mark.parametrize("store", [StoreName.RECORDS, StoreName.KEYSTORE, StoreName.OBJECTS])
def test_a_store_that_lost_everything_is_refused_at_a_start_and_nothing_is_written_into_it(kept, store):
    emptied = without(kept.ports, store)
    with pytest.raises(StoresError, match=f"the store of {store} is empty"):
        adopt(emptied)
    assert Finding(store, Fault.EMPTY) in standing(emptied)
    assert positions(emptied).identities[store] is None


@pytest.mark.parametrize("store", [StoreName.RECORDS, StoreName.KEYSTORE, StoreName.OBJECTS])
def test_a_store_of_another_practice_is_refused_at_a_start(kept, store):
    other = memory_ports()
    adopt(other)
    part = {StoreName.RECORDS: "store", StoreName.KEYSTORE: "keystore", StoreName.OBJECTS: "objects"}[store]
    with pytest.raises(StoresError, match="another installation"):
        adopt(replace(kept.ports, **{part: getattr(other, part)}))


def test_objects_that_nobody_knows_are_not_taken_for_a_new_vault(practice, dossier):
    practice.deposit(dossier)
    with pytest.raises(ConfigurationError, match="other things"):
        adopt(replace(memory_ports(), objects=practice.ports.objects))


def test_a_new_vault_takes_no_objects_that_have_an_owner(kept):
    with pytest.raises(StoresError):
        adopt(replace(memory_ports(), objects=kept.ports.objects))


def test_records_that_were_put_back_are_found_by_what_the_keystore_has_seen(kept, dossier):
    old = kept.ports.store._tables.copy()
    kept.deposit(dossier)
    copies.keep_copies(kept.ports)
    assert shut(kept.ports, NOW) == ()
    kept.ports.store._tables = old
    assert shut(kept.ports, NOW) == (Finding(StoreName.RECORDS, Fault.BEHIND),)


def test_records_that_were_put_back_are_found_by_a_roster(kept):
    old = kept.ports.store._tables.copy()
    kept.appoint("Carla")
    copies.keep_copies(kept.ports)
    kept.ports.store._tables = old
    assert shut(kept.ports, NOW) == (Finding(StoreName.RECORDS, Fault.BEHIND),)


def test_a_keystore_that_was_put_back_is_found_by_its_generation(kept):
    old = kept.ports.keystore.image()
    kept.ports.keystore.turn()
    copies.keep_copies(kept.ports)
    kept.ports.keystore.put_back(old)
    assert standing(kept.ports) == BEHIND


def test_objects_that_were_put_back_are_found_by_the_ledger(kept, dossier):
    old = dict(kept.ports.objects._objects)
    destroy(kept, dossier)
    assert shut(kept.ports, NOW) == ()
    kept.ports.objects._objects = old
    assert standing(kept.ports) == (Finding(StoreName.OBJECTS, Fault.BEHIND),)


def test_what_moves_between_two_looks_is_no_fault(kept, dossier, monkeypatch):
    """The keystore turned while the records were read: the second look sees it."""
    real, looks = kept.ports.keystore.position, []

    def once_old(seen=""):
        looks.append(1)
        found = real(seen)
        return replace(found, ledger=7) if len(looks) == 1 else found

    monkeypatch.setattr(kept.ports.keystore, "position", once_old)
    assert standing(kept.ports) == ()


def test_keys_that_a_keystore_put_back_still_has_are_shredded_before_anything_else(kept, dossier):
    subjects = [Subject(SubjectKind.DOSSIER, dossier)]
    subjects += [Subject(SubjectKind.DOCUMENT, kept.deposit(dossier).id) for _ in range(2)]
    living = Subject(SubjectKind.DOSSIER, kept.open_dossier())
    old = kept.ports.keystore.image()
    destroy(kept, dossier)
    stones = positions(kept.ports).objects.ledger
    assert stones
    kept.ports.keystore.put_back(old)
    assert all(kept.ports.keystore.exists(each) for each in subjects)
    assert shut(kept.ports, NOW) == BEHIND
    assert not any(kept.ports.keystore.exists(each) for each in subjects)
    assert kept.ports.keystore.exists(living)
    assert positions(kept.ports).keystore.ledger == stones
    assert kept.ports.keystore.position().generation > 1, "turned: what was shredded again is irrecoverable"
    with pytest.raises(ShreddedError):
        kept.ports.keystore.seal(subjects[0], "f", "r", b"x")


def test_a_list_of_keys_that_somebody_lengthened_costs_nobody_elses(kept, dossier):
    """The store of objects may lie: what the records know as another dossier's is not shredded."""
    others = kept.open_dossier()
    document, own = kept.deposit(others), kept.deposit(dossier)
    old = kept.ports.keystore.image()
    destroy(kept, dossier)
    kept.ports.keystore.put_back(old)
    wanted = [("dossier", others), ("document", document.id), ("member", kept.director.id), ("document", own.id)]
    kept.ports.objects._objects[copies.subjects_name(1)] = dump({"subjects": [list(each) for each in wanted]})
    assert shut(kept.ports, NOW) == BEHIND
    assert kept.ports.keystore.exists(Subject(SubjectKind.DOSSIER, others))
    assert kept.ports.keystore.exists(Subject(SubjectKind.DOCUMENT, document.id))
    assert kept.ports.keystore.exists(Subject(SubjectKind.MEMBER, kept.director.id))
    assert not kept.ports.keystore.exists(Subject(SubjectKind.DOCUMENT, own.id))


def test_a_list_of_keys_that_is_gone_stops_the_worker(kept, dossier):
    old = kept.ports.keystore.image()
    destroy(kept, dossier)
    kept.ports.keystore.put_back(old)
    del kept.ports.objects._objects[copies.subjects_name(1)]
    with pytest.raises(IntegrityError, match="not in the store"):
        shut(kept.ports, NOW)


def test_a_document_alone_is_shredded_again_and_the_rest_of_its_dossier_is_not(kept, dossier):
    gone, left = kept.deposit(dossier), kept.deposit(dossier)
    link = kept.share(dossier, [left])
    old = kept.ports.keystore.image()
    ask(kept, dossier, [gone.id])
    for _ in range(8):
        erasing.sweep(kept.ports, NOW)
    copies.keep_copies(kept.ports)
    kept.ports.keystore.put_back(old)
    more = [["document", gone.id], ["document", left.id], ["share", link.id], ["dossier", dossier]]
    kept.ports.objects._objects[copies.subjects_name(1)] = dump({"subjects": more})
    assert shut(kept.ports, NOW) == BEHIND
    exists = kept.ports.keystore.exists
    assert not exists(Subject(SubjectKind.DOCUMENT, gone.id))
    assert exists(Subject(SubjectKind.DOCUMENT, left.id))
    assert exists(Subject(SubjectKind.SHARE, link.id))


def test_a_tombstone_that_the_records_do_not_hold_shreds_nothing(kept):
    kept.ports.objects._objects[copies.subjects_name(1)] = dump({"subjects": []})
    kept.ports.objects._objects["ledger/0000000001"] = b"{}"
    with pytest.raises(IntegrityError, match="hold no tombstone"):
        shred_again(kept.ports, 1)
    assert shred_again(kept.ports, 0) == 0


@pytest.mark.parametrize("text", [b"", b"{}", b'{"subjects":[["nothing","x"]]}', b'{"subjects":[1]}'])
def test_a_damaged_list_of_keys_stops_the_worker(kept, dossier, text):
    old = kept.ports.keystore.image()
    destroy(kept, dossier)
    kept.ports.keystore.put_back(old)
    kept.ports.objects._objects[copies.subjects_name(1)] = text
    with pytest.raises(IntegrityError, match="damaged"):
        shut(kept.ports, NOW)


def test_every_fault_of_every_store_has_a_sentence_and_advice():
    assert told(()) == ""
    for finding in (Finding(store, fault) for store in StoreName for fault in Fault):
        what, advice = said(finding)
        assert str(finding.store) in what
        assert told((finding,)) == f"T{what[1:]}. {advice}"


def test_health_says_what_was_found_and_that_nothing_was_looked_at_yet(kept):
    def stores(findings):
        return next(each for each in checks(kept.ports, NOW, findings) if each.name == health.STORES)

    assert stores(()).ok
    assert "not compared yet" in stores(None).advice
    assert stores(BEHIND).advice == told(BEHIND)
