"""All variables, and which of them a role may override."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from enum import StrEnum

_SERVER = (
    "DOSSIER_DATA",
    "DOSSIER_LISTEN",
    "DOSSIER_PUBLIC_URL",
    "DOSSIER_DATABASE_URL",
    "DOSSIER_KEYSTORE_URL",
    "DOSSIER_BROKER_URL",
    "DOSSIER_BROKER_QUEUE",
    "DOSSIER_OBJECTS",
    "DOSSIER_S3_ENDPOINT",
    "DOSSIER_S3_REGION",
    "DOSSIER_S3_ACCESS_KEY_FILE",
    "DOSSIER_S3_SECRET_KEY_FILE",
    "DOSSIER_GENERATION_KEY_FILE",
    "DOSSIER_INSTALLATION_KEY_FILE",
    "DOSSIER_ERASURE_DELAY",
    "DOSSIER_BACKUP_EVERY",
    "DOSSIER_SESSION_IDLE",
    "DOSSIER_SESSION_MAX",
    "DOSSIER_CLOCK_OFFSET",
    "DOSSIER_TRUSTED_PROXIES",
    "DOSSIER_PROXY_CARRIES",
    "DOSSIER_COLOUR",
    "DOSSIER_LOGO_FILE",
)
# A child's name for its log lines; only the supervisor sets it.
PART = "DOSSIER_PART"
ALIVE = "DOSSIER_ALIVE"  # the pipe for signs of life; the supervisor names it
# Beside each of these, NAME_FILE may name a file that holds the value: more people can read an environment than a file.
SECRETS = ("DOSSIER_DATABASE_URL", "DOSSIER_KEYSTORE_URL", "DOSSIER_BROKER_URL")
# The worker's and the owner's (who migrates) own credentials and keys: DOSSIER_WORKER_DATABASE_URL, DOSSIER_OWNER_…
_FILES = ("DOSSIER_S3_ACCESS_KEY_FILE", "DOSSIER_S3_SECRET_KEY_FILE", "DOSSIER_INSTALLATION_KEY_FILE")
_OF_ROLES = (*SECRETS[:2], *_FILES)
_CLIENT = ("DOSSIER_URL", "DOSSIER_HOME", "DOSSIER_PASSWORD_FILE", "DOSSIER_TOTP_FILE", "DOSSIER_LANG", "DOSSIER_DEBUG")
S3 = tuple(name for name in _SERVER if name.startswith("DOSSIER_S3_"))


class Role(StrEnum):
    """A process's role towards the engines: each role may have its own credentials, with the rights it needs."""

    GATEWAY = "gateway"
    WORKER = "worker"
    OWNER = "owner"


def environment_of(role: Role, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process of that role: its own credentials applied, those of other roles left out.

    A gateway publishes nothing (rows are its queue), so it does not get the broker's address.
    """
    of_roles = {f"{_prefix(each)}{name}" for each in Role for name in _names_of_roles()}
    kept = {name: value for name, value in environment.items() if name not in of_roles}
    for name in _names_of_roles():
        value = environment.get(f"{_prefix(role)}{name}", "").strip()
        if value:
            kept.pop(f"DOSSIER_{name.removesuffix('_FILE')}", None)
            kept.pop(f"DOSSIER_{name.removesuffix('_FILE')}_FILE", None)
            kept[f"DOSSIER_{name}"] = value
    if role is Role.GATEWAY:
        for name in ("DOSSIER_BROKER_URL", "DOSSIER_BROKER_URL_FILE", "DOSSIER_BROKER_QUEUE"):
            kept.pop(name, None)
    return kept


def of_roles(given: Mapping[str, str]) -> list[tuple[Role, str, str]]:
    """The variables of single roles: the role, the full name, and the shared name without `_FILE`."""
    return [
        (
            role,
            f"{_prefix(role)}{name}",
            f"DOSSIER_{name}" if f"DOSSIER_{name}" in _FILES else f"DOSSIER_{name.removesuffix('_FILE')}",
        )
        for role in Role
        for name in _names_of_roles()
        if f"{_prefix(role)}{name}" in given
    ]


def _prefix(role: Role) -> str:
    return f"DOSSIER_{role.upper()}_"


def _names_of_roles() -> list[str]:
    """Names without prefix; those that may come from a file also with the ending `_FILE`."""
    files = [f"{name}_FILE" for name in _OF_ROLES if name in SECRETS]
    return [name.removeprefix("DOSSIER_") for name in (*_OF_ROLES, *files)]


def warnings(given: Mapping[str, str]) -> tuple[str, ...]:
    """A sentence for each unknown `DOSSIER_` variable."""
    ours = [f"{_prefix(role)}{name}" for role in Role for name in _names_of_roles()]
    known = (*_SERVER, *(f"{name}_FILE" for name in SECRETS), *ours, *_CLIENT)
    strange = sorted(
        name for name in given if name not in {*known, PART, ALIVE} and not name.startswith("DOSSIER_TEST_")
    )
    return tuple(_stranger(name, known) for name in strange)


def _stranger(name: str, known: Sequence[str]) -> str:
    words = [other.removeprefix("DOSSIER_") for other in known]
    alike = difflib.get_close_matches(name.removeprefix("DOSSIER_"), words, n=1, cutoff=0.7)
    return f"{name} is not a setting and was ignored" + (f"; did you mean DOSSIER_{alike[0]}?" if alike else "")
