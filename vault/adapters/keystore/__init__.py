"""The keystore: shred keys sealed under a generation key that is turned, so that a destroyed key is gone for good."""

from vault.adapters.keystore.generations import GenerationFiles
from vault.adapters.keystore.store import SqlKeystore

__all__ = ["GenerationFiles", "SqlKeystore"]
