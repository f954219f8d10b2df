"""Everything that readiness says, asked at once: the gateway asks each part with a deadline (`gateway/readiness.py`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from vault.domain.positions import Finding
from vault.flows.context import Ports
from vault.flows.health import ENGINES, Check, engine, together, work


def checks(
    ports: Ports, now: datetime, findings: tuple[Finding, ...] | None = (), offset: timedelta = timedelta(0)
) -> list[Check]:
    """Every engine, and what the records say of the worker; `findings` are of the stores, None: not compared yet."""
    engines = [check for name in ENGINES for check in engine(ports, name)] + [together(findings)]
    return engines + work(ports, now, offset) if engines[0].ok else engines
