"""The files of the escrow, one a generation, and their sealing by HPKE: the server can seal, and never opens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from vault.errors import IntegrityError
from vault.files import made_durable, unavailable_on_failure, write_private
from vault.records.encoding import RecordError
from vault.records.escrow import Escrow, SealedKey, parse_escrow

_NAME = re.compile(r"generation-([1-9][0-9]{0,17})\Z")
_PREFIX = "age1pq1"
_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_CHECKSUM = 6  # its characters; the roster's signature covers the whole text
_MLKEM_SIZE, _SIZE = 1184, 1216


class EscrowFiles:
    """The folder of the escrow: `generation-N`, written whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return f"EscrowFiles({str(self._folder)!r})"

    def path(self, generation: int) -> Path:
        """The path of that generation's escrow."""
        return self._folder / f"generation-{generation}"

    def numbers(self) -> list[int]:
        """The generations that have an escrow, even a damaged one, ascending."""
        with unavailable_on_failure(self._folder):
            names = [path.name for path in self._folder.iterdir()] if self._folder.exists() else []
        return sorted(int(found[1]) for name in names if (found := _NAME.match(name)))

    def read(self, generation: int) -> Escrow | None:
        """The escrow of that generation; None when there is none, or none that can be read: it is then made anew."""
        path = self.path(generation)
        with unavailable_on_failure(path):
            try:
                raw = path.read_bytes()
            except FileNotFoundError:
                return None
        try:
            escrow = parse_escrow(raw)
        except RecordError:
            return None
        return escrow if escrow.generation == generation else None

    def write(self, escrow: Escrow) -> None:
        """Write it durably and read it back; raises UnavailableError, IntegrityError when other bytes stand there."""
        path, content = self.path(escrow.generation), escrow.to_bytes()
        write_private(path, content)
        with unavailable_on_failure(path):
            kept = path.read_bytes()
        if kept != content:
            raise IntegrityError(f"{path} reads otherwise than it was written", advice="See to that disk.")

    def remove(self, generation: int) -> None:
        """Remove it, durably."""
        path = self.path(generation)
        with unavailable_on_failure(path):
            path.unlink(missing_ok=True)
            made_durable(path.parent)


def seal_to(recipients: Sequence[str], key: bytes, info: bytes) -> tuple[SealedKey, ...]:
    """The key for each of the recipients that something can be sealed to."""
    # Imported here: only a worker seals, and no other process loads it.
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite  # noqa: PLC0415

    suite = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
    sealed = []
    for recipient in dict.fromkeys(recipients):
        try:
            public = _public(recipient)
            mlkem = MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_SIZE])
            both = MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(public[_MLKEM_SIZE:]))
            sealed.append(SealedKey(recipient, suite.encrypt(key, both, info)))
        except ValueError:  # no key, or a point of low order
            continue
    return tuple(sealed)


def _public(recipient: str) -> bytes:
    """The 1,216 bytes of a hybrid recipient; raises ValueError for another text."""
    if not recipient.startswith(_PREFIX):
        raise ValueError(recipient)
    number, groups = 0, [_CHARSET.index(each) for each in recipient.removeprefix(_PREFIX)[:-_CHECKSUM]]
    for group in groups:
        number = number << 5 | group
    size, rest = divmod(5 * len(groups), 8)
    if size != _SIZE or number & ((1 << rest) - 1):
        raise ValueError(recipient)
    return (number >> rest).to_bytes(_SIZE, "big")
