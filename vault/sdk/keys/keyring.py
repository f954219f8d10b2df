"""A member's keyring: her secret keys and the pinned root, sealed under a random key (FORMAT.md, "Keyring")."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from nacl.signing import SigningKey

from vault.boxes import box, hkdf, unbox
from vault.records import read
from vault.records.encoding import RecordError, lp, to_base64url
from vault.records.standing import Standing, read_standing
from vault.records.strict_json import dump, parse_object
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.age import HybridIdentity

VERSION = 1
MAX_KEYRING = 4096
KEY_SIZE = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """`signing`, `identity` and `wrap` are secret, 32 bytes each; `root` is the pinned root's public key."""

    practice: str
    member: str
    signing: Secret
    identity: Secret
    wrap: Secret
    root: bytes
    roster: Standing

    def __repr__(self) -> str:
        """Without the keys."""
        return f"Keyring(member={self.member!r})"

    @property
    def signing_key(self) -> SigningKey:
        """The key that signs this member's records."""
        return SigningKey(bytes(self.signing))

    @property
    def age_identity(self) -> HybridIdentity:
        """The identity that opens wraps made by others."""
        from vault.age import HybridIdentity  # noqa: PLC0415 - loads `cryptography`, which most commands do without

        return HybridIdentity(bytes(self.identity))

    @property
    def recipient(self) -> str:
        """The public half of the age identity."""
        return _recipient(bytes(self.identity))

    @property
    def spool_key(self) -> Secret:
        """The key that seals unfinished deposits on disk."""
        return hkdf(self.wrap, "vault/v1/spool")

    @property
    def pins_key(self) -> Secret:
        """The key that seals this device's pins."""
        return hkdf(self.wrap, "vault/v1/pins")

    @property
    def label_key(self) -> Secret:
        """The key of the labels that this member's lists show dossiers under."""
        return hkdf(self.wrap, "vault/v1/label")

    @property
    def names_key(self) -> Secret:
        """The key that seals what this device knows of the names of documents."""
        return hkdf(self.wrap, "vault/v1/names")

    @property
    def cache_key(self) -> Secret:
        """The key that seals what this device knows of its lists."""
        return hkdf(self.wrap, "vault/v1/cache")

    def standing_on(self, roster: Standing, root: bytes) -> Keyring:
        """The keyring with a newer roster as the last one seen, and that roster's root."""
        return replace(self, roster=roster, root=root)

    def to_bytes(self) -> Secret:
        """The plaintext for sealing."""
        return Secret(
            dump(
                {
                    "v": VERSION,
                    "practice": self.practice,
                    "member": self.member,
                    "signing": to_base64url(self.signing),
                    "identity": to_base64url(self.identity),
                    "wrap": to_base64url(self.wrap),
                    "root": to_base64url(self.root),
                    "roster": self.roster.to_json(),
                }
            )
        )


def new_keyring(practice: str, member: str, root: bytes, roster: Standing) -> Keyring:
    """New keys for a member; `roster` is her first one."""
    signing, identity, wrap = (Secret(secrets.token_bytes(KEY_SIZE)) for _ in range(3))
    return Keyring(practice, member, signing, identity, wrap, root, roster)


def parse_keyring(raw: bytes) -> Keyring:
    """A keyring from its plaintext; raises RecordError, which quotes nothing of it."""
    fields = parse_object(raw, limit=MAX_KEYRING)
    if fields.get("v") != VERSION or isinstance(fields.get("v"), bool):
        raise RecordError("unknown version of a keyring")
    return Keyring(
        practice=read.identifier(fields, "practice"),
        member=read.identifier(fields, "member"),
        signing=Secret(read.octets(fields, "signing", KEY_SIZE)),
        identity=Secret(read.octets(fields, "identity", KEY_SIZE)),
        wrap=Secret(read.octets(fields, "wrap", KEY_SIZE)),
        root=read.octets(fields, "root", KEY_SIZE),
        roster=read_standing(fields),
    )


def new_keyring_key() -> Secret:
    """The random key that a keyring is sealed under for good; locks hold it (`vault.sdk.keys.locks`)."""
    return Secret(secrets.token_bytes(KEY_SIZE))


def seal_keyring(keyring: Keyring, key: bytes) -> bytes:
    """The keyring in the form that the server stores, under the keyring's own key."""
    return box(key, _place(keyring.member), keyring.to_bytes())


def open_keyring(sealed: bytes, key: bytes, member: str) -> Keyring:
    """The inverse of `seal_keyring`; raises BoxError for another key or member, and RecordError."""
    keyring = parse_keyring(unbox(key, _place(member), sealed))
    if keyring.member != member:
        raise RecordError("the keyring of another member")
    return keyring


def _place(member: str) -> bytes:
    return lp(b"vault/v1/keyring", member.encode())


@cache
def _recipient(seed: bytes) -> str:
    from vault.age import HybridIdentity  # noqa: PLC0415 - loads `cryptography`

    return HybridIdentity(seed).recipient().to_string()
