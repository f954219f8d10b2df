"""The session on disk: token and keyring in a box; a reboot or `logout` wipes the box's random key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from vault.boxes import KEY_SIZE, BoxError, box, unbox
from vault.files import write_private
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.strict_json import dump, parse_object
from vault.sdk.device.home import Home, read_private
from vault.sdk.device.list_cache import FILE as LIST
from vault.sdk.device.names_cache import keep_names_of
from vault.sdk.errors import NotSignedInError
from vault.sdk.keys.keyring import Keyring, parse_keyring
from vault.secret import Secret

FILE = "session.sealed"
AAD = b"vault/v1/session"
MAX_SESSION = 16_384
_SIGN_IN = "Sign in with: dossier login --email …"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """The state of a signed-in device between two commands."""

    token: str
    keyring: Keyring
    key: Secret
    public_url: str | None = None

    def __repr__(self) -> str:
        """Without the token."""
        return f"StoredSession({self.keyring!r})"


def store_session(home: Home, session: StoredSession) -> None:
    """Write the session under a new key; the older session is lost with its key."""
    key = secrets.token_bytes(KEY_SIZE)
    with home.lock():
        write_private(home.session_key, key)
        home.write(FILE, seal_session(session, key))


def load_session(home: Home) -> StoredSession:
    """This device's session; raises NotSignedInError when it is absent or unreadable."""
    key, sealed = read_private(home.session_key), home.read(FILE)
    if key is None or sealed is None:
        raise NotSignedInError("you are not signed in on this device", advice=_SIGN_IN)
    try:
        return open_session(sealed, key)
    except (BoxError, RecordError) as error:
        raise NotSignedInError("the session of this device cannot be read", advice=_SIGN_IN) from error


def wipe_session(home: Home) -> None:
    """Remove the key, then the box, then the names of dossiers and documents."""
    with home.lock():
        home.session_key.unlink(missing_ok=True)
        home.remove(FILE)
        home.remove(LIST)
        keep_names_of(home, ())


def seal_session(session: StoredSession, key: bytes) -> bytes:
    """The session's box under its 32-byte key."""
    fields = {
        "token": session.token,
        "keyring": to_base64url(session.keyring.to_bytes()),
        "key": to_base64url(session.key),
    }
    return box(key, AAD, dump({**fields, "public_url": session.public_url}))


def open_session(sealed: bytes, key: bytes) -> StoredSession:
    """The inverse of `seal_session`; raises BoxError or RecordError."""
    if len(key) != KEY_SIZE:
        raise BoxError("a session's key has 32 bytes")
    fields = parse_object(unbox(key, AAD, sealed), limit=MAX_SESSION)
    keyring = Secret(from_base64url(read.text(fields, "keyring", limit=MAX_SESSION)))
    sealing = Secret(read.octets(fields, "key", KEY_SIZE))
    public = None if fields.get("public_url") is None else read.text(fields, "public_url")
    return StoredSession(read.text(fields, "token", limit=1000), parse_keyring(keyring), sealing, public)
