"""Wraps: a dossier's identity for one grantee, as an age file or, for oneself, symmetric (FORMAT.md, "Wraps")."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from vault.boxes import box, unbox
from vault.records.encoding import RecordError, lp
from vault.records.envelope import Envelope, parse
from vault.records.table import SMALL
from vault.records.types.roster import SUITE
from vault.records.types.wrap import Wrap
from vault.rules.rights import Heads, check_signer
from vault.sdk.errors import WrapError
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.rules.rosters import Rosters
    from vault.sdk.keys.keyring import Keyring

SEED_SIZE, HASH_SIZE = 32, 32


def age_wrap(envelope: Envelope, recipient: str) -> bytes:
    """A signed `wrap` record as an age file to its grantee's recipient."""
    from vault.age import encrypt, parse_recipient  # noqa: PLC0415 - loads `cryptography`

    return encrypt(envelope.to_bytes(), [parse_recipient(recipient)])


def open_age_wrap(wrap: bytes, keyring: Keyring, heads: Heads, rosters: Rosters) -> tuple[Secret, str]:
    """The dossier's identity and the wrap record's hash.

    Raises WrapError unless exactly one stanza of the hybrid type opens, a grantee signed the wrap for this member,
    dossier and epoch, and the identity matches the dossier's record.
    """
    from vault.age import AgeError, decrypt  # noqa: PLC0415 - loads `cryptography`

    if len(wrap) > 2 * SMALL:
        raise WrapError("a wrap is too large")
    try:
        plaintext = decrypt(wrap, [keyring.age_identity], expect=SUITE)
        envelope = parse(plaintext, "wrap")
        record = Wrap.read(envelope)
    except (AgeError, RecordError) as error:
        raise WrapError("a wrap does not open with your key") from error
    check_signer(envelope, rosters, heads)
    head = heads.newest
    if (record.dossier, record.epoch, record.grantee) != (head.id, head.epoch, keyring.member):
        raise WrapError("a wrap of another dossier, epoch or member")
    check_identity(record.identity, head.recipient)
    return Secret(record.identity), record.hash


def check_identity(identity: bytes, recipient: str) -> None:
    """Raise WrapError unless the 32-byte seed belongs to the signed recipient."""
    from vault.age import HybridIdentity  # noqa: PLC0415 - loads `cryptography`

    own = HybridIdentity(bytes(identity)).recipient().to_string()
    if not hmac.compare_digest(own.encode(), recipient.encode()):
        raise WrapError("a wrap holds another identity than the dossier's record says")


def symmetric_wrap(identity: bytes, record_hash: str, keyring: Keyring, dossier: str, epoch: int) -> bytes:
    """The member's own wrap, which opens a hundred times faster; `record_hash` names the wrap record it comes from."""
    return box(keyring.wrap, _place(dossier, epoch, keyring.member), bytes(identity) + bytes.fromhex(record_hash))


def open_symmetric_wrap(sealed: bytes, keyring: Keyring, dossier: str, epoch: int) -> Secret:
    """The dossier's identity; raises BoxError or WrapError."""
    opened = unbox(keyring.wrap, _place(dossier, epoch, keyring.member), sealed)
    if len(opened) != SEED_SIZE + HASH_SIZE:
        raise WrapError("a wrap has another length than it should")
    return Secret(opened[:SEED_SIZE])


def _place(dossier: str, epoch: int, member: str) -> bytes:
    return lp(b"vault/v1/wrap", dossier.encode(), str(epoch).encode(), member.encode())
