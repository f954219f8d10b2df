"""A director's repairs, as this device takes them: what they name is set aside, and nothing else."""

from __future__ import annotations

from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.types.repair import Repair
from vault.rules.repairs import read_repair
from vault.rules.rosters import Rosters
from vault.sdk.server.answers import mapping

_MOST = 500


def read_repairs(answer: dict[str, Any], rosters: Rosters) -> tuple[Repair, ...]:
    """Those among the server's that count; one that does not hold repairs nothing, and stops nothing."""
    found = []
    for item in read.objects(mapping(answer, "repairs"), "items", most=_MOST):
        try:
            repair = read_repair(from_json(item, "repair"), rosters)
        except (IntegrityError, RecordError):
            continue
        if isinstance(repair, Repair):
            found.append(repair)
    return tuple(found)
