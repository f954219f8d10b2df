"""The age v1 file format (C2SP age.md): bytes in, bytes out, for hybrid, X25519 and passphrase recipients.

Every public name is listed here and loaded at its first use, so a command pays only for what it uses. `format` knows no
cryptography, `stream` knows no recipients; only `bulk` and `batches` touch files.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vault.age.armor import Armorer, Dearmorer, is_armored
    from vault.age.bulk import decrypt_file, encrypt_file, verify_file
    from vault.age.derive import (
        FILE_KEY_SIZE,
        NONCE_SIZE,
        commitment,
        committed_payload_key,
        payload_key,
    )
    from vault.age.errors import (
        AgeError,
        ArmorError,
        CommitmentError,
        HeaderError,
        HmacError,
        KeyStringError,
        NoMatchError,
        PayloadError,
        RecipientError,
        SourceChangedError,
    )
    from vault.age.format import Header, Stanza, read_header, read_header_prefix
    from vault.age.head import Head, join, open_body, read_head, split
    from vault.age.header import unwrap, write_header
    from vault.age.hybrid import HybridIdentity, HybridRecipient
    from vault.age.keys import parse_identities, parse_identity, parse_recipient, parse_recipients
    from vault.age.recipients import Identity, Recipient
    from vault.age.scrypt import ScryptIdentity, ScryptRecipient
    from vault.age.stream import (
        CHUNK_SIZE,
        SEALED_SIZE,
        TAG_SIZE,
        Opener,
        OpenStream,
        Sealer,
        SealStream,
        body_size,
        plain_size,
    )
    from vault.age.whole import decrypt, encrypt
    from vault.age.x25519 import X25519Identity, X25519Recipient

__all__ = [
    "CHUNK_SIZE",
    "FILE_KEY_SIZE",
    "NONCE_SIZE",
    "SEALED_SIZE",
    "TAG_SIZE",
    "AgeError",
    "ArmorError",
    "Armorer",
    "CommitmentError",
    "Dearmorer",
    "Head",
    "Header",
    "HeaderError",
    "HmacError",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "KeyStringError",
    "NoMatchError",
    "OpenStream",
    "Opener",
    "PayloadError",
    "Recipient",
    "RecipientError",
    "ScryptIdentity",
    "ScryptRecipient",
    "SealStream",
    "Sealer",
    "SourceChangedError",
    "Stanza",
    "X25519Identity",
    "X25519Recipient",
    "body_size",
    "commitment",
    "committed_payload_key",
    "decrypt",
    "decrypt_file",
    "encrypt",
    "encrypt_file",
    "is_armored",
    "join",
    "open_body",
    "parse_identities",
    "parse_identity",
    "parse_recipient",
    "parse_recipients",
    "payload_key",
    "plain_size",
    "read_head",
    "read_header",
    "read_header_prefix",
    "split",
    "unwrap",
    "verify_file",
    "write_header",
]

_ROOMS = {
    "armor": "Armorer Dearmorer is_armored",
    "bulk": "decrypt_file encrypt_file verify_file",
    "derive": "FILE_KEY_SIZE NONCE_SIZE commitment committed_payload_key payload_key",
    "errors": "AgeError ArmorError CommitmentError HeaderError HmacError KeyStringError NoMatchError PayloadError "
    "RecipientError SourceChangedError",
    "format": "Header Stanza read_header read_header_prefix",
    "head": "Head join open_body read_head split",
    "header": "unwrap write_header",
    "hybrid": "HybridIdentity HybridRecipient",
    "keys": "parse_identities parse_identity parse_recipient parse_recipients",
    "recipients": "Identity Recipient",
    "scrypt": "ScryptIdentity ScryptRecipient",
    "stream": "CHUNK_SIZE SEALED_SIZE TAG_SIZE OpenStream Opener SealStream Sealer body_size plain_size",
    "whole": "decrypt encrypt",
    "x25519": "X25519Identity X25519Recipient",
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Load the module that holds a public name."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value
