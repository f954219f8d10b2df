"""Leases of the worker's tasks: who does one now, as long as it gives signs of life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vault.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Lease:
    """A task, taken by one; each who takes it later has a higher `fence`."""

    task: str
    fence: int


class LostLeaseError(UnavailableError):
    """Another took the task over, because this process stood still."""


class LeaseStore(Protocol):
    """The leases, within a unit of work."""

    def holds(self, lease: Lease) -> bool:
        """Whether nobody took the task over; then nobody does until this unit of work ends."""
