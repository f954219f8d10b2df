"""Checks an installation from a member's device: the server, the folder, the keys, the clock, the tools.

It changes nothing, and no check depends on another.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from vault.errors import ConfigurationError, IntegrityError, VaultError
from vault.records import read
from vault.sdk.checks import Check
from vault.sdk.device import clock
from vault.sdk.device.home import DEFAULT, Home
from vault.sdk.errors import NotSignedInError, ServerUnreachableError
from vault.sdk.keys import one_time_codes
from vault.sdk.people.session import SignedIn, load_member, server_url
from vault.sdk.server import served_pages
from vault.sdk.server.api import Api, Probe

MAX_CLOCK_DIFFERENCE = timedelta(seconds=60)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MANY_CHECKS = 100
_SERVERS = {"clock": "server_clock"}  # this device has a check of that name too


def examine(totp_file: Callable[[Home], Path]) -> list[Check]:
    """Every check, in the order of repair; `totp_file` is the path of the one-time codes' secret."""
    home, checks = _home()
    url = server_url(home if home is not None and _member(home).ok else None)
    checks += _server(url)
    if home is not None:
        checks += [_private(home), _member(home), *_session(home, url), _spool(home), _totp(totp_file(home))]
    return [*checks, _age()]


def _server(url: str) -> Iterator[Check]:
    try:
        api = Api(url)
        health, ready = api.probe("/healthz"), api.probe("/readyz")
    except VaultError:
        yield Check("server", "unreachable", {"url": url})
        return
    yield Check("server")
    yield from _readiness(ready)
    yield _clock(health)
    if served_pages.is_known():
        yield _pages(api)


def _readiness(ready: Probe) -> Iterator[Check]:
    """The server's own readiness checks, with their advice."""
    try:
        checks = read.objects(ready.said, "checks", most=_MANY_CHECKS)
        for value in checks:
            name, ok = read.text(value, "name", limit=64), read.boolean(value, "ok")
            advice = value.get("advice")
            said = advice if isinstance(advice, str) else ""
            yield Check(_SERVERS.get(name, name), "" if ok else "unready", advice=said[:1000])
    except VaultError:
        yield Check("ready", "unready")


def _clock(health: Probe) -> Check:
    """This client's clock against the server's, each with its own offset."""
    try:
        offset = clock.parse_offset(read.text(health.said, "clock_offset", limit=32))
        theirs = parsedate_to_datetime(health.date).astimezone(UTC) + offset
    except (VaultError, ValueError, TypeError):
        return Check("clock")
    difference = abs(clock.now() - theirs)
    if difference <= MAX_CLOCK_DIFFERENCE:
        return Check("clock")
    return Check("clock", "clock_differs", {"seconds": round(difference.total_seconds())})


def _pages(api: Api) -> Check:
    """What browsers are given is what this version builds: a page that steals can be found from outside."""
    try:
        found = served_pages.compare(api)
    except VaultError:
        return Check("pages", "unreachable", {"url": api.url})
    if found is None:
        return Check("pages")
    return Check("pages", "pages_differ" if found.path else "pages_missing", {"url": api.url, "path": found.path})


def _home() -> tuple[Home | None, list[Check]]:
    path = Path(os.environ.get("DOSSIER_HOME") or DEFAULT.expanduser())
    try:
        home = Home(path)
        trial = home.path / f".doctor.{secrets.token_hex(8)}"
        trial.write_bytes(b"")
        trial.unlink()
    except (ConfigurationError, OSError) as error:
        return None, [Check("home", "home_unusable", {"path": str(path), "reason": _reason(error)})]
    return home, [Check("home")]


def _reason(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _private(home: Home) -> Check:
    """The folder's files and the session's key are readable by their owner only."""
    files = [path for path in (home.session_key, *sorted(home.path.rglob("*"))) if path.is_file()]
    found = [str(path) for path in (home.path, *files) if _readable_by_others(path)]
    return Check("private", "not_private", {"paths": ", ".join(found[:5])}) if found else Check("private")


def _readable_by_others(path: Path) -> bool:
    try:
        return bool(path.lstat().st_mode & _OTHERS) and not path.is_symlink()
    except OSError:
        return False


def _member(home: Home) -> Check:
    try:
        member = load_member(home)
    except VaultError:
        return Check("member", "member_damaged", {"path": str(home.path / "member.json")})
    return Check("member", "" if member is not None else "no_member")


def _session(home: Home, url: str) -> Iterator[Check]:
    """A live session, and a roster that follows the pinned one: else the server lies."""
    try:
        signed_in = SignedIn.load(home, url=url)
    except IntegrityError as error:
        yield Check("session")
        yield Check("roster", "roster_doubtful", {"reason": str(error)})
    except (NotSignedInError, ServerUnreachableError):
        yield Check("session", "not_signed_in")
    except VaultError as error:
        yield Check("session", "roster_doubtful", {"reason": str(error)})
    else:
        yield Check("session")
        yield Check("roster")
        yield _address(signed_in)


def _address(signed_in: SignedIn) -> Check:
    """Links begin with what a director signed; a server that is set to another address does not answer them there."""
    said, url = signed_in.other_url, signed_in.policy.public_url
    return Check("address") if said is None else Check("address", "address_differs", {"said": said, "url": url})


def _spool(home: Home) -> Check:
    """Interrupted deposits: a repetition resumes them; after a day they are swept."""
    folder = home.path / "spool"
    left = [entry for entry in sorted(folder.iterdir()) if entry.is_dir()] if folder.is_dir() else []
    if not left:
        return Check("spool")
    size = sum(path.stat().st_size for entry in left for path in entry.rglob("*") if path.is_file())
    return Check("spool", "spool_left", {"count": len(left), "size": size})


def _totp(path: Path) -> Check:
    """The secret of the one-time codes may be elsewhere; a file of it here must be readable by its owner only."""
    try:
        secret = one_time_codes.read_secret_file(path)
    except VaultError:
        return Check("totp", "totp_unreadable", {"path": str(path)})
    if secret is not None and _readable_by_others(path):
        return Check("totp", "totp_open", {"path": str(path)})
    return Check("totp")


def _age() -> Check:
    """Encrypt and decrypt something small, with a key of the dossiers' type."""
    try:
        from vault.age import HybridIdentity, decrypt, encrypt  # noqa: PLC0415 - loads `cryptography`

        identity, text = HybridIdentity.generate(), secrets.token_bytes(70_000)
        opened = decrypt(encrypt(text, [identity.recipient()]), [identity])
    except Exception as error:  # noqa: BLE001 - whatever is broken here is what was looked for
        return Check("age", "age_broken", {"reason": type(error).__name__})
    return Check("age") if opened == text else Check("age", "age_broken", {"reason": "other bytes"})
