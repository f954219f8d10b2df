"""Who may open the escrow of the generation keys, since when, and when that is looked at again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vault.records.standing import Standing

RENEW_AFTER = timedelta(days=7)
AGAIN_AFTER = timedelta(hours=1)  # for one that lacks a recipient


@dataclass(frozen=True, slots=True)
class Escrowed:
    """Whom the generation keys are sealed to: the directors of that roster, and its recovery sheet.

    `whole`: the key of every generation in use is sealed to them.
    """

    practice: str
    roster: Standing
    recipients: tuple[str, ...]
    at: datetime
    whole: bool = field(default=True, compare=False)


def is_due(known: Escrowed | None, practice: str, roster: Standing, most: int, now: datetime) -> bool:
    """Whether the escrow is sealed anew: another roster, too old, from ahead of the clock, or not to all `most`."""
    if known is None or not known.whole or (known.practice, known.roster) != (practice, roster):
        return True
    return abs(now - known.at) > (AGAIN_AFTER if len(known.recipients) < most else RENEW_AFTER)


def goes_back(known: Escrowed, practice: str, roster: Standing) -> bool:
    """Whether these rosters are not those that the escrow was made for, or older: then somebody put them there."""
    if known.practice != practice or roster.version < known.roster.version:
        return True
    return roster.version == known.roster.version and roster != known.roster
