"""A dossier's label: what one of the member's own devices verified of it, for the lists of all of them (FORMAT.md)."""

from __future__ import annotations

from dataclasses import dataclass

from vault.boxes import box, unbox
from vault.records.encoding import RecordError, lp
from vault.sdk.keys.keyring import Keyring

BLOCK = 64
HASH_SIZE, NUMBER_SIZE = 32, 4


@dataclass(frozen=True, slots=True)
class Label:
    """The newest head when it was made, and what the profile said, with the profile's own version."""

    version: int
    head: str
    profile: int
    kind: str
    name: str
    purpose: str


def seal_label(label: Label, keyring: Keyring, dossier: str) -> bytes:
    """The label's box; its length tells the texts' to 64 bytes."""
    said = lp(label.kind.encode(), label.name.encode(), label.purpose.encode())
    padded = said + bytes(-len(said) % BLOCK)
    version, profile = (number.to_bytes(NUMBER_SIZE, "big") for number in (label.version, label.profile))
    plaintext = version + bytes.fromhex(label.head) + profile + padded
    return box(keyring.label_key, _place(dossier, keyring.member), plaintext)


def open_label(sealed: bytes, keyring: Keyring, dossier: str) -> Label:
    """The inverse; raises BoxError, RecordError."""
    opened = bytes(unbox(keyring.label_key, _place(dossier, keyring.member), sealed))
    version, rest = int.from_bytes(opened[:NUMBER_SIZE], "big"), opened[NUMBER_SIZE:]
    head, rest = rest[:HASH_SIZE].hex(), rest[HASH_SIZE:]
    profile, rest = int.from_bytes(rest[:NUMBER_SIZE], "big"), rest[NUMBER_SIZE:]
    texts = list[str]()
    for _ in range(3):
        cut = len(rest) < NUMBER_SIZE
        size, rest = int.from_bytes(rest[:NUMBER_SIZE], "big"), rest[NUMBER_SIZE:]
        if cut or size > len(rest):
            raise RecordError("a label is cut off")
        try:
            texts.append(rest[:size].decode())
        except UnicodeDecodeError as error:
            raise RecordError("a label's texts are UTF-8") from error
        rest = rest[size:]
    if len(rest) >= BLOCK or any(rest):
        raise RecordError("a label ends with less than 64 zero bytes")
    kind, name, purpose = texts
    if not kind or not name or not version or not profile or len(head) != 2 * HASH_SIZE:
        raise RecordError("a label without a name, a kind or a head")
    return Label(version, head, profile, kind, name, purpose)


def _place(dossier: str, member: str) -> bytes:
    return lp(b"vault/v1/label", dossier.encode(), member.encode())
