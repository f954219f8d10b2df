"""A smoke test of the roles: tries, as each of them, acts that must succeed and acts that must fail."""

from __future__ import annotations

from collections.abc import Iterator

from infra.roles.plan import Plan
from infra.roles.trials import Trial
from infra.roles.trying_bucket import try_bucket
from infra.roles.trying_databases import try_databases


def check(plan: Plan) -> Iterator[Trial]:
    """Run every trial on the external engines; nothing is left behind."""
    if plan.databases:
        yield from try_databases(plan)
    if plan.bucket is not None:
        yield from try_bucket(plan)
