"""A new installation gets its identity, the same in every store."""

from __future__ import annotations

import hashlib
import io

from vault.errors import ConfigurationError
from vault.flows.context import Ports
from vault.flows.positions.comparing import IDENTITY, REFUSED_AT_START, positions, refusal_of, standing
from vault.records.encoding import new_id


def adopt(ports: Ports) -> str:
    """The identity of this installation, written in each store that a killed start left without it; repeatable.

    The key files are first and the objects last: an identity that stands in the objects alone is another
    installation's. Raises StoresError where the stores do not belong together, ConfigurationError for objects that
    nobody knows.
    """
    findings = tuple(each for each in standing(ports) if each.fault in REFUSED_AT_START)
    if findings:
        raise refusal_of(findings)
    found = positions(ports)
    known = [identity for identity in found.identities.values() if identity is not None]
    if not known and not found.records.set_up:
        _check_nobodys(ports)
    identity = known[0] if known else new_id()
    if len(known) < len(found.identities):
        _write(ports, identity)
    return identity


def _check_nobodys(ports: Ports) -> None:
    """Raise ConfigurationError when objects are there already: the nightly comparison would remove them."""
    if next(iter(ports.objects.names()), None) is not None:
        raise ConfigurationError(
            "the store of objects holds other things than a vault's; nothing was started",
            advice="Choose an empty bucket or folder with DOSSIER_OBJECTS.",
        )


def _write(ports: Ports, identity: str) -> None:
    ports.keystore.adopt(identity)
    with ports.store.transaction() as tx:
        tx.adopt(identity)
    raw = identity.encode()
    ports.objects.put(IDENTITY, io.BytesIO(raw), len(raw), hashlib.sha256(raw).digest())
