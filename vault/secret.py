"""Secret bytes: usable as bytes everywhere, shown nowhere."""

from __future__ import annotations


class Secret(bytes):
    """Bytes whose `repr` and `str` say nothing; compare with `hmac.compare_digest`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__
