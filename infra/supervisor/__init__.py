"""`dossier serve`: one process that prepares the data, starts gateway, worker and beat, and outlives none of them."""

from infra.supervisor.serving import serve

__all__ = ["serve"]
