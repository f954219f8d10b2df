"""The server's clock while it is in doubt: a director compares it with her device's, and with what she knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vault.records import read
from vault.records.encoding import format_instant
from vault.sdk.people.session import SignedIn
from vault.sdk.server.retry import again


@dataclass(frozen=True, slots=True)
class DoubtedClock:
    """What the server's clock says, when it was last believed, and what this device's says."""

    says: datetime
    believed: datetime
    here: datetime


def doubted_clock(signed_in: SignedIn) -> DoubtedClock | None:
    """The server's clock if it is in doubt; None where it is not, and for a member who is no director."""
    if not signed_in.is_director:
        return None
    answer = signed_in.api.get("/clock")
    if answer.get("last") is None:
        return None
    return DoubtedClock(read.instant(answer, "now"), read.instant(answer, "last"), signed_in.now())


def agree(signed_in: SignedIn) -> None:
    """Say what time it is by this device; the server refuses what is far from its own (`clock_wrong`)."""
    again(lambda: signed_in.api.post("/clock", json={"at": format_instant(signed_in.now())}))
