"""A pick-up gives everything or nothing, counts once whatever gets lost, and never overwrites."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.fake_gateway import URL, MemoryApi, refuse
from tests.sdk.practice import Practice, new_practice, tree
from vault import files
from vault.errors import IntegrityError, UnavailableError
from vault.files import write_private
from vault.sdk.documents.bodies import PlaceError
from vault.sdk.errors import AnswerError, ApiError, ServerUnreachableError
from vault.sdk.shares import pickup as module
from vault.sdk.shares.links import Link, LinkUnavailableError, PassphraseWrongError, new_secret
from vault.sdk.shares.offer import TooManyAttemptsError
from vault.sdk.shares.pickup import pick_up
from vault.sdk.shares.pickup_folder import PickupFolder

FILES = {"scans/a.bin": os.urandom(300_000), "b.txt": b"b", "leeg": b""}


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Practice:
    monkeypatch.setattr("vault.sdk.server.retry.PAUSES", (0.0, 0.0))
    monkeypatch.setattr("vault.sdk.documents.bodies.PAUSES", (0.0, 0.0))
    practice = new_practice(tmp_path)
    (tmp_path / "in").mkdir()
    for name, content in FILES.items():
        practice.write(f"in/{name}", content)
    practice.put(*sorted((tmp_path / "in").iterdir()))
    return practice


def test_everything_arrives_as_it_was(practice: Practice) -> None:
    made = practice.share()
    picked = practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES
    assert {(f.name, f.size) for f in picked.files} == {(name, len(content)) for name, content in FILES.items()}
    assert picked.missing == 0
    (share,) = practice.gateway.shares.values()
    assert len(share["names"]) == 1


def test_with_a_passphrase_only_the_right_words_open(practice: Practice) -> None:
    made = practice.share(passphrase=True)
    assert made.passphrase is not None
    assert len(made.passphrase.split()) == 6
    with pytest.raises(PassphraseWrongError):
        practice.pick_up(replace(made, passphrase="aap noot mies"))
    assert not (practice.folder / "out").exists()
    practice.pick_up(replace(made, passphrase=f"  {made.passphrase.upper()}\n"))
    assert tree(practice.folder / "out") == FILES


def test_a_slip_in_a_locators_words_is_noticed_before_any_request(practice: Practice) -> None:
    practice.gateway.requests = []
    with pytest.raises(PassphraseWrongError):
        pick_up(Link(URL, "0" * 32, None), practice.folder / "out", ask=lambda mode: "aap noot", api=practice.api)
    assert practice.gateway.requests == []


def test_every_refusal_looks_the_same(practice: Practice) -> None:
    made, once = practice.share(), practice.share(max=1)
    practice.pick_up(once)
    practice.signed_in.api.delete(f"/shares/{made.share}")
    for link in (made.link, once.link, Link(URL, "0" * 32, new_secret()), replace(once.link, secret=new_secret())):
        with pytest.raises(LinkUnavailableError):
            pick_up(link, practice.folder / "other", ask=lambda mode: "", api=practice.api)
    assert tree(practice.folder / "other") == {}
    assert not list((practice.folder / "other").glob(".*"))


def test_a_pause_is_not_an_end(practice: Practice) -> None:
    made = practice.share()

    def fault(method: str, path: str, stage: str) -> None:
        raise refuse(429, "too_many")

    practice.gateway.fault = fault
    with pytest.raises(TooManyAttemptsError):
        practice.pick_up(made)


@pytest.mark.parametrize(("method", "pattern"), [("PUT", "/pickup/"), ("GET", "/body$")])
@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_lost_answer_counts_once(practice: Practice, method: str, pattern: str, stage: str) -> None:
    made = practice.share(max=1)
    lost = []

    def fault(m: str, path: str, s: str) -> None:
        if m == method and re.search(pattern, path) and s == stage and len(lost) < 1:
            lost.append(path)
            raise ServerUnreachableError("lost")

    practice.gateway.fault = fault
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


@pytest.mark.parametrize("step", range(1, 12))
def test_after_a_kill_at_any_step_the_same_call_goes_on(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, step: int
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
        patched.setattr("vault.sdk.shares.pickup.fetch", killing(module.fetch))
        patched.setattr("vault.sdk.shares.pickup.open_body", killing(module.open_body))
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


def test_a_download_goes_on_where_it_was(practice: Practice) -> None:
    made = practice.share(max=1)
    practice.gateway.cut = 100_000
    bodies = 0

    def fault(method: str, path: str, stage: str) -> None:
        nonlocal bodies
        bodies += path.endswith("/body")
        if path.endswith("/body") and bodies > 2:
            raise ServerUnreachableError("gone")

    practice.gateway.fault = fault
    with pytest.raises(ServerUnreachableError):
        practice.pick_up(made)
    (folder,) = (practice.folder / "out").iterdir()
    assert folder.name == f".dossier-{made.share}"
    practice.gateway.fault = lambda *_: None
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


def test_a_damaged_spool_is_fetched_again(practice: Practice) -> None:
    made = practice.share()
    with PickupFolder(practice.folder / "out", made.share) as folder:
        for one in practice.listed():
            folder.body(one.id).write_bytes(b"x" * (one.record.size - 10))
            folder.plain(one.id).write_bytes(b"y" * one.metadata.size)
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


@pytest.mark.parametrize("tamper", [lambda b: b[:-1] + b"!", lambda b: b[:-1], lambda b: b + b"!"])
def test_one_tampered_body_saves_nothing_at_all(practice: Practice, tamper: Any) -> None:
    made = practice.share(max=1)
    practice.gateway.tamper_body = lambda body: tamper(body) if len(body) > 1000 else body
    with pytest.raises((IntegrityError, ServerUnreachableError)):
        practice.pick_up(made)
    assert [p for p in (practice.folder / "out").iterdir() if not p.name.startswith(".dossier-")] == []
    practice.gateway.tamper_body = lambda body: body
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


def test_revoked_under_way_ends_it(practice: Practice) -> None:
    made = practice.share()

    def fault(method: str, path: str, stage: str) -> None:
        if path.endswith("/body"):
            practice.gateway.shares[made.share]["revoked"] = True

    practice.gateway.fault = fault
    with pytest.raises(LinkUnavailableError):
        practice.pick_up(made)
    assert list((practice.folder / "out").iterdir()) == []


@pytest.mark.parametrize(("error", "raised"), [((500, "integrity"), ApiError), ((404, "x"), LinkUnavailableError)])
def test_damage_at_the_server_costs_no_pickup(practice: Practice, error: tuple[int, str], raised: type) -> None:
    made = practice.share(max=1)

    def fault(method: str, path: str, stage: str) -> None:
        if path.endswith("/body"):
            raise refuse(*error)

    practice.gateway.fault = fault
    for _ in range(2):
        with pytest.raises(raised):
            practice.pick_up(made)
    assert [p for p in (practice.folder / "out").iterdir() if not p.name.startswith(".dossier-")] == []
    practice.gateway.fault = lambda *_: None
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES
    assert len(practice.gateway.shares[made.share]["names"]) == 1


def test_a_link_that_cannot_be_asked_again_keeps_its_folder(practice: Practice) -> None:
    made = practice.share(max=1)

    def fault(method: str, path: str, stage: str) -> None:
        if path.endswith("/body"):
            practice.gateway.fault = unreachable
            raise refuse(404, "link_unavailable")

    def unreachable(method: str, path: str, stage: str) -> None:
        raise ServerUnreachableError("gone")

    practice.gateway.fault = fault
    with pytest.raises(LinkUnavailableError):
        practice.pick_up(made)
    practice.gateway.fault = lambda *_: None
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


def swapped(values: list[dict[str, Any]], name: str) -> None:
    values[0][name], values[1][name] = values[1][name], values[0][name]


@pytest.mark.parametrize("what", ["entry", "capsule"])
def test_what_belongs_to_another_document_is_refused(practice: Practice, what: str) -> None:
    made = practice.share()
    swapped(practice.gateway.shares[made.share]["entries"], what)
    with pytest.raises(IntegrityError):
        practice.pick_up(made)
    assert tree(practice.folder / "out") == {} or (practice.folder / "out").exists()


def test_an_answer_that_says_nothing_is_refused(practice: Practice) -> None:
    made = practice.share()
    for path, answer in (("/cover", {"mode": "odd"}), ("/cover", {"mode": "plain"}), ("/pickup", {"capsules": 1})):
        practice.gateway.tamper = lambda m, p, a, path=path, answer=answer: (
            answer if path in p and "body" not in p else a
        )
        with pytest.raises(AnswerError):
            practice.pick_up(made)
    practice.gateway.tamper = lambda m, p, a: {**a, "capsules": a["capsules"][1:]} if "capsules" in a else a
    with pytest.raises(IntegrityError):
        practice.pick_up(made)


def test_what_was_destroyed_since_is_said_and_the_rest_arrives(practice: Practice) -> None:
    made = practice.share()
    entries = practice.gateway.shares[made.share]["entries"]
    gone = next(one for one in practice.listed() if one.metadata.name == "b.txt")
    practice.gateway.shares[made.share]["entries"] = [e for e in entries if e["document"] != gone.id]
    assert practice.pick_up(made).missing == 1
    assert tree(practice.folder / "out") == {name: content for name, content in FILES.items() if name != "b.txt"}


def test_nothing_that_is_there_is_overwritten(practice: Practice) -> None:
    mine = practice.write("out/B.TXT", b"mine")
    practice.pick_up(practice.share())
    assert mine.read_bytes() == b"mine"
    assert (practice.folder / "out" / "b (2).txt").read_bytes() == b"b"
    again = practice.pick_up(practice.share())
    assert {file.name for file in again.files} == {"scans/a (2).bin", "b (3).txt", "leeg (2)"}


def test_a_name_taken_after_the_plan_is_not_overwritten(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
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
        folder.plan((document, inside, name, 1, "0" * 64) for document, inside, name in files)
        placed = folder.carry_out()
    assert [item.name for item in placed] == ["map", "map (2)/x.pdf", "a/" * 32 + "deep.pdf"]
    assert [(tmp_path / item.name).read_text() for item in placed] == ["map", "x.pdf", "deep.pdf"]


def test_one_folder_takes_one_pickup_at_a_time(practice: Practice) -> None:
    made = practice.share()
    with PickupFolder(practice.folder / "out", made.share), pytest.raises(UnavailableError):
        practice.pick_up(made)


def test_the_folder_cannot_be_a_trap(practice: Practice) -> None:
    made = practice.share()
    elsewhere = practice.folder / "elsewhere"
    elsewhere.mkdir()
    (practice.folder / "out").mkdir()
    (practice.folder / "out" / f".dossier-{made.share}").symlink_to(elsewhere)
    with pytest.raises(PlaceError):
        practice.pick_up(made)
    assert not list(elsewhere.iterdir())


def test_a_name_from_long_ago_is_replaced(practice: Practice) -> None:
    made = practice.share(max=2)
    with PickupFolder(practice.folder / "out", made.share) as folder:
        old, _ = folder.name()
        os.utime(folder.path / "pickup", (1, 1))

    def fault(method: str, path: str, stage: str) -> None:
        if path.endswith(old):
            raise refuse(404, "link_unavailable")

    practice.gateway.fault = fault
    practice.pick_up(made)
    assert tree(practice.folder / "out") == FILES


def test_the_folder_holds_no_key(practice: Practice) -> None:
    made = practice.share()

    def fault(method: str, path: str, stage: str) -> None:
        if path.endswith("/body"):
            raise ServerUnreachableError("gone")

    practice.gateway.fault = fault
    with pytest.raises(ServerUnreachableError):
        practice.pick_up(made)
    kept = tree(practice.folder / "out")
    assert {Path(name).name.split(".")[-1] for name in kept} <= {"pickup", "lock", "body", "plain"}
    assert len(kept[f".dossier-{made.share}/pickup"]) < 60
    assert isinstance(MemoryApi(practice.gateway), MemoryApi)
