"""The index as a device follows it: against a server that forks it, cuts it, hides of it, or has help of one who left."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.client.house import House
from tests.sdk.dossiers.test_finding import join
from vault.cli.terminal.failures import exit_code
from vault.errors import IntegrityError, InvalidInputError
from vault.records.encoding import format_instant, from_base64url, new_id, to_base64url
from vault.records.types.index import ERASED, REVOKED, Removal
from vault.sdk.documents.listing import STORED, list_documents
from vault.sdk.dossiers.completeness import UnexplainedError
from vault.sdk.dossiers.finding import Doubt, list_dossiers, load_dossier, open_dossier
from vault.sdk.dossiers.index_chain import IndexRefusedError
from vault.sdk.dossiers.next_index import sign_index
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.repairing import repair
from vault.sdk.dossiers.taking_over import dismiss
from vault.sdk.errors import AnswerError, ForkError, LinksMissingError, NotTakenOverError, QuarantineError
from vault.sdk.people.appointing import dismiss as end_membership
from vault.sdk.people.session import SignedIn
from vault.sdk.shares.listing import list_shares
from vault.sdk.shares.sharing import ShareTerms, share


@pytest.fixture
def dossier(house: House) -> OpenDossier:
    opened = house.open("Jan")
    house.put(opened, a=b"a")
    return opened


def snapshot(house: House) -> Any:
    return house.ports.store._tables.copy()  # type: ignore[attr-defined]


def put_back(house: House, tables: Any) -> None:
    house.ports.store._tables = tables  # type: ignore[attr-defined]


def names(dossier: OpenDossier) -> set[str]:
    return {one.metadata.name for one in list_documents(dossier)}


def test_what_other_devices_did_meanwhile_is_followed_link_by_link(house: House, dossier: OpenDossier) -> None:
    other = load_dossier(house.device("two"), dossier.id)
    for name in ("b", "c", "d"):
        house.put(other, **{name: name.encode()})
    house.line.requests.clear()
    assert names(load_dossier(house.again(), dossier.id)) == {"a", "b", "c", "d"}
    assert house.line.count("GET", "/indexes$") == 1
    assert house.again().pins.index_of(dossier.id).sequence == 5


def test_a_device_in_the_middle_of_its_work_follows_too(house: House, dossier: OpenDossier) -> None:
    other = load_dossier(house.device("two"), dossier.id)
    for name in ("b", "c"):
        house.put(other, **{name: name.encode()})
    house.line.requests.clear()
    house.put(dossier, d=b"d")
    assert names(dossier) == {"a", "b", "c", "d"}
    assert house.line.count("GET", "/leaves$") == 0, "what it lists follows from what was known"


def test_records_put_back_and_added_to_are_a_fork_and_nothing_vanishes_with_success(
    house: House, dossier: OpenDossier
) -> None:
    yesterday = snapshot(house)
    house.put(dossier, b=b"b")
    put_back(house, yesterday)
    other = load_dossier(house.device("two"), dossier.id)
    for name in ("c", "d"):
        house.put(other, **{name: name.encode()})
    again = house.again()
    with pytest.raises(ForkError) as told:
        load_dossier(again, dossier.id)
    assert "4 records" in str(told.value), "what was seen is named beside what is shown"
    assert again.pins.index_of(dossier.id).sequence == 3
    with pytest.raises(IntegrityError):
        house.put(dossier, e=b"e")


def test_records_put_back_and_added_to_once_are_a_fork_under_the_same_number(
    house: House, dossier: OpenDossier
) -> None:
    yesterday = snapshot(house)
    house.put(dossier, b=b"b")
    put_back(house, yesterday)
    house.put(load_dossier(house.device("two"), dossier.id), c=b"c")
    with pytest.raises(ForkError):
        load_dossier(house.again(), dossier.id)


@pytest.mark.parametrize(("kept", "missing"), [(0, (3, 4)), (1, (4, 4))])
def test_a_server_that_keeps_links_back_is_told_which(
    house: House, dossier: OpenDossier, kept: int, missing: tuple[int, int]
) -> None:
    other = load_dossier(house.device("two"), dossier.id)
    for name in ("b", "c", "d"):
        house.put(other, **{name: name.encode()})
    house.line.lie("GET", "/indexes$", lambda said: {**said, "items": said["items"][:kept], "next": None})
    with pytest.raises(LinksMissingError) as told:
        load_dossier(house.again(), dossier.id)
    assert (told.value.first, told.value.last.number) == missing
    assert dossier.id in str(told.value)
    assert "Jan" in str(told.value)


def test_a_server_that_leaves_a_link_out_is_told_which(house: House, dossier: OpenDossier) -> None:
    other = load_dossier(house.device("two"), dossier.id)
    for name in ("b", "c", "d"):
        house.put(other, **{name: name.encode()})
    house.line.lie("GET", "/indexes$", lambda said: {**said, "items": [said["items"][0], *said["items"][2:]]})
    with pytest.raises(LinksMissingError) as told:
        load_dossier(house.again(), dossier.id)
    assert (told.value.first, told.value.last.number) == (4, 4)
    house.line.clear()
    assert names(load_dossier(house.again(), dossier.id)) == {"a", "b", "c", "d"}, "nothing was pinned of it"


def test_a_link_that_is_lost_while_a_device_works_is_passed_over_once_a_repair_names_it(
    house: House, dossier: OpenDossier
) -> None:
    director = dossier.signed_in
    other = load_dossier(house.device("two"), dossier.id)
    for name in ("b", "c", "d"):
        house.put(other, **{name: name.encode()})
    del house.gateway.rows.index_link[dossier.id, 4]
    assert dossier.records, "what the newest link that was seen lists is known"
    with pytest.raises(LinksMissingError) as told:
        dossier.refresh_index()
    repair(director, [told.value.last], "the row is lost")
    dossier.refresh_index()
    assert names(dossier) == {"a", "b", "c", "d"}


LEAVES = {
    "one hidden": lambda raw: raw[32:],
    "one more": lambda raw: raw + bytes(32),
    "another": lambda raw: bytes(32) + raw[32:],
    "half of one": lambda raw: raw[:-16],
}


@pytest.mark.parametrize("what", LEAVES)
@pytest.mark.parametrize("device", ["home", "fresh"])
def test_what_an_index_lists_is_held_to_its_root(house: House, dossier: OpenDossier, what: str, device: str) -> None:
    def lie(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "leaves": to_base64url(LEAVES[what](from_base64url(said["leaves"])))}

    other = house.device(device) if device == "fresh" else house.again()
    house.line.lie("GET", "/leaves$", lie)
    house.line.lie("GET", "/contents$", lambda said: {**said, "leaves": lie(said["leaves"])})
    for contents in (True, False):
        with pytest.raises(IntegrityError):
            assert load_dossier(other, dossier.id, contents=contents).records


def shown(house: House, dossier: OpenDossier, index: Any, records: frozenset[str]) -> None:
    """The server shows this index as the newest, and what it lists."""
    raw = b"".join(bytes.fromhex(record) for record in sorted(records))
    said = {"index": index.to_json(), "leaves": to_base64url(raw)}
    house.line.lie("GET", f"/dossiers/{dossier.id}$", lambda whole: {**whole, "index": index.to_json()})
    house.line.lie("GET", "/leaves$", lambda _: said)


@pytest.mark.parametrize("why", [ERASED, "revoked", "forgotten"])
def test_what_left_without_a_reason_that_holds_is_named(house: House, dossier: OpenDossier, why: str) -> None:
    (one,) = list_documents(dossier)
    gone = Removal(one.record.hash, why, "00" * 32)
    index = dossier.next_index(drop=[gone])
    shown(house, dossier, index, dossier.records - {gone.hash})
    with pytest.raises(UnexplainedError) as told:
        load_dossier(house.again(), dossier.id)
    assert told.value.records == (gone.hash,)


def test_an_index_that_leaves_something_out_in_silence_is_refused(house: House, dossier: OpenDossier) -> None:
    (one,) = list_documents(dossier)
    without = dossier.records - {one.record.hash}
    newest = dossier.index
    index = sign_index(dossier.signed_in, dossier.heads.newest, newest, without, added=frozenset())
    shown(house, dossier, index, without)
    with pytest.raises(IndexRefusedError):
        load_dossier(house.again(), dossier.id)


def test_an_index_under_another_head_is_refused(house: House, dossier: OpenDossier) -> None:
    director = dossier.signed_in
    strange = dossier.heads.newest
    object.__setattr__(strange, "hash", "00" * 32)
    index = sign_index(director, strange, dossier.index, dossier.records, added=frozenset())
    shown(house, dossier, index, dossier.records)
    with pytest.raises(IndexRefusedError):
        load_dossier(house.again(), dossier.id)


def test_an_acknowledged_deposit_that_no_index_lists_is_no_success(house: House, dossier: OpenDossier) -> None:
    with pytest.raises(AnswerError):
        dossier.with_index(lambda _: {"index": dossier.index.hash}, add=["a" * 64])


@pytest.mark.parametrize("said", ["depositing", "pending"])
def test_what_the_index_lists_is_stored_whatever_the_server_says(house: House, dossier: OpenDossier, said: str) -> None:
    house.line.lie_of_each("/documents$", lambda item: {**item, "state": said})
    assert [one.state for one in list_documents(load_dossier(house.again(), dossier.id))] == [STORED]


def test_a_number_that_is_only_named_jams_nothing(house: House, dossier: OpenDossier) -> None:
    house.line.lie_of_each("/dossiers$", lambda item: {**item, "sequence": 99, "index": "9" * 64})
    assert [one.id for one in list_dossiers(house.again())] == [dossier.id]
    house.line.clear()
    assert names(load_dossier(house.again(), dossier.id)) == {"a"}


class TestOneWhoLeft:
    """A coach who is dismissed keeps her keys, and the server may help her."""

    @pytest.fixture
    def coach(self, house: House) -> SignedIn:
        return join(house, house.signed_in, "coach", "coach")

    @pytest.fixture
    def held(self, house: House, coach: SignedIn) -> OpenDossier:
        house.signed_in.refresh()
        made = load_dossier(coach, open_dossier(coach, "Jan", "client", "loopbaan"))
        house.put(made, a=b"a")
        return made

    def test_what_she_lawfully_signed_holds_for_who_saw_it(self, house: House, held: OpenDossier) -> None:
        load_dossier(house.signed_in, held.id)
        end_membership(house.signed_in, held.signed_in.member)
        found = load_dossier(house.again(), held.id)
        assert names(found) == {"a"}
        house.put(found, b=b"b")

    def test_what_she_signed_last_waits_for_somebody_who_is_still_there(self, house: House, held: OpenDossier) -> None:
        end_membership(house.signed_in, held.signed_in.member)
        doubts: list[Doubt] = []
        fresh = house.device("fresh")
        with pytest.raises(QuarantineError):
            load_dossier(fresh, held.id)
        assert list_dossiers(fresh, doubts=doubts) == []
        assert [doubt.dossier for doubt in doubts] == [held.id]
        taken = load_dossier(fresh, held.id, left_behind=True)
        assert taken.name == "Jan"

    def test_a_dismissal_takes_over_what_she_held(self, house: House, held: OpenDossier) -> None:
        director, coach = house.signed_in, held.signed_in.member
        assert dismiss(director, coach) == 1
        found = load_dossier(house.device("fresh"), held.id)
        assert names(found) == {"a"}
        assert found.heads.newest.version == 2
        assert found.heads.newest.holders == {director.member}
        assert found.index.head == found.heads.newest.hash
        house.put(found, b=b"b")
        assert dismiss(director, coach) == 0, "again changes nothing"

    def test_a_dismissal_goes_on_past_a_dossier_that_does_not_open(self, house: House, held: OpenDossier) -> None:
        director, coach = house.signed_in, held.signed_in.member
        others = [load_dossier(held.signed_in, open_dossier(held.signed_in, name, "client", "doel")) for name in "xyz"]
        broken = others[1].id
        rows = house.gateway.rows.wrap
        for key, row in list(rows.items()):
            if row.dossier == broken and row.member == director.member:
                rows[key] = replace(row, wrap=b"\0" * len(row.wrap), symmetric=None)
        with pytest.raises(NotTakenOverError) as caught:
            dismiss(director, coach)
        assert (caught.value.taken, caught.value.left) == (3, (broken,))
        assert exit_code(caught.value) == 7
        assert load_dossier(house.device("fresh"), others[2].id).heads.newest.version == 2
        with pytest.raises(NotTakenOverError) as again:
            dismiss(director, coach)
        assert (again.value.taken, again.value.left) == (0, (broken,)), "it goes on where it was"

    def test_a_dismissal_brings_every_director(self, house: House, held: OpenDossier) -> None:
        director = house.signed_in
        second = join(house, director, "mede", "director")
        assert [one.id for one in list_dossiers(second)] == []
        dismiss(director, held.signed_in.member)
        second.refresh()
        assert names(load_dossier(second, held.id)) == {"a"}

    def test_her_next_index_is_quarantined(self, house: House, held: OpenDossier) -> None:
        load_dossier(house.signed_in, held.id)
        end_membership(house.signed_in, held.signed_in.member)
        shown(house, held, held.next_index(), held.records)
        with pytest.raises(QuarantineError):
            load_dossier(house.again(), held.id)

    def test_her_index_after_one_on_the_newest_roster_is_refused(self, house: House, held: OpenDossier) -> None:
        director = house.signed_in
        end_membership(director, held.signed_in.member)
        found = load_dossier(director, held.id, left_behind=True)
        house.put(found, b=b"b")
        hers = copy.copy(held)
        hers._chain.take_own(held.next_index(), held.records)
        index = sign_index(held.signed_in, held.heads.newest, found.index, found.records, added=frozenset())
        shown(house, held, index, found.records)
        with pytest.raises(IndexRefusedError):
            load_dossier(house.again(), held.id)

    def test_her_head_is_quarantined(self, house: House, held: OpenDossier) -> None:
        load_dossier(house.signed_in, held.id)
        end_membership(house.signed_in, held.signed_in.member)
        before = held.heads.newest
        head = replace(before, version=2, previous=before.hash, index=held.index.hash)
        envelope = held.signed_in.sign("dossier", head.content())
        house.line.lie(
            "GET", f"/dossiers/{held.id}$", lambda said: {**said, "heads": [*said["heads"], envelope.to_json()]}
        )
        with pytest.raises(QuarantineError):
            load_dossier(house.again(), held.id)


def test_nobody_dismisses_herself_or_who_is_no_member(house: House) -> None:
    for nobody, said in ((house.signed_in.member, "her own place"), (new_id(), "no member")):
        with pytest.raises(InvalidInputError, match=said):
            end_membership(house.signed_in, nobody)


def test_a_share_that_is_hidden_is_told(house: House, dossier: OpenDossier) -> None:
    made = share(dossier, list_documents(dossier), ShareTerms(), base=house.url)
    record = house.gateway.share(made.share).record
    house.line.lie("GET", "/shares$", lambda said: {**said, "items": []})
    hidden: list[str] = []
    assert list_shares(dossier, hidden=hidden) == []
    assert hidden == [record]
    with pytest.raises(UnexplainedError):
        list_shares(dossier)
    house.gateway.revoke(made.share)
    dossier.post_index(drop=[Removal(record, REVOKED, format_instant(dossier.signed_in.now()))])
    assert list_shares(dossier) == [], "what has left the index may go"
