"""What the server says is damaged of an item of a list: named in a sentence, so that the others go on (FORMAT.md)."""

from __future__ import annotations

from typing import Any, ClassVar

from vault.errors import IntegrityError

_PARTS = ("head", "key", "metadata", "profile", "record", "symmetric", "text", "wrap")


class DamagedError(IntegrityError):
    """A part of an item is damaged on the server, or the server's key to it."""

    code: ClassVar[str] = "damaged"

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__(
            f"damaged on the server: {', '.join(parts)}",
            advice="The others are whole. Tell the director; what is damaged can still be erased.",
        )


def check_whole(item: dict[str, Any], *needed: str) -> None:
    """Raise DamagedError where a needed part is null and the server says what is damaged."""
    if any(item.get(name) is None for name in needed) and (parts := damaged_parts(item)):
        raise DamagedError(parts)


def damaged_parts(item: dict[str, Any]) -> tuple[str, ...]:
    """The parts that the server names, of those there are; none where it names none."""
    said = item.get("damaged")
    return tuple(part for part in _PARTS if part in said) if isinstance(said, list) else ()
