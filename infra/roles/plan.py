"""The plan: the environment of every role, read as the processes will read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from vault.errors import ConfigurationError
from vault.settings import Bucket, Role, Settings, environment_of


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of each role. Embedded parts have no roles and are skipped."""

    gateway: Settings
    worker: Settings
    owner: Settings

    @property
    def databases(self) -> bool:
        """Whether records and keystore are on external databases."""
        return self.owner.database_url is not None

    @property
    def bucket(self) -> Bucket | None:
        """The bucket with its owner's keys."""
        return self.owner.objects if isinstance(self.owner.objects, Bucket) else None

    def keys_of(self, role: Role) -> Bucket:
        """The bucket with the keys of that role."""
        objects = {Role.GATEWAY: self.gateway, Role.WORKER: self.worker, Role.OWNER: self.owner}[role].objects
        assert isinstance(objects, Bucket)
        return objects


def read(environment: Mapping[str, str]) -> Plan:
    """The checked plan; raises ConfigurationError before anything is made."""
    plan = Plan(*(Settings.from_environment(environment_of(role, environment)) for role in Role))
    if not plan.databases and plan.bucket is None:
        raise ConfigurationError(
            "every engine is embedded, and embedded engines have no roles; nothing was made",
            advice="Set DOSSIER_DATABASE_URL and DOSSIER_KEYSTORE_URL, or DOSSIER_OBJECTS=s3:…, as for the server.",
        )
    if plan.databases:
        for name in ("DATABASE_URL", "KEYSTORE_URL"):
            _refuse_shared(name, [_address(settings, name).username for settings in _all(plan)])
            _refuse_elsewhere(name, [_address(settings, name) for settings in _all(plan)])
    if plan.bucket is not None:
        for role in Role:
            _refuse_no_keys(role, plan.keys_of(role))
        _refuse_shared("S3_ACCESS_KEY_FILE", [plan.keys_of(role).access_key for role in Role])
    return plan


def account(plan: Plan, role: Role) -> tuple[str, str]:
    """A role's name and password in the databases, from its URLs."""
    settings = {Role.GATEWAY: plan.gateway, Role.WORKER: plan.worker, Role.OWNER: plan.owner}[role]
    found = {(url.username, url.password) for url in (_address(settings, n) for n in ("DATABASE_URL", "KEYSTORE_URL"))}
    (name, password), *others = found
    if others or not name or not password:
        raise ConfigurationError(
            f"the addresses of the {role} name no account, or two different ones",
            advice=f"Write the same name and password into the {role}'s addresses of records and keystore.",
        )
    return name, str(password)


def _all(plan: Plan) -> tuple[Settings, Settings, Settings]:
    return plan.gateway, plan.worker, plan.owner


def _address(settings: Settings, name: str) -> URL:
    url = settings.database_url if name == "DATABASE_URL" else settings.keystore_url
    assert url is not None
    try:
        address = make_url(url.reveal())
    except ArgumentError:
        raise ConfigurationError(f"one of the variables …_{name} holds no address", advice=_FORM) from None
    if address.get_backend_name() != "postgresql" or not address.database:
        raise ConfigurationError(f"one of the variables …_{name} names no database of PostgreSQL", advice=_FORM)
    return address


_FORM = "Write postgresql://name:password@host:5432/database; roles are made on PostgreSQL alone."


def _refuse_shared(name: str, accounts: list[str | None]) -> None:
    """Three roles with one account would be one role with every right."""
    if len(set(accounts)) < len(accounts) or not all(accounts):
        raise ConfigurationError(
            f"gateway, worker and owner do not have three accounts of their own in {name}; nothing was made",
            advice=f"Set DOSSIER_{name}, DOSSIER_WORKER_{name} and DOSSIER_OWNER_{name}, each with its own account "
            "(addresses also as …_FILE).",
        )


def _refuse_no_keys(role: Role, bucket: Bucket) -> None:
    """Refuse keys that are not one word: they go into a request header, and errors quote invalid headers."""
    if not all(
        key.isascii() and key.isprintable() and " " not in key for key in (bucket.access_key, bucket.secret_key)
    ):
        raise ConfigurationError(
            f"a file of the {role}'s S3 keys holds something else than a key; nothing was made",
            advice="Write the key alone into each of the two files, on one line.",
        )


def _refuse_elsewhere(name: str, addresses: list[URL]) -> None:
    if len({address.database for address in addresses}) > 1:
        raise ConfigurationError(
            f"gateway, worker and owner name different databases in {name}; nothing was made",
            advice="Write the same database into all three addresses.",
        )
