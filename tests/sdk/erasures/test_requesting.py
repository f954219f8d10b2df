"""Erasures as their askers see them: once asked, followed to the certificate, and nothing gone unexplained."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.client.house import House
from vault.errors import IntegrityError, InvalidInputError
from vault.records.encoding import to_base64url
from vault.records.envelope import from_json
from vault.records.strict_json import parse_object
from vault.records.types.erasure import ErasureRequest
from vault.records.types.tombstone import retention_id
from vault.sdk.audit.ledger import LedgerError, read_ledger
from vault.sdk.device.pin_kinds import Mark
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Spool, Ticket, Wanted
from vault.sdk.documents.listing import Quarantined, list_documents
from vault.sdk.documents.sealing import FileKey
from vault.sdk.documents.signing import new_intent
from vault.sdk.dossiers.closing import close
from vault.sdk.dossiers.completeness import UnexplainedError
from vault.sdk.dossiers.finding import Doubt, GoneError, find, list_dossiers, load_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.erasures import following, requesting, withdrawing
from vault.sdk.erasures.certificate_copies import begin_client_copy, client_copy, page_of, parse_begun, practice_copy
from vault.sdk.errors import AnswerError, ApiError, ForkError, NotFoundError, RollbackError, ServerUnreachableError


def erase(house: House, dossier: OpenDossier, *names: str, basis: str = "client") -> following.Erasure:
    chosen = [one for one in list_documents(dossier) if one.metadata.name in names]
    return requesting.request(dossier, chosen, basis)


def finish(house: House, erasure: following.Erasure) -> following.Erasure:
    return following.wait(house.signed_in, erasure, sleep=lambda _: house.sweep())


def test_one_document_goes_and_the_others_stay(house: House) -> None:
    dossier = house.open()
    house.put(dossier, a=b"a", b=b"b")
    other = load_dossier(house.device("two"), dossier.id)
    heard: list[str] = []
    asked = erase(house, dossier, "a")
    done = following.wait(
        house.signed_in, asked, tell=lambda now: heard.append(now.state), sleep=lambda _: house.sweep()
    )
    assert (done.state, heard[-1], done.over) == ("certified", "certified", True)
    for reader in (dossier, load_dossier(house.again(), dossier.id), other):
        assert [one.metadata.name for one in list_documents(reader)] == ["b"]
    house.put(load_dossier(house.signed_in, dossier.id), c=b"c")
    fresh = load_dossier(house.again(), dossier.id)
    assert {one.record.hash for one in list_documents(fresh)} < set(fresh.records)
    verdict = following.certificate(house.signed_in, asked.id)[1]
    assert verdict.ok
    assert verdict.certificate is not None
    assert (verdict.certificate.kind, verdict.certificate.counts.documents) == ("document", 1)
    assert house.signed_in.pins.marks["ledger"].number == 1


def test_a_device_that_never_saw_the_document_can_still_close(house: House) -> None:
    dossier = house.open()
    house.put(dossier, a=b"a", b=b"b")
    finish(house, erase(house, dossier, "a"))
    assert close(load_dossier(house.device("two"), dossier.id)) is not None


def test_a_whole_dossier_goes_and_leaves_nothing_on_this_device(house: House) -> None:
    dossier, kept = house.open(), house.open("Piet")
    house.put(dossier, a=b"a")
    asked = erase(house, dossier)
    done = finish(house, asked)
    assert done.state == "certified"
    assert set(house.signed_in.pins.dossiers) == {kept.id}
    assert dossier.id not in house.again().pins.dossiers
    assert [one.id for one in list_dossiers(house.signed_in)] == [kept.id]
    with pytest.raises(NotFoundError):
        find(house.signed_in, "Anna Bakker")
    assert following.status(house.signed_in, asked.id).state == "certified"


def test_what_another_device_had_destroyed_is_wiped_here(house: House) -> None:
    dossier = house.open()
    two = house.device("two")
    [seen] = list_dossiers(two)
    assert seen.id in two.pins.dossiers
    finish(house, erase(house, dossier))
    assert list_dossiers(two) == []
    assert two.pins.dossiers == {}


def test_a_dossier_that_is_hidden_is_named(house: House) -> None:
    dossier = house.open()
    house.line.lie("POST", "/dossiers/changes$", lambda said: {**said, "marks": {}, "whole": [], "rows": []})
    doubts: list[Doubt] = []
    assert list_dossiers(house.signed_in, doubts=doubts) == []
    assert [doubt.dossier for doubt in doubts] == [dossier.id]
    with pytest.raises(GoneError):
        list_dossiers(house.signed_in)


def test_staff_can_take_it_back_until_it_begins(house: House) -> None:
    dossier = house.open()
    house.put(dossier, a=b"a")
    asked = erase(house, dossier, basis="staff")
    house.sweep()
    waited = following.wait(house.signed_in, asked, sleep=lambda _: pytest.fail("staff's delay is not waited for"))
    assert waited.state == "requested"
    assert withdrawing.undo(house.signed_in, asked.id).state == "withdrawn"
    assert withdrawing.undo(house.signed_in, asked.id).state == "withdrawn"
    assert following.wait(house.signed_in, following.status(house.signed_in, asked.id)).state == "withdrawn"
    assert len(list_documents(load_dossier(house.again(), dossier.id))) == 1
    again = erase(house, dossier, basis="staff")
    house.move("+2h")
    done = finish(house, again)
    assert done.state == "certified"
    with pytest.raises(withdrawing.TooLateError):
        withdrawing.undo(house.signed_in, again.id)
    with pytest.raises(NotFoundError):
        withdrawing.undo(house.signed_in, "0" * 32)
    with pytest.raises(withdrawing.TooLateError):
        withdrawing.undo(house.signed_in, erase(house, house.open("Piet")).id)


def test_a_lost_answer_makes_one_erasure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = house.open()
    post, lost = type(house.signed_in.api).post, [True] * 4
    sent: list[Any] = []

    def lose(self: Any, path: str, *, json: Any = None, headers: Any = None) -> Any:
        answer = post(self, path, json=json, headers=headers)
        if path.endswith("/erasure"):
            sent.append(json["erasure"]["record"])
            if lost:
                lost.pop()
                raise ServerUnreachableError("cut")
        return answer

    monkeypatch.setattr(type(house.signed_in.api), "post", lose)
    monkeypatch.setattr("vault.sdk.server.retry.time.sleep", lambda _: None)
    with pytest.raises(ServerUnreachableError):
        erase(house, dossier)
    assert (house.home.path / "erasures").exists()
    erase(house, load_dossier(house.again(), dossier.id))
    assert len(sent) == 5
    assert len(set(sent)) == 1
    assert not (house.home.path / "erasures").exists()


def test_a_refused_request_is_not_kept(house: House) -> None:
    dossier = house.open()
    erase(house, dossier, basis="staff")
    with pytest.raises(ApiError) as refused:
        erase(house, dossier)
    assert refused.value.code == "state"
    assert not (house.home.path / "erasures").exists()


def test_a_damaged_memory_of_requests_is_begun_anew(house: House) -> None:
    house.home.write("erasures", b"rubbish")
    assert erase(house, house.open()).state == "requested"


def test_what_cannot_be_asked_is_said_before_it_is_sent(house: House) -> None:
    dossier = house.open()
    [one] = house.put(dossier, a=b"a")
    with pytest.raises(InvalidInputError):
        requesting.request(dossier, [one], "whim")
    with pytest.raises(InvalidInputError):
        requesting.request(dossier, [one] * 501, "client")
    with pytest.raises(NotFoundError):
        following.status(house.signed_in, "0" * 32)
    with pytest.raises(NotFoundError):
        following.certificate(house.signed_in, erase(house, dossier, "a").id)


def test_a_server_that_stands_still_is_given_up(house: House) -> None:
    asked = erase(house, house.open())
    with pytest.raises(following.StandsStillError):
        following.wait(house.signed_in, asked, sleep=lambda _: None)


@pytest.mark.parametrize("field", ["erasure", "dossier"])
def test_another_erasure_than_was_asked_for_is_refused(
    house: House, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    dossier = house.open()
    api = type(house.signed_in.api)
    post, get = api.post, api.get
    if field == "erasure":
        monkeypatch.setattr(api, "post", lambda s, p, **r: {**post(s, p, **r), "erasure": "0" * 32})
    else:
        monkeypatch.setattr(
            api,
            "get",
            lambda s, p, **r: {**get(s, p, **r), "erasure": "0" * 32} if "/erasures/" in p else get(s, p, **r),
        )
    with pytest.raises(AnswerError):
        erase(house, dossier)


def test_a_request_names_the_records_it_is_about(house: House) -> None:
    dossier = house.open()
    listed = house.put(dossier, a=b"a", b=b"b")
    erase(house, dossier, "a", "b")
    [item] = [i for i in house.signed_in.api.pages(f"/dossiers/{dossier.id}/records") if i["type"] == "erasure"]
    asked = ErasureRequest.read(from_json(item["record"], "erasure"))
    assert dict(zip(asked.documents, asked.records, strict=True)) == {one.id: one.record.hash for one in listed}


class Liar:
    """A server that changes lists on their way."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.change: Any = lambda path, items: items
        pages = type(house.signed_in.api).pages
        monkeypatch.setattr(
            type(house.signed_in.api),
            "pages",
            lambda s, path, **rest: iter(self.change(path, list(pages(s, path, **rest)))),
        )


@pytest.fixture
def liar(house: House, monkeypatch: pytest.MonkeyPatch) -> Liar:
    return Liar(house, monkeypatch)


def hide(suffix: str, keep: Any = lambda item: False) -> Any:
    return lambda path, items: [item for item in items if keep(item)] if path.endswith(suffix) else items


def test_a_document_that_is_hidden_is_an_integrity_error(house: House, liar: Liar) -> None:
    dossier = house.open()
    house.put(dossier, a=b"a", b=b"b")
    [a] = [one for one in list_documents(dossier) if one.metadata.name == "a"]
    liar.change = hide("/documents", lambda item: item["document"] != a.id)
    with pytest.raises(UnexplainedError) as caught:
        list_documents(dossier)
    assert caught.value.records == (a.record.hash,)
    quarantine: list[Quarantined] = []
    assert [one.metadata.name for one in list_documents(dossier, quarantine=quarantine)] == ["b"]
    assert [one.id for one in quarantine] == [a.record.hash[:32]]


def test_the_tombstone_of_one_document_does_not_explain_another(house: House, liar: Liar) -> None:
    dossier = house.open()
    house.put(dossier, a=b"a", b=b"b")
    finish(house, erase(house, dossier, "a"))
    liar.change = hide("/documents")
    with pytest.raises(UnexplainedError):
        list_documents(load_dossier(house.again(), dossier.id))


def test_a_tombstone_needs_its_signed_request(house: House, liar: Liar) -> None:
    dossier = house.open()
    house.put(dossier, a=b"a", b=b"b")
    finish(house, erase(house, dossier, "a"))

    def without(path: str, items: list[Any]) -> list[Any]:
        return [{**item, "evidence": None} for item in items] if path == "/tombstones" else items

    liar.change = without
    with pytest.raises(UnexplainedError):
        list_documents(load_dossier(house.again(), dossier.id))

    def forge(path: str, items: list[Any]) -> list[Any]:
        if path == "/tombstones":
            items[0]["evidence"]["request"]["signatures"][0]["sig"] = "A" * 86
        return items

    liar.change = forge
    with pytest.raises(UnexplainedError):
        list_documents(load_dossier(house.again(), dossier.id))


def test_a_ledger_must_be_whole_signed_and_never_shorter(house: House, liar: Liar) -> None:
    for name in ("Een", "Twee", "Drie"):
        finish(house, erase(house, house.open(name)))
    assert len(read_ledger(house.signed_in)) == 3
    liar.change = lambda path, items: items[:-1] if path == "/tombstones" else items
    with pytest.raises(RollbackError):
        read_ledger(house.signed_in)
    liar.change = lambda path, items: items[1:] if path == "/tombstones" else items
    with pytest.raises(LedgerError):
        read_ledger(house.signed_in)

    def forge(path: str, items: list[Any]) -> list[Any]:
        if path == "/tombstones":
            items[1]["tombstone"]["signatures"][0]["sig"] = "A" * 86
        return items

    liar.change = forge
    with pytest.raises(IntegrityError):
        read_ledger(house.signed_in)
    liar.change = lambda path, items: items
    house.signed_in.pins.marks["ledger"] = Mark(2, "0" * 64)
    with pytest.raises(ForkError):
        read_ledger(house.signed_in)


def test_what_retention_destroyed_is_wiped_once_its_term_is_proven(house: House) -> None:
    dossier = house.open()
    assert close(dossier) is not None
    house.sweep()
    assert len(list_dossiers(house.again())) == 1
    house.move("+1850d")
    house.sweep()
    signed_in = house.device("two", "+1851d")
    assert list_dossiers(signed_in) == []
    pinned = following.status(signed_in, retention_id(dossier.id))
    assert (pinned.state, pinned.reason) == ("certified", "retention")
    assert following.certificate(signed_in, dossier.id)[1].ok


def test_unfinished_deposits_into_it_are_wiped(house: House) -> None:
    dossier = house.open()
    [one] = house.put(dossier, a=b"a")
    spool = Spool(house.home, house.signed_in.keyring.spool_key)
    for document in (one.id, "b" * 32):
        entry = spool.begin(document)
        if document == one.id:
            source = SourceFile("/x", 1, 1, 1)
            intent = replace(new_intent(dossier, FileKey(), 1016, "other"), id=document)
            envelope = house.signed_in.sign("intent", intent.content())
            spool.keep(entry, Ticket(envelope, b"head", Wanted("x", "", "x"), source, house.signed_in.now()))
        entry.close()
    spool.forget(dossier.id, ["c" * 32])
    assert len(list((house.home.path / "spool").iterdir())) == 2
    finish(house, erase(house, dossier))
    assert [path.name for path in (house.home.path / "spool").iterdir()] == ["b" * 32]


def test_both_copies_of_the_certificate(house: House, tmp_path: Path) -> None:
    dossier = house.open('Anna <b>"Bakker"</b>')
    house.put(dossier, **{"Verslag van een gesprek": b"report", "Brief aan iedereen": b"letter"})
    dossier = load_dossier(house.signed_in, dossier.id)
    path = tmp_path / "client.json"
    begun = begin_client_copy(dossier, path)
    asked = erase(house, dossier)
    begun.named(asked.id).write(path)
    assert begin_client_copy(dossier, path).nonce == dossier.nonce
    finish(house, asked)
    file, verdict = following.certificate(house.signed_in, asked.id)
    own = practice_copy(house.signed_in, file, verdict)
    kept = parse_begun(path.read_bytes())
    assert kept is not None
    assert client_copy(house.signed_in, path, kept, file, verdict) == ()
    members = {"v", "certificate", "tombstones", "evidence", "leaves", "rosters", "checks"}
    assert set(json.loads(own.read_bytes())) == members
    assert json.loads(path.read_bytes())["name"] == dossier.name
    practice_page, client_page = page_of(own).read_text(), page_of(path).read_text()
    assert "Bakker" not in practice_page
    for name in ("Verslag van een gesprek", "Brief aan iedereen"):
        assert name not in practice_page
        assert name in client_page
        assert name.encode() not in own.read_bytes()
    text = next(each.text for each in kept.documents)
    assert to_base64url(text).encode() not in own.read_bytes()
    assert parse_object(text, limit=len(text))["salt"] not in own.read_text()
    assert "Anna &lt;b&gt;&quot;Bakker&quot;&lt;/b&gt;" in client_page
    for page in (practice_page, client_page):
        assert "<script" not in page
        assert "http://" not in page
        assert "https://" not in page
        assert "kan ook geen back-up van ons het meer openen" in page
        assert asked.id in page
    assert own.stat().st_mode & 0o777 == 0o600
    assert page_of(Path("x.html")).name == "x.page.html"
    with pytest.raises(AnswerError):
        client_copy(house.signed_in, path, replace(kept, name="Piet"), file, verdict)
    with pytest.raises(InvalidInputError):
        begin_client_copy(house.open("Piet"), path)
    assert parse_begun(b"{}") is None
    assert parse_begun(b"[]") is None


def test_a_certificate_that_does_not_hold_is_not_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = erase(house, house.open())
    finish(house, asked)
    api = type(house.signed_in.api)
    get = api.get

    def lie(self: Any, path: str, **rest: Any) -> Any:
        answer = get(self, path, **rest)
        if path.endswith("/certificate"):
            answer["tombstones"][0]["signatures"][0]["sig"] = "A" * 86
        return answer

    monkeypatch.setattr(api, "get", lie)
    with pytest.raises(AnswerError):
        following.certificate(house.signed_in, asked.id)
