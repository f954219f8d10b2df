"""For tests: a twin of every port in plain dictionaries, which keeps every promise of the port."""

from tests.twins.keystore import MemoryKeystore
from tests.twins.objects import MemoryObjects
from tests.twins.store import MemoryStore, MemoryTransaction

__all__ = ["MemoryKeystore", "MemoryObjects", "MemoryStore", "MemoryTransaction"]
