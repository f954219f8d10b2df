"""Opening the escrow of a server's keystore: its key files again, for whoever it was sealed to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vault.errors import IntegrityError, InvalidInputError
from vault.files import create_private, unavailable_on_failure
from vault.records.encoding import RecordError
from vault.records.escrow import LIMIT, Escrow, parse_escrow
from vault.sdk.errors import MissingInputError
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.age import HybridIdentity

KEY_SIZE = 32
_NAME = re.compile(r"generation-[1-9][0-9]{0,17}\Z")
_LEAVE_OUT = "Nothing was written. Leave that file out, or take it from an older copy."


@dataclass(frozen=True, slots=True)
class GenerationKey:
    """The key of one generation, and the installation whose keystore it belongs to."""

    installation: str
    generation: int
    key: Secret


def open_folder(folder: Path, identity: HybridIdentity) -> list[GenerationKey]:
    """Every key in that folder of escrows, or none of them.

    Raises MissingInputError where there is none, InvalidInputError, IntegrityError for one that is damaged.
    """
    with unavailable_on_failure(folder):
        paths = sorted(each for each in folder.iterdir() if _NAME.match(each.name)) if folder.is_dir() else []
        held = [(path.name, _head(path)) for path in paths]
    if not held:
        raise MissingInputError(
            f"{folder} holds no escrow of a keystore",
            advice="Give the folder `escrow` of the server's data, or its copy.",
        )
    return [_opened(name, _read(name, raw), identity) for name, raw in held]


def open_escrow(name: str, escrow: Escrow, identity: HybridIdentity) -> GenerationKey:
    """The key of one escrow; raises InvalidInputError, IntegrityError."""
    return _opened(name, escrow, identity)


def write_keys(keys: Iterable[GenerationKey], out: Path) -> list[Path]:
    """Write the files as the server reads them; what is there already is left alone, or refused if it is another."""
    with unavailable_on_failure(out):
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = {}
    for each in keys:
        wanted[out / f"generation-{each.generation}"] = bytes(each.key)
        wanted[out / "generation-of"] = f"{each.installation}\n".encode()
    for path, content in wanted.items():
        if path.exists():
            _check_same(path, content)
    for path, content in wanted.items():
        if not create_private(path, content):
            _check_same(path, content)
    return [path for path in wanted if path.name != "generation-of"]


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LIMIT + 1)


def _read(name: str, raw: bytes) -> Escrow:
    try:
        return parse_escrow(raw)
    except RecordError as error:
        raise IntegrityError(f"{name} is no escrow: {error}", advice=_LEAVE_OUT) from error


def _opened(name: str, escrow: Escrow, identity: HybridIdentity) -> GenerationKey:
    mine = identity.recipient().to_string()
    box = next((each.box for each in escrow.sealed if each.to == mine), None)
    if box is None:
        raise InvalidInputError(
            f"{name} is not sealed to you",
            advice="Nothing was written. Directors open it, of the roster when it was made, and that time's recovery "
            "sheet (--sheet).",
        )
    key = identity.open(box, escrow.info)
    if key is None or len(key) != KEY_SIZE:
        raise IntegrityError(f"{name} does not open: it is damaged, or of another keystore", advice=_LEAVE_OUT)
    return GenerationKey(escrow.installation, escrow.generation, Secret(key))


def _check_same(path: Path, content: bytes) -> None:
    with unavailable_on_failure(path):
        same = path.read_bytes() == content
    if not same:
        raise InvalidInputError(
            f"{path} exists already and holds something else",
            advice="Nothing of it was changed. Give another folder with --out.",
        )
