"""The records store on SQL: one class for each protocol of `vault.ports`, one connection for each transaction."""

from vault.adapters.database.store import SqlStore, SqlTransaction

__all__ = ["SqlStore", "SqlTransaction"]
