"""A director's repair ends a jam: it sets aside what it names, for every device, and nothing more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from tests.sdk.people.test_tails import checkpoints, rewrite
from vault.errors import InvalidInputError
from vault.records.envelope import write
from vault.records.types.repair import AUDIT, HEAD, INDEX, TRAJECTORY, Aside, Repair
from vault.sdk.audit.verification import verify_online
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.closing import close, retention
from vault.sdk.dossiers.finding import Doubt, list_dossiers, load_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.repairing import NoDirectorError, read_code, repair, survey
from vault.sdk.dossiers.taking_over import take_over
from vault.sdk.errors import (
    ApiError,
    ForkError,
    LinksMissingError,
    RollbackError,
    SeenError,
    ServerUnreachableError,
)
from vault.sdk.people.session import SignedIn


def back_up(house: House) -> Any:
    return house.gateway.rows.copy()


def restore(house: House, backup: Any) -> None:
    """What an operator does; the keystore stays."""
    house.ports.store._tables = backup.copy()  # type: ignore[attr-defined]


def chains_of(asides: list[Aside]) -> set[str]:
    return {each.chain for each in asides}


@pytest.fixture
def second(house: House) -> SignedIn:
    """Another director, who holds the dossier of most tests."""
    second = join(house, house.signed_in, "Mede", "director")
    take_over(house.dossier)
    return anew(second)


def a_day(house: House, one: SignedIn) -> None:
    """Work after the backup, seen by whoever looks at the end."""
    dossier = load_dossier(one, house.dossier.id, contents=True)
    house.put(dossier, b=b"b")
    close(dossier)
    checkpoints(house, 2)


def look(one: SignedIn, house: House) -> OpenDossier:
    dossier = load_dossier(one, house.dossier.id, contents=True)
    list_documents(dossier)
    retention(dossier)
    assert [check for check in verify_online(one, dossier.id) if not check.ok] == []
    return dossier


def test_after_a_restore_a_director_signs_what_is_given_up_and_every_device_goes_on(
    house: House, second: SignedIn
) -> None:
    house.put(house.dossier, a=b"a")
    checkpoints(house)
    backup = back_up(house)
    a_day(house, second)
    for one in (anew(second), house.again()):
        look(one, house)
    restore(house, backup)
    director, colleague = house.again(), anew(second)
    for one in (director, colleague):
        assert [type(doubt) for doubt in one.doubts] == [RollbackError]
        with pytest.raises(RollbackError) as refused:
            load_dossier(one, house.dossier.id)
        assert refused.value.seen is not None
    found = survey(director)
    assert chains_of(found) == {"checkpoint", INDEX, AUDIT, TRAJECTORY}
    assert director.doubts
    assert director.pins.asides == frozenset()
    made = repair(director, found, "back-up of this morning")
    assert (made.signer, made.asides) == (director.member, tuple(found))
    for one in (house.again(), anew(second)):
        assert one.doubts == ()
        assert one.contradictions() == []
        house.put(look(one, house), c=b"c")
        assert survey(one) == []
    assert [each.hash for each in anew(second).repairs] == [made.hash]


def test_a_device_that_saw_more_than_the_repair_names_is_refused_until_that_is_named_too(
    house: House, second: SignedIn
) -> None:
    checkpoints(house)
    backup = back_up(house)
    checkpoints(house)
    director = house.again()
    checkpoints(house, 2)
    mark = anew(second).pins.marks["checkpoint"]
    restore(house, backup)
    director = house.again()
    repair(director, survey(director), "restored")
    assert house.again().doubts == ()
    (doubt,) = anew(second).doubts
    assert isinstance(doubt, SeenError)
    assert doubt.seen == Aside("checkpoint", mark.number, mark.hash)
    repair(house.again(), [read_code(doubt.seen.code)], "restored, once more")
    later = anew(second)
    assert (later.doubts, later.pins.seen) == ((), house.again().pins.seen)


def test_a_repair_of_checkpoints_frees_no_dossier_and_the_other_way_round(house: House, second: SignedIn) -> None:
    house.put(house.dossier, a=b"a")
    checkpoints(house)
    backup = back_up(house)
    a_day(house, second)
    look(anew(second), house)
    look(house.again(), house)
    restore(house, backup)
    director = house.again()
    repair(director, [each for each in survey(director) if each.chain == "checkpoint"], "half")
    colleague = anew(second)
    assert colleague.doubts == ()
    with pytest.raises(RollbackError, match="index"):
        load_dossier(colleague, house.dossier.id)


def test_a_chain_that_is_shown_is_not_touched_by_a_repair_that_names_it(house: House, second: SignedIn) -> None:
    checkpoints(house, 2)
    director = house.again()
    mark = director.pins.marks["checkpoint"]
    repair(director, [Aside("checkpoint", mark.number, mark.hash)], "for nothing")
    colleague = anew(second)
    assert (colleague.pins.marks["checkpoint"], colleague.doubts) == (mark, ())


def test_a_fork_and_what_a_member_says_she_saw_are_set_aside(house: House, second: SignedIn) -> None:
    checkpoints(house, 2)
    house.put(load_dossier(anew(second), house.dossier.id), b=b"b")
    rewrite(house)
    third = house.device("third")
    look_at = load_dossier(third, house.dossier.id)
    list_documents(look_at)
    (claim,) = {(each.member, each.number) for each in third.contradictions()}
    assert claim == (second.member, 2)
    repair(third, survey(third), "the vault was repaired by hand")
    later = SignedIn.load(third.home)
    list_documents(load_dossier(later, house.dossier.id))
    assert later.contradictions() == []
    assert house.device("fourth").contradictions() == []


def test_a_dossier_that_no_server_has_any_more_is_set_aside(house: House) -> None:
    backup = back_up(house)
    lost = house.open("Verloren")
    restore(house, backup)
    doubts: list[Doubt] = []
    list_dossiers(house.again(), doubts=doubts)
    assert [doubt.dossier for doubt in doubts] == [lost.id]
    director = house.again()
    (found,) = survey(director)
    assert (found.chain, found.subject) == (HEAD, lost.id)
    repair(director, [found], "opened after the backup")
    doubts.clear()
    list_dossiers(house.again(), doubts=doubts)
    assert doubts == []


class TestALinkThatIsLost:
    """The third link of the index is lost, and the second director's device has seen the second one."""

    @pytest.fixture
    def behind(self, house: House, second: SignedIn) -> SignedIn:
        load_dossier(anew(second), house.dossier.id)
        for name in ("b", "c", "d"):
            house.put(house.dossier, **{name: name.encode()})
        return anew(second)

    @pytest.fixture
    def named(self, house: House, behind: SignedIn) -> Aside:
        del house.gateway.rows.index_link[house.dossier.id, 4]
        with pytest.raises(LinksMissingError) as told:
            load_dossier(behind, house.dossier.id)
        assert told.value.last.number == 4
        return told.value.last

    def test_one_repair_by_who_saw_more_is_enough_for_every_device_behind(
        self, house: House, behind: SignedIn, named: Aside
    ) -> None:
        director = house.again()
        assert survey(director) == [], "this device is not behind"
        repair(director, [read_code(named.code)], "the row is lost")
        assert {one.metadata.name for one in list_documents(load_dossier(anew(behind), house.dossier.id))} == {
            "b",
            "c",
            "d",
        }

    def test_a_director_behind_finds_it_herself(self, house: House, behind: SignedIn, named: Aside) -> None:
        assert survey(behind) == [named]
        repair(behind, [named], "the row is lost")
        assert len(list_documents(load_dossier(anew(behind), house.dossier.id))) == 3
        assert survey(anew(behind)) == []

    def test_no_repair_names_a_link_that_the_newest_does_not_go_back_to(
        self, house: House, behind: SignedIn, named: Aside
    ) -> None:
        for wrong in (
            replace(named, hash="44" * 32),
            replace(named, number=3),
            replace(named, number=99),
        ):
            for director in (house.again(), behind):
                with pytest.raises((ForkError, LinksMissingError)):
                    repair(director, [wrong], "x")
        assert [kind for kind, _ in house.gateway.rows.chain if kind == "repair"] == []

    def test_a_fork_with_a_gap_in_it_is_not_talked_through(self, house: House, second: SignedIn) -> None:
        """The coach's colleague is shown another past, with its first link withheld, and passes on its code."""
        load_dossier(anew(second), house.dossier.id)
        backup = back_up(house)
        house.put(house.dossier, b=b"b")
        truth = back_up(house)
        restore(house, backup)
        third = load_dossier(house.device("third"), house.dossier.id)
        for name in ("x", "y"):
            house.put(third, **{name: name.encode()})
        del house.gateway.rows.index_link[house.dossier.id, 3]
        with pytest.raises(LinksMissingError) as told:
            load_dossier(anew(second), house.dossier.id)
        restore(house, truth)
        with pytest.raises(ForkError, match="does not go back"):
            repair(house.again(), [told.value.last], "x")


# Whose word it is not


def test_a_coach_repairs_nothing(house: House) -> None:
    coach = join(house, house.signed_in, "Carla", "coach")
    named = [Aside("checkpoint", 1, "a" * 64)]
    with pytest.raises(NoDirectorError):
        repair(coach, named, "x")
    content = Repair(coach.standing, tuple(named), "x", coach.now())
    with pytest.raises(ApiError) as refused:
        coach.api.post("/repairs", json={"repair": coach.sign("repair", content.content()).to_json()})
    assert refused.value.code == "signature_invalid"


def lie(house: House, signer: SignedIn, key: Any, asides: list[Aside]) -> None:
    """A server that shows a repair of its own making."""
    content = Repair(signer.standing, tuple(asides), "x", signer.now()).content()
    made = write("repair", content, practice=signer.practice, signer=signer.member, key=key)
    house.line.lie("GET", "/chains$", lambda said: {**said, "repairs": {"items": [made.to_json(), {"record": "x"}]}})


def test_a_repair_by_a_coach_by_the_server_or_by_who_left_is_not_believed(house: House, second: SignedIn) -> None:
    coach = join(house, house.signed_in, "Carla", "coach")
    checkpoints(house, 2)
    mark = house.again().pins.marks["checkpoint"]
    named = [Aside("checkpoint", mark.number, mark.hash)]
    rewrite(house)
    lie(house, coach, coach.keyring.signing_key, named)
    assert house.again().doubts
    lie(house, second, coach.keyring.signing_key, named)
    assert house.again().doubts
    lie(house, second, second.keyring.signing_key, named)
    assert house.again().doubts == ()


def test_looking_keeps_nothing_and_a_lost_answer_repairs_once(house: House) -> None:
    checkpoints(house, 2)
    house.again()
    rewrite(house)
    director = house.again()
    found = survey(director)
    assert survey(house.again()) == found
    house.line.refuse("POST", "/repairs$", 503, "unavailable")
    with pytest.raises(ServerUnreachableError):
        repair(director, found, "x")
    assert house.again().doubts
    house.line.clear()
    house.line.lose("POST", "/repairs$", "answer", times=1)
    repair(house.again(), found, "x")
    assert [number for kind, number in house.gateway.rows.chain if kind == "repair"] == [1]
    assert house.again().doubts == ()


@pytest.mark.parametrize("code", ["", "x", "checkpoint:1", "nothing:1:" + "a" * 64, "checkpoint:1:" + "A" * 64])
def test_a_code_that_names_nothing_is_refused(code: str) -> None:
    with pytest.raises(InvalidInputError):
        read_code(code)


def test_a_code_is_read_back() -> None:
    for aside in (Aside("ledger", 3, "a" * 64), Aside(INDEX, 14, "b" * 64, "c" * 32)):
        assert read_code(f" {aside.code}\n") == aside
