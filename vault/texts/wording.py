"""Dates, times and sizes in words, in Dutch and English, always in Europe/Amsterdam."""

from __future__ import annotations

from datetime import date, datetime

from vault.texts.catalogue import Language
from vault.time_zone import ZONE

_DAYS = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "nl": (
        *("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september"),
        *("oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
        *("October", "November", "December"),
    ),
}
_UNITS = ("kB", "MB", "GB", "TB")


def day(at: date, spoken: Language) -> str:
    """`vrijdag 4 december 2026`."""
    return f"{_DAYS[spoken][at.weekday()]} {plain_day(at, spoken)}"


def plain_day(at: date, spoken: Language) -> str:
    """`4 december 2026`."""
    return f"{at.day} {_MONTHS[spoken][at.month - 1]} {at.year}"


def instant(at: datetime, spoken: Language) -> str:
    """`vrijdag 4 december 2026, 17:00`, in Europe/Amsterdam."""
    local = at.astimezone(ZONE)
    return f"{day(local.date(), spoken)}, {local:%H:%M}"


def plain_instant(at: datetime, spoken: Language) -> str:
    """`4 december 2026, 17:00`, in Europe/Amsterdam."""
    local = at.astimezone(ZONE)
    return f"{plain_day(local.date(), spoken)}, {local:%H:%M}"


def size(count: int, spoken: Language) -> str:
    """`12 bytes`, `1,5 MB`: decimal units, as file managers have them."""
    if count < 1000:  # noqa: PLR2004 - the step of decimal units
        return f"{count} bytes"
    power = 1
    while power < len(_UNITS) and count / 1000**power >= 999.95:  # noqa: PLR2004 - would be shown as 1000.0
        power += 1
    shown = f"{count / 1000**power:.1f}"
    return f"{shown.replace('.', ',') if spoken == 'nl' else shown} {_UNITS[power - 1]}"
