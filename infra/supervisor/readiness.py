"""Asks the gateway whether it is ready."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether `/readyz` is green; if not, what is the matter and what to do."""

    ok: bool
    reason: str = ""
    advice: str = ""


def ready(host: str, port: int) -> Readiness:
    """One question; a gateway that does not answer yet is simply not ready."""
    connection = http.client.HTTPConnection(_ANYWHERE.get(host, host), port, timeout=1)
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
        failing = next(check for check in json.loads(body)["checks"] if not check["ok"])
        return Readiness(ok=False, reason=f"{failing['name']} is not in order", advice=str(failing["advice"]))
    except (ValueError, LookupError, TypeError, StopIteration):
        return Readiness(ok=False, reason=f"it answers {response.status}", advice="")
