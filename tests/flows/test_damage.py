"""What is damaged is named in its place in a list; everything beside it is given."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.actors import NOW
from tests.flows.erasures.test_erasing import ask
from vault.errors import IntegrityError
from vault.flows.answers import NOT_FOUND
from vault.flows.audit import auditing
from vault.flows.documents import reading
from vault.flows.dossiers import showing
from vault.flows.dossiers.indexing import newest_head
from vault.flows.erasures import erasing, ledger, requesting
from vault.flows.people import repairs, rosters
from vault.flows.shares import pickup, sharing
from vault.ports.keystore import Subject, SubjectKind
from vault.records.types.repair import Aside, Repair

NAME = b"n" * 16


def key_of(**named):
    [(kind, id_)] = named.items()
    return Subject(SubjectKind(kind), id_)


def rows(practice):
    return practice.ports.store._tables


def spoil(table, key, name):
    """Flip the last bit of a value."""
    value = getattr(table[key], name)
    table[key] = dataclasses.replace(table[key], **{name: value[:-1] + bytes([value[-1] ^ 1])})


def cut(table, key):
    """Half of a record is none."""
    table[key] = dataclasses.replace(table[key], record=table[key].record[:20])


def lose(practice, subject):
    practice.ports.keystore._keys.pop(subject)


def listed(practice, dossier):
    return {view.document: view for view in reading.documents(practice.ports, practice.director.caller, dossier, "", 9)}


@pytest.mark.parametrize("part", ["head", "metadata"])
def test_a_damaged_part_of_a_document_is_named_and_its_other_part_is_given(practice, dossier, document, part):
    other = practice.deposit(dossier)
    spoil(rows(practice).document, document.id, part)
    views = listed(practice, dossier)
    assert (views[document.id].damaged, getattr(views[document.id], part)) == ((part,), None)
    assert (views[document.id].head is None) != (views[document.id].metadata is None)
    assert (views[other.id].damaged, views[other.id].head is None) == ((), False)
    assert reading.document(practice.ports, practice.director.caller, document.id) == views[document.id]


@pytest.mark.parametrize("hurt", [lambda practice, subject: practice.ports.keystore.damage(subject), lose])
def test_a_document_without_its_key_is_listed(practice, dossier, document, hurt):
    other = practice.deposit(dossier)
    hurt(practice, key_of(document=document.id))
    views = listed(practice, dossier)
    assert (views[document.id].damaged, views[document.id].head, views[document.id].metadata) == (("key",), None, None)
    assert views[other.id].damaged == ()


@pytest.mark.parametrize("hurt", [lambda practice, subject: practice.ports.keystore.damage(subject), lose])
def test_a_dossier_without_its_key_is_listed(practice, dossier, hurt):
    other = practice.open_dossier()
    hurt(practice, key_of(dossier=dossier))
    first, second = sorted(
        showing.listing(practice.ports, practice.director.caller, "", 9), key=lambda each: each.dossier.id != dossier
    )
    assert (first.damaged, first.wrap, first.profile.text) == (("key",), None, None)
    assert (second.dossier.id, second.damaged) == (other, ())
    whole = showing.one(practice.ports, practice.director.caller, dossier)
    assert (whole.listed, bool(whole.heads)) == (first, True)


def test_what_of_a_dossier_is_damaged_is_named(practice, dossier):
    tables, caller = rows(practice), practice.director.caller
    [profile] = [row.hash for row in tables.record.values() if row.kind == "profile"]
    spoil(tables.record, profile, "text")
    [found] = showing.listing(practice.ports, caller, "", 9)
    assert (found.damaged, found.profile.text, found.wrap is None) == (("profile",), None, False)
    cut(tables.record, profile)
    [found] = showing.listing(practice.ports, caller, "", 9)
    assert (found.damaged, found.profile.envelope) == (("profile",), None)
    cut(tables.record, tables.dossier[dossier].head)
    [found] = showing.listing(practice.ports, caller, "", 9)
    assert (found.damaged, found.head) == (("profile", "record"), None)


@pytest.mark.parametrize("lost", [True, False])
def test_a_dossier_whose_newest_index_is_damaged_is_shown_with_the_rest(practice, dossier, lost):
    table, caller = rows(practice).index_link, practice.director.caller
    [key] = [key for key, row in table.items() if row.dossier == dossier]
    if lost:
        del table[key]
    else:
        cut(table, key)
    whole = showing.one(practice.ports, caller, dossier)
    assert (whole.index, whole.listed.damaged, len(whole.heads)) == (None, ("index",), 1)
    assert showing.leaves(practice.ports, caller, dossier).index is None


@pytest.mark.parametrize("lost", [True, False])
def test_a_dossier_whose_head_is_damaged_is_shown_and_takes_no_record(practice, dossier, lost):
    tables, caller = rows(practice), practice.director.caller
    head = tables.dossier[dossier].head
    if lost:
        del tables.record[head]
    else:
        cut(tables.record, head)
    whole = showing.one(practice.ports, caller, dossier)
    assert (whole.heads, whole.listed.head, whole.listed.damaged) == ((), None, ("record",))
    with practice.ports.store.reading() as tx, pytest.raises(IntegrityError):
        newest_head(tx, tx.dossier(dossier))


def test_a_record_under_another_hash_is_damaged_though_it_can_be_read(practice, dossier):
    other, tables = practice.open_dossier(), rows(practice)
    mine, hers = (tables.dossier[each].head for each in (dossier, other))
    tables.record[mine] = dataclasses.replace(tables.record[mine], record=tables.record[hers].record)
    found = {each.dossier.id: each.damaged for each in showing.listing(practice.ports, practice.director.caller, "", 9)}
    assert found == {dossier: ("record",), other: ()}


def test_a_dossier_whose_profile_is_no_record_any_more_is_erased_without_its_commitment(practice, dossier):
    tables = rows(practice)
    [profile] = [row.hash for row in tables.record.values() if row.kind == "profile"]
    with practice.ports.store.reading() as tx:
        assert requesting.commitment_of(tx, dossier) != requesting.NO_COMMITMENT
    cut(tables.record, profile)
    with practice.ports.store.reading() as tx:
        assert requesting.commitment_of(tx, dossier) == requesting.NO_COMMITMENT


def test_a_damaged_symmetric_wrap_is_named_and_the_other_one_is_given(practice, dossier):
    table = rows(practice).wrap
    [key] = [key for key, row in table.items() if row.member == practice.director.id]
    table[key] = dataclasses.replace(table[key], symmetric=b"\x01" * 80)
    [found] = showing.listing(practice.ports, practice.director.caller, "", 9)
    assert (found.damaged, found.symmetric, found.wrap is None) == (("symmetric",), None, False)


def test_a_damaged_share_is_listed_beside_the_others(practice, dossier, document):
    links = [practice.share(dossier, [document]) for _ in range(4)]
    tables, caller = rows(practice), practice.director.caller
    spoil(tables.record, links[0].envelope.hash, "text")
    lose(practice, key_of(share=links[1].id))
    cut(tables.record, links[2].envelope.hash)
    views = {view.share.id: view for view in sharing.shares(practice.ports, caller, dossier, "", 9, NOW)}
    assert [views[link.id].damaged for link in links] == [("text",), ("key",), ("record",), ()]
    assert [views[link.id].text is None for link in links] == [True, True, False, False]
    later = NOW + timedelta(days=60)
    assert sharing.one(practice.ports, caller, links[1].id, later).damaged == (), "it is over, and its key may be gone"
    found = {view.hash: view.damaged for view in showing.records(practice.ports, caller, dossier, "", 99)}
    assert [found[link.envelope.hash] for link in links] == [("text",), (), ("record",), ()]


def test_a_link_gives_the_documents_that_are_whole(practice, dossier, document):
    other = practice.deposit(dossier)
    link = practice.share(dossier, [document, other], max=3)
    practice.ports.keystore.damage(key_of(document=document.id))
    proofs = pickup.Proofs(link.possess, link.open)
    assert [id_ for id_, _ in pickup.cover(practice.ports, link.id, proofs, NOW).entries] == [other.id]
    released = pickup.pick_up(practice.ports, link.id, NAME, proofs, NOW)
    assert [id_ for id_, _ in released.capsules] == [other.id]
    practice.ports.keystore.damage(key_of(document=other.id))
    assert pickup.cover(practice.ports, link.id, proofs, NOW) == pickup.UNAVAILABLE


def hurt(practice, kind, version=1):
    row = rows(practice).chain[kind, version]
    rows(practice).chain[kind, version] = dataclasses.replace(row, record=row.record[:20])


def test_a_damaged_checkpoint_is_left_out_and_the_next_is_signed_over_it(practice):
    first, second, third = (auditing.checkpoint(practice.ports, NOW + timedelta(hours=each)) for each in range(3))
    hurt(practice, "checkpoint", 2)
    page = rosters.all_chains(practice.ports, {"checkpoint": 0})["checkpoint"]
    assert [each.hash for each in page.items] == [first.hash, third.hash]
    assert [each.hash for each in auditing.chain(practice.ports, "checkpoint", 0, 9).items] == [first.hash, third.hash]
    hurt(practice, "checkpoint", 3)
    assert auditing.newest_checkpoint(practice.ports) == NOT_FOUND
    made = auditing.catch_up(practice.ports, NOW + timedelta(hours=2))
    assert (made.sequence, made.previous) == (4, third.hash), "it counts as overdue"
    assert auditing.newest_checkpoint(practice.ports)[0].hash == made.hash
    assert second.hash


def test_a_page_that_is_full_goes_on_whatever_is_damaged_in_it(practice, monkeypatch):
    for each in range(3):
        auditing.checkpoint(practice.ports, NOW + timedelta(hours=each))
    hurt(practice, "checkpoint", 2)
    monkeypatch.setattr(rosters, "PAGE", 2)
    page = rosters.all_chains(practice.ports, {"checkpoint": 0})["checkpoint"]
    assert (len(page.items), page.next) == (1, 2)
    page = auditing.chain(practice.ports, "checkpoint", 0, 2)
    assert (len(page.items), page.next) == (1, 2)
    assert rosters.all_chains(practice.ports, {"checkpoint": None})["checkpoint"].next is None


def test_a_damaged_repair_is_left_out(practice):
    aside = Aside("checkpoint", 1, "a" * 64)
    content = Repair(practice.chain.standing, (aside,), "x", NOW).content()
    repairs.repair(practice.ports, practice.director.caller, practice.sign("repair", content))
    hurt(practice, "repair")
    assert rosters.all_chains(practice.ports, {"repair": None})["repair"].items == ()


def test_nobody_goes_on_without_a_roster_or_a_policy(practice):
    for kind in ("policy", "roster"):
        hurt(practice, kind)
        with pytest.raises(IntegrityError):
            rosters.all_chains(practice.ports, {kind: 0})


def test_a_damaged_tombstone_comes_from_the_objects_and_is_left_out_where_that_is_damaged_too(practice, dossier):
    ask(practice, dossier)
    assert erasing.sweep(practice.ports, NOW).certified == 1
    [entry] = ledger.entries(practice.ports, 0, 9).items
    hurt(practice, "tombstone")
    assert ledger.entries(practice.ports, 0, 9).items == (entry,)
    assert rosters.all_chains(practice.ports, {"tombstone": 0})["tombstone"].items == (entry.tombstone,)
    objects, name = practice.ports.objects._objects, ledger.ledger_name(1)
    for spoiled in (b"{}", objects[name][:-1], None):
        if spoiled is None:
            del objects[name]
        else:
            objects[name] = spoiled
        assert ledger.entries(practice.ports, 0, 9) == ledger.Entries((), None)
        assert rosters.all_chains(practice.ports, {"tombstone": 0})["tombstone"].items == ()
