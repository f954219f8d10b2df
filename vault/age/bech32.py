"""Bech32 as age uses it: BIP 173 with its first checksum constant, and 4,096 characters at most instead of 90."""

from __future__ import annotations

from vault.age.errors import KeyStringError

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {character: value for value, character in enumerate(_CHARSET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6
_HIGHEST_PRINTABLE = 126
# Twice the longest key, a hybrid recipient. The limit matters: the arithmetic takes time quadratic in the length.
_LONGEST = 4096


def _fold(top: int) -> int:
    mask = 0
    for bit, term in enumerate(_GENERATOR):
        if top >> bit & 1:
            mask ^= term
    return mask


_FOLDED = tuple(_fold(top) for top in range(32))


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value ^ _FOLDED[checksum >> 25]
    return checksum


def _expand(prefix: str) -> list[int]:
    return [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]


def _to_groups(payload: bytes) -> list[int]:
    """Cut bytes into groups of five bits, the last one filled up with zeros."""
    count = -(-len(payload) * 8 // 5)
    number = int.from_bytes(payload, "big") << (count * 5 - len(payload) * 8)
    return [number >> shift & 31 for shift in range((count - 1) * 5, -1, -5)]


def _from_groups(groups: list[int]) -> bytes:
    """Join groups of five bits; the rest must be fewer than five bits, all zero."""
    size, rest = divmod(len(groups) * 5, 8)
    number = 0
    for group in groups:
        number = number << 5 | group
    if rest >= 5 or number & ((1 << rest) - 1):  # noqa: PLR2004 - a whole group too many
        raise KeyStringError("the key has a stray end: it was cut off or mistyped")
    return (number >> rest).to_bytes(size, "big")


def encode(prefix: str, payload: bytes) -> str:
    """Return `payload` as lower-case Bech32 under a lower-case `prefix`."""
    groups = _to_groups(payload)
    checksum = _polymod([*_expand(prefix), *groups, 0, 0, 0, 0, 0, 0]) ^ 1
    tail = [checksum >> 5 * (5 - position) & 31 for position in range(_CHECKSUM_LENGTH)]
    return f"{prefix}1{''.join(_CHARSET[group] for group in [*groups, *tail])}"


def decode(text: str) -> tuple[str, bytes]:
    """Return the prefix, its case unchanged, and the bytes; raise KeyStringError for anything else."""
    if len(text) > _LONGEST:
        raise KeyStringError("this is longer than any key")
    if not all("!" <= character <= chr(_HIGHEST_PRINTABLE) for character in text):
        raise KeyStringError("the key holds a character that no key has")
    if text not in (text.lower(), text.upper()):
        raise KeyStringError("the key mixes upper and lower case")
    prefix, one, tail = text.rpartition("1")
    if not (one and prefix) or len(tail) < _CHECKSUM_LENGTH:
        raise KeyStringError("this is not a key: its parts are missing")
    try:
        groups = [_VALUES[character] for character in tail.lower()]
    except KeyError:
        raise KeyStringError("the key holds a character that no key has") from None
    if _polymod([*_expand(prefix.lower()), *groups]) != 1:
        raise KeyStringError("the key's checksum does not fit: it was cut off or mistyped")
    return prefix, _from_groups(groups[:-_CHECKSUM_LENGTH])
