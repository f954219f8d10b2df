"""kill -9 at every step of an erasure and of a turn, two workers at once, ticks lost, doubled and late.

It converges; there is no certificate before the verification, nothing comes back, and everything is done exactly once.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.actors import NOW, Practice
from tests.attack.house import (
    Lasting,
    ask,
    assert_audit_verifies,
    assert_ledger_is_whole,
    certificate_file,
    data_folder,
    ports_at,
    tombstones,
)
from tests.attack.worker import PUT_OFF, Ended, Workers
from tests.contract.samples import tombstoned
from vault.domain.erasures import ErasureRow, ErasureState
from vault.flows.context import Caller, Ports
from vault.flows.documents import deposit, reading
from vault.flows.dossiers import sealing, showing
from vault.flows.erasures import requesting
from vault.flows.shares import sharing
from vault.ports.keystore import Subject
from vault.records.types.certificate import Certificate, Counts
from vault.rules.verdict import Refused
from vault.sdk.erasures.certificate import verify

WEEK = timedelta(days=7)  # everything is older than a day, so that the reconciling of the same tick may want it
THEN = NOW + WEEK
KEYLESS = (ErasureState.SHREDDED, ErasureState.REMOVED, ErasureState.VERIFIED, ErasureState.CERTIFIED)
ROUNDS = 20
PARTS = 8  # every eighth step together, so that several processes share the steps


@dataclass(frozen=True)
class Scene:
    """A dossier to be destroyed, a document of another to be destroyed, and a document that stays."""

    folder: Path
    caller: Caller
    dossier: str
    other: str
    erasures: dict[str, tuple[Subject, ...]]
    prefixes: dict[str, str]
    counts: dict[str, Counts]
    gone: str
    kept: str
    body: bytes
    generation_key: bytes


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with data_folder() as folder:
        yield built(folder / "template")


def built(folder: Path) -> Scene:
    practice = Practice(ports_at(folder)).set_up()
    dossier, other = practice.open_dossier(), practice.open_dossier()
    documents = [
        practice.deposit(dossier, b"ciphertext of the first"),
        practice.deposit(dossier, b"ciphertext of another"),
    ]
    gone, kept = (
        practice.deposit(other, b"ciphertext that is to go"),
        practice.deposit(other, b"ciphertext that is to stay"),
    )
    link = practice.share(dossier, documents)
    practice.share(other, [gone, kept])
    whole = ask(practice, dossier, now=THEN)
    one = ask(practice, other, [gone.id], now=THEN)
    subjects = (
        sealing.subject_of(dossier),
        sharing.subject_of(link.id),
        *(deposit.subject_of(document.id) for document in documents),
    )
    (key,) = (folder / "keys").iterdir()
    return Scene(
        folder=folder,
        caller=practice.director.caller,
        dossier=dossier,
        other=other,
        erasures={whole: subjects, one: (deposit.subject_of(gone.id),)},
        prefixes={whole: f"{dossier}/", one: f"{other}/{gone.id}/"},
        counts={
            whole: Counts(documents=2, shares=1, objects=2, bytes=sum(len(d.body) for d in documents), keys=4),
            one: Counts(documents=1, shares=0, objects=1, bytes=len(gone.body), keys=1),
        },
        gone=gone.id,
        kept=kept.id,
        body=kept.body,
        generation_key=key.read_bytes(),
    )


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    processes = Workers()
    yield processes
    processes.close()


@pytest.fixture(scope="module")
def run(scene: Scene) -> Iterator[Lasting]:
    """The folder in which everything happens, again and again."""
    with data_folder() as folder:
        shutil.copytree(scene.folder, folder / "run")
        yield Lasting(folder / "run")


def fresh(scene: Scene, run: Lasting) -> Lasting:
    run.release()
    shutil.rmtree(run.folder)
    shutil.copytree(scene.folder, run.folder)
    return run


def check_at_any_time(scene: Scene, run: Lasting) -> list[ErasureRow]:
    """What holds whoever has just died."""
    ports = run.ports()
    with ports.store.transaction() as tx:
        found = [tx.erasure(id_) for id_ in scene.erasures]
    stones = tombstones(ports)
    assert len({stone.subject for stone in stones}) == len(stones), "one tombstone a subject"
    for erasure in found:
        assert erasure is not None
        check_one(scene, ports, erasure)
        if erasure.state in KEYLESS:
            assert scene.generation_key not in generation_keys(run)
    for dossier in (scene.dossier, scene.other):
        assert_audit_verifies(ports, dossier)
    body = reading.body(ports, scene.caller, scene.kept, 1, None, THEN)
    assert isinstance(body, reading.Body)
    assert b"".join(body.pieces) == scene.body[1:], "what nobody asked for is readable all the time"
    return [erasure for erasure in found if erasure is not None]


def check_one(scene: Scene, ports: Ports, erasure: ErasureRow) -> None:
    subjects = scene.erasures[erasure.id]
    if erasure.under_way:
        shut = [showing.one(ports, scene.caller, erasure.dossier)] if erasure.whole else []
        shut += [reading.document(ports, scene.caller, s.id) for s in subjects if s.kind == "document"]
        assert all(answer == Refused("not_found") for answer in shut)
    if erasure.state in KEYLESS:
        assert not any(map(ports.keystore.exists, subjects))
        assert all(tombstoned(ports.keystore, subject) for subject in subjects)
        assert_ledger_is_whole(ports)
    if erasure.state in (ErasureState.VERIFIED, ErasureState.CERTIFIED):
        assert list(ports.objects.names(scene.prefixes[erasure.id])) == []
    assert (erasure.certificate is not None) == (erasure.state is ErasureState.CERTIFIED)
    assert (erasure.verified_at is not None) == (erasure.state in (ErasureState.VERIFIED, ErasureState.CERTIFIED))


def check_the_end(scene: Scene, run: Lasting) -> None:
    """Everything was done, once."""
    ports = run.ports()
    for erasure in check_at_any_time(scene, run):
        assert erasure.state is ErasureState.CERTIFIED
        file = certificate_file(ports, scene.caller, erasure.id)
        assert file.certificate.to_bytes() == erasure.certificate
        assert Certificate.read(file.certificate).counts == scene.counts[erasure.id]
        assert file.evidence.request is not None
        assert file.evidence.request.hash == erasure.request
        verdict = verify(file.to_bytes(), file.certificate.fields["practice"], THEN + 2 * WEEK)
        assert verdict.ok, verdict.checks
        events = assert_audit_verifies(ports, erasure.dossier)
        for event in ("begun", "fenced", "shredded", "removed", "verified", "certified"):
            assert events.count(f"erasure_{event}") == 1
        assert isinstance(requesting.one(ports, scene.caller, erasure.id), ErasureRow)
    assert sorted(stone.subject for stone in tombstones(ports)) == sorted([scene.dossier, scene.gone])
    assert_ledger_is_whole(ports)
    assert [name for name in ports.objects.names() if name.startswith(scene.dossier)] == []


def settle(workers: Workers, run: Lasting) -> None:
    """Ticks come on until one goes through; a turn that was overtaken puts off."""
    for _ in range(3):
        ended = workers.run(run.folder, THEN)[0]
        assert ended.code in (0, PUT_OFF), ended
        if ended.code == 0:
            return
    raise AssertionError("three ticks in peace did not go through")


@pytest.mark.parametrize("first", range(PARTS))
def test_killed_at_every_step_of_an_erasure(scene: Scene, workers: Workers, run: Lasting, first: int) -> None:
    died = 0
    for life in range(first, 1000, PARTS):
        ended = workers.run(fresh(scene, run).folder, THEN, life)[0]
        if not ended.killed:
            assert ended.code == 0
            break
        died += 1
        check_at_any_time(scene, run)
        if life % 3 == 0:  # and once more on the way on
            again = workers.run(run.folder, THEN, life * 7 % 40)[0]
            assert again.killed or again.code == 0
        settle(workers, run)
        check_the_end(scene, run)
    check_the_end(scene, run)
    assert died > 40 // PARTS, "commits, syncs, removals and the steps of the turn are all met"


@pytest.mark.parametrize("first", range(2))
def test_killed_at_every_step_of_a_turn(scene: Scene, workers: Workers, run: Lasting, first: int) -> None:
    for life in range(first, 1000, 2):
        ended = workers.run(fresh(scene, run).folder, THEN, life, task="turn")[0]
        check_at_any_time(scene, run)
        assert workers.run(run.folder, THEN, task="turn")[0].code == 0
        check_at_any_time(scene, run)
        assert len(generation_keys(run)) == 1
        assert scene.generation_key not in generation_keys(run)
        if not ended.killed:
            assert life > 15
            return


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_two_workers_at_once_with_ticks_lost_doubled_late_and_killed(
    scene: Scene, workers: Workers, run: Lasting, seed: int
) -> None:
    chance = random.Random(seed)
    fresh(scene, run)
    now, old = THEN - timedelta(hours=1), {scene.generation_key}
    for _ in range(chance.randint(2, 5)):
        now += timedelta(hours=chance.choice([0, 0, 1, 48]))
        lives = [chance.choice([-1, chance.randint(0, 60)]) for _ in range(chance.choice([1, 2, 2, 3]))]
        task = chance.choice(["sweep", "sweep", "sweep", "turn", "compare", "checkpoint"])
        for ended in workers.run(run.folder, min(now, THEN), *lives, task=task):
            assert_known(ended, task)
        found = check_at_any_time(scene, run)
        if any(erasure.state not in KEYLESS for erasure in found):
            old |= generation_keys(run)
    settle(workers, run)
    check_the_end(scene, run)
    assert not old & generation_keys(run), "no key that a shred key may have been sealed under"
    assert workers.run(run.folder, THEN, task="turn")[0].code == 0
    assert len(generation_keys(run)) == 1


def generation_keys(run: Lasting) -> set[bytes]:
    return {path.read_bytes() for path in (run.folder / "keys").iterdir()}


def assert_known(ended: Ended, task: str) -> None:
    """Gone through, put off, or killed; of two checkpoints at once one finds that the other was first."""
    allowed = (0, PUT_OFF, 99) if task == "checkpoint" else (0, PUT_OFF)
    assert ended.killed or ended.code in allowed, ended
