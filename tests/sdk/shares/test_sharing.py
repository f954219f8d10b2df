"""A share gives what was chosen, to the client, within the policy; revoking ends it even when the books lag."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.sdk.fake_gateway import URL, refuse
from tests.sdk.practice import Practice, new_practice
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.errors import AnswerError, NotFoundError, ServerUnreachableError
from vault.sdk.shares.links import LinkUnavailableError
from vault.sdk.shares.sharing import ConsentRequiredError, ShareRefusedError, Wish, revoke, share, share_reference


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Practice:
    monkeypatch.setattr("vault.sdk.server.retry.PAUSES", (0.0, 0.0))
    practice = new_practice(tmp_path)
    practice.put(practice.write("a.txt", b"a"))
    return practice


def test_the_defaults_are_fourteen_days_and_ten_pickups(practice: Practice) -> None:
    made = practice.share()
    assert made.expires_at - practice.signed_in.now() <= timedelta(days=14)
    assert made.expires_at - practice.signed_in.now() > timedelta(days=13, hours=23)
    assert (made.max, made.passphrase) == (10, None)
    fields = practice.gateway.shares[made.share]["fields"]
    assert (fields["kind"], fields["mode"], fields["consent"]) == ("copy", "plain", None)
    assert practice.gateway.shares[made.share]["hash"] in practice.dossier.index.records


@pytest.mark.parametrize("to", ["employer", "uwv@example.nl", ""])
def test_nobody_else_gets_anything_without_consent(practice: Practice, to: str) -> None:
    practice.gateway.requests = []
    with pytest.raises(ConsentRequiredError):
        practice.share(to=to)
    assert practice.gateway.count("POST", "/shares") == 0


@pytest.mark.parametrize("wish", [{"days": 0}, {"days": 91}, {"max": 0}, {"max": 101}])
def test_the_policy_limits_every_link(practice: Practice, wish: dict[str, int]) -> None:
    with pytest.raises(ShareRefusedError):
        practice.share(**wish)


def test_there_must_be_something_to_share(tmp_path: Path) -> None:
    with pytest.raises(ShareRefusedError):
        new_practice(tmp_path).share()


def test_a_document_whose_head_does_not_verify_is_not_shared(practice: Practice) -> None:
    practice.gateway.tamper = lambda m, p, a: {**a, "head": "AAAA"} if "head" in a else a
    with pytest.raises(DamagedDocumentError):
        practice.share()
    assert not practice.gateway.shares


def test_a_sender_under_another_name_is_noticed(practice: Practice) -> None:
    practice.gateway.members[practice.signed_in.member]["name"] = "Somebody Else"
    with pytest.raises(AnswerError):
        practice.share()


@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_lost_answer_makes_one_share(practice: Practice, stage: str) -> None:
    lost = []

    def fault(method: str, path: str, s: str) -> None:
        if path.endswith("/shares") and s == stage and not lost:
            lost.append(1)
            raise ServerUnreachableError("lost")

    practice.gateway.fault = fault
    made = practice.share()
    assert list(practice.gateway.shares) == [made.share]


def test_no_secret_reaches_the_server(practice: Practice) -> None:
    made = practice.share(passphrase=True)
    assert made.passphrase is not None
    kept = repr(practice.gateway.shares) + repr(practice.gateway.requests) + repr(practice.gateway.documents)
    assert made.link.to_string().partition("#")[2] not in kept
    assert made.passphrase not in kept
    assert made.passphrase not in repr(made)
    assert made.link.to_string().partition("#")[2] not in repr(made)


def test_two_hundred_documents_are_shared_in_one_request_and_without_a_body(practice: Practice) -> None:
    (practice.folder / "many").mkdir()
    for number in range(200):
        practice.write(f"many/{number}.txt", b"%d" % number)
    practice.put(practice.folder / "many")
    listed = practice.listed()
    practice.gateway.requests = []
    made = share(practice.dossier, listed, Wish(), base=URL)
    assert len(made.documents) == 201
    assert practice.gateway.count("POST", "/shares$") == 1
    assert practice.gateway.count("GET", "/body$") == 0
    assert len(practice.gateway.requests) <= 4


def test_more_than_a_share_holds_is_refused_before_anything_is_sent(practice: Practice) -> None:
    (one,) = practice.listed()
    many = [replace(one, record=replace(one.record, id=f"{number:032x}")) for number in range(501)]
    with pytest.raises(ShareRefusedError):
        share(practice.dossier, many, Wish(), base=URL)
    assert practice.gateway.count("POST", "/shares") == 0


def test_revoking_ends_the_link_and_clears_the_index(practice: Practice) -> None:
    made = practice.share()
    assert revoke(practice.signed_in, made.link.to_string())
    with pytest.raises(LinkUnavailableError):
        practice.pick_up(made)
    assert practice.gateway.shares[made.share]["hash"] not in practice.dossier.post_index().records
    assert revoke(practice.signed_in, made.share), "again changes nothing"


def test_revoking_does_not_wait_for_the_index(practice: Practice) -> None:
    made = practice.share()

    def fault(method: str, path: str, stage: str) -> None:
        if path.endswith("/index"):
            raise refuse(403, "refused")

    practice.gateway.fault = fault
    assert not revoke(practice.signed_in, made.share)
    assert practice.gateway.shares[made.share]["revoked"]


@pytest.mark.parametrize("reference", ["", "x", "0" * 31, "https://x.nl/s/"])
def test_what_names_no_share_is_said(practice: Practice, reference: str) -> None:
    with pytest.raises(NotFoundError):
        share_reference(reference)
    with pytest.raises(NotFoundError):
        revoke(practice.signed_in, "0" * 32)
