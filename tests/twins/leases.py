"""Leases of tasks; contracts are those of `vault.ports.leases.LeaseStore`."""

from __future__ import annotations

from tests.twins.rows import Rows
from vault.ports.leases import Lease


class MemoryLeaseStore(Rows):
    """Implements `vault.ports.leases.LeaseStore`."""

    def holds(self, lease: Lease) -> bool:
        return self._tables.lease.get(lease.task) == lease.fence
