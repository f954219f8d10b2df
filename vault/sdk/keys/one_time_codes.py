"""The secret of a person's one-time codes: for typing, for scanning, in a file."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from vault.errors import InvalidInputError
from vault.files import write_private
from vault.sdk.device.home import read_private
from vault.secret import Secret
from vault.totp import DIGITS, PERIOD, code, step_of

SECRET_SIZE = 20
MIN_SECRET, MAX_SECRET = 10, 64


class TotpSecretError(InvalidInputError):
    """A one-time-code secret cannot be read."""

    code = "totp_invalid"


def new_secret() -> Secret:
    """Twenty random bytes, as RFC 4226 recommends."""
    return Secret(secrets.token_bytes(SECRET_SIZE))


def to_base32(secret: bytes) -> str:
    """The secret for typing into an app: base32 without padding."""
    return base64.b32encode(bytes(secret)).decode("ascii").rstrip("=")


def from_base32(text: str) -> Secret:
    """The inverse of `to_base32`; blanks, dashes, padding and lower case are fine. Raises TotpSecretError."""
    letters = re.sub(r"[\s=-]", "", text).upper()
    try:
        secret = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raise TotpSecretError("the secret of the one-time codes is not base32") from None
    if not MIN_SECRET <= len(secret) <= MAX_SECRET:
        raise TotpSecretError(f"the secret of the one-time codes has {MIN_SECRET} to {MAX_SECRET} bytes")
    return Secret(secret)


def otpauth_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """The content of the QR code for an authenticator app. Secret."""
    query = urlencode(
        {"secret": to_base32(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": PERIOD},
        quote_via=quote,
    )
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='@')}?{query}"


def read_secret_file(path: Path) -> Secret | None:
    """The secret in a file of base32; None when there is no such file."""
    raw = read_private(path)
    try:
        return None if raw is None else from_base32(raw.decode("ascii"))
    except UnicodeDecodeError:
        raise TotpSecretError(f"there is no secret of one-time codes in {path}") from None


def write_secret_file(path: Path, secret: bytes) -> None:
    """Write the secret as base32, mode 0600."""
    write_private(path, to_base32(secret).encode("ascii") + b"\n")


class Codes:
    """Codes from a secret on this machine: each call gives a fresh one, waiting if necessary."""

    def __init__(self, secret: bytes, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._secret = Secret(secret)
        self._now = now
        self._sleep = sleep
        self._given: int | None = None

    def __call__(self) -> str:
        """The code of this half minute; if that was given already, wait and give the next one."""
        while self._given is not None and step_of(self._now()) <= self._given:
            at = self._now()
            self._sleep(PERIOD - at.timestamp() % PERIOD + 0.1)
        self._given = step_of(self._now())
        return code(self._secret, self._given)
