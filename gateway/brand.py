"""How a practice looks: its colour and its logo, both from the settings, which checked them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

_TYPES = ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"RIFF", "image/webp"))


@dataclass(frozen=True, slots=True)
class Brand:
    """A colour as `#rrggbb`, and a picture; either may be None."""

    colour: str | None = None
    logo: bytes | None = field(default=None, repr=False)

    @property
    def logo_type(self) -> str:
        """The picture's media type, by its first bytes."""
        return next(
            (kind for start, kind in _TYPES if (self.logo or b"").startswith(start)), "application/octet-stream"
        )

    @property
    def logo_name(self) -> str | None:
        """The picture's path: another picture has another."""
        return None if self.logo is None else f"logo.{hashlib.sha256(self.logo).hexdigest()[:16]}"


def read_brand(colour: str | None, logo_file: Path | None) -> Brand:
    """The brand of the settings."""
    return Brand(colour, None if logo_file is None else logo_file.read_bytes())
