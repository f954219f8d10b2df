"""Asks the gateway whether it is ready."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

from vault.flows.health import CLOCK, COMPLETE, KEYS, STORES, SWEEP

WITHIN = 5.0  # longer than the gateway gives a part that does not answer
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on
# Checks that only the worker or a director can turn green: a server that was off for a week, that lacks an object,
# whose new key waits for a director, whose clock is in doubt, or one store of which was put back, must start all the
# same. `/readyz` stays red until then.
_WORKERS = frozenset({SWEEP, COMPLETE, KEYS, STORES, CLOCK})


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the gateway can do its work; if not, the reason and the advice.

    `late` names the checks that wait for the worker: the gateway works, though `/readyz` is red. `advice` then is about
    stores that do not belong together, or else about a clock in doubt.
    """

    ok: bool
    reason: str = ""
    advice: str = ""
    late: tuple[str, ...] = ()


def ready(host: str, port: int) -> Readiness:
    """Ask once; a gateway that does not answer is not ready."""
    connection = http.client.HTTPConnection(_ANYWHERE.get(host, host), port, timeout=WITHIN)
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        body = response.read(65_536)
    except (OSError, http.client.HTTPException):
        return Readiness(ok=False, reason="it does not answer", advice="The lines above this one may say why.")
    finally:
        connection.close()
    if response.status == http.HTTPStatus.OK:
        return Readiness(ok=True)
    try:
        failing = [check for check in json.loads(body)["checks"] if not check["ok"]]
        names = tuple(str(check["name"]) for check in failing)
        if names and _WORKERS.issuperset(names):
            advice = {str(check["name"]): str(check["advice"]) for check in failing}
            return Readiness(ok=True, late=names, advice=advice.get(STORES, "") or advice.get(CLOCK, ""))
        first = next(check for check in failing if check["name"] not in _WORKERS)
        return Readiness(ok=False, reason=f"{first['name']} is not in order", advice=str(first["advice"]))
    except (ValueError, LookupError, TypeError, StopIteration):
        return Readiness(ok=False, reason=f"it answers {response.status}", advice="")
