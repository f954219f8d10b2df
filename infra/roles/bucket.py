"""The bucket with versioning and its policy; `bucket_policy.json` holds the rights."""

from __future__ import annotations

import json
from pathlib import Path
from string import Template
from typing import Any

from minio import Minio
from minio.commonconfig import ENABLED
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

from vault.adapters.objects_s3 import Patience
from vault.adapters.objects_s3.connection import Connection

_TEMPLATE = Path(__file__).with_name("bucket_policy.json")
_THERE = {"BucketAlreadyExists", "BucketAlreadyOwnedByYou"}


def apply_bucket(
    endpoint: str,
    region: str,
    bucket: str,
    admin_access_key: str,
    admin_secret_key: str,
    gateway_principal: str,
    worker_principal: str,
) -> None:
    """Make the bucket if missing, switch versioning on, and set the policy; repeatable.

    A principal names a user in the server's policies: an ARN (AWS, Ceph), an access key (Versity Gateway). Raises
    ConfigurationError for an invalid bucket or endpoint, UnavailableError when the server refuses.
    """
    connection = make_bucket(endpoint, region, bucket, admin_access_key, admin_secret_key)
    policy = json.dumps(bucket_policy(bucket, gateway_principal, worker_principal))
    connection.attempt(lambda: connection.client.set_bucket_policy(bucket, policy))


def make_bucket(endpoint: str, region: str, bucket: str, admin_access_key: str, admin_secret_key: str) -> Connection:
    """Make the bucket if missing, and switch versioning on; repeatable. Raises as `apply_bucket`."""
    connection = Connection(
        bucket,
        endpoint=endpoint,
        region=region,
        access_key=admin_access_key,
        secret_key=admin_secret_key,
        patience=Patience(),
    )
    client = connection.client
    connection.attempt(lambda: _make(client, bucket))
    connection.attempt(lambda: client.set_bucket_versioning(bucket, VersioningConfig(ENABLED)))
    return connection


def bucket_policy(bucket: str, gateway_principal: str, worker_principal: str) -> Any:
    """The policy as JSON, with these names in it."""
    names = {"bucket": bucket, "gateway": gateway_principal, "worker": worker_principal}
    return _filled(json.loads(_TEMPLATE.read_text(encoding="utf-8")), names)


def _make(client: Minio, bucket: str) -> None:
    try:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
    except S3Error as error:
        if error.code not in _THERE:  # another process has just made it
            raise


def _filled(value: Any, names: dict[str, str]) -> Any:
    """Fill the names in after parsing, so that a name cannot inject JSON."""
    if isinstance(value, str):
        return Template(value).substitute(names)
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each, names) for key, each in value.items()}
    return value
