"""Least privilege on a real server: what gateway and worker may not do in the bucket, and that it is enough for each."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

from infra.roles.bucket import apply_bucket, bucket_policy
from infra.roles.versity import make_user
from tests import buckets, engines
from tests.buckets import Bucket
from tests.contract.test_objects import MIB, put, read
from tests.faults.lying_s3 import Answer, LyingS3, times
from vault import settings
from vault.adapters.objects_s3 import S3Objects
from vault.errors import UnavailableError
from vault.secret import SecretText

DOCUMENT = "d1/c/00000"
LEDGER = "ledger/0000000001"


@dataclass(frozen=True)
class User:
    objects: S3Objects
    client: Minio


@dataclass(frozen=True)
class House:
    bucket: Bucket
    gateway: User
    worker: User
    stranger: User


def apply(bucket: Bucket, gateway: str, worker: str) -> None:
    server = bucket.server
    apply_bucket(server.endpoint, server.region, bucket.name, server.access_key, server.secret_key, gateway, worker)


@pytest.fixture(scope="module")
def standing() -> Iterator[House]:
    server = engines.s3()
    bucket = Bucket(server, f"test-{secrets.token_hex(8)}")
    owner = settings.Bucket(
        bucket.name, server.endpoint, server.region, server.access_key, SecretText(server.secret_key)
    )
    keys = {role: (f"{role}{secrets.token_hex(6)}", secrets.token_hex(16)) for role in ("gateway", "worker", "other")}
    users = {}
    for role, (access, secret) in keys.items():
        assert make_user(owner, access, secret)
        users[role] = User(
            bucket.objects(access_key=access, secret_key=secret), bucket.client(access_key=access, secret_key=secret)
        )
    for _ in range(2):  # repeatable
        apply(bucket, keys["gateway"][0], keys["worker"][0])
    yield House(bucket, users["gateway"], users["worker"], users["other"])
    bucket.client().delete_bucket_policy(bucket.name)
    bucket.empty()
    bucket.client().remove_bucket(bucket.name)


@pytest.fixture
def house(standing: House) -> Iterator[House]:
    yield standing
    standing.bucket.empty()


def denied(act) -> bool:
    try:
        act()
    except S3Error as error:
        return error.code == "AccessDenied"
    return False


def raw_put(user: User, bucket: Bucket, name: str) -> None:
    user.client.put_object(bucket.name, name, io.BytesIO(b"x"), 1)


def raw_delete(user: User, bucket: Bucket, name: str, version: str | None = None) -> None:
    """As a multi-object delete, too: it answers for each object by itself."""
    errors = list(user.client.remove_objects(bucket.name, [DeleteObject(name, version)]))
    user.client.remove_object(bucket.name, name, version_id=version)
    assert not errors


def test_a_gateway_puts_and_gets_and_passes_its_check(house):
    objects = house.gateway.objects
    objects.check()
    body = b"x" * (3 * MIB)
    assert put(objects, DOCUMENT, body)
    assert not put(objects, DOCUMENT, body)
    assert read(objects, DOCUMENT, 5, MIB) == body[5 : 5 + MIB]
    assert objects.size(DOCUMENT) == len(body)
    assert objects.size("d1/c/00001") is None
    with pytest.raises(LookupError):
        objects.get("d1/c/00001")


def test_a_gateway_neither_lists_nor_deletes_nor_sees_or_changes_the_policy(house):
    put(house.gateway.objects, DOCUMENT)
    client, name = house.gateway.client, house.bucket.name
    assert denied(lambda: list(client.list_objects(name, recursive=True)))
    assert denied(lambda: list(client.list_objects(name, recursive=True, include_version=True)))
    assert denied(lambda: raw_delete(house.gateway, house.bucket, DOCUMENT))
    assert denied(lambda: client.get_bucket_policy(name))
    assert denied(lambda: client.set_bucket_policy(name, "{}"))
    assert denied(lambda: client.set_bucket_versioning(name, VersioningConfig("Suspended")))
    assert denied(lambda: client.remove_bucket(name))
    for act in (
        lambda: list(house.gateway.objects.names()),
        lambda: house.gateway.objects.remove([DOCUMENT]),
        lambda: house.gateway.objects.remove_below("d1"),
        lambda: house.gateway.objects.empty_below("d1"),
    ):
        with pytest.raises(UnavailableError, match="AccessDenied") as told:
            act()
        assert "policy" in told.value.advice
    assert read(house.gateway.objects, DOCUMENT)


def test_a_gateway_writes_no_ledger_and_may_read_it(house):
    assert denied(lambda: raw_put(house.gateway, house.bucket, LEDGER))
    with pytest.raises(UnavailableError):
        put(house.gateway.objects, LEDGER)
    put(house.worker.objects, LEDGER)
    assert read(house.gateway.objects, LEDGER)


def test_a_worker_lists_sizes_and_removes_every_version_and_passes_its_check(house):
    worker = house.worker.objects
    worker.check()
    for number in range(3):
        put(house.gateway.objects, f"d1/c/{number:05d}")
    raw_put(house.gateway, house.bucket, DOCUMENT)
    assert list(worker.names()) == [f"d1/c/{number:05d}" for number in range(3)]
    assert worker.size(DOCUMENT) == 1
    assert worker.size("d1/c/00009") is None
    worker.remove(["d1/c/00001"])
    assert not worker.empty_below("d1")
    worker.remove_below("d1")
    assert worker.empty_below("d1")
    assert house.bucket.left() == []


def test_a_worker_reads_and_writes_no_document(house):
    put(house.gateway.objects, DOCUMENT)
    client, name = house.worker.client, house.bucket.name
    assert denied(lambda: client.get_object(name, DOCUMENT))
    assert denied(lambda: raw_put(house.worker, house.bucket, "d1/c/00001"))
    assert denied(lambda: client.get_bucket_policy(name))
    assert denied(lambda: client.set_bucket_policy(name, "{}"))
    with pytest.raises(UnavailableError, match="AccessDenied"):
        house.worker.objects.get(DOCUMENT)


def test_a_worker_keeps_the_ledger_and_nobody_removes_from_it(house):
    worker, bucket = house.worker.objects, house.bucket
    assert put(worker, LEDGER, b"tombstone")
    assert not put(worker, LEDGER, b"tombstone")
    assert read(worker, LEDGER) == b"tombstone"
    [entry] = bucket.listing().versions("ledger/")
    for user in (house.worker, house.gateway):
        assert denied(lambda user=user: user.client.remove_object(bucket.name, LEDGER))
        assert denied(lambda user=user: user.client.remove_object(bucket.name, LEDGER, version_id=entry.version))
        refused = user.client.remove_objects(bucket.name, [DeleteObject(LEDGER, entry.version)])
        assert denied_each(refused)
    assert bucket.left() == [LEDGER]


def denied_each(errors) -> bool:
    """A multi-object delete is refused as a whole or for each object."""
    try:
        return [error.code for error in errors] == ["AccessDenied"]
    except S3Error as error:
        return error.code == "AccessDenied"


def test_another_user_of_the_server_may_do_nothing(house):
    put(house.gateway.objects, DOCUMENT)
    other = house.stranger.client
    assert denied(lambda: other.get_object(house.bucket.name, DOCUMENT))
    assert denied(lambda: list(other.list_objects(house.bucket.name)))
    assert denied(lambda: raw_put(house.stranger, house.bucket, "d1/c/00001"))


def test_a_name_in_the_policy_is_never_more_than_a_name():
    strange = 'x", "*'
    policy = bucket_policy("papers", strange, "worker")
    gateway, *_ = policy["Statement"]
    assert gateway["Principal"] == {"AWS": [strange]}
    assert gateway["Resource"] == ["arn:aws:s3:::papers/*"]


def test_a_server_that_is_overloaded_for_a_moment_gets_its_bucket_all_the_same():
    with LyingS3(buckets.moto().endpoint) as liar:
        liar.before = times(2, lambda _: Answer(503))
        bucket = Bucket(replace(buckets.moto(), endpoint=liar.url), f"test-{secrets.token_hex(8)}")
        apply(bucket, "arn:aws:iam::123456789012:user/gateway", "arn:aws:iam::123456789012:user/worker")
        assert bucket.client().get_bucket_versioning(bucket.name).status == "Enabled"
        bucket.client().delete_bucket_policy(bucket.name)
        bucket.client().remove_bucket(bucket.name)


def test_a_bucket_that_was_there_gets_versions_and_policy():
    with buckets.new_bucket(buckets.moto()) as bucket:
        for _ in range(2):
            apply(bucket, "arn:aws:iam::123456789012:user/gateway", "arn:aws:iam::123456789012:user/worker")
        assert bucket.client().get_bucket_versioning(bucket.name).status == "Enabled"
        assert '"GatewayWritesNoLedger"' in bucket.client().get_bucket_policy(bucket.name)
