"""A twin of every port in plain dictionaries, which keeps every promise of the port: for tests."""

from vault.adapters.memory.keystore import MemoryKeystore
from vault.adapters.memory.objects import MemoryObjects
from vault.adapters.memory.store import MemoryStore, MemoryTransaction

__all__ = ["MemoryKeystore", "MemoryObjects", "MemoryStore", "MemoryTransaction"]
