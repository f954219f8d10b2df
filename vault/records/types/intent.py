"""The intent record: the reservation of a document whose body is still being encrypted.

It gives every object a signed owner before the first byte arrives. It is listed nowhere and shown to nobody: the
document's record, which repeats what it says, takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass

from vault.records.fields import Instant
from vault.records.types.document import Reserved


@dataclass(frozen=True, slots=True)
class Intent(Reserved):
    """The reservation, and when it was made."""

    at: Instant
