"""The curve of Ed25519 in plain numbers, to make signatures that no signer makes; for vectors, never for secrets."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P
_ROOT = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def add(left: Point, right: Point) -> Point:
    """The sum of two points."""
    (x1, y1), (x2, y2) = left, right
    product = _D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    return x, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def times(number: int, point: Point) -> Point:
    """A point, so many times."""
    found = NEUTRAL
    for bit in f"{number:b}":
        found = add(found, found)
        if bit == "1":
            found = add(found, point)
    return found


def from_y(y: int, sign: int) -> Point | None:
    """The point with that ordinate, and an abscissa that is odd where `sign` is 1; None where there is none."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * _ROOT % P
    if x * x % P != square:
        return None
    return (-x % P if x % 2 != sign else x), y


def encode(point: Point) -> bytes:
    """The canonical 32 bytes of a point."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def of_order_eight() -> Point:
    """A point whose multiples are the eight points of small order."""
    for y in range(2, 100):
        point = from_y(y, 0)
        if point is not None and times(4, small := times(ORDER, point)) != NEUTRAL:
            return small
    raise AssertionError


BASE: Point = from_y(4 * pow(5, -1, P) % P, 0) or NEUTRAL


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    """The number that binds key, nonce's point and message (RFC 8032, 5.1.7)."""
    return int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % ORDER


def scalar(number: int) -> bytes:
    """A number as the 32 bytes of S, reduced or not."""
    return number.to_bytes(32, "little")
