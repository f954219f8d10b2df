"""A pick-up gives everything or nothing, counts once whatever gets lost, and never overwrites."""

import os
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.client.house import House, tree
from tests.client.line import Answer, Request, problem
from vault import files
from vault.errors import IntegrityError, UnavailableError
from vault.files import write_private
from vault.sdk.documents.bodies import PlaceError
from vault.sdk.errors import AnswerError, ApiError, ServerUnreachableError
from vault.sdk.shares import bringing
from vault.sdk.shares.links import Link, LinkUnavailableError, PassphraseWrongError, new_secret
from vault.sdk.shares.offer import PracticeRepairsError, TooManyAttemptsError
from vault.sdk.shares.pickup import pick_up
from vault.sdk.shares.pickup_folder import PickupFolder

FILES = {"scans/a.bin": os.urandom(300_000), "b.txt": b"b", "leeg": b""}


@pytest.fixture
def practice(house: House, no_pauses: None) -> House:
    for name, content in FILES.items():
        house.write(f"in/{name}", content)
    house.deposit(*sorted((house.folder / "in").iterdir()))
    return house


def test_everything_arrives_as_it_was(practice: House) -> None:
    made = practice.share()
    picked = practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES
    assert {(f.name, f.size) for f in picked.files} == {(name, len(content)) for name, content in FILES.items()}
    assert picked.missing == 0
    assert len(practice.gateway.pickups(made.share)) == 1


def test_awkward_names_are_saved_harmlessly_and_all_of_them(house: House, no_pauses: None) -> None:
    awkward = ("-rf", "-", "CON", "verslag.pdf", "Verslag.pdf", "caf\u00e9", "cafe\u0301")
    house.deposit(*(house.write(f"in/{name}", name.encode()) for name in awkward))
    house.pick_up(house.share())
    saved = tree(house.folder / "out")
    assert sorted(saved.values()) == sorted(name.encode() for name in awkward)
    assert {"_rf", "_", "_CON"} <= set(saved)
    assert len({unicodedata.normalize("NFD", name).casefold() for name in saved}) == len(awkward)


def test_with_a_passphrase_only_the_right_words_open(practice: House) -> None:
    made = practice.share(passphrase=True)
    assert made.passphrase is not None
    assert len(made.passphrase.split()) == 6
    with pytest.raises(PassphraseWrongError):
        practice.pick_up(replace(made, passphrase="aap noot mies"))
    assert not (practice.folder / "out").exists()
    practice.pick_up(replace(made, passphrase=f"  {made.passphrase.upper()}\n"))
    assert tree(practice.folder / "out") == FILES


def test_a_slip_in_a_locators_words_is_noticed_before_any_request(practice: House) -> None:
    practice.line.requests.clear()
    with pytest.raises(PassphraseWrongError):
        pick_up(
            Link(practice.url, "0" * 32, None), practice.folder / "out", ask=lambda mode: "aap noot", api=practice.api()
        )
    assert practice.line.requests == []


def test_every_refusal_looks_the_same(practice: House) -> None:
    made, once = practice.share(), practice.share(max=1)
    practice.pick_up(once)
    practice.signed_in.api.delete(f"/shares/{made.share}")
    for link in (
        made.link,
        once.link,
        Link(practice.url, "0" * 32, new_secret()),
        replace(once.link, secret=new_secret()),
    ):
        with pytest.raises(LinkUnavailableError):
            pick_up(link, practice.folder / "other", ask=lambda mode: "", api=practice.api())
    assert tree(practice.folder / "other") == {}
    assert not list((practice.folder / "other").glob(".*"))


def test_a_pause_is_not_an_end(practice: House) -> None:
    made = practice.share()
    practice.line.refuse("*", "/pickup/", 429, "too_many")
    with pytest.raises(TooManyAttemptsError):
        practice.pick_up(made)


@pytest.mark.parametrize(("method", "pattern"), [("POST", "/cover$"), ("PUT", "/pickup/"), ("GET", "/body$")])
def test_while_the_practice_repairs_its_storage_a_receiver_waits(practice: House, method: str, pattern: str) -> None:
    made = practice.share(max=1)
    practice.line.refuse(method, pattern, 503, "restored")
    with pytest.raises(PracticeRepairsError, match="repairing"):
        practice.pick_up(made)
    practice.line.clear()
    assert practice.pick_up(made).missing == 0


@pytest.mark.parametrize(("method", "pattern"), [("PUT", "/pickup/"), ("GET", "/body$")])
@pytest.mark.parametrize("what", ["request", "answer"])
def test_a_lost_answer_counts_once(practice: House, method: str, pattern: str, what: str) -> None:
    made = practice.share(max=1)
    practice.line.lose(method, pattern, what, times=1)
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


@pytest.mark.parametrize("step", range(1, 12))
def test_after_a_kill_at_any_step_the_same_call_goes_on(
    practice: House, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Every write, rename and link of a pick-up counts as a step; the kill comes just before it."""
    made, steps = practice.share(max=1), 0

    class KilledError(BaseException):
        pass

    def killing(real: Any) -> Any:
        def call(*arguments: Any, **more: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == step:
                raise KilledError
            return real(*arguments, **more)

        return call

    with monkeypatch.context() as patched:
        patched.setattr("vault.sdk.shares.pickup_folder.write_private", killing(write_private))
        patched.setattr("vault.sdk.shares.pickup_folder.place", killing(files.place))
        patched.setattr("vault.sdk.shares.bringing.fetch", killing(bringing.fetch))
        patched.setattr("vault.sdk.shares.bringing.OpenedBody.check", killing(bringing.OpenedBody.check))
        try:
            practice.pick_up(made)
        except KilledError:
            visible = {
                p.name for p in (practice.folder / "out").rglob("*") if p.is_file() and ".dossier-" not in str(p)
            }
            assert visible <= {Path(name).name for name in FILES}
    picked = practice.pick_up(made) if steps == step else None
    assert tree(practice.folder / "out") == FILES
    assert picked is None or {f.name for f in picked.files} == set(FILES)


def test_a_download_goes_on_where_it_was(practice: House) -> None:
    made = practice.share(max=1)
    practice.line.cut_bodies(100_000)
    practice.line.lose_request("GET", "/body$", skip=2)
    with pytest.raises(ServerUnreachableError):
        practice.pick_up(made)
    (folder,) = (practice.folder / "out").iterdir()
    assert folder.name == f".dossier-{made.share}"
    practice.line.clear()
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


def test_a_damaged_spool_is_fetched_again(practice: House) -> None:
    made = practice.share()
    with PickupFolder(practice.folder / "out", made.share) as folder:
        for one in practice.listed():
            folder.segments(one.id).write_bytes(bytes(8) + b"x" * 32)
            folder.plain(one.id).write_bytes(b"y" * one.metadata.size)
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


@pytest.mark.parametrize("tamper", [lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b[:-1], lambda b: b + b"!"])
def test_one_tampered_body_saves_nothing_at_all(practice: House, tamper: Any) -> None:
    made = practice.share(max=1)
    practice.line.spoil_bodies(lambda body: tamper(body) if len(body) > 1000 else body)
    with pytest.raises((IntegrityError, ServerUnreachableError)):
        practice.pick_up(made)
    assert [p for p in (practice.folder / "out").iterdir() if not p.name.startswith(".dossier-")] == []
    practice.line.clear()
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


def test_revoked_under_way_ends_it(practice: House) -> None:
    made = practice.share()
    practice.line.watch("GET", "/body$", lambda _: practice.gateway.revoke(made.share))
    with pytest.raises(LinkUnavailableError):
        practice.pick_up(made)
    assert list((practice.folder / "out").iterdir()) == []


@pytest.mark.parametrize(("error", "raised"), [((500, "integrity"), ApiError), ((404, "x"), LinkUnavailableError)])
def test_damage_at_the_server_costs_no_pickup(practice: House, error: tuple[int, str], raised: type) -> None:
    made = practice.share(max=1)
    practice.line.refuse("GET", "/body$", *error)
    for _ in range(2):
        with pytest.raises(raised):
            practice.pick_up(made)
    assert [p for p in (practice.folder / "out").iterdir() if not p.name.startswith(".dossier-")] == []
    practice.line.clear()
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES
    assert len(practice.gateway.pickups(made.share)) == 1


def test_a_link_that_cannot_be_asked_again_keeps_its_folder(practice: House) -> None:
    made = practice.share(max=1)

    def refuse_and_fall_silent(_: Request) -> Answer:
        practice.line.lose_request("*", "")
        return problem(404, "link_unavailable")

    practice.line.replace("GET", "/body$", refuse_and_fall_silent)
    with pytest.raises(LinkUnavailableError):
        practice.pick_up(made)
    practice.line.clear()
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


@pytest.mark.parametrize(("method", "what", "where"), [("POST", "entry", "entries"), ("PUT", "capsule", "capsules")])
def test_what_belongs_to_another_document_is_refused(practice: House, method: str, what: str, where: str) -> None:
    made = practice.share()

    def swap(said: dict[str, Any]) -> None:
        one, two, *_ = said.get(where) or [{what: ""}, {what: ""}]
        one[what], two[what] = two[what], one[what]

    practice.line.lie(method, "/pickup/", swap)
    with pytest.raises(IntegrityError):
        practice.pick_up(made)
    assert tree(practice.folder / "out") == {} or (practice.folder / "out").exists()


def test_an_answer_that_says_nothing_is_refused(practice: House) -> None:
    made = practice.share()
    for method, answer in (("POST", {"mode": "odd"}), ("POST", {"mode": "plain"}), ("PUT", {"capsules": 1})):
        practice.line.clear()
        practice.line.lie(method, "/pickup/", lambda _, answer=answer: answer)
        with pytest.raises(AnswerError):
            practice.pick_up(made)
    practice.line.clear()
    practice.line.lie("PUT", "/pickup/", lambda said: {**said, "capsules": said["capsules"][1:]})
    with pytest.raises(IntegrityError):
        practice.pick_up(made)


def test_what_was_destroyed_since_is_said_and_the_rest_arrives(practice: House) -> None:
    made = practice.share()
    practice.destroy(*(one for one in practice.listed() if one.metadata.name == "b.txt"))
    assert practice.pick_up(made).missing == 1
    assert tree(practice.folder / "out") == {name: content for name, content in FILES.items() if name != "b.txt"}


def test_nothing_that_is_there_is_overwritten(practice: House) -> None:
    mine = practice.write("out/B.TXT", b"mine")
    practice.pick_up(practice.share())
    assert mine.read_bytes() == b"mine"
    assert (practice.folder / "out" / "b (2).txt").read_bytes() == b"b"
    again = practice.pick_up(practice.share())
    assert {file.name for file in again.files} == {"scans/a (2).bin", "b (3).txt", "leeg (2)"}


def test_a_name_taken_after_the_plan_is_not_overwritten(practice: House, monkeypatch: pytest.MonkeyPatch) -> None:
    real, taken = files.place, []

    def place(temporary: Path, final: Path) -> bool:
        if not taken:
            taken.append(final)
            final.write_bytes(b"mine")
        return bool(real(temporary, final))

    monkeypatch.setattr("vault.sdk.shares.pickup_folder.place", place)
    practice.pick_up(practice.share())
    assert taken[0].read_bytes() == b"mine"
    assert len(tree(practice.folder / "out")) == 4


def test_a_file_and_a_folder_of_one_name_both_arrive(tmp_path: Path) -> None:
    files = [("a" * 32, "", "map"), ("b" * 32, "map", "x.pdf"), ("c" * 32, "a/" * 2000, "deep.pdf")]
    with PickupFolder(tmp_path, "5" * 32) as folder:
        for document, _, name in files:
            folder.plain(document).write_text(name)
        folder.plan((document, inside, name, 1) for document, inside, name in files)
        placed = folder.carry_out()
    assert [item.name for item in placed] == ["map", "map (2)/x.pdf", "a/" * 32 + "deep.pdf"]
    assert [(tmp_path / item.name).read_text() for item in placed] == ["map", "x.pdf", "deep.pdf"]


def test_one_folder_takes_one_pickup_at_a_time(practice: House) -> None:
    made = practice.share()
    with PickupFolder(practice.folder / "out", made.share), pytest.raises(UnavailableError):
        practice.pick_up(made)


def test_the_folder_cannot_be_a_trap(practice: House) -> None:
    made = practice.share()
    elsewhere = practice.folder / "elsewhere"
    elsewhere.mkdir()
    (practice.folder / "out").mkdir()
    (practice.folder / "out" / f".dossier-{made.share}").symlink_to(elsewhere)
    with pytest.raises(PlaceError):
        practice.pick_up(made)
    assert not list(elsewhere.iterdir())


def test_a_name_from_long_ago_is_replaced(practice: House) -> None:
    made = practice.share(max=2)
    with PickupFolder(practice.folder / "out", made.share) as folder:
        old, _ = folder.name()
        os.utime(folder.path / "pickup", (1, 1))
    practice.line.refuse("PUT", f"{old}$", 404, "link_unavailable")
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


def test_the_folder_holds_no_key(practice: House) -> None:
    made = practice.share()
    practice.line.lose_request("GET", "/body$")
    with pytest.raises(ServerUnreachableError):
        practice.pick_up(made)
    kept = tree(practice.folder / "out")
    assert {Path(name).name.split(".")[-1] for name in kept} <= {"pickup", "lock", "segments", "seams", "plain"}
    assert len(kept[f".dossier-{made.share}/pickup"]) < 60
