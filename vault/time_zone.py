"""The time zone of every day that the vault counts or shows."""

from __future__ import annotations

from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
