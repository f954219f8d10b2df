"""What the server shows of one dossier beside heads and wrap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from vault.records.types.profile import Profile


@dataclass(frozen=True, slots=True)
class Shown:
    """The server's data of one dossier beside heads and wrap; the profile's signature is verified."""

    profile: Profile
    profile_text: bytes | None
    destroy_on: date | None
