"""Secrets: usable as the bytes or the text that they are, shown nowhere.

Nothing that turns a value into words says what a secret holds: `str`, `repr`, f-strings, `%` and `format`, log records,
the arguments of an exception, a traceback with its locals. Pickling and copying raise TypeError. What takes a secret
apart (a slice, `bytes(secret)`, `reveal`) gives plain bytes or text, and is written where it is meant.
"""

from __future__ import annotations

from typing import NoReturn

_SHOWN = "Secret(…)"


class Secret(bytes):
    """Bytes that nothing shows; `bytes(secret)` gives plain ones. Compare with `hmac.compare_digest`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return _SHOWN

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")


class SecretText(str):
    """Text that nothing shows; `reveal()` gives plain text, for the one library that is to have it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return _SHOWN

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")

    def reveal(self) -> str:
        """The text itself."""
        return str.__str__(self)
