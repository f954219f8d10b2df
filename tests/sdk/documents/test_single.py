"""One document among many, fetched alone: by a proof under the signed index, or else by all that it lists."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.client.house import House
from tests.sdk.dossiers.test_finding import join
from vault.cli import main as cli
from vault.domain.dossiers import IndexRow
from vault.errors import UnavailableError, VaultError
from vault.flows.context import stored_signatures
from vault.records.encoding import from_base64url, to_base64url
from vault.records.envelope import Envelope
from vault.sdk.device.names_cache import FOLDER
from vault.sdk.documents.choosing import QuarantinedError, find_chosen
from vault.sdk.documents.listing import STORED, NoSuchDocumentError
from vault.sdk.dossiers.finding import load_dossier, open_dossier
from vault.sdk.dossiers.index_chain import IndexRefusedError
from vault.sdk.dossiers.next_index import sign_index
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import AmbiguousError, QuarantineError, RollbackError
from vault.sdk.people.appointing import dismiss as end_membership
from vault.sdk.people.session import logout

MANY = 5000


@pytest.fixture
def dossier(house: House) -> OpenDossier:
    house.put(house.dossier, a=b"a", b=b"b")
    return house.dossier


def named(house: House, name: str) -> str:
    return next(one.id for one in house.listed() if one.metadata.name == name)


def show(house: House, index: Envelope, records: frozenset[str]) -> None:
    """The server keeps this index as the newest, whatever rules it breaks, and these as what it lists."""
    rows, fields = house.gateway.rows, index.fields
    of, number = fields["dossier"], fields["sequence"]
    rows.index_link[of, number] = IndexRow(of, number, index.hash, index.record, stored_signatures(index))
    for key in [key for key in rows.listed if key[0] == of]:
        del rows.listed[key]
    rows.listed.update({(of, record): record for record in records})
    rows.dossier[of] = replace(rows.dossier[of], sequence=number, index=index.hash)


def grow(house: House, dossier: OpenDossier, count: int) -> None:
    """The index lists so many records more, of which nothing else is there; a link that adds none follows."""
    more = frozenset(secrets.token_hex(32) for _ in range(count))
    signed_in, newest, listed = dossier.signed_in, dossier.index, dossier.records
    show(house, sign_index(signed_in, dossier.heads.newest, newest, listed, added=more), listed | more)
    dossier.refresh_index()
    dossier.with_index(dossier.send_index)


def test_one_document_among_thousands_costs_its_own_bytes(house: House, dossier: OpenDossier) -> None:
    document = named(house, "a")
    grow(house, dossier, MANY)
    other = house.device("two")
    house.line.requests.clear()
    house.line.received = 0
    _, choice = find_chosen(other, dossier.id, [document])
    assert [(one.id, one.state) for one in choice.documents] == [(document, STORED)]
    assert house.line.received < 24 * 1024, "what the index lists besides has 160 kB of hashes alone"
    assert [request.path.rpartition("/")[2] for request in house.line.requests] == [dossier.id, document]
    answer = other.api.get(f"/dossiers/{dossier.id}/documents/{document}")
    assert len(from_base64url(answer["proof"]["path"])) <= 32 * 13


def test_a_command_asks_for_four_things_when_the_id_is_known(
    house: House, dossier: OpenDossier, capfdbinary: Any
) -> None:
    document = named(house, "a")
    house.line.requests.clear()
    assert cli.main(["cat", dossier.id, document]) == 0
    assert capfdbinary.readouterr().out == b"a"
    paths = [request.path for request in house.line.requests]
    assert paths == [
        "/chains",
        f"/dossiers/{dossier.id}",
        f"/dossiers/{dossier.id}/documents/{document}",
        f"/documents/{document}/body",
    ]


def test_documents_are_shared_by_their_ids_without_the_others(
    house: House, dossier: OpenDossier, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [named(house, "a"), named(house, "b")]
    house.line.requests.clear()
    assert cli.main(["share", dossier.id, *ids, ids[0], "--json"]) == 0
    share = house.gateway.share(json.loads(capsys.readouterr().out)["share"])
    assert len(house.gateway.record(share.record)["documents"]) == 2
    assert house.line.count("GET", "/contents$") == house.line.count("GET", "/documents$") == 0


def proof(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def lie(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "proof": change(dict(said["proof"]))}

    return lie


PROOFS = {
    "another place": lambda said: {**said, "position": said["position"] + 1},
    "no way": lambda said: {**said, "path": ""},
    "another way": lambda said: {**said, "path": to_base64url(bytes(32) + from_base64url(said["path"])[32:])},
}


@pytest.mark.parametrize("what", PROOFS)
def test_a_proof_that_does_not_hold_is_refused(house: House, dossier: OpenDossier, what: str) -> None:
    document = named(house, "a")
    house.line.lie("GET", f"/documents/{document}$", proof(PROOFS[what]))
    with pytest.raises(IndexRefusedError):
        find_chosen(house.device("two"), dossier.id, [document])


@pytest.mark.parametrize("what", [*PROOFS, "half a node", "none"])
def test_a_profile_is_held_to_its_proof(house: House, dossier: OpenDossier, what: str) -> None:
    halves = {"half a node": lambda said: {**said, "path": said["path"][:8]}, "none": lambda _: None}
    house.line.lie("GET", f"/dossiers/{dossier.id}$", proof({**PROOFS, **halves}[what]))
    with pytest.raises(VaultError) as told:
        load_dossier(house.device("two"), dossier.id)
    assert told.value.code in {"index_invalid", "signature_invalid", "record_invalid"}


DOUBTS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no proof": lambda said: {**said, "proof": None},
    "depositing": lambda said: {**said, "document": {**said["document"], "state": "depositing"}},
    "another head": lambda said: {**said, "document": {**said["document"], "head": None, "damaged": ["head"]}},
    "no record": lambda said: {**said, "document": {**said["document"], "record": None, "damaged": ["record"]}},
}


@pytest.mark.parametrize("what", DOUBTS)
def test_where_an_answer_is_not_whole_the_list_tells(house: House, dossier: OpenDossier, what: str) -> None:
    document = named(house, "a")
    house.line.lie("GET", f"/documents/{document}$", DOUBTS[what])
    house.line.requests.clear()
    _, choice = find_chosen(house.device("two"), dossier.id, [document])
    assert [(one.id, one.state) for one in choice.documents] == [(document, STORED)]
    assert house.line.count("GET", "/documents$") == (what != "depositing")


def test_another_document_than_was_asked_for_is_not_taken(house: House, dossier: OpenDossier) -> None:
    a, b = named(house, "a"), named(house, "b")
    other = house.signed_in.api.get(f"/dossiers/{dossier.id}/documents/{b}")
    house.line.lie("GET", f"/documents/{a}$", lambda _: other)
    _, choice = find_chosen(house.device("two"), dossier.id, [a])
    assert [one.id for one in choice.documents] == [a]


def test_a_document_that_was_taken_away_is_told_as_hidden(house: House, dossier: OpenDossier) -> None:
    """The server forgets the row: it says that there is none, and the index says that there is."""
    document = named(house, "a")
    del house.gateway.rows.document[document]
    for device in (house.again(), house.device("two")):
        with pytest.raises(QuarantinedError, match="no tombstone"):
            find_chosen(device, dossier.id, [document])


def test_a_document_that_is_erased_or_of_another_dossier_is_not_there(house: House, dossier: OpenDossier) -> None:
    document, other = named(house, "a"), house.open("Piet")
    with pytest.raises(NoSuchDocumentError):
        find_chosen(house.again(), other.id, [document])
    house.destroy(next(one for one in house.listed() if one.id == document))
    for device in (house.again(), house.device("two", "+240s")):
        with pytest.raises(NoSuchDocumentError):
            find_chosen(device, dossier.id, [document])


def test_a_document_that_no_index_lists_yet_is_not_given(house: House, dossier: OpenDossier) -> None:
    house.line.lose_index()
    with pytest.raises(VaultError):
        house.put(dossier, c=b"c")
    house.line.clear()
    [pending] = [row.id for row in house.gateway.documents if row.state == "pending"]
    with pytest.raises(NoSuchDocumentError):
        find_chosen(house.again(), dossier.id, [pending])


class TestOlderAndNewer:
    """What a server that lies about time can make of one document."""

    def test_a_device_that_saw_more_takes_no_older_index(self, house: House, dossier: OpenDossier) -> None:
        document = named(house, "a")
        whole = house.signed_in.api.get(f"/dossiers/{dossier.id}")
        alone = house.signed_in.api.get(f"/dossiers/{dossier.id}/documents/{document}")
        house.put(dossier, c=b"c")
        house.line.lie("GET", f"/dossiers/{dossier.id}$", lambda _: whole)
        house.line.lie("GET", f"/documents/{document}$", lambda _: alone)
        with pytest.raises(RollbackError):
            find_chosen(house.again(), dossier.id, [document])
        house.line.clear()
        house.line.lie("GET", f"/documents/{document}$", lambda _: alone)
        with pytest.raises(RollbackError):
            find_chosen(house.again(), dossier.id, [document])

    def test_a_device_without_a_pin_may_be_shown_yesterday_and_pins_it(
        self, house: House, dossier: OpenDossier
    ) -> None:
        """FORMAT.md says so: only what was seen can be missed. Today's index follows, tomorrow's must."""
        document = named(house, "a")
        whole = house.signed_in.api.get(f"/dossiers/{dossier.id}")
        alone = house.signed_in.api.get(f"/dossiers/{dossier.id}/documents/{document}")
        house.put(dossier, c=b"c")
        house.line.lie("GET", f"/dossiers/{dossier.id}$", lambda _: whole)
        house.line.lie("GET", f"/documents/{document}$", lambda _: alone)
        other = house.device("two")
        _, choice = find_chosen(other, dossier.id, [document])
        assert choice.documents
        assert other.pins.index_of(dossier.id).sequence == whole["sequence"]
        house.line.clear()
        assert load_dossier(other, dossier.id).index.sequence == whole["sequence"] + 1

    def test_links_between_are_verified_with_all_that_the_newest_lists(
        self, house: House, dossier: OpenDossier
    ) -> None:
        """A holder who signs another's record out of the tree, with the server's help, is found out by `cat` too."""
        document = named(house, "a")
        hidden = next(one.hash for one in house.listed() if one.id != document)
        signed_in, left = dossier.signed_in, dossier.records - {hidden}
        show(house, sign_index(signed_in, dossier.heads.newest, dossier.index, left, added=frozenset()), left)
        again = house.again()
        before = again.pins.index_of(dossier.id)
        with pytest.raises(IndexRefusedError):
            find_chosen(again, dossier.id, [document])
        assert again.pins.index_of(dossier.id) == before

    def test_an_index_that_came_between_the_two_answers_is_followed(self, house: House, dossier: OpenDossier) -> None:
        document, one_more = named(house, "a"), iter((True,))
        other = load_dossier(house.device("two"), dossier.id)
        house.line.watch(
            "GET", f"/documents/{document}$", lambda _: house.put(other, c=b"c") and None if next(one_more, 0) else None
        )
        again = house.again()
        _, choice = find_chosen(again, dossier.id, [document])
        assert [one.id for one in choice.documents] == [document]
        assert again.pins.index_of(dossier.id).sequence == other.index.sequence

    def test_an_index_under_another_head_proves_nothing(self, house: House, dossier: OpenDossier) -> None:
        document, strange = named(house, "a"), replace(dossier.heads.newest, version=1)
        object.__setattr__(strange, "hash", "00" * 32)
        show(
            house,
            sign_index(dossier.signed_in, strange, dossier.index, dossier.records, added=frozenset()),
            dossier.records,
        )
        with pytest.raises(IndexRefusedError):
            find_chosen(house.device("two"), dossier.id, [document])


def test_an_index_of_one_who_left_proves_nothing_to_a_fresh_device(house: House) -> None:
    coach = join(house, house.signed_in, "coach", "coach")
    house.signed_in.refresh()
    held = load_dossier(coach, open_dossier(coach, "Jan", "client", "loopbaan"))
    [one] = house.put(held, a=b"a")
    end_membership(house.signed_in, coach.member)
    with pytest.raises(QuarantineError):
        find_chosen(house.device("fresh"), held.id, [one.id])


class TestByName:
    """A name finds its document alone while the index is the one that it was listed under."""

    def test_a_name_that_was_listed_needs_no_list(self, house: House, dossier: OpenDossier) -> None:
        document = named(house, "a")
        again = house.again()
        assert [one.id for one in find_chosen(again, dossier.id, ["a"])[1].documents] == [document]
        house.line.requests.clear()
        assert [one.id for one in find_chosen(again, dossier.id, ["a"])[1].documents] == [document]
        paths = [request.path for request in house.line.requests]
        assert paths == [f"/dossiers/{dossier.id}", f"/dossiers/{dossier.id}/documents/{document}"]

    def test_another_document_of_that_name_is_not_missed(self, house: House, dossier: OpenDossier) -> None:
        find_chosen(house.again(), dossier.id, ["a"])
        other = load_dossier(house.device("two"), dossier.id)
        house.deposit(house.write("x/a", b"other"), dossier=other)
        with pytest.raises(AmbiguousError):
            find_chosen(house.again(), dossier.id, ["a"])

    def test_one_that_comes_between_the_answers_is_not_missed(self, house: House, dossier: OpenDossier) -> None:
        document = named(house, "a")
        find_chosen(house.again(), dossier.id, ["a"])
        other, once = load_dossier(house.device("two"), dossier.id), [True]

        def between(_: object) -> None:
            if once and once.pop():
                house.deposit(house.write("x/a", b"other"), dossier=other)

        house.line.watch("GET", f"/documents/{document}$", between)
        with pytest.raises(AmbiguousError):
            find_chosen(house.again(), dossier.id, ["a"])

    def test_a_name_that_is_not_known_is_looked_for_in_the_list(self, house: House, dossier: OpenDossier) -> None:
        find_chosen(house.again(), dossier.id, ["a"])
        with pytest.raises(NoSuchDocumentError):
            find_chosen(house.again(), dossier.id, ["a", "nothing"])
        _, choice = find_chosen(house.again(), dossier.id, ["a", named(house, "b")])
        assert sorted(one.metadata.name for one in choice.documents) == ["a", "b"]

    def test_the_names_go_with_the_document_the_dossier_and_the_session(
        self, house: House, dossier: OpenDossier
    ) -> None:
        folder = house.home.path / FOLDER
        find_chosen(house.again(), dossier.id, ["a"])
        assert len(list(folder.iterdir())) == 1
        house.destroy(next(one for one in house.listed() if one.metadata.name == "b"))
        assert list(folder.iterdir()) == []
        find_chosen(house.again(), dossier.id, ["a"])
        house.destroy_whole(load_dossier(house.signed_in, dossier.id))
        assert list(folder.iterdir()) == []
        other = house.open("Piet")
        house.put(other, a=b"a")
        find_chosen(house.again(), other.id, ["a"])
        logout(house.home)
        assert list(folder.iterdir()) == []

    def test_a_full_disk_keeps_nobody_from_reading(
        self, house: House, dossier: OpenDossier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise UnavailableError("the disk is full")

        monkeypatch.setattr("vault.sdk.documents.choosing.save_names", full)
        assert find_chosen(house.again(), dossier.id, ["a"])[1].documents
