"""Users of a Versity Gateway (1.8), made by its administration interface: `/create-user` and `/update-user`."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape

import urllib3
from minio.credentials.credentials import Credentials
from minio.signer import sign_v4_s3

from vault.errors import ConfigurationError, UnavailableError
from vault.settings import Bucket

_SECONDS = 10.0


def make_user(owner: Bucket, access_key: str, secret_key: str) -> bool:
    """Make a user without rights (a policy gives them), or set an existing user's secret. True when new.

    Raises ConfigurationError when the server refuses, UnavailableError when it does not answer.
    """
    secret = f"<Secret>{escape(secret_key)}</Secret>"
    account = f"<Account><Access>{escape(access_key)}</Access>{secret}<Role>user</Role></Account>"
    if _ask(owner, "/create-user", {}, account) is HTTPStatus.CREATED:
        return True
    _ask(owner, "/update-user", {"access": access_key}, f"<MutableProps>{secret}</MutableProps>")
    return False


def _ask(owner: Bucket, path: str, query: dict[str, str], body: str) -> HTTPStatus:
    url = urlsplit(f"{owner.endpoint.rstrip('/')}{path}?{urlencode(query)}".rstrip("?"))
    digest = hashlib.sha256(body.encode()).hexdigest()
    now = datetime.now(UTC)
    headers: dict[str, str | list[str] | tuple[str]] = {
        "Host": url.netloc,
        "X-Amz-Content-Sha256": digest,
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
    }
    keys = Credentials(owner.access_key, owner.secret_key.reveal())
    signed = sign_v4_s3(
        method="PATCH", url=url, region=owner.region, headers=headers, credentials=keys, content_sha256=digest, date=now
    )
    sent = {name: str(value) for name, value in signed.items()}
    try:
        answer = urllib3.request(
            "PATCH", url.geturl(), body=body.encode(), headers=sent, timeout=_SECONDS, retries=False, redirect=False
        )
    except urllib3.exceptions.HTTPError as error:
        raise UnavailableError(
            f"the object server does not answer: {type(error).__name__}",
            advice="See whether it runs and whether this machine reaches it, then do this again.",
        ) from error
    status = HTTPStatus(answer.status)
    if status in (HTTPStatus.OK, HTTPStatus.CREATED) or (path == "/create-user" and status is HTTPStatus.CONFLICT):
        return status
    raise ConfigurationError(
        f"the object server does not make users: it answers {status.value} to {path}",
        advice="--versity is for Versity Gateway, with the keys of its root user in DOSSIER_OWNER_S3_…_FILE; elsewhere "
        "make the two users as that server does, and leave --versity out.",
    )
