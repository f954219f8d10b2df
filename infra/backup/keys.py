"""The installation's keys and secrets as one part of a set: what the keystore's generations are not sealed with."""

from __future__ import annotations

from collections.abc import Mapping

from infra.backup.places import KEY_NAMES, Places
from vault.adapters.installation import SEED_SIZE
from vault.errors import ConfigurationError, IntegrityError
from vault.files import unavailable_on_failure
from vault.records import read
from vault.records.encoding import RecordError, to_base64url
from vault.records.strict_json import dump, parse_object

VERSION = 1
LIMIT = 4096


def read_keys(places: Places) -> dict[str, bytes]:
    """The keys by name; raises ConfigurationError where one is missing or something else."""
    found = {}
    for name, path in places.key_files.items():
        with unavailable_on_failure(path):
            found[name] = path.read_bytes() if path.is_file() else b""
        if len(found[name]) != SEED_SIZE:
            raise ConfigurationError(
                f"{path} is missing, or holds something else than a key of the installation; no backup was made",
                advice="Put it back from its sealed copy: RUNBOOK, “Installation keys”.",
            )
    return found


def write_keys(installation: str, keys: Mapping[str, bytes]) -> bytes:
    """The part's plaintext."""
    named = {name: to_base64url(key) for name, key in sorted(keys.items())}
    return dump({"v": VERSION, "installation": installation, "keys": named})


def parse_keys(raw: bytes, installation: str) -> dict[str, bytes]:
    """The inverse of `write_keys`; raises IntegrityError for another installation's, or for something else."""
    try:
        fields = parse_object(raw, limit=LIMIT)
        known = fields.get("v") == VERSION and read.identifier(fields, "installation") == installation
        keys = read.mapping(fields, "keys") if known else {}
        return {name: read.octets(keys, name, SEED_SIZE) for name in KEY_NAMES}
    except RecordError as error:
        raise IntegrityError(
            f"the keys of the installation are damaged: {error}", advice="Nothing was changed. Take another set."
        ) from error
