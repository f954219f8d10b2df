"""The server's settings: one frozen value, read from `DOSSIER_*`, whole or refused with what to do about it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from vault.errors import ConfigurationError

_SERVER = (
    "DOSSIER_DATA",
    "DOSSIER_LISTEN",
    "DOSSIER_PUBLIC_URL",
    "DOSSIER_DATABASE_URL",
    "DOSSIER_KEYSTORE_URL",
    "DOSSIER_BROKER_URL",
    "DOSSIER_OBJECTS",
    "DOSSIER_S3_ENDPOINT",
    "DOSSIER_S3_REGION",
    "DOSSIER_S3_ACCESS_KEY_FILE",
    "DOSSIER_S3_SECRET_KEY_FILE",
    "DOSSIER_GENERATION_KEY_FILE",
    "DOSSIER_INSTALLATION_KEY_FILE",
    "DOSSIER_ERASURE_DELAY",
    "DOSSIER_CLOCK_OFFSET",
)
# Beside each of these, NAME_FILE may name a file that holds the value: an environment is read by more people.
_SECRETS = ("DOSSIER_DATABASE_URL", "DOSSIER_KEYSTORE_URL", "DOSSIER_BROKER_URL")
# What the worker, and whoever migrates, may have of their own: DOSSIER_WORKER_DATABASE_URL, DOSSIER_OWNER_DATABASE_URL …
_OF_ROLES = (*_SECRETS[:2], "DOSSIER_S3_ACCESS_KEY_FILE", "DOSSIER_S3_SECRET_KEY_FILE")
_CLIENT = ("DOSSIER_URL", "DOSSIER_HOME", "DOSSIER_PASSWORD_FILE", "DOSSIER_TOTP_FILE", "DOSSIER_LANG", "DOSSIER_DEBUG")
_S3 = tuple(name for name in _SERVER if name.startswith("DOSSIER_S3_"))
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"([0-9]{1,6})([dhms])")
_FARTHEST = timedelta(days=36_525)
_MAX_PORT = 65_535


class Secret(str):
    """A secret read from a file; it prints as dots, so that no log or error text can repeat it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(…)"


class Role(StrEnum):
    """Who a process is to the engines: each may be given credentials of its own, which allow what it does."""

    GATEWAY = "gateway"
    WORKER = "worker"
    OWNER = "owner"


def environment_of(role: Role, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process of that role: its own credentials in place, those of other roles left out."""
    of_roles = {f"{_prefix(each)}{name}" for each in Role for name in _names_of_roles()}
    kept = {name: value for name, value in environment.items() if name not in of_roles}
    for name in _names_of_roles():
        value = environment.get(f"{_prefix(role)}{name}", "").strip()
        if value:
            kept.pop(f"DOSSIER_{name.removesuffix('_FILE')}", None)
            kept.pop(f"DOSSIER_{name.removesuffix('_FILE')}_FILE", None)
            kept[f"DOSSIER_{name}"] = value
    return kept


def _prefix(role: Role) -> str:
    return f"DOSSIER_{role.upper()}_"


def _names_of_roles() -> list[str]:
    """Without their prefix; those that may lie in a file also with that ending."""
    files = [f"{name}_FILE" for name in _OF_ROLES if name in _SECRETS]
    return [name.removeprefix("DOSSIER_") for name in (*_OF_ROLES, *files)]


@dataclass(frozen=True, slots=True)
class Clock:
    """The time everyone in this installation goes by: the machine's, moved by an offset for trials and tests."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def text(self) -> str:
        """The offset as `DOSSIER_CLOCK_OFFSET` writes it, in the largest whole unit: `+1827d`, `-2h`, `+0s`."""
        seconds = int(self.offset.total_seconds())
        for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
            if seconds and seconds % size == 0:
                return f"{seconds // size:+d}{unit}"
        return f"{seconds:+d}s"


@dataclass(frozen=True, slots=True)
class Folder:
    """Objects in a directory."""

    path: Path


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects in an S3 bucket."""

    name: str
    endpoint: str
    region: str
    access_key: Secret
    secret_key: Secret


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server's processes are told; the same value in each of them."""

    data: Path
    host: str
    port: int
    public_url: str
    objects: Folder | Bucket
    database_url: Secret | None = None
    keystore_url: Secret | None = None
    broker_url: Secret | None = None
    generation_key_file: Path | None = None
    installation_key_file: Path | None = None
    erasure_delay: timedelta = timedelta(hours=24)
    clock: Clock = Clock()
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read and check every variable; raises ConfigurationError, and then nothing was started or written."""
        given = {name: value.strip() for name, value in environment.items() if name.startswith("DOSSIER_")}
        given = {name: value for name, value in given.items() if value}
        given |= _from_files(given)
        data = Path(given.get("DOSSIER_DATA", "data")).expanduser().absolute()
        host, port = _listen(given.get("DOSSIER_LISTEN", "127.0.0.1:8420"))
        _refuse_halves(given)
        return cls(
            data=data,
            host=host,
            port=port,
            public_url=_public_url(given.get("DOSSIER_PUBLIC_URL"), host, port),
            objects=_objects(given, data),
            database_url=_secret(given, "DOSSIER_DATABASE_URL"),
            keystore_url=_secret(given, "DOSSIER_KEYSTORE_URL"),
            broker_url=_secret(given, "DOSSIER_BROKER_URL"),
            generation_key_file=_path(given, "DOSSIER_GENERATION_KEY_FILE"),
            installation_key_file=_path(given, "DOSSIER_INSTALLATION_KEY_FILE"),
            erasure_delay=_erasure_delay(given.get("DOSSIER_ERASURE_DELAY", "24h")),
            clock=_clock(given),
            warnings=_warnings(given),
        )

    @property
    def embedded(self) -> bool:
        """Whether every engine is our own: nothing beside this machine is needed, and nothing else is asked."""
        return isinstance(self.objects, Folder) and not (self.database_url or self.keystore_url or self.broker_url)

    @property
    def records_file(self) -> Path:
        """The embedded records store."""
        return self.data / "records.db"

    @property
    def keystore_file(self) -> Path:
        """The embedded keystore."""
        return self.data / "keystore.db"

    @property
    def generation_keys(self) -> Path:
        """The path to which each generation key's number is added."""
        return self.generation_key_file or self.data / "keys" / "generation"

    @property
    def installation_key(self) -> Path:
        """The file of the installation key."""
        return self.installation_key_file or self.data / "keys" / "installation"

    @property
    def setup_token_file(self) -> Path:
        """The one-time token with which the first director sets the practice up."""
        return self.data / "setup-token"

    @property
    def broker_folder(self) -> Path:
        """The embedded queue."""
        return self.data / "broker"


def _from_files(given: Mapping[str, str]) -> dict[str, str]:
    """The values of NAME_FILE under NAME; raises ConfigurationError when both are set or a file cannot be read."""
    found = {}
    for name in _SECRETS:
        if f"{name}_FILE" in given and name in given:
            raise ConfigurationError(f"{name} and {name}_FILE are both set", advice="Unset one of the two.")
        if f"{name}_FILE" in given:
            found[name] = str(_secret_file(given, f"{name}_FILE"))
    return found


def _secret(given: Mapping[str, str], name: str) -> Secret | None:
    return Secret(given[name]) if name in given else None


def _path(given: Mapping[str, str], name: str) -> Path | None:
    return Path(given[name]).expanduser().absolute() if name in given else None


def _listen(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) <= _MAX_PORT:
        raise ConfigurationError(
            f"DOSSIER_LISTEN is {text!r}, which is no address and port",
            advice="Write an address and a port between 1 and 65535, for example DOSSIER_LISTEN=127.0.0.1:8420.",
        )
    return host, int(port)


def _public_url(text: str | None, host: str, port: int) -> str:
    if text is None:
        if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared with, not listened on
            raise ConfigurationError(
                "the server is to listen on every address, but nobody said under which address people reach it",
                advice="Set DOSSIER_PUBLIC_URL to the address that clients type, for example https://dossier.example.",
            )
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigurationError(
            f"DOSSIER_PUBLIC_URL is {text!r}, which is no address of a website",
            advice="Write it as people type it, without anything behind it, for example https://dossier.example.",
        )
    return text.rstrip("/")


def _refuse_halves(given: Mapping[str, str]) -> None:
    """Records and keys move to production together: half of it would look like a vault and lose one half."""
    pair = ("DOSSIER_DATABASE_URL", "DOSSIER_KEYSTORE_URL")
    missing = [name for name in pair if name not in given]
    if len(missing) == 1:
        present = next(name for name in pair if name in given)
        raise ConfigurationError(
            f"{present} is set, but {missing[0]} is not",
            advice=f"Set {missing[0]} too (another database, with a role of its own), or unset {present}.",
        )
    if not missing and given[pair[0]] == given[pair[1]]:
        raise ConfigurationError(
            "records and keystore are the same database",
            advice="Give the keystore a database of its own, so that no backup of records holds keys.",
        )


def _objects(given: Mapping[str, str], data: Path) -> Folder | Bucket:
    text = given.get("DOSSIER_OBJECTS", "")
    kind, _, where = text.partition(":")
    if text and (kind not in {"dir", "s3"} or not where):
        raise ConfigurationError(
            f"DOSSIER_OBJECTS is {text!r}, which names no place for documents",
            advice="Write dir:/path/to/a/folder or s3:name-of-the-bucket, or leave it out for a folder under the data.",
        )
    if kind == "s3":
        return _bucket(given, where)
    stray = [name for name in _S3 if name in given]
    if stray:
        raise ConfigurationError(
            f"{stray[0]} is set, but documents do not go to S3",
            advice=f"Set DOSSIER_OBJECTS=s3:name-of-the-bucket, or unset {' and '.join(stray)}.",
        )
    return Folder(Path(where).expanduser().absolute() if where else data / "objects")


def _bucket(given: Mapping[str, str], name: str) -> Bucket:
    missing = [name for name in _S3 if name not in given and name != "DOSSIER_S3_REGION"]
    if missing:
        raise ConfigurationError(
            f"DOSSIER_OBJECTS says S3, but {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            advice="Set the endpoint and the two files that hold the keys, or leave DOSSIER_OBJECTS out.",
        )
    return Bucket(
        name=name,
        endpoint=given["DOSSIER_S3_ENDPOINT"],
        region=given.get("DOSSIER_S3_REGION", "us-east-1"),
        access_key=_secret_file(given, "DOSSIER_S3_ACCESS_KEY_FILE"),
        secret_key=_secret_file(given, "DOSSIER_S3_SECRET_KEY_FILE"),
    )


def _secret_file(given: Mapping[str, str], name: str) -> Secret:
    path = Path(given[name]).expanduser()
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(
            f"{name} names {path}, which cannot be read: {reason}",
            advice="Make the file readable for the user who starts the server, and for nobody else (chmod 600).",
        ) from error
    if not text:
        raise ConfigurationError(f"{name} names {path}, which is empty", advice="Write the key into that file.")
    return Secret(text)


def _duration(text: str) -> timedelta | None:
    found = _DURATION.fullmatch(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _erasure_delay(text: str) -> timedelta:
    delay = _duration(text)
    if delay is None or delay > timedelta(days=30):
        raise ConfigurationError(
            f"DOSSIER_ERASURE_DELAY is {text!r}, which is no delay of at most 30 days",
            advice="Write a number and d, h, m or s, for example DOSSIER_ERASURE_DELAY=24h.",
        )
    return delay


def _clock(given: Mapping[str, str]) -> Clock:
    text = given.get("DOSSIER_CLOCK_OFFSET")
    if text is None:
        return Clock()
    size = _duration(text[1:]) if text[0] in "+-" else None
    if size is None or size > _FARTHEST:
        raise ConfigurationError(
            f"DOSSIER_CLOCK_OFFSET is {text!r}, which is no offset of at most a hundred years",
            advice="Write a sign, a number and d, h, m or s, for example DOSSIER_CLOCK_OFFSET=+1827d, or leave it out.",
        )
    engines = [name for name in ("DOSSIER_DATABASE_URL", "DOSSIER_BROKER_URL") if name in given]
    if size and (engines or given.get("DOSSIER_OBJECTS", "").startswith("s3:")):
        raise ConfigurationError(
            "DOSSIER_CLOCK_OFFSET is for trials with the embedded engines; real dossiers would be destroyed on time "
            "that has not come",
            advice="Unset DOSSIER_CLOCK_OFFSET.",
        )
    return Clock(size if text[0] == "+" else -size)


def _warnings(given: Mapping[str, str]) -> tuple[str, ...]:
    ours = [f"{_prefix(role)}{name}" for role in Role for name in _names_of_roles()]
    known = (*_SERVER, *(f"{name}_FILE" for name in _SECRETS), *ours, *_CLIENT)
    strange = sorted(name for name in given if name not in known and not name.startswith("DOSSIER_TEST_"))
    return tuple(_stranger(name, known) for name in strange)


def _stranger(name: str, known: Sequence[str]) -> str:
    words = [other.removeprefix("DOSSIER_") for other in known]
    alike = difflib.get_close_matches(name.removeprefix("DOSSIER_"), words, n=1, cutoff=0.7)
    return f"{name} is not a setting and was ignored" + (f"; did you mean DOSSIER_{alike[0]}?" if alike else "")
