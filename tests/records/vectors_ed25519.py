"""Makes `tests/vectors/2-ed25519.json`: signatures that verifiers disagree about, with libsodium's verdict.

All of them come from the curve's constants by arithmetic; `python -m tests.records.vectors_ed25519` writes them anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from tests.records.edwards import (
    BASE,
    NEUTRAL,
    ORDER,
    P,
    Point,
    add,
    challenge,
    encode,
    from_y,
    of_order_eight,
    scalar,
    times,
)

FILE = Path(__file__).parents[1] / "vectors" / "2-ed25519.json"
SEED = bytes(range(32))
MESSAGE = b"vault/v1/document\0{}"
Case = tuple[str, bytes, bytes, bytes]


def verdict(key: bytes, message: bytes, signature: bytes) -> str:
    """Whether libsodium, with pynacl's bounds on lengths, accepts the signature."""
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError):
        return "refused"
    return "accepted"


def ed25519() -> dict[str, Any]:
    """Every case with its verdict."""
    cases = [
        {
            "name": name,
            "key": key.hex(),
            "message": message.hex(),
            "signature": sig.hex(),
            "verdict": verdict(key, message, sig),
        }
        for name, key, message, sig in _cases()
    ]
    return {"about": "FORMAT.md, Basics, Ed25519: libsodium's verdict. Bytes are hex.", "cases": cases}


def _cases() -> Iterator[Case]:
    signed = SigningKey(SEED).sign(MESSAGE).signature
    key = bytes(SigningKey(SEED).verify_key)
    r, s = signed[:32], int.from_bytes(signed[32:], "little")
    yield "signed as everybody signs", key, MESSAGE, signed
    yield "another message", key, MESSAGE + b" ", signed
    yield "no message", key, b"", SigningKey(SEED).sign(b"").signature
    yield "a bit of R flipped", key, MESSAGE, bytes([r[0] ^ 1]) + signed[1:]
    yield "a bit of S flipped", key, MESSAGE, r + bytes([signed[32] ^ 1]) + signed[33:]
    yield "S plus the order: the same number, another text", key, MESSAGE, r + scalar(s + ORDER)
    yield "S plus seven orders, the highest bits set", key, MESSAGE, r + scalar(s + 14 * ORDER)
    yield "S is the order itself", key, MESSAGE, r + scalar(ORDER)
    yield "one byte too few", key, MESSAGE, signed[:-1]
    yield "one byte too many", key, MESSAGE, signed + b"\0"
    yield "a key of 31 bytes", key[:31], MESSAGE, signed
    yield "a key that is no point", _no_point(), MESSAGE, signed
    yield from _small_keys(signed)
    yield from _small_nonces()
    yield from _mixed()


def _no_point() -> bytes:
    return next(scalar(y) for y in range(2, 100) if from_y(y, 0) is None)


def _small_keys(signed: bytes) -> Iterator[Case]:
    """Under a key of small order one signature holds for an eighth of all messages, or for all."""
    torsion = of_order_eight()
    for number in range(8):
        point = times(number, torsion)
        key = encode(point)
        # S = 0 and R = -k·A: the challenge counts modulo the order of A alone, so that trying finds one.
        r, message = _forged(key, point)
        yield f"a key of small order ({number} of 8), forged", key, message, r + scalar(0)
        yield f"a key of small order ({number} of 8), a signature by another", key, MESSAGE, signed
    for name, spelled in _strange_spellings():
        yield f"a key that is {name}", spelled, MESSAGE, encode(NEUTRAL) + scalar(0)
        yield f"an R that is {name}", bytes(SigningKey(SEED).verify_key), MESSAGE, spelled + scalar(0)


def _forged(key: bytes, point: Point) -> tuple[bytes, bytes]:
    for number in range(10_000):
        message = b"forged %d" % number
        for back in range(8):
            r = encode(times(back, of_order_eight()))
            if encode(times((8 - challenge(r, key, message)) % 8, point)) == r:
                return r, message
    raise AssertionError


def _strange_spellings() -> Iterator[tuple[str, bytes]]:
    """Points whose ordinate is written beyond p, or whose abscissa 0 has a sign."""
    sign = 1 << 255
    yield "the neutral point as p + 1", scalar(P + 1)
    yield "the neutral point with a sign", scalar(1 | sign)
    yield "the neutral point as p + 1 with a sign", scalar((P + 1) | sign)
    yield "a point of order 4 as p", scalar(P)
    yield "a point of order 4 as p with a sign", scalar(P | sign)
    yield "the point of order 2 with a sign", scalar((P - 1) | sign)
    yield "the greatest number of 255 bits", scalar(2**255 - 1)


def _secret() -> tuple[int, Point]:
    number = int.from_bytes(hashlib.sha512(SEED).digest()[:32], "little") & ~7 & (1 << 254) - 1 | 1 << 254
    return number, times(number, BASE)


def _small_nonces() -> Iterator[Case]:
    """The owner of a key can sign with an R of small order, and the equation holds."""
    number, point = _secret()
    key = encode(point)
    for name, nonce in (("the neutral point", NEUTRAL), ("a point of order 8", of_order_eight())):
        r = encode(nonce)
        s = challenge(r, key, MESSAGE) * number % ORDER
        yield f"an R that is {name}, S to fit", key, MESSAGE, r + scalar(s)


def _mixed() -> Iterator[Case]:
    """Points with a part of small order: whether the equation holds depends on whether it is multiplied by eight."""
    number, point = _secret()
    torsion = of_order_eight()
    nonce = int.from_bytes(hashlib.sha256(b"nonce").digest(), "little") % ORDER
    mixed_r = encode(add(times(nonce, BASE), torsion))
    key = encode(point)
    yield (
        "an R with a part of order 8",
        key,
        MESSAGE,
        mixed_r + scalar((nonce + challenge(mixed_r, key, MESSAGE) * number) % ORDER),
    )
    mixed = encode(add(point, torsion))
    r = encode(times(nonce, BASE))
    for want, name in ((True, "and a challenge that takes it away"), (False, "and a challenge that leaves it")):
        message = next(m for m in (b"mixed %d" % n for n in range(1000)) if (challenge(r, mixed, m) % 8 == 0) == want)
        yield (
            f"a key with a part of order 8, {name}",
            mixed,
            message,
            r + scalar((nonce + challenge(r, mixed, message) * number) % ORDER),
        )


def write() -> None:
    """Write the file."""
    FILE.write_text(json.dumps(ed25519(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
