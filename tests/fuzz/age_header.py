"""The header of an age file: whatever comes, HeaderError or a header with exactly one spelling.

Promise: only AgeError comes out; an accepted header writes itself back byte for byte; the stanzas alone say the
authenticated bytes; a beginning of it asks for more and never refuses.
"""

from __future__ import annotations

import contextlib

from tests.fuzz.identities import HYBRID, X25519, sample
from tests.fuzz.pieces import Reader
from vault.age import AgeError, Head, HeaderError, read_header, read_header_prefix, split, unwrap
from vault.age.format import authenticated_part

LONGEST = 8192


def check(data: bytes) -> None:
    reader = Reader(data)
    position, content = reader.number(2), reader.rest()
    try:
        header = read_header(content)
    except HeaderError:
        check_refused(content)
        return
    raw = content[: header.size]
    assert header.to_bytes() == raw
    assert authenticated_part(header.stanzas) == header.authenticated
    assert read_header_prefix(raw[: position % len(raw)]) is None
    assert read_header(raw) == header
    try:
        head, offset = split(content)
        assert Head.parse(content[:offset]) == head
        assert head.to_bytes() == content[:offset]
        unwrap(header, [HYBRID, X25519])
    except AgeError:
        pass


def check_refused(content: bytes) -> None:
    """What is refused stays refused, and what only lacks an end is told from what is wrong."""
    with contextlib.suppress(HeaderError):
        assert read_header_prefix(content) is None


def seeds() -> dict[str, bytes]:
    made = {}
    for name in ("hybrid", "x25519", "scrypt"):
        content = sample(name)
        made[name] = b"\x00\x40" + content[: split(content)[1] + 16]
    grease = b"age-encryption.org/v1\n-> X25519 a b c ~\n" + b"A" * 64 + b"\n\n-> g\n\n--- " + b"A" * 43 + b"\n"
    return {**made, "unknown-stanzas": b"\x00\x10" + grease}
