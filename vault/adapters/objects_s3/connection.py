"""Signed requests to one bucket (AWS Signature Version 4), with patience where an act may safely be repeated."""

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
from minio.signer import sign_v4_s3
from urllib3 import BaseHTTPResponse

from vault.adapters.objects_s3.pool import pool
from vault.adapters.objects_s3.refusals import FAULTS, RefusedError, refusal, refused
from vault.adapters.objects_s3.xml import code_of
from vault.errors import ConfigurationError

T = TypeVar("T")
MAX_ANSWER = 8 << 20  # bytes of a page of a thousand names of 1 KiB, each byte of them escaped, twice over
_CONNECTIONS = 256  # kept open between requests; more are made, and closed again, when more are needed
_FINE = {200, 204, 206}


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds: for a connection, for each send and each read on it, and the pauses between tries."""

    connect: float = 5.0
    answer: float = 60.0
    pauses: tuple[float, ...] = (0.2, 0.6, 1.8)


class Connection:
    """A bucket as one user of it sees it. Threads may share one; processes may not."""

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
        """Do it, and as long as `again` allows a few times more when the server is overloaded or out of reach.

        Raises UnavailableError: RefusedError with the server's own code. Its text and chain repeat nothing of the
        request, because what S3 servers and HTTP clients write into theirs names objects and keys.
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
        body: bytes | Iterable[bytes] | None = None,
        digest: str = sha256(b"").hexdigest(),
    ) -> BaseHTTPResponse:
        """Send one request, signed for a body with that SHA-256 (hex); the answer's body is not read yet.

        Raises RefusedError unless it is one of success, urllib3's errors, and whatever `body` raises.
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


def finished(response: BaseHTTPResponse) -> bytes:
    """The body of an answer, read to its end; RefusedError when it is longer than any answer of S3."""
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
