"""Whole age files, armored or not: only AgeError comes out, and what opens is what was encrypted.

Promise: nobody without a key can make a file that opens as anything else than one of ours; no work factor of a
passphrase costs more than was allowed.
"""

from __future__ import annotations

from tests.fuzz.identities import HYBRID, PLAINTEXT, SCRYPT, X25519, sample
from vault.age import AgeError, armor, decrypt

LONGEST = 8192


def check(data: bytes) -> None:
    try:
        plaintext = decrypt(data, [HYBRID, X25519, SCRYPT])
    except AgeError:
        return
    assert plaintext == PLAINTEXT, "a file that nobody wrote was opened"


def seeds() -> dict[str, bytes]:
    made = {name: sample(name) for name in ("hybrid", "x25519", "scrypt")}
    armored = {f"{name}-armored": armor.encode(content) for name, content in made.items()}
    return {**made, **armored, "crlf": armored["x25519-armored"].replace(b"\n", b"\r\n")}
