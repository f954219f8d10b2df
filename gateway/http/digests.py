"""Content-Digest (RFC 9530): a dictionary of algorithm and byte sequence, of which SHA-256 is read."""

from __future__ import annotations

import base64
import binascii
import re

from gateway.http.failures import Problem

_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):[ \t]*\Z")
SHA256_SIZE = 32


def read_content_digest(value: str | None) -> bytes:
    """The announced SHA-256 of a request's content; raises Problem `invalid` when there is none."""
    for member in (value or "").split(","):
        match = _MEMBER.match(member)
        if match is None or match[1] != "sha-256":
            continue
        try:
            digest = base64.b64decode(match[2], validate=True)
        except binascii.Error:
            continue
        if len(digest) == SHA256_SIZE:
            return digest
    raise Problem("invalid", "The header Content-Digest must give a sha-256.")
