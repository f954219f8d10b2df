"""One reader for each variable: its value, or an error that says what to write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from vault.errors import ConfigurationError
from vault.secret import SecretText
from vault.settings.names import S3, SECRETS, of_roles
from vault.settings.values import Bucket, Clock, Folder, Network

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"([0-9]{1,6})([dhms])")
_FARTHEST = timedelta(days=36_525)
_MAX_PORT = 65_535
BROKERS = ("amqp", "amqps", "redis", "rediss")
_MAX_LOGO = 256 * 1024
# A PNG, a JPEG, a WebP: the first bytes, and where more of them stand.
_PICTURES = ((b"\x89PNG\r\n\x1a\n", 0, b""), (b"\xff\xd8\xff", 0, b""), (b"RIFF", 8, b"WEBP"))
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_QUEUE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_REDIS_PATH = re.compile(r"(?:/[0-9]{0,4})?")
_OTHER_HALF = {
    "DOSSIER_S3_ACCESS_KEY_FILE": "DOSSIER_S3_SECRET_KEY_FILE",
    "DOSSIER_S3_SECRET_KEY_FILE": "DOSSIER_S3_ACCESS_KEY_FILE",
}


def from_files(given: Mapping[str, str]) -> dict[str, str]:
    """The values of NAME_FILE under NAME; raises ConfigurationError when both are set or a file cannot be read."""
    found = {}
    for name in SECRETS:
        if f"{name}_FILE" in given and name in given:
            raise ConfigurationError(f"{name} and {name}_FILE are both set", advice="Unset one of the two.")
        if f"{name}_FILE" in given:
            found[name] = _secret_file(given, f"{name}_FILE").reveal()
    return found


def secret(given: Mapping[str, str], name: str) -> SecretText | None:
    """One of the secrets, or None."""
    return SecretText(given[name]) if name in given else None


def path(given: Mapping[str, str], name: str) -> Path | None:
    """A path, made absolute, or None."""
    return Path(given[name]).expanduser().absolute() if name in given else None


def listen(text: str) -> tuple[str, int]:
    """The address and the port to listen on."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) <= _MAX_PORT:
        raise ConfigurationError(
            f"DOSSIER_LISTEN is {text!r}, which is no address and port",
            advice="Write an address and a port between 1 and 65535, for example DOSSIER_LISTEN=127.0.0.1:8420.",
        )
    return host, int(port)


def public_url(text: str | None, host: str, port: int) -> str:
    """The URL that people type, without a trailing slash."""
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


def refuse_halves(given: Mapping[str, str]) -> None:
    """Records and keys move to production engines together: with only one of them moved, the other could be lost."""
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


def objects(given: Mapping[str, str], data: Path) -> Folder | Bucket:
    """Where documents go."""
    text = given.get("DOSSIER_OBJECTS", "")
    kind, _, where = text.partition(":")
    if text and (kind not in {"dir", "s3"} or not where):
        raise ConfigurationError(
            f"DOSSIER_OBJECTS is {text!r}, which names no place for documents",
            advice="Write dir:/path/to/a/folder or s3:name-of-the-bucket, or leave it out for a folder under the data.",
        )
    if kind == "s3":
        return _bucket(given, where)
    stray = [name for name in S3 if name in given]
    if stray:
        raise ConfigurationError(
            f"{stray[0]} is set, but documents do not go to S3",
            advice=f"Set DOSSIER_OBJECTS=s3:name-of-the-bucket, or unset {' and '.join(stray)}.",
        )
    return Folder(Path(where).expanduser().absolute() if where else data / "objects")


def broker(given: Mapping[str, str]) -> SecretText | None:
    """The broker's URL; an unusable one is refused without quoting it: it holds a password."""
    url = secret(given, "DOSSIER_BROKER_URL")
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise _broker_refusal("which is no address") from None
    if parts.scheme not in BROKERS or not usable:
        raise _broker_refusal(f"which names none of {', '.join(BROKERS)} and a host")
    if ";" in url or parts.query or parts.fragment:
        raise _broker_refusal("which holds a character that has a meaning of its own there")
    if parts.scheme.startswith("redis") and not _REDIS_PATH.fullmatch(parts.path):
        raise _broker_refusal("which names no database of Redis by its number")
    return url


def queue(given: Mapping[str, str]) -> str:
    """The queue's name on a broker: two vaults that shared it would take each other's ticks."""
    text = given.get("DOSSIER_BROKER_QUEUE")
    if text is None:
        return "dossier"
    if "DOSSIER_BROKER_URL" not in given:
        raise ConfigurationError(
            "DOSSIER_BROKER_QUEUE is set, but there is no broker",
            advice="Set DOSSIER_BROKER_URL too, or unset DOSSIER_BROKER_QUEUE.",
        )
    if not _QUEUE.fullmatch(text):
        raise ConfigurationError(
            f"DOSSIER_BROKER_QUEUE is {text!r}, which is no name of a queue",
            advice="Write up to 64 small letters, digits and dashes, for example DOSSIER_BROKER_QUEUE=dossier-brug.",
        )
    return text


def _broker_refusal(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"DOSSIER_BROKER_URL is set to something else than a broker's address, {why}",
        advice="Write amqp://user:password@host:5672/vhost or redis://:password@host:6379/0 (with TLS amqps or rediss; "
        "in a password ; is %3B, ? is %3F, # is %23, / is %2F, @ is %40), or leave it out for the queue in the data.",
    )


def trusted_proxies(given: Mapping[str, str]) -> tuple[Network, ...]:
    """The proxies trusted for the client's address: addresses and networks, separated by commas."""
    text = given.get("DOSSIER_TRUSTED_PROXIES", "")
    try:
        return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())
    except ValueError as error:
        raise ConfigurationError(
            f"DOSSIER_TRUSTED_PROXIES is {text!r}, in which not everything is an address or a network",
            advice="Write the addresses of your own proxies alone, for example 127.0.0.1,10.0.3.0/24, or leave it out.",
        ) from error


def proxy_carries(given: Mapping[str, str]) -> bool:
    """Whether the trusted proxies fetch segments from the store themselves, where the gateway tells them to."""
    text = given.get("DOSSIER_PROXY_CARRIES", "no")
    if text not in {"yes", "no"}:
        raise ConfigurationError(
            f"DOSSIER_PROXY_CARRIES is {text!r}, which is neither yes nor no",
            advice="Write DOSSIER_PROXY_CARRIES=yes where infra/proxy/Caddyfile is used, or leave it out.",
        )
    if text == "no":
        return False
    if "DOSSIER_TRUSTED_PROXIES" not in given or not given.get("DOSSIER_OBJECTS", "").startswith("s3:"):
        raise ConfigurationError(
            "DOSSIER_PROXY_CARRIES is set, but there is no trusted proxy, or no S3 that it could fetch from",
            advice="Set DOSSIER_TRUSTED_PROXIES and DOSSIER_OBJECTS=s3:name-of-the-bucket too, or unset "
            "DOSSIER_PROXY_CARRIES.",
        )
    return True


def colour(given: Mapping[str, str]) -> str | None:
    """The practice's colour for its pages, or None."""
    text = given.get("DOSSIER_COLOUR")
    if text is not None and not _COLOUR.fullmatch(text):
        raise ConfigurationError(
            f"DOSSIER_COLOUR is {text!r}, which is no colour",
            advice="Write # and six hex digits, for example DOSSIER_COLOUR=#1f6f63, or leave it out.",
        )
    return text.lower() if text else None


def logo_file(given: Mapping[str, str]) -> Path | None:
    """The file of the practice's logo, a picture that every browser shows, or None."""
    file = path(given, "DOSSIER_LOGO_FILE")
    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_LOGO + 1)
    except OSError:
        content = b""
    shown = any(content.startswith(start) and content[at:].startswith(more) for start, at, more in _PICTURES)
    if not shown or len(content) > _MAX_LOGO:
        raise ConfigurationError(
            "the file of DOSSIER_LOGO_FILE is no PNG, JPEG or WebP of at most 256 KiB, or cannot be read",
            advice="Name such a file that the gateway may read, or leave DOSSIER_LOGO_FILE out.",
        )
    return file


def refuse_roles_alone(given: Mapping[str, str]) -> None:
    """A role's own credentials need the shared ones beside them, and S3's come in pairs."""
    for role, name, shared in of_roles(given):
        if shared not in given:
            raise ConfigurationError(
                f"{name} is set, but {shared} is not",
                advice=f"Set {shared} too, with what the gateway uses, or unset {name}.",
            )
        half = _OTHER_HALF.get(shared)
        other = half and half.replace("DOSSIER_", f"DOSSIER_{role.upper()}_")
        if other and other not in given:
            raise ConfigurationError(
                f"{name} is set, but {other} is not", advice="Set both, or leave both out: keys of S3 come in pairs."
            )


def _bucket(given: Mapping[str, str], name: str) -> Bucket:
    missing = [name for name in S3 if name not in given and name != "DOSSIER_S3_REGION"]
    if missing:
        raise ConfigurationError(
            f"DOSSIER_OBJECTS says S3, but {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            advice="Set the endpoint and the two files that hold the keys, or leave DOSSIER_OBJECTS out.",
        )
    return Bucket(
        name=name,
        endpoint=given["DOSSIER_S3_ENDPOINT"],
        region=given.get("DOSSIER_S3_REGION", "us-east-1"),
        access_key=_secret_file(given, "DOSSIER_S3_ACCESS_KEY_FILE").reveal(),
        secret_key=_secret_file(given, "DOSSIER_S3_SECRET_KEY_FILE"),
    )


def _secret_file(given: Mapping[str, str], name: str) -> SecretText:
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
    return SecretText(text)


def _duration(text: str) -> timedelta | None:
    found = _DURATION.fullmatch(text)
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def erasure_delay(text: str) -> timedelta:
    """How long staff can withdraw an erasure."""
    delay = _duration(text)
    if delay is None or delay > timedelta(days=30):
        raise ConfigurationError(
            f"DOSSIER_ERASURE_DELAY is {text!r}, which is no delay of at most 30 days",
            advice="Write a number and d, h, m or s, for example DOSSIER_ERASURE_DELAY=24h.",
        )
    return delay


def backup_every(text: str) -> timedelta:
    """After how long without a new backup health says so; no copy may be older than 14 days."""
    every = _duration(text)
    if every is None or not timedelta(hours=1) <= every <= timedelta(days=14):
        raise ConfigurationError(
            f"DOSSIER_BACKUP_EVERY is {text!r}, which is no time from an hour to 14 days",
            advice="Write a number and d or h, for example DOSSIER_BACKUP_EVERY=7d.",
        )
    return every


def session_limits(given: Mapping[str, str]) -> dict[str, timedelta]:
    """How long a session lives unused, and at most."""
    idle = _session("DOSSIER_SESSION_IDLE", given.get("DOSSIER_SESSION_IDLE", "12h"))
    most = _session("DOSSIER_SESSION_MAX", given.get("DOSSIER_SESSION_MAX", "7d"))
    if idle > most:
        raise ConfigurationError(
            "DOSSIER_SESSION_IDLE is longer than DOSSIER_SESSION_MAX",
            advice="A session that may live for 7d ends earlier where it is not used: for example after 12h.",
        )
    return {"session_idle": idle, "session_max": most}


def _session(name: str, text: str) -> timedelta:
    limit = _duration(text)
    if limit is None or not timedelta(minutes=5) <= limit <= timedelta(days=90):
        raise ConfigurationError(
            f"{name} is {text!r}, which is no length of 5 minutes to 90 days",
            advice=f"Write a number and d, h, m or s, for example {name}=8h.",
        )
    return limit


def clock(given: Mapping[str, str]) -> Clock:
    """The installation's clock; it can be shifted on the embedded engines only."""
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
