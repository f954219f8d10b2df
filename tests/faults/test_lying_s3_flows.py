"""The vault over an S3 server that fails at any of its requests, or lies: what deposits and erasures make of it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests import buckets
from tests.actors import Practice, memory_ports
from tests.attack.house import ask, assert_ledger_is_whole
from tests.buckets import Bucket
from tests.faults.house import Forker, Gateway, House, noise, tree
from tests.faults.lying_s3 import Answer, LyingS3, Request, error, lose, without
from vault.adapters.objects_s3 import Patience
from vault.domain.erasures import ErasureState
from vault.errors import UnavailableError
from vault.flows.documents import reading
from vault.flows.erasures import erasing, requesting, retention
from vault.records.envelope import parse
from vault.records.types.certificate import Certificate

BODY = random.Random(1).randbytes(300_000)  # more than is kept for a second try
ONCE = Patience(connect=2.0, answer=20.0, pauses=())  # so that every fault reaches the flows
KINDS = ("refused", "slow down", "cut on the way out", "lost answer", "cut on the way back")


@dataclass(frozen=True)
class Scene:
    bucket: Bucket
    liar: LyingS3
    practice: Practice

    def fault(self, kind: str, at: int) -> list[str]:
        """The request with that number goes wrong; what it was, once it came."""
        hit: list[str] = []
        count = iter(range(10_000))

        def before(request: Request) -> Answer | None:
            if next(count) != at:
                return None
            hit.append(request.act)
            if kind == "refused":
                return error(500, "InternalError")
            return error(503, "SlowDown") if kind == "slow down" else None

        def after(request: Request, answer: Answer) -> Answer:
            if len(self.liar.requests) != at + 1 or kind not in {"lost answer", "cut on the way back"}:
                return answer
            if kind == "lost answer" or not answer.body:
                lose()
            return replace(answer, body=answer.body[: len(answer.body) // 2], said=len(answer.body))

        def taken(request: Request) -> int | None:
            size = int(request.headers.get("Content-Length", "0"))
            first = kind == "cut on the way out" and len(self.liar.requests) == at and size and not hit
            if not first:
                return None
            hit.append(request.act)
            return size // 2

        self.liar.reset()
        self.liar.before, self.liar.after, self.liar.taken = before, after, taken
        return hit


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with ExitStack() as stack:
        bucket = stack.enter_context(buckets.new_bucket(buckets.any_server(), versioned=True))
        liar = stack.enter_context(LyingS3(bucket.server.endpoint))
        ports = replace(memory_ports(), objects=bucket.objects(endpoint=liar.url, patience=ONCE))
        yield Scene(bucket, liar, Practice(ports).set_up())


@pytest.fixture(autouse=True)
def _truth(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "scene" in request.fixturenames:
        request.getfixturevalue("scene").liar.reset()


def insisted(act: Callable[[], object], *, tries: int = 4) -> object:
    """What a client does: the same request again."""
    for _ in range(tries):
        with suppress(UnavailableError):
            return act()
    raise AssertionError("it never went through")


@pytest.mark.parametrize("kind", KINDS)
def test_a_deposit_goes_through_whatever_request_fails(scene, kind):
    practice = scene.practice
    dossier = practice.open_dossier()
    hits = []
    for at in range(3):
        document = practice.new_document(dossier, BODY)
        practice.begin(dossier, document)
        hit = scene.fault(kind, at)
        insisted(lambda document=document: practice.put(document))
        assert practice.complete(document) == "pending"
        assert practice.advance(dossier, [document.envelope.hash])
        scene.liar.reset()
        body = reading.body(practice.ports, practice.director.caller, document.id, 0, None, practice.now)
        assert b"".join(body.pieces) == BODY
        assert scene.bucket.left(f"{dossier}/{document.id}") == [f"{dossier}/{document.id}/00000"]
        hits += hit
    assert "PUT" in hits


def left(scene: Scene, dossier: str) -> list[str]:
    return scene.bucket.left(f"{dossier}/")


def filled(scene: Scene) -> str:
    """A dossier of two documents, with an older version and a delete marker that somebody else made."""
    dossier = scene.practice.open_dossier()
    for _ in range(2):
        document = scene.practice.deposit(dossier, BODY[:100])
    client, name = scene.bucket.client(), f"{dossier}/{document.id}/00000"
    client.put_object(scene.bucket.name, name, io.BytesIO(b"other"), 5)
    client.remove_object(scene.bucket.name, name)
    return dossier


def state_of(scene: Scene, erasure: str) -> ErasureState:
    found = requesting.one(scene.practice.ports, scene.practice.director.caller, erasure)
    return found.state


@pytest.mark.parametrize("kind", KINDS)
def test_an_erasure_is_certified_when_all_is_gone_and_not_before_whatever_request_fails(scene, kind):
    hits = []
    for at in range(20):
        dossier = filled(scene)
        erasure = ask(scene.practice, dossier)
        hit = scene.fault(kind, at)
        for _ in range(4):
            with suppress(UnavailableError):
                retention.sweep(scene.practice.ports, scene.practice.now)
            if state_of(scene, erasure) is ErasureState.CERTIFIED:
                break
            assert hit, "nothing but the fault held it up"
        assert state_of(scene, erasure) is ErasureState.CERTIFIED
        assert left(scene, dossier) == []
        hits += hit
        if not hit:
            break
    assert not hit, "every request of an erasure failed once"
    assert {"PUT", "DELETE"} <= set(hits)
    scene.liar.reset()
    assert_ledger_is_whole(scene.practice.ports)


def test_no_certificate_while_deletes_are_only_said_to_be_done(scene):
    dossier = filled(scene)
    erasure = ask(scene.practice, dossier)
    before = left(scene, dossier)
    done = Answer(200, b"<DeleteResult></DeleteResult>", {"Content-Type": "application/xml"})
    scene.liar.before = lambda request: done if request.act == "DELETE" else None
    for _ in range(3):
        with pytest.raises(UnavailableError):
            retention.sweep(scene.practice.ports, scene.practice.now)
        assert state_of(scene, erasure) is ErasureState.SHREDDED
    assert left(scene, dossier) == before
    scene.liar.reset()
    retention.sweep(scene.practice.ports, scene.practice.now)
    assert state_of(scene, erasure) is ErasureState.CERTIFIED
    assert left(scene, dossier) == []


def test_what_the_listings_of_the_removal_hid_is_found_before_the_certificate(scene):
    dossier = filled(scene)
    hidden = left(scene, dossier)[0]
    erasure = ask(scene.practice, dossier)

    def hide(request: Request, answer: Answer) -> Answer:
        removed = state_of(scene, erasure) is ErasureState.REMOVED
        return answer if removed or request.act != "VERSIONS" else replace(answer, body=hiding(answer.body))

    def hiding(listed: bytes) -> bytes:
        while hidden.encode() in listed:
            listed = without(listed, hidden)
        return listed

    scene.liar.after = hide
    erasing.sweep(scene.practice.ports, scene.practice.now)
    assert state_of(scene, erasure) is ErasureState.REMOVED
    erasing.sweep(scene.practice.ports, scene.practice.now)
    certificate = requesting.one(scene.practice.ports, scene.practice.director.caller, erasure).certificate
    assert Certificate.read(parse(certificate, "certificate")).counts.objects == 2
    assert left(scene, dossier) == []


def test_a_comparison_concludes_nothing_from_a_listing_that_fails_or_makes_no_sense(scene):
    """A day later, what a listing did not show would be called missing, and what no row owns would be removed."""
    practice, dossier = scene.practice, scene.practice.open_dossier()
    documents = [practice.deposit(dossier, BODY[:100]) for _ in range(3)]
    names = sorted(f"{dossier}/{document.id}/00000" for document in documents)
    key = "<Contents><Key>{}</Key><Size>100</Size></Contents>"
    page = "<ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>"
    turned = page.format("".join(key.format(name) for name in reversed(names))).encode()
    for answer in (error(500, "InternalError"), Answer(200, turned), Answer(200, turned[:-30])):
        scene.liar.before = lambda request, answer=answer: answer if request.act == "LIST" else None
        for days in (0, 2):
            with pytest.raises(UnavailableError):
                retention.compare(practice.ports, practice.now + timedelta(days=days))
    scene.liar.reset()
    assert left(scene, dossier) == names
    assert retention.compare(practice.ports, practice.now).missing == 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, LyingS3, Bucket]]:
    """A gateway whose documents go to a bucket through the liar, and the real commands."""
    folder = tmp_path_factory.mktemp("served")
    with ExitStack() as stack:
        bucket = stack.enter_context(buckets.new_bucket(buckets.any_server(), versioned=True))
        liar = stack.enter_context(LyingS3(bucket.server.endpoint))
        forker = Forker()
        stack.callback(forker.close)
        keys = {"access": bucket.server.access_key, "secret": bucket.server.secret_key}
        for name, key in keys.items():
            (folder / name).write_text(key)
        settings = {
            "DOSSIER_OBJECTS": f"s3:{bucket.name}",
            "DOSSIER_S3_ENDPOINT": liar.url,
            "DOSSIER_S3_ACCESS_KEY_FILE": str(folder / "access"),
            "DOSSIER_S3_SECRET_KEY_FILE": str(folder / "secret"),
        }
        gateway = stack.enter_context(Gateway(forker, folder / "data", **settings))
        house = House(folder, forker, gateway)
        house.set_up()
        yield house, liar, bucket
        liar.reset()


@pytest.mark.slow
def test_a_command_notices_wrong_bytes_and_saves_nothing(served, out):
    house, liar, _ = served
    dossier = house.open("verkeerde bytes")
    house.does("put", dossier, str(house.write("bytes/scan.bin", noise(300_000, "scan"))))

    def wrong(request: Request, answer: Answer) -> Answer:
        if request.act != "GET" or len(answer.body) < 1000:
            return answer
        changed = bytearray(answer.body)
        changed[len(changed) // 2] ^= 1
        return replace(answer, body=bytes(changed))

    liar.after = wrong
    ended = house.run("cat", dossier, "scan.bin", "--out", str(out / "scan.bin"))
    assert ended.code == 7, ended
    assert ended.error["advice"]
    assert [name for name in tree(out) if not name.startswith(".dossier-")] == []
    liar.reset()
    house.does("cat", dossier, "scan.bin", "--out", str(out / "scan.bin"))
    assert tree(out)["scan.bin"] == noise(300_000, "scan")


@pytest.mark.slow
def test_commands_go_through_while_answers_are_lost_and_connections_cut(served, out):
    house, liar, bucket = served
    dossier = house.open("een slechte lijn")
    content = noise(350_000, "lijn")
    count = iter(range(10_000))

    def unsteady(request: Request, answer: Answer) -> Answer:
        number = next(count)
        if request.act == "PUT" and number % 3 == 0:
            lose()
        if request.act == "GET" and number % 2 == 0:
            return replace(answer, body=answer.body[: len(answer.body) // 2], said=len(answer.body))
        return answer

    liar.after = unsteady
    liar.before = lambda request: error(503, "SlowDown") if random.random() < 0.1 else None
    house.does("put", dossier, str(house.write("lijn/scan.bin", content)))
    house.does("cat", dossier, "scan.bin", "--out", str(out / "scan.bin"))
    assert tree(out)["scan.bin"] == content
    liar.reset()
    names = bucket.left(f"{dossier}/")
    assert len(names) == len(set(names)) > 0
