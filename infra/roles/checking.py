"""Tries, as each role, what it must be able to do and what it must not: a smoke test of what was made."""

from __future__ import annotations

from collections.abc import Iterator

from infra.roles.plan import Plan
from infra.roles.trials import Trial
from infra.roles.trying_bucket import try_bucket
from infra.roles.trying_databases import try_databases


def check(plan: Plan) -> Iterator[Trial]:
    """Every trial on the engines that are outside; nothing is left behind."""
    if plan.databases:
        yield from try_databases(plan)
    if plan.bucket is not None:
        yield from try_bucket(plan)
