"""A member's check of a certificate is made once everything was verified, and of nothing that is there still."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.client.house import House
from vault.records.envelope import from_json
from vault.records.types.certificate_check import CertificateCheck
from vault.sdk.documents.listing import list_documents
from vault.sdk.erasures import following, requesting
from vault.sdk.erasures.certificate_copies import page_of, practice_copy
from vault.sdk.erasures.checking import with_check
from vault.sdk.errors import AnswerError, ServerUnreachableError

CHECKS, CERTIFICATE = "/erasures/[0-9a-f]+/checks$", "/erasures/[0-9a-f]+/certificate$"


def erased(house: House, *names: str) -> following.Erasure:
    """A dossier of two documents that went, or these documents of it."""
    dossier = house.open()
    house.put(dossier, a=b"a", b=b"b")
    chosen = [one for one in list_documents(dossier) if one.metadata.name in names]
    asked = requesting.request(dossier, chosen, "client")
    return following.wait(house.signed_in, asked, sleep=lambda _: house.sweep())


@pytest.mark.parametrize("names", [(), ("a",)], ids=["a dossier", "a document"])
def test_a_device_says_once_that_it_checked(house: House, names: tuple[str, ...]) -> None:
    done, signed_in = erased(house, *names), house.signed_in
    file, verdict = following.certificate(signed_in, done.id)
    assert verdict.checked == ()
    file, verdict = with_check(signed_in, file, verdict)
    [said], [check] = verdict.checked, file.checks
    assert (verdict.ok, said.member, said.left) == (True, signed_in.member, False)
    assert CertificateCheck.read(check).seen.ledger.number == 1, "by what this device had seen of the ledger"
    two = house.device("two")
    later = following.certificate(two, done.id)
    assert with_check(two, *later) == later, "another device of hers finds it made"
    assert later[1].checked == verdict.checked
    assert house.line.count("POST", CHECKS) == 1
    assert said.member in page_of(practice_copy(signed_in, file, verdict)).read_text()


def test_a_lost_answer_makes_one_check(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    done = erased(house)
    monkeypatch.setattr("vault.sdk.server.retry.time.sleep", lambda _: None)
    found = following.certificate(house.signed_in, done.id)
    house.line.lose_answer("POST", CHECKS)
    with pytest.raises(ServerUnreachableError):
        with_check(house.signed_in, *found)
    house.line.clear()
    house.move("+60s")
    _, verdict = with_check(house.again(), *found)
    assert len(verdict.checked) == len(following.certificate(house.signed_in, done.id)[1].checked) == 1


@pytest.mark.parametrize("whole", [True, False], ids=["a dossier", "a document"])
def test_a_certificate_of_what_is_still_shown_is_checked_by_nobody(house: House, whole: bool) -> None:
    """A worker signs that it destroyed something, and the server shows it to the next who signs in."""
    dossier = house.open()
    [document, _] = house.put(dossier, a=b"a", b=b"b")
    before = house.gateway.rows.copy()
    asked = requesting.request(dossier, [] if whole else [document], "client")
    following.wait(house.signed_in, asked, sleep=lambda _: house.sweep())
    for name in ("dossier", "wrap", "record", "index_link", "listed", "document", "segment"):
        setattr(house.gateway.rows, name, getattr(before, name))
    two = house.device("two")
    found = following.certificate(two, asked.id)
    with pytest.raises(AnswerError, match="still shows"):
        with_check(two, *found)
    assert house.line.count("POST", CHECKS) == 0


def test_who_does_not_hold_the_dossier_of_a_document_checks_the_rest(house: House) -> None:
    dossier = house.open()
    [document, _] = house.put(dossier, a=b"a", b=b"b")
    asked = requesting.request(dossier, [document], "client")
    following.wait(house.signed_in, asked, sleep=lambda _: house.sweep())
    house.line.refuse("GET", "/contents$", 404, "not_found")
    assert len(with_check(house.signed_in, *following.certificate(house.signed_in, asked.id))[1].checked) == 1


def test_a_check_of_a_certificate_whose_chains_are_others_is_not_made(house: House) -> None:
    done, signed_in = erased(house), house.signed_in
    file, verdict = following.certificate(signed_in, done.id)
    with pytest.raises(AnswerError, match="rosters"):
        with_check(signed_in, replace(file, rosters=(*file.rosters, *file.rosters)), verdict)
    with pytest.raises(AnswerError, match="ledger"):
        with_check(signed_in, replace(file, tombstones=(file.certificate,)), verdict)


@pytest.mark.parametrize("answer", [[], "another"])
def test_a_server_that_keeps_no_check_is_told(house: House, answer: Any) -> None:
    done, signed_in = erased(house), house.signed_in
    found = following.certificate(signed_in, done.id)
    other = signed_in.sign(
        "certificate_check",
        CertificateCheck(signed_in.standing, done.dossier, done.id, "00" * 32, signed_in.now()).content(),
    )
    checks = [other.to_json()] if answer else []
    house.line.lie("POST", CHECKS, lambda said: {**said, "checks": checks})
    with pytest.raises(AnswerError, match="does not keep"):
        with_check(signed_in, *found)


def test_a_certificate_with_a_check_that_does_not_count_is_refused(house: House) -> None:
    """As a server does that shows its own check, or a former member's, of a dossier that is there still."""
    done, signed_in = erased(house), house.signed_in
    file, _ = with_check(signed_in, *following.certificate(signed_in, done.id))
    fields = {**file.checks[0].to_json(), "signatures": file.certificate.to_json()["signatures"]}
    forged = from_json(fields, "certificate_check")
    house.line.lie("GET", CERTIFICATE, lambda said: {**said, "checks": [forged.to_json()]})
    with pytest.raises(AnswerError, match="checks"):
        following.certificate(signed_in, done.id)
