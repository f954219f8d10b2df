"""Texts: small encrypted JSON objects of records, padded, salted and bound to their place (FORMAT.md, "Texts")."""

from __future__ import annotations

from typing import Any

from vault.boxes import OVERHEAD, box, hkdf, unbox
from vault.errors import InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError, lp, to_base64url
from vault.records.standing import check_text, new_salt, text_digest
from vault.records.strict_json import dump, parse_object
from vault.secret import Secret

VERSION = 1
BLOCK = 256
MAX_BOX = 16_384
MAX_TEXT = (MAX_BOX - OVERHEAD) // BLOCK * BLOCK


def text_key(identity: bytes) -> Secret:
    """The key of all texts of a dossier, from its identity's 32-byte seed."""
    return hkdf(identity, "vault/v1/dossier/text")


def seal_text(
    kind: str, fields: dict[str, Any], *, key: bytes, dossier: str, epoch: int, subject: str
) -> tuple[str, bytes]:
    """The digest for the record and the box for the server; raises InvalidInputError for a too long text."""
    text = new_text(kind, fields)
    return text_digest(kind, text), box_text(kind, text, key=key, dossier=dossier, epoch=epoch, subject=subject)


def new_text(kind: str, fields: dict[str, Any]) -> bytes:
    """The text with its salt and padding; raises InvalidInputError for a too long one."""
    content = dump({"v": VERSION, "salt": to_base64url(new_salt()), **fields})
    text = content + b" " * (-len(content) % BLOCK)
    if len(text) > MAX_TEXT:
        raise InvalidInputError(f"the description of a {kind} is too long", advice="Shorten the name, purpose or note.")
    return text


def box_text(kind: str, text: bytes, *, key: bytes, dossier: str, epoch: int, subject: str) -> bytes:
    """The box of a text, for the identity of that epoch; the digest in its record stays as it is."""
    return box(key, _place(kind, dossier, epoch, subject), text)


def open_text(
    kind: str, sealed: bytes, digest: str, *, key: bytes, dossier: str, epoch: int, subject: str
) -> dict[str, Any]:
    """The fields of a text with this digest in its record; raises BoxError, IntegrityError, RecordError."""
    return parse_text(unseal_text(kind, sealed, digest, key=key, dossier=dossier, epoch=epoch, subject=subject))


def unseal_text(kind: str, sealed: bytes, digest: str, *, key: bytes, dossier: str, epoch: int, subject: str) -> bytes:
    """As `open_text`: the text itself, with its salt; raises BoxError, IntegrityError, RecordError."""
    if len(sealed) > MAX_BOX:
        raise RecordError(f"the text of a {kind} is too large")
    text = unbox(key, _place(kind, dossier, epoch, subject), sealed)
    check_text(kind, text, digest)
    return text


def parse_text(text: bytes) -> dict[str, Any]:
    """The fields of a text; raises RecordError."""
    fields = parse_object(text, limit=MAX_TEXT)
    read.integer(fields, "v", least=VERSION, most=VERSION)
    return fields


def _place(kind: str, dossier: str, epoch: int, subject: str) -> bytes:
    return lp(b"vault/v1/text/" + kind.encode(), dossier.encode(), str(epoch).encode(), subject.encode())
