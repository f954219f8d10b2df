"""`dossier serve`: one process that prepares the data, and starts gateways, workers and beat; they end with it."""

from infra.supervisor.parts import ProcessCounts
from infra.supervisor.serving import serve

__all__ = ["ProcessCounts", "serve"]
