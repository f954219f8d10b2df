"""The code points that Unicode 14 assigns (FORMAT.md, "Passwords"); what a device knows of later ones is its own."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from importlib.resources import files


def all_assigned(text: str) -> bool:
    """Tell whether Unicode 14 assigns every code point of a text. Half of a surrogate pair is none."""
    return text.isascii() or all(map(_assigned, text))


@cache
def unassigned() -> tuple[tuple[int, int], ...]:
    """The ranges of code points that it does not assign, ascending, first and last: the frozen `unassigned.txt`."""
    text = files("vault.sdk.keys").joinpath("unassigned.txt").read_text(encoding="ascii")
    return tuple((int(first, 16), int(last, 16)) for first, last in (line.split("..") for line in text.split()))


def _assigned(character: str) -> bool:
    point = ord(character)
    place = bisect_right(unassigned(), (point, 0x110000)) - 1
    return place < 0 or unassigned()[place][1] < point
