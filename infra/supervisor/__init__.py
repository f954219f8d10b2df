"""`dossier serve`: one process that prepares the data, starts gateways, workers and beat, and outlives none of them."""

from infra.supervisor.parts import Crew
from infra.supervisor.serving import serve

__all__ = ["Crew", "serve"]
