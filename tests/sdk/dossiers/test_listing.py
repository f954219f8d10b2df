"""The list by what changed: little is sent, nothing unverified is named, and a server that lies about it is found out."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.client.house import House
from tests.client.line import ok
from tests.sdk.dossiers.test_finding import join
from vault.boxes import unbox
from vault.errors import VaultError
from vault.sdk.device import list_cache
from vault.sdk.device.list_cache import AAD, FILE, ListCache
from vault.sdk.dossiers import listing
from vault.sdk.dossiers.closing import close, retention
from vault.sdk.dossiers.finding import Doubt, GoneError, find, find_id, list_dossiers, load_dossier, open_dossier
from vault.sdk.dossiers.listing import PREFIX
from vault.sdk.dossiers.taking_over import take_over
from vault.sdk.errors import AmbiguousError, AnswerError, NotFoundError, RollbackError
from vault.sdk.people import session
from vault.sdk.people.session import SignedIn, logout

CHANGES = "/dossiers/changes$"
NAMES = ["Anna", "Bob", "Carla"]


@pytest.fixture
def dossiers(house: House) -> dict[str, str]:
    return {name: house.open(name).id for name in NAMES}


def names(signed_in: SignedIn, doubts: list[Doubt] | None = None) -> list[str]:
    return [one.name for one in list_dossiers(signed_in, doubts=doubts)]


def cached(signed_in: SignedIn) -> bytes:
    return bytes(unbox(signed_in.keyring.cache_key, AAD, signed_in.home.read(FILE) or b""))


def asked(house: House) -> list[str]:
    paths = [request.path for request in house.line.requests]
    house.line.requests.clear()
    house.line.received = 0
    return paths


def test_a_second_look_costs_a_few_bytes(house: House, dossiers: dict[str, str]) -> None:
    again = house.again()
    assert names(again) == NAMES
    asked(house)
    assert names(again) == NAMES
    assert house.line.received < 100
    assert asked(house) == ["/dossiers/changes"]


def test_a_new_device_gets_names_that_her_other_one_verified(house: House, dossiers: dict[str, str]) -> None:
    assert names(house.again()) == NAMES
    two = house.device("two")
    asked(house)
    assert names(two) == NAMES
    assert house.line.received < 3 * 300 + 200
    assert asked(house) == ["/dossiers/changes"]
    assert set(two.pins.dossiers) == set(dossiers.values()), "the heads are pinned as they were seen"


def test_only_what_changed_comes_again(house: House, dossiers: dict[str, str]) -> None:
    again = house.again()
    names(again)
    new = house.open("Dirk")
    house.put(load_dossier(house.device("two"), dossiers["Bob"]), a=b"a")
    told: list[Any] = []
    house.line.lie("POST", CHANGES, lambda said: told.append(copy.deepcopy(said)))
    assert names(again) == [*NAMES, "Dirk"]
    [said] = told
    assert {row[0] for row in said["rows"]} | {item["dossier"] for item in said["whole"]} >= {new.id, dossiers["Bob"]}
    assert set(said["marks"]) == {new.id[:2], dossiers["Bob"][:2]}


def test_neither_wrap_nor_symmetric_one_is_sent_twice(house: House) -> None:
    coach = join(house, house.signed_in, "coach", "coach")
    house.signed_in.refresh()
    open_dossier(coach, "Jan", "client", "loopbaan")
    told: list[Any] = []
    house.line.lie("POST", CHANGES, lambda said: told.append(copy.deepcopy(said)))
    assert names(coach) == ["Jan"]
    [item] = told[0]["whole"]
    assert item["symmetric"] is not None
    assert item["wrap"] is None
    assert names(house.signed_in) == ["Jan"]
    assert told[1]["whole"][0]["wrap"] is not None, "a colleague's wrap is her only one yet"


class TestForgotten:
    """What leaves the vault leaves the list on this device."""

    def test_no_byte_of_an_erased_dossiers_name_is_left(self, house: House, dossiers: dict[str, str]) -> None:
        again = house.again()
        names(again)
        assert b"Anna" in cached(again)
        house.destroy_whole(load_dossier(again, dossiers["Anna"]))
        assert b"Anna" not in cached(again)
        assert b"Bob" in cached(again)
        assert dossiers["Anna"].encode() not in cached(again)

    def test_another_device_forgets_it_at_its_next_look(self, house: House, dossiers: dict[str, str]) -> None:
        two = house.device("two")
        names(two)
        house.destroy_whole(load_dossier(house.signed_in, dossiers["Anna"]))
        assert names(two) == ["Bob", "Carla"]
        assert b"Anna" not in cached(two)
        assert dossiers["Anna"] not in two.pins.dossiers

    def test_signing_out_removes_the_names(self, house: House, dossiers: dict[str, str]) -> None:
        again = house.again()
        names(again)
        logout(again.home)
        assert not (again.home.path / FILE).exists()
        assert names(house.login()) == NAMES

    @pytest.mark.parametrize("damage", [lambda raw: raw[:-1], lambda raw: b"", lambda raw: raw[::-1]])
    def test_a_damaged_list_is_read_anew(
        self, house: House, dossiers: dict[str, str], damage: Callable[[bytes], bytes]
    ) -> None:
        again = house.again()
        names(again)
        again.home.write(FILE, damage(again.home.read(FILE) or b""))
        assert names(again) == NAMES
        asked(house)
        assert names(again) == NAMES
        assert house.line.received < 100

    @pytest.mark.parametrize(
        ("where", "what"),
        [
            (listing, "renew_wraps"),
            (session, "save_pins"),
            (ListCache, "save"),
            (listing, "_vanished"),
            (list_cache, "box"),
        ],
    )
    def test_a_look_that_is_cut_off_anywhere_is_made_again(
        self, house: House, dossiers: dict[str, str], where: Any, what: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names(house.again())
        new = house.open("Dirk")
        house.put(new, a=b"a")

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        cut = house.again()
        with monkeypatch.context() as patched:
            patched.setattr(where, what, killed)
            with pytest.raises(KeyboardInterrupt):
                list_dossiers(cut)
        assert names(house.again()) == [*NAMES, "Dirk"]


def put_back(signed_in: SignedIn) -> set[str | None]:
    """The names of those that are shown older or otherwise than they were seen; the others are listed."""
    doubts: list[Doubt] = []
    shown = names(signed_in, doubts)
    back = {doubt.name for doubt in doubts if doubt.seen is not None}
    assert {*shown, *back} == set(NAMES)
    assert len(shown) + len(doubts) == len(NAMES)
    return back


ANSWERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no end": lambda said: {**said, "marks": {}, "rows": [], "whole": [], "more": True},
    "a row of no bucket": lambda said: {**said, "marks": {}},
    "a row twice": lambda said: {**said, "rows": said["rows"] * 2},
    "a short row": lambda said: {**said, "rows": [row[:-1] for row in said["rows"]]},
    "no row": lambda said: {**said, "rows": [None]},
    "a day that is none": lambda said: {**said, "rows": [[*row[:4], "2031", row[5]] for row in said["rows"]]},
    "a bucket that is none": lambda said: {**said, "marks": {**said["marks"], "anna": None}},
    "a mark that is none": lambda said: {**said, "marks": dict.fromkeys(said["marks"], "AAAA")},
    "no rows": lambda said: {**said, "rows": None},
}


class TestLies:
    """A server that lies about what changed."""

    def test_nothing_changed_after_this_device_changed_it(self, house: House, dossiers: dict[str, str]) -> None:
        names(house.again())
        house.put(load_dossier(house.signed_in, dossiers["Anna"]), a=b"a")
        house.line.lie("POST", CHANGES, lambda _: {"marks": {}, "rows": [], "whole": [], "more": False})
        with pytest.raises(RollbackError):
            list_dossiers(house.again())
        assert put_back(house.again()) == {"Anna"}

    def test_an_older_answer_is_replayed(self, house: House, dossiers: dict[str, str]) -> None:
        names(house.again())
        older = house.signed_in.api.post("/dossiers/changes", json={"marks": {}})
        house.put(load_dossier(house.signed_in, dossiers["Anna"]), a=b"a")
        house.line.replace("POST", CHANGES, lambda _: ok(older))
        with pytest.raises(RollbackError):
            list_dossiers(house.again())
        assert put_back(house.again()) == {"Anna"}

    def test_a_dossier_is_forgotten(self, house: House, dossiers: dict[str, str]) -> None:
        again = house.again()
        names(again)
        anna = dossiers["Anna"]

        def forget(said: dict[str, Any]) -> dict[str, Any]:
            rows = [row for row in said["rows"] if row[0] != anna]
            return {**said, "rows": rows, "marks": {**said["marks"], anna[:2]: None}}

        house.line.lie("POST", CHANGES, forget)
        doubts: list[Doubt] = []
        assert "Anna" not in names(again, doubts)
        assert anna in {doubt.dossier for doubt in doubts}
        with pytest.raises(GoneError):
            list_dossiers(again)
        assert anna in again.pins.dossiers, "nothing is wiped without a tombstone"
        house.line.clear()
        assert names(again) == NAMES

    @pytest.mark.parametrize("what", ["another's", "garbage", "half"])
    def test_a_label_that_is_not_hers_names_nothing(self, house: House, dossiers: dict[str, str], what: str) -> None:
        names(house.again())

        def swap(said: dict[str, Any]) -> None:
            labels = [row[5] for row in said["rows"]]
            for row, label in zip(said["rows"], labels[1:] + labels[:1], strict=True):
                row[5] = {"another's": label, "garbage": "AAAA", "half": row[5][: len(row[5]) // 8 * 4]}[what]

        house.line.lie("POST", CHANGES, swap)
        two = house.device("two")
        assert names(two) == NAMES, "they were opened instead"
        assert {one.id: one.name for one in list_dossiers(two)} == {id_: name for name, id_ in dossiers.items()}

    def test_a_label_of_an_older_head_is_a_rollback(self, house: House, dossiers: dict[str, str]) -> None:
        names(house.again())
        older = house.signed_in.api.post("/dossiers/changes", json={"marks": {}})
        take_over(load_dossier(house.signed_in, dossiers["Anna"]))
        assert names(house.again()) == NAMES
        house.line.replace("POST", CHANGES, lambda _: ok(older))
        with pytest.raises(RollbackError):
            list_dossiers(house.again())
        assert put_back(house.again()) == {"Anna"}

    def test_a_label_that_names_a_newer_head_is_opened_anew(self, house: House, dossiers: dict[str, str]) -> None:
        names(house.again())
        anna = dossiers["Anna"]
        older = house.signed_in.api.post("/dossiers/changes", json={"marks": {}})
        [label] = [row[5] for row in older["rows"] if row[0] == anna]
        take_over(load_dossier(house.signed_in, anna))

        def keep(said: dict[str, Any]) -> None:
            for item in [item for item in said["whole"] if item["dossier"] == anna]:
                said["whole"].remove(item)
                said["rows"].append([anna, 2, item["sequence"], item["index"][:16], None, label])

        house.line.lie("POST", CHANGES, keep)
        two = house.device("two")
        assert names(two) == NAMES
        assert two.pins.dossiers[anna].version == 2

    def test_a_name_that_is_no_more_finds_nothing_to_work_on(self, house: House, dossiers: dict[str, str]) -> None:
        """The server keeps a label of an older profile: the dossier opens under its signed name, and is not taken."""
        again = house.again()
        names(again)
        content = cached(again).replace(b"Anna", b"Anne")
        again.home.write(FILE, list_cache.box(again.keyring.cache_key, AAD, content))
        with pytest.raises(AnswerError):
            find(again, "Anne")
        with pytest.raises(NotFoundError):
            find(again, "Anna")
        assert find(again, dossiers["Anna"]).name == "Anna"

    @pytest.mark.parametrize("what", ANSWERS)
    def test_an_answer_of_another_form_is_refused(self, house: House, dossiers: dict[str, str], what: str) -> None:
        names(house.again())
        two = house.device("two")
        house.line.lie("POST", CHANGES, ANSWERS[what])
        with pytest.raises(VaultError):
            list_dossiers(two)
        assert two.home.read(FILE) is None

    def test_a_bucket_that_comes_twice_is_no_list(self, house: House, dossiers: dict[str, str]) -> None:
        names(house.again())
        first = house.signed_in.api.post("/dossiers/changes", json={"marks": {}})
        house.line.lie("POST", CHANGES, lambda _: {**first, "more": True})
        with pytest.raises(AnswerError):
            list_dossiers(house.device("two"))


class TestPutBack:
    """One dossier that the server shows as it was before."""

    @pytest.fixture
    def older(self, house: House, dossiers: dict[str, str]) -> Callable[[dict[str, Any]], None]:
        """A lie: Anna's row of before she got a document, with her label of then."""
        names(house.again())
        before = house.signed_in.api.post("/dossiers/changes", json={"marks": {}})
        [row] = [row for row in before["rows"] if row[0] == dossiers["Anna"]]
        house.put(load_dossier(house.signed_in, dossiers["Anna"]), a=b"a")

        def lie(said: dict[str, Any]) -> None:
            said["rows"] = [each for each in said["rows"] if each[0] != row[0]]
            said["whole"] = [each for each in said["whole"] if each["dossier"] != row[0]]
            if row[0][:PREFIX] in said["marks"]:
                said["rows"].append(row)

        house.line.lie("POST", CHANGES, lie)
        return lie

    @pytest.mark.usefixtures("older")
    def test_the_others_go_on_at_every_look_and_it_is_named(self, house: House, dossiers: dict[str, str]) -> None:
        for _ in range(3):
            assert put_back(house.again()) == {"Anna"}
            house.put(find(house.again(), "Bob"), b=b"b")
            assert find(house.again(), "Carla").id == dossiers["Carla"]
        house.line.clear()
        assert names(house.again()) == NAMES

    @pytest.mark.usefixtures("older")
    def test_nothing_is_pinned_or_labelled_of_it(self, house: House, dossiers: dict[str, str]) -> None:
        anna = dossiers["Anna"]
        again = house.again()
        before = again.pins.dossiers[anna]
        house.line.requests.clear()
        assert put_back(again) == {"Anna"}
        assert house.again().pins.dossiers[anna] == again.pins.dossiers[anna] == before
        assert "/wraps" not in asked(house)

    @pytest.mark.usefixtures("older")
    def test_no_other_of_its_name_is_taken_for_it(self, house: House, dossiers: dict[str, str]) -> None:
        other = open_dossier(house.device("two"), "Anna", "client", "x")
        for _ in range(2):
            with pytest.raises(AmbiguousError) as several:
                find(house.again(), "Anna")
            assert set(several.value.candidates) == {other, dossiers["Anna"]}

    @pytest.mark.usefixtures("older")
    def test_by_its_name_it_is_refused_as_by_its_id(self, house: House, dossiers: dict[str, str]) -> None:
        assert find(house.again(), "Anna").id == dossiers["Anna"], "only the list was put back"
        assert find_id(house.again(), "Anna") == dossiers["Anna"]
        with pytest.raises(NotFoundError):
            find(house.again(), "Dirk")

    def test_without_its_name_no_name_finds_anything(self, house: House, dossiers: dict[str, str]) -> None:
        """A device that signed out knows no names, and the server holds the label back: it may be the one meant."""
        old = house.signed_in.api.post("/dossiers/changes", json={"marks": {}})
        house.put(load_dossier(house.signed_in, dossiers["Anna"]), a=b"a")
        house.home.remove(FILE)
        [whole] = [each for each in old["whole"] if each["dossier"] == dossiers["Anna"]]

        def lie(said: dict[str, Any]) -> None:
            said["whole"] = [whole if each["dossier"] == whole["dossier"] else each for each in said["whole"]]

        house.line.lie("POST", CHANGES, lie)
        before = house.again().pins.dossiers[dossiers["Anna"]]
        with pytest.raises(RollbackError):
            find(house.again(), "Bob")
        assert house.again().pins.dossiers[dossiers["Anna"]] == before
        assert find(house.again(), dossiers["Bob"]).name == "Bob"


def test_a_damaged_dossier_is_shown_by_itself_at_every_look_until_it_is_mended(
    house: House, dossiers: dict[str, str]
) -> None:
    anna = dossiers["Anna"]

    def hurt(item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "head": None, "damaged": ["record"]} if item["dossier"] == anna else item

    house.line.lie_of_each("/dossiers$", hurt)
    again = house.again()
    for _ in range(2):
        doubts: list[Doubt] = []
        assert names(again, doubts) == ["Bob", "Carla"]
        assert [doubt.dossier for doubt in doubts] == [anna]
    house.line.clear()
    assert names(again) == NAMES


def test_two_of_one_name_are_found_however_old_the_list_is(house: House, dossiers: dict[str, str]) -> None:
    assert find(house.again(), "Anna").id == dossiers["Anna"]
    other = open_dossier(house.device("two"), "Anna", "client", "x")
    with pytest.raises(AmbiguousError) as several:
        find(house.again(), "Anna")
    assert set(several.value.candidates) == {other, dossiers["Anna"]}


def test_a_day_is_the_servers_word_until_this_device_computed_it(house: House, dossiers: dict[str, str]) -> None:
    anna = load_dossier(house.signed_in, dossiers["Anna"])
    close(anna)
    other = house.device("two")
    [row] = [one for one in list_dossiers(other) if one.name == "Anna"]
    assert (row.destroy_on, row.checked) == (retention(anna), False)
    day = retention(load_dossier(other, anna.id))
    [row] = [one for one in list_dossiers(other) if one.name == "Anna"]
    assert (row.destroy_on, row.checked) == (day, True)
    house.put(anna, a=b"a")
    [row] = [one for one in list_dossiers(other) if one.name == "Anna"]
    assert not row.checked, "the index is another now"
