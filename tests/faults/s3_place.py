"""A bucket behind a lying server, and helpers of its tests."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.buckets import HASTY, Bucket
from tests.faults.lying_s3 import LyingS3
from vault.adapters.objects_s3 import S3Objects
from vault.errors import UnavailableError

KIB = 1 << 10
SMALL, LARGE = b"ciphertext", random.Random(1).randbytes(900 * KIB)
NAME = "d1/c/00000"
TRIES = 1 + len(HASTY.pauses)


@dataclass(frozen=True)
class Place:
    bucket: Bucket
    liar: LyingS3
    objects: S3Objects

    def fill(self, *names: str) -> None:
        for name in names:
            put(self.objects, name)
        self.liar.requests.clear()


def put(objects: S3Objects, name: str, body: bytes = SMALL) -> bool:
    return objects.put(name, io.BytesIO(body), len(body), hashlib.sha256(body).digest())


def read(objects: S3Objects, name: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(objects.get(name, start, length))


def told(act: Callable[[], object]) -> UnavailableError:
    """Assert that the act raises UnavailableError with advice, and without quoting the request."""
    with pytest.raises(UnavailableError) as raised:
        act()
    assert raised.value.advice
    assert "d1/" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    return raised.value
