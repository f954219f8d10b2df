"""Failures of an S3 server or of the way to it: one error with the server's own code, and advice for each kind.

No text here quotes the server except for its code: responses contain keys, names and signatures.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from minio.error import MinioException, S3Error, ServerError
from urllib3.exceptions import HTTPError

from vault.errors import UnavailableError

# Exceptions of a request. ValueError and ParseError: a response that cannot be parsed is not S3's.
FAULTS = (MinioException, HTTPError, UnavailableError, ET.ParseError, ValueError)

FORBIDDEN, ABSENT, CONFLICT, PRECONDITION, RANGE = 403, 404, 409, 412, 416
_PASSING_STATUS = {408, CONFLICT, 429, 500, 502, 503, 504}  # a conflict with a concurrent request
_PASSING = {"InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling"}
_CODE = re.compile(r"[A-Za-z0-9.]{1,64}", re.ASCII)
_AGAIN = "Nothing is lost. Try again; if it stays so, look at the object store that DOSSIER_S3_ENDPOINT names."
_KEYS = "Correct the files that DOSSIER_S3_ACCESS_KEY_FILE and DOSSIER_S3_SECRET_KEY_FILE name."
_REGION = "Correct DOSSIER_S3_REGION and DOSSIER_S3_ENDPOINT."
_POLICY = "Put the bucket's policy in force (`python -m infra.roles`), and see that each role has the keys of its own."
_ADVICE = {
    "AccessDenied": _POLICY,
    "AllAccessDisabled": _POLICY,
    "AccountProblem": _KEYS,
    "AuthorizationHeaderMalformed": _REGION,
    "IncorrectRegion": _REGION,
    "InvalidAccessKeyId": _KEYS,
    "InvalidBucketName": "Correct the bucket's name in DOSSIER_OBJECTS.",
    "NoSuchBucket": "Make the bucket (`python -m infra.roles`), or correct its name in DOSSIER_OBJECTS.",
    "PermanentRedirect": _REGION,
    "QuotaExceeded": "The object store is full. Give it more room, then try again.",
    "RequestTimeTooSkewed": "Set the clock of this machine, or that of the object store.",
    "SignatureDoesNotMatch": _KEYS,
    "TemporaryRedirect": _REGION,
}


class RefusedError(UnavailableError):
    """The store did not do the request; `kind` is S3's code or names the fault, `status` is HTTP's, or 0."""

    def __init__(self, kind: str, status: int, *, passing: bool) -> None:
        super().__init__(f"the object store fails: {kind}", advice=_ADVICE.get(kind, _AGAIN))
        self.kind = kind
        self.status = status
        self.passing = passing

    @property
    def absent(self) -> bool:
        """True when the object is absent and the bucket is not."""
        return self.status == ABSENT and self.kind != "NoSuchBucket"


def refusal(error: Exception) -> RefusedError | UnavailableError:
    """The fault as an error for callers."""
    if isinstance(error, UnavailableError):
        return error
    if isinstance(error, S3Error):
        return refused(error.code or "", error.response.status)
    if isinstance(error, ServerError):
        return refused("", error.status_code)
    if isinstance(error, HTTPError):
        return RefusedError(type(error).__name__, 0, passing=True)
    return RefusedError("what answers does not speak S3", 0, passing=True)


def refused(code: str, status: int) -> RefusedError:
    """The error for a response's status and code ("" when it had none)."""
    kind = code if _CODE.fullmatch(code) else f"HTTP {status}"
    return RefusedError(kind, status, passing=status in _PASSING_STATUS or kind in _PASSING)
