"""A gateway lets the S3 server compare digests only where it was seen to do so; elsewhere it does so itself."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from threading import Thread

import pytest

from tests import buckets
from tests.buckets import Bucket
from tests.faults.lying_s3 import Answer, LyingS3, Request, error, lose, times
from tests.faults.s3_place import LARGE, NAME, SMALL, Place, put, read, told
from vault.adapters.objects_s3 import checksums
from vault.adapters.objects_s3.checksums import ChecksumTrial
from vault.ports.errors import DigestMismatchError

OTHER = LARGE[:-1] + bytes([LARGE[-1] ^ 1])
HEADER = "x-amz-checksum-sha256"


class Comparing(LyingS3):
    """Compares the checksum as S3 says; the server behind it need not."""

    def forward(self, request: Request) -> Answer:
        named = request.headers.get(HEADER)
        if named is not None and checksums.checksum(hashlib.sha256(request.body).digest())[HEADER] != named:
            return error(400, "BadDigest")
        return super().forward(request)


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with buckets.new_bucket(buckets.moto(), versioned=True) as bucket:
        yield bucket


@pytest.fixture(params=[Comparing, LyingS3])
def place(bucket: Bucket, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A gateway's store, before a server that compares and one that does not: moto takes anything."""
    with request.param(bucket.server.endpoint) as liar:
        bucket.empty()
        yield Place(bucket, liar, bucket.objects(endpoint=liar.url, proving=True))


@pytest.fixture
def comparing(bucket: Bucket) -> Iterator[Place]:
    with Comparing(bucket.server.endpoint) as liar:
        bucket.empty()
        yield Place(bucket, liar, bucket.objects(endpoint=liar.url, proving=True))


def puts(place: Place) -> list[Request]:
    return [request for request in place.liar.acts("PUT") if request.name != checksums.NAME]


def trials(place: Place) -> int:
    return len([request for request in place.liar.acts("PUT") if request.name == checksums.NAME])


def put_wrong(place: Place) -> None:
    with pytest.raises(DigestMismatchError):
        place.objects.put(NAME, io.BytesIO(OTHER), len(LARGE), hashlib.sha256(LARGE).digest())


def relies(place: Place) -> bool:
    """Whether the last put left it to the server."""
    return HEADER in puts(place)[-1].headers


def test_whoever_compares_other_bytes_are_not_kept(place: Place) -> None:
    put_wrong(place)
    assert NAME not in place.bucket.left()
    assert put(place.objects, NAME, LARGE)
    assert relies(place) is isinstance(place.liar, Comparing)
    assert read(place.objects, NAME) == LARGE
    assert trials(place) == 1, "what was found out is known"


@pytest.mark.parametrize("body", [LARGE[:-1], LARGE[:1], b"", LARGE + b"x", LARGE * 2])
def test_a_body_of_another_length_is_cut_off_before_its_end(comparing: Place, body: bytes) -> None:
    with pytest.raises(DigestMismatchError):
        comparing.objects.put(NAME, io.BytesIO(body), len(LARGE), hashlib.sha256(LARGE).digest())
    assert comparing.bucket.left() == []
    assert puts(comparing) == []


def test_a_small_body_is_compared_here(comparing: Place) -> None:
    assert put(comparing.objects, NAME, SMALL)
    assert trials(comparing) == 0
    assert not relies(comparing)


def test_a_server_that_refuses_and_keeps_is_not_relied_on(comparing: Place) -> None:
    comparing.liar.after = lambda request, answer: (
        Answer(200) if (request.act, request.name) == ("HEAD", checksums.NAME) else answer
    )
    assert put(comparing.objects, NAME, LARGE)
    assert not relies(comparing)


@pytest.mark.parametrize("refusal", [(403, "AccessDenied"), (400, "InvalidRequest"), (501, "NotImplemented")])
def test_a_server_that_refuses_for_another_reason_is_not_relied_on(comparing: Place, refusal: tuple[int, str]) -> None:
    comparing.liar.before = lambda request: error(*refusal) if request.name == checksums.NAME else None
    for name in (NAME, "d1/c/00001"):
        assert put(comparing.objects, name, LARGE)
        assert not relies(comparing)
    assert trials(comparing) == 1


@pytest.mark.parametrize("fault", [lambda _: error(503, "SlowDown"), lose])
@pytest.mark.parametrize("act", ["PUT", "HEAD"])
def test_a_trial_that_fails_is_made_again(comparing: Place, fault: object, act: str) -> None:
    assert callable(fault)
    once = times(1, fault, of=(act,))
    comparing.liar.before = lambda request: once(request) if request.name == checksums.NAME else None
    assert put(comparing.objects, NAME, LARGE)
    assert not relies(comparing)
    assert put(comparing.objects, "d1/c/00001", LARGE)
    assert relies(comparing)


def test_a_server_that_compares_no_more_is_found_out_after_an_hour(
    comparing: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert put(comparing.objects, NAME, LARGE)
    comparing.liar.after = lambda request, answer: (
        Answer(200) if request.name == checksums.NAME and request.act == "PUT" else answer
    )
    assert put(comparing.objects, "d1/c/00001", LARGE)
    assert relies(comparing)
    clock = checksums.time.monotonic() + checksums.KEPT_SECONDS
    monkeypatch.setattr(checksums.time, "monotonic", lambda: clock)
    assert put(comparing.objects, "d1/c/00002", LARGE)
    assert not relies(comparing)


def test_whoever_comes_while_a_trial_is_under_way_does_not_wait_for_it(comparing: Place) -> None:
    trial, asked = ChecksumTrial(comparing.bucket._connection()), list[bool]()

    def meanwhile(request: Request) -> None:
        thread = Thread(target=lambda: asked.append(trial.proven()))
        thread.start()
        thread.join()

    comparing.liar.before = meanwhile
    trial._connection = comparing.objects._connection
    assert trial.proven()
    assert asked == [False, False]


def test_bytes_that_were_changed_on_the_way_are_not_kept(comparing: Place) -> None:
    assert put(comparing.objects, NAME, LARGE)
    forward = comparing.liar.forward
    comparing.liar.forward = lambda request: forward(replace(request, body=OTHER))  # type: ignore[method-assign]
    with pytest.raises(DigestMismatchError):
        put(comparing.objects, "d1/c/00001", LARGE)
    assert comparing.bucket.left() == [NAME]


def test_a_server_that_is_overloaded_is_no_mismatch(comparing: Place) -> None:
    comparing.liar.before = lambda request: error(503, "SlowDown") if request.name == NAME else None
    told(lambda: put(comparing.objects, NAME, LARGE))
