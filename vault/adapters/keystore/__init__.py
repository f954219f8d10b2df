"""The keystore: shred keys under a generation key; replacing that key makes a destroyed shred key irrecoverable."""

from vault.adapters.keystore.generations import GenerationFiles
from vault.adapters.keystore.store import SqlKeystore

__all__ = ["GenerationFiles", "SqlKeystore"]
