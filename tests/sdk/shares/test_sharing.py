"""A share gives what was chosen, to the client, within the policy; revoking ends it even when the books lag."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.client.house import House
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.errors import AnswerError, NotFoundError
from vault.sdk.shares.links import LinkUnavailableError
from vault.sdk.shares.sharing import ConsentRequiredError, ShareRefusedError, ShareTerms, revoke, share, share_reference


@pytest.fixture
def practice(house: House, no_pauses: None) -> House:
    house.deposit(house.write("a.txt", b"a"))
    return house


def test_the_defaults_are_fourteen_days_and_ten_pickups(practice: House) -> None:
    made = practice.share()
    assert made.expires_at - practice.signed_in.now() <= timedelta(days=14)
    assert made.expires_at - practice.signed_in.now() > timedelta(days=13, hours=23)
    assert (made.max, made.passphrase) == (10, None)
    row = practice.gateway.share(made.share)
    fields = practice.gateway.record(row.record)
    assert (fields["kind"], fields["mode"], fields["consent"]) == ("copy", "plain", None)
    assert row.record in practice.dossier.records


@pytest.mark.parametrize("to", ["employer", "uwv@example.nl", ""])
def test_nobody_else_gets_anything_without_consent(practice: House, to: str) -> None:
    practice.line.requests.clear()
    with pytest.raises(ConsentRequiredError):
        practice.share(to=to)
    assert practice.line.count("POST", "/shares") == 0


@pytest.mark.parametrize("terms", [{"days": 0}, {"days": 91}, {"max": 0}, {"max": 101}])
def test_the_policy_limits_every_link(practice: House, terms: dict[str, int]) -> None:
    with pytest.raises(ShareRefusedError):
        practice.share(**terms)


def test_there_must_be_something_to_share(house: House) -> None:
    with pytest.raises(ShareRefusedError):
        house.share()


def test_a_document_whose_head_does_not_verify_is_not_shared(practice: House) -> None:
    practice.line.lie_of_each("/documents$", lambda item: {**item, "head": "AAAA"})
    with pytest.raises(DamagedDocumentError):
        practice.share()
    assert not practice.gateway.rows.share


def test_a_sender_under_another_name_is_noticed(practice: House) -> None:
    practice.line.lie("GET", "/members/", lambda said: {**said, "name": "Somebody Else"})
    with pytest.raises(AnswerError):
        practice.share()


@pytest.mark.parametrize("what", ["request", "answer"])
def test_a_lost_answer_makes_one_share(practice: House, what: str) -> None:
    practice.line.lose("POST", "/shares$", what, times=1)
    made = practice.share()
    assert list(practice.gateway.rows.share) == [made.share]


def test_no_secret_reaches_the_server(practice: House) -> None:
    made = practice.share(passphrase=True)
    assert made.passphrase is not None
    kept = repr(practice.gateway.rows).encode() + practice.line.sent
    assert made.link.to_string().partition("#")[2].encode() not in kept
    assert made.passphrase.encode() not in kept
    assert made.passphrase not in repr(made)
    assert made.link.to_string().partition("#")[2] not in repr(made)


def test_two_hundred_documents_are_shared_in_one_request_and_without_a_body(practice: House) -> None:
    (practice.folder / "many").mkdir()
    for number in range(200):
        practice.write(f"many/{number}.txt", b"%d" % number)
    practice.deposit(practice.folder / "many")
    listed = practice.listed()
    practice.line.requests.clear()
    made = share(practice.dossier, listed, ShareTerms(), base=practice.url)
    assert len(made.documents) == 201
    assert practice.line.count("POST", "/shares$") == 1
    assert practice.line.count("GET", "/body$") == 0
    assert len(practice.line.requests) <= 4


def test_more_than_a_share_holds_is_refused_before_anything_is_sent(practice: House) -> None:
    (one,) = practice.listed()
    many = [replace(one, record=replace(one.record, id=f"{number:032x}")) for number in range(501)]
    with pytest.raises(ShareRefusedError):
        share(practice.dossier, many, ShareTerms(), base=practice.url)
    assert practice.line.count("POST", "/shares") == 0


def test_revoking_ends_the_link_and_clears_the_index(practice: House) -> None:
    made = practice.share()
    assert revoke(practice.signed_in, made.link.to_string())
    with pytest.raises(LinkUnavailableError):
        practice.pick_up(made)
    practice.dossier.post_index()
    assert practice.gateway.share(made.share).record not in practice.dossier.records
    assert revoke(practice.signed_in, made.share), "again changes nothing"


def test_revoking_does_not_wait_for_the_index(practice: House) -> None:
    made = practice.share()
    practice.line.refuse("POST", "/index$", 403, "not_allowed")
    assert not revoke(practice.signed_in, made.share)
    assert practice.gateway.share(made.share).revoked_at


@pytest.mark.parametrize("reference", ["", "x", "0" * 31, "https://x.nl/s/"])
def test_what_names_no_share_is_said(practice: House, reference: str) -> None:
    with pytest.raises(NotFoundError):
        share_reference(reference)
    with pytest.raises(NotFoundError):
        revoke(practice.signed_in, "0" * 32)
