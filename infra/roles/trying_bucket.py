"""Trials of the rights of gateway and worker in the bucket, on a test object that is removed afterwards."""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Iterator

import urllib3
from minio import Minio
from minio.error import S3Error

from infra.roles.plan import Plan
from infra.roles.trials import Trial, must, must_not
from vault.adapters.objects_s3 import Patience, S3Objects
from vault.adapters.objects_s3.connection import Connection
from vault.errors import VaultError
from vault.settings import Bucket, Role

_FAULTS = (S3Error, VaultError, LookupError, urllib3.exceptions.HTTPError, ValueError)
_PATIENCE = Patience(connect=5.0, answer=20.0, pauses=())
_BYTES = b"a trial of `python -m infra.roles --check`; it may go"


def try_bucket(plan: Plan) -> Iterator[Trial]:
    """The gateway may put an object and nothing else; the worker may remove it and not read it.

    No trial does harm if it is wrongly allowed.
    """
    gateway, worker = plan.keys_of(Role.GATEWAY), plan.keys_of(Role.WORKER)
    folder = f"trial{secrets.token_hex(16)}"
    name = f"{folder}/trial/00000"
    yield from _gateway(gateway, name)
    yield from _worker(worker, folder, name)


def _gateway(keys: Bucket, name: str) -> Iterator[Trial]:
    objects, client = _objects(keys), _client(keys)
    bucket, where = keys.name, "objects: the gateway"
    digest = hashlib.sha256(_BYTES).digest()
    yield must(
        f"{where} can put a document", lambda: objects.put(name, io.BytesIO(_BYTES), len(_BYTES), digest), _FAULTS
    )
    yield must(f"{where} can get a document", lambda: b"".join(objects.get(name)), _FAULTS)
    yield _stranger(keys, name)
    yield _denied(f"{where} cannot list", lambda: list(client.list_objects(bucket, recursive=True)))
    yield _denied(f"{where} cannot remove a document", lambda: client.remove_object(bucket, name))
    yield _denied(f"{where} cannot write into the ledger", lambda: _put(client, bucket, "ledger/trial"))
    yield _denied(f"{where} cannot change the policy", lambda: client.set_bucket_policy(bucket, "{}"))


def _worker(keys: Bucket, folder: str, name: str) -> Iterator[Trial]:
    objects, client = _objects(keys), _client(keys)
    bucket, where = keys.name, "objects: the worker"
    yield must(f"{where} can list", lambda: list(objects.names(f"{folder}/")), _FAULTS)
    yield _denied(f"{where} cannot get a document", lambda: _get(client, bucket, name))
    yield _denied(f"{where} cannot put a document", lambda: _put(client, bucket, f"{folder}/trial/00001"))
    yield _denied(f"{where} cannot remove from the ledger", lambda: client.remove_object(bucket, "ledger/trial"))
    yield _denied(f"{where} cannot change the policy", lambda: client.set_bucket_policy(bucket, "{}"))
    yield must(f"{where} can remove every version", lambda: objects.remove_below(folder), _FAULTS)


def _stranger(keys: Bucket, name: str) -> Trial:
    what = "objects: nobody without keys can get a document"
    try:
        answer = urllib3.request("GET", f"{keys.endpoint.rstrip('/')}/{keys.name}/{name}", timeout=10.0, retries=False)
    except urllib3.exceptions.HTTPError as error:
        return Trial(what, ok=False, reason=f"it was not refused, it failed: {type(error).__name__}")
    refused = answer.status in {401, 403}
    return Trial(what, ok=refused, reason="" if refused else f"the answer was {answer.status}")


def _denied(name: str, act: object) -> Trial:
    assert callable(act)
    return must_not(name, act, lambda error: isinstance(error, S3Error) and error.code == "AccessDenied", _FAULTS)


def _put(client: Minio, bucket: str, name: str) -> None:
    client.put_object(bucket, name, io.BytesIO(_BYTES), len(_BYTES))


def _get(client: Minio, bucket: str, name: str) -> None:
    answer = client.get_object(bucket, name)
    answer.close()
    answer.release_conn()


def _objects(keys: Bucket) -> S3Objects:
    return S3Objects(
        keys.name,
        endpoint=keys.endpoint,
        region=keys.region,
        access_key=keys.access_key,
        secret_key=keys.secret_key.reveal(),
        patience=_PATIENCE,
    )


def _client(keys: Bucket) -> Minio:
    return Connection(
        keys.name,
        endpoint=keys.endpoint,
        region=keys.region,
        access_key=keys.access_key,
        secret_key=keys.secret_key.reveal(),
        patience=_PATIENCE,
    ).client
