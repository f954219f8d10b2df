"""The records store on SQL: one class a protocol of `vault.ports`, one connection a transaction."""

from vault.adapters.database.store import SqlStore, SqlTransaction

__all__ = ["SqlStore", "SqlTransaction"]
