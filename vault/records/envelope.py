"""The envelope: exact record bytes and the signatures over them (FORMAT.md "Envelope")."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.record import write_fields
from vault.records.seen import FIELD, NOTHING_SEEN, Seen
from vault.records.strict_json import dump, parse_object
from vault.records.table import SMALL, limit_of, tells_seen

VERSION = 1
ED25519 = "ed25519"
SIGNATURE_SUITES = frozenset({ED25519})  # those that this software verifies and signs by
MUST_UNDERSTOOD: frozenset[str] = frozenset()


class SignatureError(IntegrityError):
    """A signature is missing, wrong, or by a signer without the right."""

    code = "signature_invalid"


class TooOldError(IntegrityError):
    """The practice asks for what this software does not know: it verifies nothing, and signs nothing."""

    code = "software_old"

    def __init__(self, what: str) -> None:
        super().__init__(f"this software is too old for {what}", advice="Nothing was changed. Update the software.")


def signed_bytes(kind: str, record: bytes) -> bytes:
    """The signed bytes: the type's label, then the record's exact bytes."""
    return b"vault/v1/" + kind.encode() + b"\0" + record


def record_hash(kind: str, record: bytes) -> str:
    """SHA-256 of the signed bytes, as hex, without the signatures."""
    return hashlib.sha256(signed_bytes(kind, record)).hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature of an envelope: `signer` is a member's id, `root`, `installation:<key>` or `share:<id>`."""

    alg: str
    signer: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A record in its stored and sent form: type, exact bytes, signatures, parsed fields."""

    kind: str
    record: bytes
    signatures: tuple[Signature, ...]
    fields: dict[str, Any]

    @property
    def hash(self) -> str:
        """The record's hash, hex."""
        return record_hash(self.kind, self.record)

    @property
    def signer(self) -> str:
        """The signer named in the record."""
        return str(self.fields["signer"])

    def to_json(self) -> dict[str, Any]:
        """The envelope as a JSON value."""
        return {
            "record": to_base64url(self.record),
            "signatures": [{"alg": s.alg, "signer": s.signer, "sig": to_base64url(s.sig)} for s in self.signatures],
        }

    def to_bytes(self) -> bytes:
        """The envelope as JSON text."""
        return dump(self.to_json())


def write(
    kind: str, content: dict[str, Any], *, practice: str, signer: str, key: SigningKey, seen: Seen = NOTHING_SEEN
) -> Envelope:
    """Sign a new record of type `kind`; `content` holds the fields of its type, `seen` what its signer has seen."""
    return write_with(
        kind, content, practice=practice, signer=signer, sign=lambda raw: key.sign(raw).signature, seen=seen
    )


def write_with(
    kind: str,
    content: dict[str, Any],
    *,
    practice: str,
    signer: str,
    sign: Callable[[bytes], bytes],
    seen: Seen = NOTHING_SEEN,
) -> Envelope:
    """As `write`, by a signing function: the key may be elsewhere. Only a type that tells it has the field `seen`."""
    common = {FIELD: write_fields(seen)} if tells_seen(kind) else {}
    fields = {"v": VERSION, "type": kind, "practice": practice, "signer": signer, **common, **content}
    record = dump(fields)
    if len(record) > limit_of(kind):
        raise RecordError(f"a {kind} record may have {limit_of(kind)} bytes, this one has {len(record)}")
    signature = Signature(ED25519, signer, sign(signed_bytes(kind, record)))
    return Envelope(kind, record, (signature,), fields)


def cosigned(envelope: Envelope, signer: str, key: SigningKey) -> Envelope:
    """The envelope with one more signature, by that signer."""
    signed = key.sign(signed_bytes(envelope.kind, envelope.record)).signature
    return replace(envelope, signatures=(*envelope.signatures, Signature(ED25519, signer, signed)))


def signed_by(envelope: Envelope, signer: str) -> bool:
    """Whether a signature of a known algorithm stands under that name; it is not verified here."""
    return any((each.alg, each.signer) == (ED25519, signer) for each in envelope.signatures)


def parse(raw: bytes, kind: str) -> Envelope:
    """An envelope of the expected type from JSON text; raises RecordError. The signatures are not verified yet."""
    return from_json(parse_object(raw, limit=2 * limit_of(kind) + SMALL), kind)


def from_json(value: dict[str, Any], kind: str) -> Envelope:
    """An envelope of the expected type from an already strictly parsed JSON value; raises RecordError."""
    text = value.get("record")
    if not isinstance(text, str):
        raise RecordError("field 'record' must be base64url")
    signatures = tuple(_signature(member) for member in read.objects(value, "signatures", least=1, most=8))
    return Envelope(kind, record := from_base64url(text), signatures, parse_record(record, kind))


def parse_record(record: bytes, kind: str) -> dict[str, Any]:
    """The fields of a record's bytes; checks the fields common to all records; raises RecordError."""
    fields = parse_object(record, limit=limit_of(kind))
    if fields.get("v") != VERSION or isinstance(fields.get("v"), bool):
        raise RecordError("unknown version")
    if fields.get("type") != kind:
        raise RecordError(f"not a {kind} record")
    read.identifier(fields, "practice")
    read.text(fields, "signer", limit=100)
    must = read.items(fields, "must", most=32) if "must" in fields else []
    if not all(isinstance(name, str) and name in MUST_UNDERSTOOD for name in must):
        raise RecordError("a field that must be understood is not")
    return fields


def verify(envelope: Envelope, keys: dict[str, bytes], required: Collection[str] = SIGNATURE_SUITES) -> None:
    """Check every signature of a known algorithm against the signer's 32-byte public key in `keys`.

    Raises SignatureError when a signature does not verify, a signer is unknown, or a signer has two signatures of one
    algorithm, or the record's own signer lacks one of the `required` algorithms; TooOldError when it is one that this
    software does not know, once what it does know was verified. Other unknown algorithms are skipped.
    """
    seen: set[tuple[str, str]] = set()
    for signature in envelope.signatures:
        if (signature.alg, signature.signer) in seen:
            raise SignatureError("a signature stands twice")
        seen.add((signature.alg, signature.signer))
        if signature.alg != ED25519:
            continue
        key = keys.get(signature.signer)
        if key is None:
            raise SignatureError("signed by somebody this record may not be signed by")
        try:
            VerifyKey(key).verify(signed_bytes(envelope.kind, envelope.record), signature.sig)
        except (BadSignatureError, ValueError) as error:
            raise SignatureError("a signature does not verify") from error
    if any((suite, envelope.signer) not in seen for suite in SIGNATURE_SUITES):
        raise SignatureError("the record's signer has not signed it")
    if not SIGNATURE_SUITES.issuperset(required):
        raise TooOldError("the signatures that this practice requires")


def _signature(value: dict[str, Any]) -> Signature:
    sig = value.get("sig")
    if not isinstance(sig, str):
        raise RecordError("field 'sig' must be base64url")
    return Signature(read.text(value, "alg", limit=32), read.text(value, "signer", limit=100), from_base64url(sig))
