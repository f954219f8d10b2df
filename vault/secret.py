"""Secrets: usable as bytes or text, but never printed.

No formatting shows the content: `str`, `repr`, f-strings, `%` and `format`, log records, the arguments of an exception,
a traceback with its locals. Pickling and copying raise TypeError. A slice, `bytes(secret)` and `reveal` give plain
bytes or text: the caller asks for them explicitly.
"""

from __future__ import annotations

from typing import NoReturn

_SHOWN = "Secret(…)"


class Secret(bytes):
    """Secret bytes, never printed; `bytes(secret)` gives plain ones. Compare with `hmac.compare_digest`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _SHOWN

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return _SHOWN

    def __reduce_ex__(self, _: object) -> NoReturn:
        raise TypeError("a secret is neither pickled nor copied")


class SecretText(str):
    """Secret text, never printed; `reveal()` gives plain text, for a library that needs it."""

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
