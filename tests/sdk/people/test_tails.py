"""What a device saw of ledger and checkpoints: it tells so in what it signs, and notices what a server takes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from tests.sdk.audit.test_watching import take_out
from vault.domain.people import ChainRow
from vault.records.seen import NOTHING_SEEN, Seen, Sighting
from vault.records.types.repair import Aside
from vault.sdk.audit.ledger import read_ledger
from vault.sdk.device.sightings import LONGEST
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import list_dossiers, load_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.repairing import repair, survey
from vault.sdk.dossiers.taking_over import take_over
from vault.sdk.errors import ApiError, EntriesMissingError, ForkError, RollbackError
from vault.sdk.people.session import SignedIn
from vault.sdk.people.tails import TELL
from vault.sdk.shares.listing import list_shares


def checkpoints(house: House, count: int = 1) -> None:
    for _ in range(count):
        house.move("+3600s")
        house.checkpoint()


def put_back(house: House, kind: str, until: int) -> dict:
    """Remove what is newer than that number of a chain, as a restore does; return it."""
    rows = house.gateway.rows.chain
    return {key: rows.pop(key) for key in [key for key in rows if key[0] == kind and key[1] > until]}


def rewrite(house: House) -> None:
    """Sign the newest checkpoint anew, with the installation's real key."""
    (kind, newest), _ = max(put_back(house, "checkpoint", len(of(house, "checkpoint")) - 1).items())
    house.move("+3601s")
    assert house.checkpoint().sequence == newest, kind


def of(house: House, kind: str) -> list[int]:
    return sorted(number for name, number in house.gateway.rows.chain if name == kind)


def mark(one: SignedIn, chain: str) -> Sighting:
    mark = one.pins.marks[chain]
    return Sighting(mark.number, mark.hash)


@pytest.fixture
def second(house: House) -> SignedIn:
    """Another director, who holds the dossier of most tests."""
    second = join(house, house.signed_in, "Mede", "director")
    take_over(house.dossier)
    return anew(second)


def dossier_of(one: SignedIn, house: House) -> OpenDossier:
    return load_dossier(one, house.dossier.id, contents=True)


def put(house: House, one: SignedIn, name: str) -> None:
    house.put(dossier_of(one, house), **{name: name.encode()})


def test_a_record_tells_what_its_signer_had_seen(house: House) -> None:
    assert house.dossier.heads.newest.seen == NOTHING_SEEN
    (one,) = house.put(house.dossier, a=b"a")
    assert one.record.seen == NOTHING_SEEN
    checkpoints(house, 2)
    house.destroy(one)
    signed_in = house.again()
    read_ledger(signed_in)
    dossier = house._dossier = load_dossier(signed_in, house.dossier.id)
    (two,) = house.put(dossier, b=b"b")
    assert two.record.seen == Seen(mark(signed_in, "ledger"), mark(signed_in, "checkpoint"))
    assert (two.record.seen.ledger.number, two.record.seen.checkpoint.number) == (1, 2)
    assert two.record.seen == dossier.index.seen
    assert signed_in.contradictions() == []


def test_who_signs_a_lock_or_a_wrap_tells_nothing(house: House) -> None:
    for kind in ("lock", "wrap"):
        assert "seen" not in house.signed_in.sign(kind, {}).fields


@pytest.mark.parametrize("kind", ["checkpoint", "tombstone"])
def test_a_chain_put_back_is_doubted_read_on_and_signed_on_by_nobody(house: House, kind: str) -> None:
    (one,) = house.put(house.dossier, a=b"a")
    checkpoints(house, 3)
    house.destroy(one)
    house.again()
    put_back(house, kind, 0 if kind == "tombstone" else 2)
    signed_in = house.again()
    (doubt,) = signed_in.doubts
    assert isinstance(doubt, RollbackError)
    assert doubt.advice == TELL
    dossier = load_dossier(signed_in, house.dossier.id)
    with pytest.raises(RollbackError):
        house.put(dossier, b=b"b")
    assert house.line.count("POST", "/documents$") == 1


def test_a_chain_that_comes_back_is_no_doubt_any_more(house: House) -> None:
    checkpoints(house, 3)
    house.again()
    gone = put_back(house, "checkpoint", 1)
    assert house.again().doubts
    house.gateway.rows.chain.update(gone)
    assert not house.again().doubts


def test_another_checkpoint_under_a_number_that_was_seen_is_a_fork(house: House) -> None:
    checkpoints(house, 2)
    house.again()
    rewrite(house)
    assert [type(doubt) for doubt in house.again().doubts] == [ForkError]


@pytest.mark.parametrize("kind", ["checkpoint", "tombstone"])
def test_an_end_that_does_not_verify_is_as_good_as_not_shown(house: House, kind: str) -> None:
    (one,) = house.put(house.dossier, a=b"a")
    house.destroy(one)
    checkpoints(house, 2)
    newest = max(key for key in house.gateway.rows.chain if key[0] == kind)
    row = house.gateway.rows.chain[newest]
    house.gateway.rows.chain[newest] = replace(
        row, signatures=row.signatures.replace(b"installation:", b"installatie:")
    )
    chain = {"tombstone": "ledger"}.get(kind, kind)
    before = house.again().pins.marks.get(chain)
    house.gateway.rows.chain[newest] = replace(row, record=row.record.replace(b'"sequence":', b'"sequenz":'))
    unread = house.again().pins.marks.get(chain) == before
    assert unread is (kind == "checkpoint"), "a tombstone has a copy among the objects"
    house.gateway.rows.chain[newest] = row
    assert mark(house.again(), chain).number == newest[1]


def damage(row: ChainRow) -> ChainRow:
    """Half of a record is none."""
    return replace(row, record=row.record[:20])


def forge(row: ChainRow) -> ChainRow:
    """A record that can be read, by another key."""
    return replace(row, signatures=row.signatures.replace(b"installation:", b"installatie:"))


@pytest.mark.parametrize("spoil", [None, damage, forge])
def test_a_gap_is_doubted_until_it_is_filled_or_a_director_names_it(house: House, second: SignedIn, spoil: Any) -> None:
    def lose() -> ChainRow:
        row = house.gateway.rows.chain.pop(("checkpoint", 3))
        house.gateway.rows.chain.update({} if spoil is None else {("checkpoint", 3): spoil(row)})
        return row

    checkpoints(house, 1)
    anew(second)
    house.again()
    checkpoints(house, 3)
    gone = lose()
    (doubt,) = house.again().doubts
    assert isinstance(doubt, EntriesMissingError)
    assert (doubt.first, doubt.last) == (3, Aside("checkpoint", 3, gone.hash))
    assert "checkpoint 3" in str(doubt)
    dossier = load_dossier(house.again(), house.dossier.id)
    assert list_documents(dossier) == []
    with pytest.raises(EntriesMissingError):
        house.put(dossier, b=b"b")
    house.gateway.rows.chain["checkpoint", 3] = gone
    assert not house.again().doubts
    put(house, house.again(), "b")
    lose()
    director = anew(second)
    assert survey(director) == [doubt.last]
    repair(director, [doubt.last], "the row is lost")
    later = anew(second)
    assert (later.doubts, mark(later, "checkpoint").number) == ((), 4)
    put(house, later, "c")


def test_a_gap_of_several_is_told_whole(house: House) -> None:
    checkpoints(house, 1)
    house.again()
    checkpoints(house, 4)
    for number in (3, 4):
        del house.gateway.rows.chain["checkpoint", number]
    (doubt,) = house.again().doubts
    assert "checkpoint 3-4" in str(doubt)


def test_the_pinned_entry_itself_may_be_lost_once_others_follow_it(house: House) -> None:
    checkpoints(house, 1)
    house.again()
    checkpoints(house, 1)
    del house.gateway.rows.chain["checkpoint", 1]
    signed_in = house.again()
    assert (signed_in.doubts, mark(signed_in, "checkpoint").number) == ((), 2)


def test_a_new_device_begins_behind_the_last_gap(house: House) -> None:
    checkpoints(house, 5)
    del house.gateway.rows.chain["checkpoint", 3]
    fresh = house.device("fresh")
    assert (fresh.doubts, mark(fresh, "checkpoint").number, fresh.pins.tails["checkpoint"].first) == ((), 5, 4)
    put(house, fresh, "b")


def test_a_damaged_tombstone_comes_from_the_objects(house: House) -> None:
    (one,) = house.put(house.dossier, a=b"a")
    house.destroy(one)
    house.gateway.rows.chain["tombstone", 1] = damage(house.gateway.rows.chain["tombstone", 1])
    signed_in = house.again()
    assert signed_in.doubts == ()
    (entry,) = read_ledger(signed_in)
    assert entry.warrant is not None
    assert mark(house.device("fresh"), "ledger").number == 1


def test_a_damaged_repair_stops_nothing(house: House) -> None:
    checkpoints(house, 2)
    pin = house.again().pins.marks["checkpoint"]
    repair(house.again(), [Aside("checkpoint", pin.number, pin.hash)], "x")
    house.gateway.rows.chain["repair", 1] = damage(house.gateway.rows.chain["repair", 1])
    fresh = house.device("fresh")
    assert (fresh.doubts, fresh.repairs) == ((), ())


def test_a_long_absence_is_fetched_page_by_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints(house, 1)
    house.again()
    checkpoints(house, 5)
    monkeypatch.setattr("vault.flows.people.rosters.PAGE", 2)
    monkeypatch.setattr("gateway.wire.rosters.PAGE", 2)
    signed_in = house.again()
    assert (mark(signed_in, "checkpoint").number, signed_in.doubts) == (6, ())
    assert len(signed_in.pins.tails["checkpoint"].hashes) == 6


def test_a_new_device_begins_with_the_newest_page(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints(house, 5)
    monkeypatch.setattr("vault.flows.people.rosters.PAGE", 2)
    monkeypatch.setattr("gateway.wire.rosters.PAGE", 3)
    new = house.device("new")
    assert (new.pins.tails["checkpoint"].first, mark(new, "checkpoint").number) == (4, 5)
    assert LONGEST == 500


# Point 8: what one member saw proves a rewritten past to others


def test_a_members_record_proves_a_rewritten_audit_to_who_never_saw_the_old_one(house: House, second: SignedIn) -> None:
    house.put(house.dossier, a=b"a")
    house.pick_up(house.share())
    house.checkpoint()
    put(house, anew(second), "b")
    take_out(house, house.dossier.id, "share_made", "picked_up")
    third = house.device("third")
    list_documents(dossier_of(third, house))
    (claim, *more) = third.contradictions()
    assert (claim.member, claim.chain, claim.number) == (second.member, "checkpoint", 1)
    assert {each.member for each in more} <= {second.member}
    assert third.name_of(claim.member) == "Mede"
    assert SignedIn.load(third.home).pins.claims == {claim, *more}


def test_a_members_record_proves_that_the_server_was_put_back(house: House, second: SignedIn) -> None:
    checkpoints(house, 3)
    put(house, anew(second), "b")
    gone = put_back(house, "checkpoint", 1)
    third = house.device("third")
    list_dossiers(third)
    house.line.requests.clear()
    list_documents(dossier_of(third, house))
    claims = third.contradictions()
    assert house.line.count("GET", "/chains") == 1
    assert {(each.member, each.number) for each in claims} == {(second.member, 3)}
    assert third.contradictions() == claims
    house.gateway.rows.chain.update(gone)
    assert SignedIn.load(third.home).contradictions() == []
    assert SignedIn.load(third.home).pins.claims == frozenset()


def test_who_is_behind_an_honest_server_fetches_again_and_says_nothing(house: House, second: SignedIn) -> None:
    first = house.again()
    checkpoints(house, 3)
    put(house, anew(second), "b")
    list_documents(dossier_of(first, house))
    assert "checkpoint" not in first.pins.marks
    assert first.contradictions() == []
    assert mark(first, "checkpoint").number == 3


def test_a_share_and_a_head_are_heard_too(house: House, second: SignedIn) -> None:
    house.put(house.dossier, a=b"a")
    checkpoints(house, 2)
    signed_in = house._signed_in = house.again()
    house._dossier = dossier_of(signed_in, house)
    house.share()
    rewrite(house)
    list_shares(dossier_of(anew(second), house))
    assert anew(second).contradictions()


def test_what_nobody_vouches_for_is_not_heard(house: House, second: SignedIn) -> None:
    """A record that no index lists claims nothing."""
    checkpoints(house, 2)
    other = anew(second)
    dossier = dossier_of(other, house)
    house.line.refuse("POST", "/index$", 503, "unavailable")
    house.line.refuse("POST", "/documents$", 503, "unavailable")
    assert dossier.id
    third = house.device("third")
    rewrite(house)
    list_documents(dossier_of(third, house))
    assert third.contradictions() == []


def test_the_server_refuses_who_saw_more(house: House, second: SignedIn) -> None:
    """Two faces: she saw a checkpoint that the server does not hold any more, and her device was not told."""
    checkpoints(house, 2)
    other = anew(second)
    put_back(house, "checkpoint", 1)
    with pytest.raises(ApiError) as refused:
        house.put(dossier_of(other, house), b=b"b")
    assert refused.value.code == "seen_more"


def test_a_damaged_card_gives_no_name(house: House, second: SignedIn) -> None:
    house.line.lie("GET", "/members/", lambda answer: {**answer, "name": "Iemand anders"})
    assert house.signed_in.name_of(second.member) == ""
    house.line.refuse("GET", "/members/", 404, "not_found")
    assert house.signed_in.name_of("0" * 32) == ""
