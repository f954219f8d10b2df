"""The server's settings: one frozen value, read from `DOSSIER_*`, whole or refused with what to do about it."""

from vault.settings.names import ALIVE, PART, Role, environment_of
from vault.settings.server import Settings
from vault.settings.values import Bucket, Clock, Folder, Network

__all__ = ["ALIVE", "PART", "Bucket", "Clock", "Folder", "Network", "Role", "Settings", "environment_of"]
