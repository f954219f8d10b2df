"""Whole small files in memory. Larger ones go through `bulk` or the streams."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vault.age import armor
from vault.age.derive import FILE_KEY_SIZE, NONCE_SIZE, payload_key
from vault.age.head import split
from vault.age.header import unwrap, write_header
from vault.age.stream import OpenStream, SealStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vault.age.recipients import Identity, Recipient


def encrypt(
    plaintext: bytes,
    recipients: Sequence[Recipient],
    *,
    armored: bool = False,
    file_key: bytes | None = None,
    nonce: bytes | None = None,
) -> bytes:
    """Return the age file of a plaintext; raise RecipientError when the recipients cannot stand together.

    File key and nonce are drawn at random here, unless the caller drew them for this one plaintext.
    """
    file_key = file_key or os.urandom(FILE_KEY_SIZE)
    nonce = nonce or os.urandom(NONCE_SIZE)
    header = write_header(file_key, recipients)
    stream = SealStream(payload_key(file_key, nonce))
    content = b"".join([header, nonce, stream.update(plaintext), stream.finish()])
    return armor.encode(content) if armored else content


def decrypt(content: bytes, identities: Iterable[Identity], *, expect: str | None = None) -> bytes:
    """Return the plaintext of an age file, armored or not, once all of it is verified.

    `expect` asserts exactly one stanza of exactly that type. Raises one class for each failure class: ArmorError,
    HeaderError, NoMatchError, HmacError, PayloadError.
    """
    if armor.is_armored(content[:2048]):
        content = armor.decode(content)
    head, offset = split(content)
    file_key = unwrap(head.parsed(), identities, expect=expect)
    stream = OpenStream(payload_key(file_key, head.nonce))
    return stream.update(memoryview(content)[offset:]) + stream.finish()
