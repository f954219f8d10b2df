"""Erasure's deletes on S3 against the same ones made raw: a listing of all versions, then multi-deletes of a thousand."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.bench.measuring import Sample, alternate, timed
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import Bucket, bucket
from vault.adapters.objects_s3 import S3Objects

ROW = 6
BODY = b"ciphertext of a page, " * 200


def run(*, quick: bool = False) -> Iterator[Result]:
    """`Objects.remove_below` looks again afterwards whether anything is left; the raw delete does not."""
    count, rounds = (20, 1) if quick else (1500, 5)
    with bucket() as chosen:
        s3 = chosen.s3
        objects = S3Objects(
            chosen.name, endpoint=s3.endpoint, region=s3.region, access_key=s3.access_key, secret_key=s3.secret_key
        )
        ours = partial(removed, chosen, objects, count)
        raw = partial(removed, chosen, None, count)
        compared = alternate(ours, raw, rounds)
    name = f"remove {count} objects of a dossier, every version, verified, against list and multi-delete"
    yield ratio(ROW, name, compared, Goal(at_least=0.95), size=count, unit="objects")


def removed(chosen: Bucket, objects: S3Objects | None, count: int) -> Sample:
    """Make them, then time how long it takes to remove them."""
    folder = secrets.token_hex(16)
    make(chosen, folder, count)
    work = partial(chosen.remove, f"{folder}/") if objects is None else partial(objects.remove_below, folder)
    sample = timed(work, [] if chosen.pid is None else [chosen.pid])
    if chosen.remove(f"{folder}/"):
        raise RuntimeError("something was left")
    return sample


def make(chosen: Bucket, folder: str, count: int) -> None:
    """As many objects of a few kilobytes."""

    def put(number: int) -> None:
        name = f"{folder}/{hashlib.sha256(b'%d' % number).hexdigest()[:32]}/00000000"
        chosen.client.put_object(chosen.name, name, io.BytesIO(BODY), len(BODY))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(put, range(count)))
