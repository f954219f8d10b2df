"""An escrow: the key of one generation of the keystore, sealed to whoever may open it (FORMAT.md, "Escrow").

It is not signed: whoever opens it tries the key on the keystore.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vault.records import read
from vault.records.encoding import RecordError, format_instant, lp, to_base64url
from vault.records.standing import Standing, read_standing
from vault.records.strict_json import dump, parse_object
from vault.records.types.roster import MAX_MEMBERS

VERSION = 1
MOST = MAX_MEMBERS + 1
LIMIT = 4 * 1024 * 1024
_BOX_SIZE = 1120 + 32 + 16  # encapsulation, key, tag
_MAX_RECIPIENT = 4000


@dataclass(frozen=True, slots=True)
class SealedKey:
    """The key for one recipient: HPKE's encapsulation and ciphertext."""

    to: str
    box: bytes


@dataclass(frozen=True, slots=True)
class Escrow:
    """The key of one generation, and of which keystore; `roster` named the recipients, at the time `at`."""

    installation: str
    practice: str
    generation: int
    mark: str
    roster: Standing
    at: datetime
    sealed: tuple[SealedKey, ...]

    @property
    def info(self) -> bytes:
        """What every box is bound to."""
        return info(self.installation, self.generation, self.mark)

    def to_bytes(self) -> bytes:
        """The file's content."""
        return dump(
            {
                "v": VERSION,
                "installation": self.installation,
                "practice": self.practice,
                "generation": self.generation,
                "mark": self.mark,
                "roster": self.roster.to_json(),
                "at": format_instant(self.at),
                "sealed": [{"to": each.to, "box": to_base64url(each.box)} for each in self.sealed],
            }
        )


def info(installation: str, generation: int, mark: str) -> bytes:
    """HPKE's info: the key of one generation does not open as that of another one, or of another keystore."""
    return lp(b"vault/v1/escrow", installation.encode(), str(generation).encode(), mark.encode())


def parse_escrow(raw: bytes) -> Escrow:
    """An escrow from its file's content; raises RecordError."""
    fields = parse_object(raw, limit=LIMIT)
    if fields.get("v") != VERSION or isinstance(fields.get("v"), bool):
        raise RecordError("unknown version of an escrow")
    sealed = tuple(
        SealedKey(read.text(each, "to", limit=_MAX_RECIPIENT), read.octets(each, "box", _BOX_SIZE))
        for each in read.objects(fields, "sealed", least=1, most=MOST)
    )
    if len({each.to for each in sealed}) != len(sealed):
        raise RecordError("an escrow names a recipient twice")
    return Escrow(
        installation=read.identifier(fields, "installation"),
        practice=read.identifier(fields, "practice"),
        generation=read.integer(fields, "generation", least=1),
        mark=read.identifier(fields, "mark"),
        roster=read_standing(fields),
        at=read.instant(fields, "at"),
        sealed=sealed,
    )
