"""What the server says is damaged of an item of a list: named in a sentence, so that the others go on (FORMAT.md)."""

from __future__ import annotations

from typing import Any, ClassVar

from vault.errors import IntegrityError

_PARTS = ("head", "index", "key", "metadata", "profile", "record", "symmetric", "text", "wrap")


class DamagedError(IntegrityError):
    """A part of an item is damaged on the server, or the server's key to it."""

    code: ClassVar[str] = "damaged"

    def __init__(self, parts: tuple[str, ...]) -> None:
        super().__init__(
            f"damaged on the server: {', '.join(parts)}",
            advice="The others are whole. Tell the director; what is damaged can still be erased.",
        )


class DamagedHeadError(IntegrityError):
    """A head of a dossier is damaged: nobody can tell whose the dossier is."""

    code: ClassVar[str] = "damaged"

    def __init__(self, dossier: str, name: str) -> None:
        super().__init__(
            f"a head of the dossier {dossier} ({name}) is damaged on the server",
            advice="Nothing was changed. Without it nobody can tell whose the dossier is: it does not open and cannot "
            "be erased. Tell the director: the operator can put that row back from a backup of the records.",
        )


class DamagedIndexError(IntegrityError):
    """The newest index of a dossier is damaged: nobody can tell what is in the dossier."""

    code: ClassVar[str] = "damaged"

    def __init__(self, dossier: str, name: str) -> None:
        super().__init__(
            f"the newest index of the dossier {dossier} ({name}) is damaged on the server",
            advice="Nothing was changed. Tell the director: the operator can put that row back from a backup of the "
            "records. Until then it does not open; it can be erased by its number.",
        )


def check_whole(item: dict[str, Any], *needed: str) -> None:
    """Raise DamagedError where a needed part is null and the server says what is damaged."""
    if any(item.get(name) is None for name in needed) and (parts := damaged_parts(item)):
        raise DamagedError(parts)


def damaged_parts(item: dict[str, Any]) -> tuple[str, ...]:
    """The parts that the server names, of those there are; none where it names none."""
    said = item.get("damaged")
    return tuple(part for part in _PARTS if part in said) if isinstance(said, list) else ()
