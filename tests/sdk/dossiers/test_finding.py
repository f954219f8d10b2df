"""Dossiers: opened for every grantee, found by name, and nothing unverified is shown as sound."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.colleagues import join
from tests.client.house import House, seal_text
from tests.client.line import ok, problem
from vault.boxes import BoxError
from vault.errors import IntegrityError, InvalidInputError
from vault.records.encoding import format_instant, from_base64url, to_base64url
from vault.records.envelope import from_json
from vault.records.standing import Standing
from vault.records.types.index import REVOKED, SUPERSEDED, Removal
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers import loading as dossiers_module
from vault.sdk.dossiers.finding import Doubt, find, list_dossiers, load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import (
    AmbiguousError,
    AnswerError,
    ApiError,
    ForkError,
    NotFoundError,
    RollbackError,
    ServerUnreachableError,
    WrapError,
)
from vault.sdk.keys.wraps import check_identity
from vault.sdk.people.session import SignedIn
from vault.sdk.shares.sharing import ShareTerms, share


def grantees(house: House, dossier: str) -> set[str]:
    return {member for of, _, member in house.gateway.rows.wrap if of == dossier}


def test_a_dossier_is_found_again_with_its_name_and_purpose(signed_in: SignedIn) -> None:
    dossier = open_dossier(signed_in, " Zoë de Vries ", "client", "loopbaan")
    found = find(signed_in, "Zoe\u0308 de Vries")
    assert (found.id, found.name, found.purpose, found.kind) == (dossier, "Zoë de Vries", "loopbaan", "client")
    assert found.index.sequence == 1
    assert len(found.records) == 2
    assert bytes(found.identity).hex() not in repr(found) + repr(found.identity)


def test_no_name_and_no_key_of_a_dossier_is_on_the_disk_or_at_the_server(house: House, signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Kanarie Piet", "client", "loopbaan"))
    kept = [path.read_bytes() for path in house.home.path.rglob("*") if path.is_file()]
    for content in (*kept, house.line.sent):
        assert b"Kanarie" not in content
        assert bytes(dossier.identity) not in content
        assert to_base64url(dossier.identity).encode() not in content


def test_three_grantees_open_the_same_dossier(house: House, signed_in: SignedIn) -> None:
    second = join(house, signed_in, "mede", "director")
    coach = join(house, signed_in, "coach", "coach")
    second.refresh()
    dossier = open_dossier(coach, "Jan", "client", "loopbaan")
    assert grantees(house, dossier) == {signed_in.member, second.member, coach.member}
    identities = {bytes(load_dossier(member, dossier).identity) for member in (signed_in, second, coach)}
    assert len(identities) == 1


def test_a_coach_who_holds_no_wrap_is_left_out(house: House, signed_in: SignedIn) -> None:
    coach = join(house, signed_in, "coach", "coach")
    dossier = open_dossier(signed_in, "Jan", "client", "loopbaan")
    assert grantees(house, dossier) == {signed_in.member}
    whole = signed_in.api.get(f"/dossiers/{dossier}")
    house.line.replace("GET", f"/dossiers/{dossier}$", lambda _: ok(whole))
    with pytest.raises(AnswerError):
        load_dossier(coach, dossier)


def test_a_wrap_by_age_is_replaced_at_the_first_opening(house: House, signed_in: SignedIn) -> None:
    coach = join(house, signed_in, "coach", "coach")
    dossier = open_dossier(coach, "Jan", "client", "loopbaan")
    row = (dossier, 1, signed_in.member)
    assert house.gateway.rows.wrap[row].symmetric is None
    [first] = list_dossiers(signed_in)
    assert house.gateway.rows.wrap[row].symmetric is not None
    identity = load_dossier(signed_in, first.id).identity
    unreadable = to_base64url(b"unreadable from now on")
    house.line.lie("GET", f"/dossiers/{dossier}$", lambda said: {**said, "wrap": unreadable})
    assert bytes(load_dossier(signed_in, first.id).identity) == bytes(identity)


def test_a_wrap_for_somebody_else_or_with_another_identity_is_refused(house: House, signed_in: SignedIn) -> None:
    coach = join(house, signed_in, "coach", "coach")
    one, two = (open_dossier(coach, name, "client", "loopbaan") for name in ("Jan", "Piet"))
    of_another = signed_in.api.get(f"/dossiers/{two}")["wrap"]
    of_somebody_else = coach.api.get(f"/dossiers/{one}")["wrap"]
    house.line.lie("GET", f"/dossiers/{one}$", lambda said: {**said, "wrap": of_another})
    with pytest.raises(IntegrityError):
        load_dossier(signed_in, one)
    house.line.lie("GET", f"/dossiers/{one}$", lambda said: {**said, "wrap": of_somebody_else})
    with pytest.raises(WrapError):
        load_dossier(signed_in, one)
    with pytest.raises(WrapError):
        check_identity(bytes(32), signed_in.keyring.recipient)


def test_one_poisoned_dossier_does_not_hide_the_others(house: House, signed_in: SignedIn) -> None:
    good, bad = (open_dossier(signed_in, name, "client", "loopbaan") for name in ("Goed", "Kwaad"))
    text = signed_in.api.get(f"/dossiers/{good}")["profile"]["text"]
    house.line.lie_of_each(
        "/dossiers$",
        lambda item: {**item, "profile": {**item["profile"], "text": text}} if item["dossier"] == bad else item,
    )
    doubts: list[Doubt] = []
    assert [one.id for one in list_dossiers(signed_in, doubts=doubts)] == [good]
    assert [doubt.dossier for doubt in doubts] == [bad]
    with pytest.raises(BoxError):
        list_dossiers(signed_in)


def test_a_reference_is_an_id_a_unique_prefix_or_the_exact_name(house: House, signed_in: SignedIn) -> None:
    one, two = (open_dossier(signed_in, "Jan", "client", "loopbaan") for _ in range(2))
    assert find(signed_in, one).id == one
    shared = next(n for n in range(33) if one[: n + 1] != two[: n + 1])
    assert find(signed_in, one[: shared + 1].upper()).id == one
    with pytest.raises(AmbiguousError) as several:
        find(signed_in, "Jan")
    assert set(several.value.candidates) == {one, two}
    for unknown in ("jan", "f" * 32, "", "Piet"):
        with pytest.raises(NotFoundError):
            find(signed_in, unknown)


@pytest.mark.parametrize(
    ("name", "kind", "purpose"),
    [
        ("", "client", "x"),
        ("a\nb", "client", "x"),
        ("a", "client", " "),
        ("a", "employee", "x"),
        ("a" * 201, "client", "x"),
    ],
)
def test_a_dossier_has_a_name_a_kind_and_a_purpose(signed_in: SignedIn, name: str, kind: str, purpose: str) -> None:
    with pytest.raises(InvalidInputError):
        open_dossier(signed_in, name, kind, purpose)


def test_a_lost_answer_makes_no_second_dossier(house: House, signed_in: SignedIn) -> None:
    house.line.lose_answer("POST", "/dossiers$", times=1)
    dossier = open_dossier(signed_in, "Jan", "client", "loopbaan")
    assert [one.id for one in list_dossiers(signed_in)] == [dossier]


def waiting(house: House, dossier: OpenDossier, *names: str) -> list[str]:
    """The hashes of documents that no index lists yet."""
    house.line.lose_index()
    before = {document.record for document in house.gateway.documents}
    with pytest.raises(ServerUnreachableError):
        house.put(dossier, **{name: name.encode() for name in names})
    house.line.clear()
    return sorted({document.record for document in house.gateway.documents} - before)


def test_an_index_adds_and_drops(house: House, signed_in: SignedIn) -> None:
    dossier = house.open("Jan")
    before = set(dossier.records)
    added = waiting(house, dossier, "a", "b")
    dossier.post_index(add=added)
    assert dossier.records == before | set(added)
    made = share(dossier, list_documents(dossier), ShareTerms(), base=house.url)
    [shared] = set(dossier.records) - before - set(added)
    house.gateway.revoke(made.share)
    dossier.post_index(drop=[Removal(shared, REVOKED, format_instant(signed_in.now()))])
    assert dossier.records == before | set(added)
    assert dossier.post_index(add=added[1:]).sequence == 4


def test_two_devices_post_an_index_at_once_and_neither_loses(house: House, signed_in: SignedIn) -> None:
    one = house.open("Jan")
    two = load_dossier(house.login(house.at("two")), one.id)
    first, second = waiting(house, one, "a"), waiting(house, one, "b")

    def send(to: Any) -> Any:
        return lambda index: to.signed_in.api.post(f"/dossiers/{one.id}/index", json={"index": index.to_json()})

    one.with_index(send(one), add=first)
    two.with_index(send(two), add=second)
    assert set(first + second) <= set(two.records)
    assert two.index.sequence == 3


def test_an_answer_without_the_index_makes_the_client_look_again(signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    dossier.with_index(lambda _: {"share": "repeated, no index was taken"})
    assert dossier.index.sequence == 1


def test_what_is_acknowledged_and_not_listed_is_told(signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    with pytest.raises(AnswerError):
        dossier.with_index(lambda _: {"state": "stored"}, add=["a" * 64])


def test_a_server_that_refuses_for_ever_is_not_asked_for_ever(house: House, signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    newest = signed_in.api.get(f"/dossiers/{dossier.id}")["index"]
    house.line.replace("POST", "/index$", lambda _: problem(409, "index_stale", index=newest))
    with pytest.raises(AnswerError):
        dossier.post_index(add=["a" * 64])


def test_another_refusal_is_told_as_it_is(house: House, signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    house.line.refuse("POST", "/index$", 422, "invalid")
    with pytest.raises(ApiError):
        dossier.post_index(add=["a" * 64])


def test_an_older_index_than_was_seen_is_a_rollback(house: House, signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    older = signed_in.api.get(f"/dossiers/{dossier.id}")
    listed = signed_in.api.post("/dossiers/changes", json={"marks": {}})
    dossier.post_index(add=waiting(house, dossier, "a"))
    again = SignedIn.load(house.home)
    house.line.replace("GET", f"/dossiers/{dossier.id}$", lambda _: ok(older))
    house.line.replace("POST", "/dossiers/changes$", lambda _: ok(listed))
    with pytest.raises(RollbackError):
        load_dossier(again, dossier.id)
    with pytest.raises(RollbackError):
        list_dossiers(again)


def test_another_index_under_the_same_number_is_a_fork(house: House, signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    other = dossier.next_index()
    dossier.post_index(add=waiting(house, dossier, "a"))
    house.line.lie("GET", f"/dossiers/{dossier.id}$", lambda said: {**said, "index": other.to_json()})
    with pytest.raises(ForkError):
        load_dossier(SignedIn.load(house.home), dossier.id)


def test_an_index_that_leaves_the_profile_out_is_refused(house: House, signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    without = dossier.next_index(drop=[Removal(dossier.profile.hash, SUPERSEDED, "a" * 64)])
    house.line.lie("GET", f"/dossiers/{dossier.id}$", lambda said: {**said, "index": without.to_json()})
    with pytest.raises(IntegrityError):
        load_dossier(signed_in, dossier.id)


def test_another_dossier_than_was_asked_for_is_refused(house: House, signed_in: SignedIn) -> None:
    one, two = (open_dossier(signed_in, name, "client", "loopbaan") for name in ("Jan", "Piet"))
    other = signed_in.api.get(f"/dossiers/{two}")
    house.line.replace("GET", f"/dossiers/{one}$", lambda _: ok(other))
    with pytest.raises(AnswerError):
        load_dossier(signed_in, one)


def test_texts_are_bound_to_their_place(signed_in: SignedIn) -> None:
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Jan", "client", "loopbaan"))
    digest, sealed = seal_text(dossier, "share", "a" * 32, {"recipient": "client", "note": ""})
    assert dossier.open_text("share", "a" * 32, sealed, digest)["recipient"] == "client"
    for kind, subject, said in (
        ("share", "b" * 32, digest),
        ("document", "a" * 32, digest),
        ("share", "a" * 32, "0" * 64),
    ):
        with pytest.raises(IntegrityError):
            dossier.open_text(kind, subject, sealed, said)
    with pytest.raises(InvalidInputError):
        seal_text(dossier, "share", "a" * 32, {"note": "x" * 17_000})


def test_a_head_of_a_stranger_is_refused(house: House, signed_in: SignedIn) -> None:
    dossier = open_dossier(signed_in, "Jan", "client", "loopbaan")

    def forge(said: dict[str, Any]) -> None:
        [signature] = said["heads"][0]["signatures"]
        sig = bytearray(from_base64url(signature["sig"]))
        sig[0] ^= 1
        signature["sig"] = to_base64url(bytes(sig))

    house.line.lie("GET", f"/dossiers/{dossier}$", forge)
    with pytest.raises(IntegrityError):
        load_dossier(signed_in, dossier)


def test_the_pinned_roster_is_the_one_that_new_records_stand_on(house: House, signed_in: SignedIn) -> None:
    dossier = open_dossier(signed_in, "Jan", "client", "loopbaan")
    head = from_json(signed_in.api.get(f"/dossiers/{dossier}")["heads"][0], "dossier")
    assert head.fields["roster"] == Standing(1, signed_in.rosters.newest.hash).to_json()
    assert dossiers_module.WRAP_BATCH <= 500
