"""The installation's keys and secrets, a file each: a process reads those of its role, and no other.

Beside the base path `keys/installation` lie `installation-ledger` and `installation-checkpoint` (32 random bytes each,
seeds of Ed25519; the worker's), `installation-attest` (the gateway's), `installation-lookup` and
`installation-parameters` (secrets of the gateway, random too: from no key can another be derived), and
`installation-public`, from which the gateway knows the public halves of keys that it cannot read.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from nacl.signing import SigningKey

from vault.errors import ConfigurationError
from vault.files import create_private, unavailable_on_failure, write_private
from vault.records import read
from vault.records.encoding import RecordError, to_base64url
from vault.records.strict_json import dump, parse_object
from vault.records.types.roster import ATTEST, CHECKPOINT, LEDGER, USES
from vault.secret import Secret

SEED_SIZE = 32
WORKERS, GATEWAYS = (LEDGER, CHECKPOINT), (ATTEST,)
LOOKUP, PARAMETERS = "lookup", "parameters"
SECRETS = (LOOKUP, PARAMETERS)
PUBLIC = "public"
MAX_PUBLIC = 4096


class InstallationKeys:
    """The keys that a process holds, by use, its secrets, and the public halves that it knows; `repr` shows no seed."""

    def __init__(
        self,
        seeds: Mapping[str, bytes] = MappingProxyType({}),
        secret: Mapping[str, bytes] = MappingProxyType({}),
        public: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._keys = {use: SigningKey(seed) for use, seed in seeds.items()}
        self._secrets = {name: Secret(value) for name, value in secret.items()}
        own = {use: bytes(key.verify_key) for use, key in self._keys.items()}
        self._public = MappingProxyType({**public, **own})

    def __repr__(self) -> str:
        shown = ", ".join(f"{use}={key.hex()}" for use, key in sorted(self._public.items()))
        return f"InstallationKeys({shown})"

    @property
    def public(self) -> Mapping[str, bytes]:
        """The public halves by use, 32 bytes each: of the keys held here, and of those that are only known here."""
        return self._public

    def sign(self, use: str, message: bytes) -> bytes:
        """The signature, 64 bytes; raises ConfigurationError in a process that does not hold the key of that use."""
        if use not in self._keys:
            raise ConfigurationError(
                f"this process does not hold the installation's key for {use}",
                advice="Only the worker signs tombstones, certificates and checkpoints: RUNBOOK, “Installation keys”.",
            )
        return self._keys[use].sign(message).signature

    def secret(self, name: str) -> bytes:
        """A secret of 32 bytes; raises ConfigurationError in a process that does not hold it."""
        if name not in self._secrets:
            raise ConfigurationError(
                f"this process does not hold the installation's secret for {name}",
                advice="Only the gateway looks members up: RUNBOOK, “Installation keys”.",
            )
        return self._secrets[name]


def file_of(base: Path, name: str) -> Path:
    """The file of a key, a secret, or the public halves."""
    return base.with_name(f"{base.name}-{name}")


def make(worker: Path, gateway: Path, *, set_up: bool) -> dict[str, str]:
    """Make what is missing beside the base paths of worker and gateway; of each its public half in hex, or nothing.

    A signing key that is made after the set-up stands in no roster: nothing is signed with it until a director put it
    there. A secret is never made anew after the set-up: without the one for look-ups nobody could sign in.
    Raises ConfigurationError for a missing secret or a damaged file, UnavailableError when the disk fails.
    """
    made = [use for use in WORKERS if _made(file_of(worker, use))]
    made += [use for use in GATEWAYS if _made(file_of(gateway, use))]
    for name in SECRETS:
        path = file_of(gateway, name)
        if set_up and not path.exists():
            raise _missing(path)
        if _made(path):
            made.append(name)
    public = _public_of(worker, gateway)
    _write_public(file_of(gateway, PUBLIC), public)
    return {name: public[name].hex() if name in public else "" for name in made}


def _public_of(worker: Path, gateway: Path) -> dict[str, bytes]:
    seeds = _seeds(worker, WORKERS) | _seeds(gateway, GATEWAYS)
    return {use: bytes(SigningKey(seed).verify_key) for use, seed in sorted(seeds.items())}


def _write_public(path: Path, public: Mapping[str, bytes]) -> None:
    """What the gateway is told of the keys: written again when one was replaced."""
    text = dump({use: to_base64url(key) for use, key in public.items()})
    with unavailable_on_failure(path):
        known = path.read_bytes() if path.exists() else b""
    if known != text:
        write_private(path, text)


def of_worker(base: Path) -> InstallationKeys:
    """What a worker holds; raises ConfigurationError for a file that is missing or something else."""
    return InstallationKeys(_seeds(base, WORKERS))


def of_gateway(base: Path) -> InstallationKeys:
    """What a gateway holds and knows; raises ConfigurationError for a file that is missing or something else."""
    return InstallationKeys(_seeds(base, GATEWAYS), _seeds(base, SECRETS), _public(file_of(base, PUBLIC)))


def _seeds(base: Path, names: Iterable[str]) -> dict[str, bytes]:
    return {name: _read(file_of(base, name)) for name in names}


def _public(path: Path) -> dict[str, bytes]:
    with unavailable_on_failure(path):
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            raise _missing(path) from None
    try:
        fields = parse_object(raw, limit=MAX_PUBLIC)
        return {use: read.octets(fields, use, SEED_SIZE) for use in USES}
    except RecordError as error:
        raise _damaged(path) from error


def _made(path: Path) -> bool:
    """Make the file (0600) unless it is there; of two processes that race both find the same one."""
    with unavailable_on_failure(path):
        if path.exists():
            return False
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return create_private(path, secrets.token_bytes(SEED_SIZE))


def _read(path: Path) -> bytes:
    with unavailable_on_failure(path):
        try:
            seed = path.read_bytes()
        except FileNotFoundError:
            raise _missing(path) from None
    if len(seed) != SEED_SIZE:
        raise _damaged(path)
    return seed


def _missing(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} is missing", advice="Put it back from its sealed copy: RUNBOOK, “Installation keys”."
    )


def _damaged(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} holds something else than a key of the installation",
        advice="Put it back from its sealed copy: RUNBOOK, “Installation keys”.",
    )
