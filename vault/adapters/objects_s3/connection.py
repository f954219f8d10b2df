"""Signed requests to one bucket (AWS Signature Version 4), retried where a repetition is safe."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import certifi
from minio import Minio
from minio import time as amz_time
from minio.credentials.credentials import Credentials
from minio.helpers import BaseURL, check_bucket_name
from minio.signer import presign_v4, sign_v4_s3
from urllib3 import BaseHTTPResponse

from vault.adapters.objects_s3.pool import pool
from vault.adapters.objects_s3.refusals import FAULTS, RefusedError, refusal, refused
from vault.adapters.objects_s3.xml import code_of
from vault.errors import ConfigurationError

T = TypeVar("T")
MAX_ANSWER = 8 << 20  # bytes: twice a page of a thousand names of 1 KiB with every byte escaped
_CONNECTIONS = 256  # connections kept open between requests; more are opened for a peak, and closed after it
_FINE = {200, 204, 206}
UNSIGNED = "UNSIGNED-PAYLOAD"
ADDRESS_SECONDS = 15  # as far as the clocks of this machine and the store may differ


@dataclass(frozen=True, slots=True)
class Patience:
    """Timeouts in seconds: to connect, for each send and read, and the pauses between tries."""

    connect: float = 5.0
    answer: float = 60.0
    pauses: tuple[float, ...] = (0.2, 0.6, 1.8)


class Connection:
    """A bucket, with one user's credentials. Threads may share it; processes may not."""

    def __init__(
        self, bucket: str, *, endpoint: str, region: str, access_key: str, secret_key: str, patience: Patience
    ) -> None:
        host, secure = _place(endpoint)
        try:
            check_bucket_name(bucket, strict=True)
        except ValueError as error:
            raise ConfigurationError(
                "DOSSIER_OBJECTS names no bucket as S3 allows it",
                advice="A bucket's name is 3 to 63 lower-case letters, digits and hyphens.",
            ) from error
        self.bucket = bucket
        self.pauses = patience.pauses
        self._region = region
        self._credentials = Credentials(access_key, secret_key)
        self._url = BaseURL(("https://" if secure else "http://") + host, region)
        self._pool = pool(
            connect=patience.connect,
            answer=patience.answer,
            size=_CONNECTIONS,
            ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        )
        self.client = Minio(
            host, access_key=access_key, secret_key=secret_key, secure=secure, region=region, http_client=self._pool
        )

    def attempt(self, act: Callable[[], T], *, again: Callable[[], bool] = lambda: True) -> T:
        """Call it; while `again` permits, retry a few times when the server is overloaded or unreachable.

        Raises UnavailableError: RefusedError with the server's own code. Its text and chain quote nothing: the messages
        of S3 servers and HTTP clients name objects and keys.
        """
        pauses = iter(self.pauses)
        while True:
            try:
                return act()
            except FAULTS as error:
                trouble = refusal(error)
            pause = next(pauses, None)
            if pause is None or not (isinstance(trouble, RefusedError) and trouble.passing) or not again():
                raise trouble
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - so that not all come again at once

    def open(
        self,
        method: str,
        name: str | None = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[memoryview] | None = None,
        digest: str = sha256(b"").hexdigest(),
    ) -> BaseHTTPResponse:
        """Send one request, signed for a body with that SHA-256 (hex) or UNSIGNED; its response's body is not read yet.

        Raises RefusedError for a response other than success, urllib3's errors, and exceptions of `body`.
        """
        date = amz_time.utcnow()
        url = self._url.build(
            method=method,
            region=self._region,
            bucket_name=self.bucket,
            object_name=name,
            query_params=dict(query or {}),
        )
        signed = sign_v4_s3(
            method=method,
            url=url,
            region=self._region,
            headers={
                **(headers or {}),
                "Host": url.netloc,
                "x-amz-content-sha256": digest,
                "x-amz-date": amz_time.to_amz_date(date),
            },
            credentials=self._credentials,
            content_sha256=digest,
            date=date,
        )
        response = self._pool.urlopen(
            method, urlunsplit(url), redirect=False, body=body, headers=signed, preload_content=False
        )
        if response.status in _FINE:
            return response
        raise refused(code_of(finished(response)), response.status)

    def address(self, name: str) -> str:
        """A GET of one object, signed for some seconds: a presigned URL."""
        url = self._url.build(method="GET", region=self._region, bucket_name=self.bucket, object_name=name)
        signed = presign_v4(
            method="GET",
            url=url,
            region=self._region,
            credentials=self._credentials,
            date=amz_time.utcnow(),
            expires=ADDRESS_SECONDS,
        )
        return urlunsplit(signed)


def finished(response: BaseHTTPResponse) -> bytes:
    """Read the whole body of a response; raises RefusedError when it is longer than any response of S3."""
    try:
        body = response.read(MAX_ANSWER + 1, decode_content=False)
        if len(body) > MAX_ANSWER:
            response.close()
            raise RefusedError("an answer without end", response.status, passing=False)
        return body
    finally:
        response.release_conn()


def _place(endpoint: str) -> tuple[str, bool]:
    """Host with port, and whether TLS; raises ConfigurationError."""
    parts = urlsplit(endpoint)
    bare = not (parts.username or parts.query or parts.fragment) and parts.path in {"", "/"}
    try:
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and bare and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigurationError(
            "DOSSIER_S3_ENDPOINT is no address of an S3 server",
            advice="Write scheme, host and port alone, for example DOSSIER_S3_ENDPOINT=https://s3.example:9000.",
        )
    return parts.netloc, parts.scheme == "https"
