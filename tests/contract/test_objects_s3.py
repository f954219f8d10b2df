"""What only a bucket has: versions, delete markers, suspended versioning, keys and endpoints that are wrong."""

from __future__ import annotations

import hashlib
import io
import random
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from minio.versioningconfig import SUSPENDED

from tests import buckets
from tests.buckets import Bucket
from tests.contract.test_objects import MIB, put, read
from vault.adapters.objects_s3 import S3Objects, listing, removal
from vault.errors import ConfigurationError, UnavailableError
from vault.ports.errors import DigestMismatchError

BODY = b"ciphertext"


@pytest.fixture(params=list(buckets.SERVERS))
def bucket(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    server, versioned = buckets.SERVERS[request.param]
    with buckets.new_bucket(server(), versioned=versioned) as bucket:
        yield bucket


@pytest.fixture(params=[name for name in buckets.SERVERS if "versioned" in name])
def versioned(request: pytest.FixtureRequest) -> Iterator[Bucket]:
    with buckets.new_bucket(buckets.SERVERS[request.param][0](), versioned=True) as bucket:
        yield bucket


def write(bucket: Bucket, name: str, body: bytes = BODY) -> None:
    """As somebody else would, over whatever stands there."""
    bucket.client().put_object(bucket.name, name, io.BytesIO(body), len(body))


def fill(bucket: Bucket, folder: str) -> None:
    """An object with two older versions, one that was deleted, one of which only a marker is left, one that is new."""
    client = bucket.client()
    for number in range(3):
        write(bucket, f"{folder}/c/00000", b"%d" % number)
    for name in (f"{folder}/c/00001", f"{folder}/c2/00000"):
        write(bucket, name)
        client.remove_object(bucket.name, name)
    client.remove_object(bucket.name, f"{folder}/never")
    write(bucket, f"{folder}/c/00002")


def test_older_versions_and_delete_markers_go_with_a_folder(versioned):
    fill(versioned, "d1")
    fill(versioned, "d10")
    beside = versioned.left("d10/")
    assert len(beside) >= 8
    objects = versioned.objects()
    objects.remove_below("d1")
    assert objects.empty_below("d1")
    assert versioned.left() == beside


def test_older_versions_and_delete_markers_go_with_a_name(versioned):
    fill(versioned, "d1")
    versioned.objects().remove([f"d1/c/{number:05d}" for number in range(9)])
    left = versioned.left()
    assert not any(name.startswith("d1/c/") for name in left)
    assert "d1/c2/00000" in left


def test_a_folder_with_nothing_but_markers_or_old_versions_is_not_empty(versioned):
    write(versioned, "d1/c/00000")
    versioned.client().remove_object(versioned.name, "d1/c/00000")
    objects = versioned.objects()
    assert list(objects.names("d1/")) == []
    assert not objects.empty_below("d1")
    objects.remove_below("d1")
    assert objects.empty_below("d1")


def test_what_was_written_before_versioning_and_after_it_was_suspended_goes_too():
    """Moto forgets older versions when versioning is suspended."""
    with buckets.new_bucket(buckets.engines.s3()) as bucket:
        _suspend(bucket)
        objects = bucket.objects()
        assert read(objects, "d1/c/00000") == b"after"
        assert len(bucket.left()) > 2
        objects.remove_below("d1")
        assert bucket.left() == []


def _suspend(bucket: Bucket) -> None:
    write(bucket, "d1/c/00000", b"before")
    bucket.versioning()
    write(bucket, "d1/c/00000", b"meanwhile")
    bucket.versioning(SUSPENDED)
    write(bucket, "d1/c/00000", b"after")
    write(bucket, "d1/c/00001", b"after")
    bucket.client().remove_object(bucket.name, "d1/c/00001")


def test_more_than_a_page_of_versions_goes(versioned, monkeypatch):
    monkeypatch.setitem(listing._PAGE, "max-keys", "7")
    monkeypatch.setattr(removal, "_AT_ONCE", 5)
    for number in range(30):
        write(versioned, f"d1/c/{number % 17:05d}", b"x")
    objects = versioned.objects()
    assert list(objects.names()) == [f"d1/c/{number:05d}" for number in range(17)]
    assert len(versioned.left()) == 30
    objects.remove(f"d1/c/{number:05d}" for number in range(8))
    assert list(objects.names("d1/")) == [f"d1/c/{number:05d}" for number in range(8, 17)]
    assert len(versioned.left()) == 14
    objects.remove_below("d1")
    assert versioned.left() == []


def test_a_name_that_was_deleted_behind_our_back_is_absent(versioned, request):
    objects = versioned.objects()
    put(objects, "d1/c/00000")
    versioned.client().remove_object(versioned.name, "d1/c/00000")
    assert objects.size("d1/c/00000") is None
    with pytest.raises(LookupError):
        objects.get("d1/c/00000")
    try:
        assert put(objects, "d1/c/00000", b"again")
    except UnavailableError:
        assert "versity" in request.node.name, "Versity Gateway takes a delete marker for an object"
    else:
        assert read(objects, "d1/c/00000") == b"again"


def test_of_large_bodies_too_one_wins_and_the_others_are_told(bucket, request):
    if "rclone" in request.node.name:
        pytest.skip("rclone ignores If-None-Match")
    objects, start = bucket.objects(), Barrier(4)
    bodies = [random.Random(number).randbytes(3 * MIB) for number in range(4)]

    def act(body: bytes) -> bool:
        start.wait()
        try:
            return put(objects, "d1/c/00000", body)
        except UnavailableError:  # cut off while it was sent: the same put again tells
            return put(objects, "d1/c/00000", body)

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(act, bodies))
    assert [read(objects, "d1/c/00000")] == [body for body, first in zip(bodies, won, strict=True) if first]


@pytest.mark.parametrize("size", [3 * MIB, 1000])
def test_bodies_that_break_off_leave_no_version_and_the_connections_serve_on(versioned, size):
    objects = versioned.objects()
    body = random.Random(1).randbytes(size)
    for wrong in (body[:-1], body + b"x", body[:-1] + bytes([body[-1] ^ 1])):
        with pytest.raises(DigestMismatchError):
            objects.put("d1/c/00000", io.BytesIO(wrong), size, hashlib.sha256(body).digest())
    assert versioned.left() == []
    assert put(objects, "d1/c/00000", body)
    assert read(objects, "d1/c/00000") == body


def test_a_body_is_never_held_whole():
    """Of 8 MiB, two pieces of 256 KiB at most: fifty uploads at once are to fit into a gateway."""

    class Zeros:
        left = 8 * MIB

        def readinto(self, buffer: memoryview, /) -> int:
            taken = min(len(buffer), self.left)
            self.left -= taken
            return taken

    with buckets.new_bucket(buckets.engines.s3()) as bucket:
        objects, digest = bucket.objects(), hashlib.sha256(bytes(8 * MIB)).digest()
        put(objects, "warm")
        tracemalloc.start()
        try:
            objects.put("d1/c/00000", Zeros(), 8 * MIB, digest)
            for _ in objects.get("d1/c/00000"):
                pass
            assert tracemalloc.get_traced_memory()[1] < 2 * MIB
        finally:
            tracemalloc.stop()


WRONG_KEYS = {"access_key": "AKIAIOSFODNN7EXAMPLE"}, {"secret_key": "wJalrXUtnFEMI-EXAMPLE"}


@pytest.mark.parametrize("wrong", WRONG_KEYS, ids=["access", "secret"])
def test_wrong_keys_are_told_by_the_check_with_the_setting_to_correct(wrong):
    with buckets.new_bucket(buckets.engines.s3()) as bucket:
        objects = bucket.objects(**wrong)
        for act in (objects.check, lambda: list(objects.names()), lambda: put(objects, "d1/c/00000")):
            with pytest.raises(UnavailableError) as told:
                act()
            assert "DOSSIER_S3_ACCESS_KEY_FILE" in told.value.advice
            assert not any(secret in str(told.value) + told.value.advice for secret in wrong.values())
            assert told.value.__cause__ is None
            assert told.value.__context__ is None


@pytest.mark.parametrize("server", ["moto", "versity"])
def test_a_bucket_that_is_not_there_is_no_absent_object(server):
    absent = Bucket(buckets.SERVERS[server][0](), "test-never-made").objects()
    for act in (
        absent.check,
        lambda: absent.size("d1/c/00000"),
        lambda: absent.get("d1/c/00000"),
        lambda: list(absent.names()),
        lambda: absent.empty_below("d1"),
        lambda: absent.remove(["d1/c/00000"]),
        lambda: put(absent, "d1/c/00000"),
        lambda: put(absent, "d1/c/00000", b"x" * MIB),
    ):
        with pytest.raises(UnavailableError) as told:
            act()
        assert "DOSSIER_OBJECTS" in told.value.advice


def test_where_nobody_listens_is_told_after_a_few_tries(unused_port):
    server = buckets.S3(f"http://127.0.0.1:{unused_port}", "access", "secret")
    objects = Bucket(server, "test-nowhere").objects()
    for act in (objects.check, lambda: put(objects, "d1/c/00000"), lambda: objects.remove_below("d1")):
        with pytest.raises(UnavailableError, match="NewConnectionError") as told:
            act()
        assert "DOSSIER_S3_ENDPOINT" in told.value.advice


@pytest.fixture
def unused_port() -> Iterator[int]:
    """Bound and not listened on: nobody else gets it meanwhile."""
    import socket  # noqa: PLC0415

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


ENDPOINTS = ["", "s3.example", "ftp://s3.example", "https://", "https://s3.example/path", "https://u:p@s3.example", "https://s3.example?x", "http://s3.example:99999"]  # fmt: skip


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_endpoint_that_is_none_is_refused_with_an_example(endpoint):
    with pytest.raises(ConfigurationError, match="DOSSIER_S3_ENDPOINT") as told:
        S3Objects("papers", endpoint=endpoint, region="us-east-1", access_key="a", secret_key="s")
    assert "https://" in told.value.advice


@pytest.mark.parametrize("name", ["", "ab", "UPPER", "a..b", "a/b", "127.0.0.1", "x" * 64])
def test_a_bucket_that_cannot_be_is_refused(name):
    with pytest.raises(ConfigurationError, match="DOSSIER_OBJECTS"):
        S3Objects(name, endpoint="https://s3.example", region="us-east-1", access_key="a", secret_key="s")
