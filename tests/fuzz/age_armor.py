"""Armor: ArmorError, or one spelling for each file, however the text arrives.

Promise: only ArmorError comes out; pieces give what the whole gives; writing again what was read gives the same text
but for line ends and the white space around it.
"""

from __future__ import annotations

from tests.fuzz.identities import sample
from tests.fuzz.pieces import Reader, cut
from vault.age import Armorer, ArmorError, Dearmorer, armor, is_armored

LONGEST = 16_384


def check(data: bytes) -> None:
    reader = Reader(data)
    seed, text = reader.number(2), reader.rest()
    is_armored(text[:2048])
    whole = piecewise(text, 0)
    assert piecewise(text, seed) == whole, "pieces give something else"
    if whole is not None:
        assert is_armored(text[:2048]), "strict armor was not recognised"
        assert armor.encode(whole) == text.strip(b" \t\r\n").replace(b"\r\n", b"\n") + b"\n"
    armorer = Armorer()
    written = b"".join([*(armorer.update(piece) for piece in cut(text, seed)), armorer.finish()])
    assert armor.decode(written) == text


def piecewise(text: bytes, seed: int) -> bytes | None:
    """The file inside, None when it is refused."""
    dearmorer = Dearmorer()
    try:
        return b"".join([*(dearmorer.update(piece) for piece in cut(text, seed)), dearmorer.finish()])
    except ArmorError:
        return None


def seeds() -> dict[str, bytes]:
    text = armor.encode(sample("x25519"))
    return {
        "file": b"\x00\x00" + text,
        "bytes": b"\x00\x01" + armor.encode(b"x" * 50),
        "pieces": b"\x12\x34" + text,
        "crlf": b"\x00\x07" + b"\r\n \t" + text.replace(b"\n", b"\r\n") + b"\n\n",
        "empty": b"\x00\x00" + armor.encode(b""),
    }
