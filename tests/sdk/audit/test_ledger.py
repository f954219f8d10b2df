"""A running dossier cannot be made to vanish: a tombstone that evidence does not bear out is not believed (R6).

The server here holds the real key of the installation, and signs whatever it likes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from tests.client.house import House
from tests.sdk.dossiers.test_finding import join
from vault.errors import IntegrityError
from vault.flows.erasures import ledger as kept
from vault.records.encoding import new_id
from vault.records.envelope import Envelope, from_json, write_with
from vault.records.types.dossier import Dossier
from vault.records.types.erasure import CLIENT, LIFE, STAFF, ErasureRequest
from vault.records.types.roster import LEDGER
from vault.records.types.tombstone import RETENTION, Tombstone, installation_signer
from vault.records.types.trajectory import Trajectory
from vault.rules.evidence import Evidence
from vault.sdk.audit.ledger import Entry, explained, explains_dossier, read_ledger
from vault.sdk.dossiers.closing import close, reopen, retention
from vault.sdk.dossiers.dossier_records import dossier_records
from vault.sdk.dossiers.finding import Doubt, GoneError, find, list_dossiers, load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.taking_over import dismiss
from vault.sdk.erasures import following, requesting, withdrawing
from vault.sdk.errors import AnswerError
from vault.sdk.people.appointing import dismiss as end_membership


class Server:
    """Hides a dossier, and explains it by a tombstone of its own making."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house, self.items, self.hidden = house, [], set()  # type: ignore[var-annotated]
        pages = type(house.signed_in.api).pages

        def lie(api: Any, path: str, **rest: Any) -> Any:
            if path == "/tombstones":
                return iter(self.items)
            return pages(api, path, **rest)

        def hide(said: Any) -> Any:
            whole = [item for item in said["whole"] if item["dossier"] not in self.hidden]
            return {**said, "whole": whole, "rows": [row for row in said["rows"] if row[0] not in self.hidden]}

        house.line.lie("POST", "/dossiers/changes$", hide)
        monkeypatch.setattr(type(house.signed_in.api), "pages", lie)

    def buries(self, dossier: OpenDossier, evidence: Evidence | None, **changes: Any) -> None:
        """A signed tombstone of that dossier, and the dossier is shown no more."""
        asked = None if evidence is None else evidence.request
        base = Tombstone(
            standing=dossier.signed_in.standing,
            kind="dossier",
            subject=dossier.id,
            dossier=dossier.id,
            reason=RETENTION if asked is None else str(asked.fields["basis"]),
            request=None if asked is None else asked.hash,
            evidence="00" * 32 if evidence is None else evidence.digest,
            sequence=1,
            previous=None,
            at=dossier.signed_in.now(),
        )
        keys = self.house.gateway.ports.installation
        envelope = write_with(
            "tombstone",
            replace(base, **changes).content(),
            practice=dossier.signed_in.practice,
            signer=installation_signer(keys.public[LEDGER]),
            sign=partial(keys.sign, LEDGER),
        )
        shown = None if evidence is None else evidence.to_json()
        self.house.signed_in.pins.marks.pop("ledger", None)  # each lie is the first one
        self.items, self.hidden = [{"tombstone": envelope.to_json(), "evidence": shown}], {dossier.id}


@pytest.fixture
def server(house: House, monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(house, monkeypatch)


def head_of(dossier: OpenDossier) -> Envelope:
    return from_json(dossier.signed_in.api.get(f"/dossiers/{dossier.id}")["heads"][0], "dossier")


def asked(dossier: OpenDossier, basis: str = CLIENT, documents: tuple[str, ...] = (), **changes: Any) -> Envelope:
    now = dossier.signed_in.now()
    base = ErasureRequest(dossier.signed_in.standing, dossier.id, new_id(), documents, basis, now, now + LIFE, now)
    return dossier.signed_in.sign("erasure", replace(base, **changes).content())


def term(dossier: OpenDossier) -> Evidence:
    """What the records of the dossier give today."""
    trajectories = [each.envelope for each in dossier_records(dossier) if each.kind == "trajectory"]
    newest = max(trajectories, key=lambda each: int(each.fields["version"]))
    policy = from_json(next(iter(dossier.signed_in.api.pages("/policy", after="0"))), "policy")
    return Evidence((head_of(dossier),), None, (newest,), (policy,))


def assert_refused(house: House, dossier: OpenDossier, other: OpenDossier) -> None:
    doubts: list[Doubt] = []
    assert [one.id for one in list_dossiers(house.signed_in, doubts=doubts)] == [other.id]
    assert [doubt.dossier for doubt in doubts] == [dossier.id]
    with pytest.raises(GoneError):
        list_dossiers(house.signed_in)
    assert {dossier.id, other.id} <= set(house.again().pins.dossiers)


def test_a_request_that_was_signed_is_believed(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    server.buries(dossier, Evidence((head_of(dossier),), asked(dossier)))
    assert [one.id for one in list_dossiers(house.signed_in)] == [other.id]
    assert dossier.id not in house.again().pins.dossiers


def test_a_retention_tombstone_without_evidence(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    server.buries(dossier, None)
    assert_refused(house, dossier, other)


def test_a_retention_tombstone_of_a_running_dossier(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    server.buries(dossier, term(dossier))
    assert_refused(house, dossier, other)


def test_a_retention_tombstone_before_its_day(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    close(dossier, date(2019, 1, 1))
    server.buries(dossier, term(dossier))
    assert_refused(house, dossier, other)


def test_an_end_that_was_taken_back(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    close(dossier, date(2019, 1, 1), grace=False)
    ended = term(dossier)
    reopen(dossier)
    server.buries(dossier, ended)
    assert_refused(house, dossier, other)


def test_an_end_of_another_trajectory_than_was_seen(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    retention(dossier)
    policy = dossier.signed_in.policy.hash
    fields = {**term(dossier).trajectories[0].fields, "trajectory": new_id(), "end": "2019-01-01"}
    fields |= {"start": "2019-01-01", "grace": False, "policy": policy}
    content = {name: fields[name] for name in fields if name not in {"v", "type", "practice", "signer"}}
    forged = dossier.signed_in.sign("trajectory", content)
    server.buries(dossier, replace(term(dossier), trajectories=(forged,)))
    assert_refused(house, dossier, other)


def test_an_invented_request(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    server.buries(dossier, None, reason=CLIENT, request="00" * 32)
    assert_refused(house, dossier, other)
    server.buries(dossier, Evidence((head_of(dossier),), asked(dossier)), request="00" * 32)
    assert_refused(house, dossier, other)


def test_a_request_of_another_scope(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    [document] = house.put(dossier, a=b"a")
    server.buries(dossier, Evidence((head_of(dossier),), asked(dossier, documents=(document.id,))))
    assert_refused(house, dossier, other)
    server.buries(dossier, Evidence((head_of(other),), asked(other)))
    assert_refused(house, dossier, other)
    server.buries(dossier, Evidence((head_of(dossier),), asked(dossier, STAFF)), reason=CLIENT)
    assert_refused(house, dossier, other)


def test_a_request_that_was_taken_back(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    found = requesting.request(dossier, [], STAFF)
    request = next(each.envelope for each in dossier_records(dossier) if each.kind == "erasure")
    withdrawing.undo(house.signed_in, found.id)
    list(dossier_records(dossier))
    house.signed_in.save_pins()
    server.buries(dossier, Evidence((head_of(dossier),), request))
    assert_refused(house, dossier, other)


def test_a_request_under_a_head_that_was_not_seen(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    forged = replace(Dossier.read(head_of(dossier)), recipient="age1pq1x")
    head = dossier.signed_in.sign("dossier", forged.content())
    server.buries(dossier, Evidence((head,), asked(dossier)))
    assert_refused(house, dossier, other)
    server.buries(dossier, Evidence((), asked(dossier)))
    assert_refused(house, dossier, other)


def test_a_tombstone_of_the_future(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    at = dossier.signed_in.now() + timedelta(minutes=6)
    server.buries(dossier, Evidence((head_of(dossier),), asked(dossier)), at=at)
    assert_refused(house, dossier, other)


def test_a_withdrawal_by_one_who_holds_nothing_is_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = house.open()
    requesting.request(dossier, [], STAFF)
    pages = type(house.signed_in.api).pages

    def broken(api: Any, path: str, **rest: Any) -> Any:
        for item in pages(api, path, **rest):
            if item.get("type") == "erasure":
                item["record"]["signatures"][0]["sig"] = "A" * 86
            yield item

    monkeypatch.setattr(type(house.signed_in.api), "pages", broken)
    assert [each.kind for each in dossier_records(dossier)].count("erasure") == 1
    assert house.signed_in.pins.withdrawn.get(dossier.id, frozenset()) == frozenset()


def destroyed(house: House, name: str = "Piet") -> tuple[OpenDossier, following.Erasure]:
    """Another dossier that went as it should."""
    dossier = house.open(name)
    found = following.wait(house.signed_in, requesting.request(dossier, [], CLIENT), sleep=lambda _: house.sweep())
    return dossier, found


@pytest.mark.parametrize("field", ["dossier", "documents", "reason"])
def test_an_answer_about_something_else_is_refused_and_wipes_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    mine, other = house.open(), house.open("Piet")
    [document] = house.put(mine, a=b"a")
    api = type(house.signed_in.api)
    get = api.get
    wrong = {"dossier": other.id, "documents": [document.id], "reason": STAFF}[field]

    def lie(self: Any, path: str, **rest: Any) -> Any:
        answer = get(self, path, **rest)
        return {**answer, field: wrong, "state": "certified"} if path.startswith("/erasures/") else answer

    monkeypatch.setattr(api, "get", lie)
    with pytest.raises(IntegrityError):
        requesting.request(mine, [], CLIENT)
    assert {mine.id, other.id} <= set(house.again().pins.dossiers)


def test_a_certificate_of_another_erasure_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _, gone = destroyed(house)
    mine = house.open()
    found = requesting.request(mine, [], STAFF)
    api = type(house.signed_in.api)
    get = api.get
    swap = {f"/erasures/{found.id}/certificate": f"/erasures/{gone.id}/certificate"}
    monkeypatch.setattr(api, "get", lambda self, path, **rest: get(self, swap.get(path, path), **rest))
    with pytest.raises(AnswerError):
        following.certificate(house.signed_in, found.id, asked=found)
    with pytest.raises(AnswerError):
        following.certificate(house.signed_in, gone.id, asked=replace(gone, request="00" * 32))
    with pytest.raises(AnswerError):
        following.certificate(house.signed_in, gone.id, asked=replace(gone, reason=STAFF))
    assert mine.id in house.again().pins.dossiers
    entry = kept.entries(house.gateway.ports, 0, 1).items[0]
    assert not explained(house.signed_in, Entry(Tombstone.read(entry.tombstone)))
    [seen] = read_ledger(house.signed_in)
    assert explains_dossier(house.signed_in, seen)
    assert load_dossier(house.signed_in, mine.id).id == mine.id


class TestACoachWhoLeft:
    """She signs on the roster that she knew, and the server its tombstone on whichever it likes."""

    @pytest.fixture
    def held(self, house: House) -> OpenDossier:
        coach = join(house, house.signed_in, "coach", "coach")
        house.signed_in.refresh()
        return load_dossier(coach, open_dossier(coach, "Jan", "client", "loopbaan"))

    def test_asks_for_nothing_once_a_dossier_was_taken_over(
        self, house: House, held: OpenDossier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = house.open("Piet")
        dismiss(house.signed_in, held.signed_in.member)
        found = load_dossier(house.signed_in, held.id)
        heads = tuple(from_json(each, "dossier") for each in house.signed_in.api.get(f"/dossiers/{held.id}")["heads"])
        server = Server(house, monkeypatch)
        for standing in (held.signed_in.standing, found.signed_in.standing):
            server.buries(found, Evidence(heads, asked(held)), standing=standing)
            assert_refused(house, found, other)

    def test_asks_for_nothing_where_an_index_was_seen_that_she_could_not_sign(
        self, house: House, held: OpenDossier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other, found = house.open("Piet"), load_dossier(house.signed_in, held.id)
        end_membership(house.signed_in, held.signed_in.member)
        house.put(found, a=b"a")
        server = Server(house, monkeypatch)
        server.buries(found, Evidence((head_of(found),), asked(held)), standing=held.signed_in.standing)
        assert_refused(house, found, other)

    def test_ends_no_trajectory(self, house: House, held: OpenDossier, monkeypatch: pytest.MonkeyPatch) -> None:
        other, found = house.open("Piet"), load_dossier(house.signed_in, held.id)
        end_membership(house.signed_in, held.signed_in.member)
        house.put(found, a=b"a")
        retention(found)
        today = Trajectory.read(term(found).trajectories[0])
        long_ago = {"start": date(2019, 1, 1), "end": date(2019, 1, 1), "at": today.at - timedelta(days=40)}
        hers = replace(today, version=2, previous=today.hash, standing=held.signed_in.standing, **long_ago)
        ended = replace(term(found), trajectories=(held.signed_in.sign("trajectory", hers.content()),))
        server = Server(house, monkeypatch)
        server.buries(found, ended)
        assert_refused(house, found, other)


def test_an_end_that_another_device_took_back_before_this_one_put_something(house: House, server: Server) -> None:
    dossier, other = house.open(), house.open("Piet")
    second = load_dossier(house.device("two"), dossier.id)
    close(second, date(2019, 1, 1), grace=False)
    ended = term(second)
    reopen(second)
    find(house.signed_in, dossier.id, contents=True)
    server.buries(dossier, ended)
    assert_refused(house, dossier, other)
