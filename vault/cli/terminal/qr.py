"""A QR code in the terminal: two rows a line by half blocks, black on white on any terminal."""

from __future__ import annotations

from itertools import zip_longest

_BLACK_ON_WHITE, _RESET = "\x1b[30;107m", "\x1b[0m"
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_QUIET = 2


def lines(text: str) -> list[str]:
    """The lines to print."""
    import segno  # noqa: PLC0415 - only those who draw load it

    rows = [[bool(module) for module in row] for row in segno.make_qr(text, error="l").matrix_iter(border=_QUIET)]
    drawn = []
    for upper, lower in zip_longest(rows[::2], rows[1::2]):
        below = lower or [False] * len(upper)
        cells = "".join(_BLOCKS[pair] for pair in zip(upper, below, strict=True))
        drawn.append(f"{_BLACK_ON_WHITE}{cells}{_RESET}")
    return drawn
