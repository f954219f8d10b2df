"""The intent record: the reservation of a document whose body is still being encrypted.

It gives every object a signed owner before the first byte arrives. It is listed nowhere and shown to nobody: the
document's record, which repeats what it says, takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.fields import At, Flag, Hash, Id, Instant, Key, octets, whole, word
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn
from vault.records.types.document import KINDS, MAX_BODY


@dataclass(frozen=True, slots=True)
class Intent(MemberRecord):
    """The fields of a document's record that are known before its body is encrypted."""

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("document")]
    series: Id
    previous: Hash | None
    kind: Annotated[str, word(KINDS)]
    draft: Flag
    nonce: Annotated[bytes, octets(16)]
    commitment: Key
    size: Annotated[int, whole(16, MAX_BODY)]
    at: Instant
