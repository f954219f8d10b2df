"""The link of a share: its secret, its derived keys, and its spelling (FORMAT.md, "Links").

A mistyped link gives the same error as an expired, revoked or unknown one: `LinkUnavailableError`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import ClassVar

from nacl.bindings import crypto_sign_seed_keypair
from nacl.pwhash import argon2id

from vault.boxes import hkdf
from vault.errors import InvalidInputError, VaultError
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.sdk.mailed_links import is_rewritten, mend, split
from vault.secret import Secret

SECRET_SIZE = 32
NO_PASSPHRASE = bytes(32)
_ID = re.compile(r"[0-9a-f]{32}\Z")
_SPELLED_SECRET = 43
_MEMORY, _PASSES = 64 * 1024 * 1024, 3


class LinkUnavailableError(VaultError):
    """The link is mistyped, unknown, expired, revoked or used up; outsiders cannot tell which."""

    code: ClassVar[str] = "link_unavailable"

    def __init__(
        self,
        message: str = "This link is not available.",
        advice: str = "It may have expired or been withdrawn, or it was not copied whole. "
        "Ask the sender for a new one.",
    ) -> None:
        super().__init__(message, advice=advice)


class LinkIncompleteError(LinkUnavailableError):
    """The link leads to a share, but lost its end on the way: the part after `#` is cut off or gone."""

    code: ClassVar[str] = "link_incomplete"

    def __init__(self) -> None:
        super().__init__(
            "A part of this link is missing.",
            advice="Copy it once more, with everything after the sign #. The message that it came in has the whole of "
            "it.",
        )


class LinkRewrittenError(LinkUnavailableError):
    """An address in which no link can be read: a mail filter put its own in the place of the link."""

    code: ClassVar[str] = "link_rewritten"

    def __init__(self) -> None:
        super().__init__(
            "There is no link to be read in this address.",
            advice="A mail filter may have put its own address in the place of the link. Copy the link out of the "
            "original message, or ask the sender to send it another way.",
        )


class PassphraseWrongError(VaultError):
    """The passphrase, or the words of a locator link, are wrong."""

    code: ClassVar[str] = "passphrase_wrong"

    def __init__(self, advice: str = "") -> None:
        super().__init__(
            "The passphrase is not right.",
            advice=advice
            or "Type the words as they were given to you. After five wrong ones there is a pause; the link stays.",
        )


@dataclass(frozen=True, slots=True)
class Link:
    """The address of a share. `secret` is None for a locator link, whose words are sent another way."""

    base: str
    share: str
    secret: Secret | None = field(repr=False)

    def to_string(self) -> str:
        """The text of the link. Secret while the share is open."""
        place = f"{self.base}/s/{self.share}"
        return place if self.secret is None else f"{place}#{to_base64url(self.secret)}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Link) or (self.base, self.share) != (other.base, other.share):
            return False
        if self.secret is None or other.secret is None:
            return self.secret is other.secret
        return hmac.compare_digest(self.secret, other.secret)

    def __hash__(self) -> int:
        return hash((self.base, self.share))


def new_secret() -> Secret:
    """Thirty-two random bytes."""
    return Secret(secrets.token_bytes(SECRET_SIZE))


def parse_link(text: str) -> Link:
    """The link in `text`, as typed or as mail delivers it.

    Raises LinkIncompleteError for one that lost its end, LinkRewrittenError for an address in which there is none,
    LinkUnavailableError for anything else.
    """
    link = mend(text)
    found = split(link, "s")
    if found is None:
        raise LinkRewrittenError if is_rewritten(link) else LinkUnavailableError
    base, share, secret = found
    return Link(base, share, None if secret is None else _secret(secret))


def _secret(text: str) -> Secret:
    if len(text) < _SPELLED_SECRET:
        raise LinkIncompleteError
    try:
        secret = Secret(from_base64url(text))
    except RecordError:
        raise LinkUnavailableError from None
    if len(secret) != SECRET_SIZE:
        raise LinkUnavailableError
    return secret


@dataclass(frozen=True, slots=True, repr=False)
class LinkKeys:
    """The keys of a link: for proofs (`possess`, `open`), for reading (`cover`, `capsule`) and for signing."""

    possess: Secret
    open: Secret
    cover: Secret
    capsule: Secret
    sign: Secret

    def __repr__(self) -> str:
        return "LinkKeys(…)"

    def verification_key(self) -> bytes:
        """The Ed25519 public key that the share record states."""
        public: bytes = crypto_sign_seed_keypair(bytes(self.sign))[0]
        return public

    def proofs(self) -> tuple[bytes, bytes]:
        """The gateway's verifiers: SHA-256 of `possess` and of `open`."""
        return hashlib.sha256(self.possess).digest(), hashlib.sha256(self.open).digest()

    def authorization(self) -> str:
        """The value of the `Authorization` header of a pick-up."""
        return f'Dossier-Link possess="{to_base64url(self.possess)}", open="{to_base64url(self.open)}"'


def possession(secret: bytes) -> str:
    """The `Authorization` header with the proof of possession only: to learn how the link opens."""
    return f'Dossier-Link possess="{to_base64url(hkdf(secret, "vault/v1/link/possess"))}"'


def derive(secret: bytes, passphrase_key: bytes = NO_PASSPHRASE) -> LinkKeys:
    """The keys of a link; `passphrase_key` is the stretched passphrase, if there is one."""
    both = bytes(secret) + bytes(passphrase_key)
    return LinkKeys(
        possess=hkdf(secret, "vault/v1/link/possess"),
        open=hkdf(both, "vault/v1/link/open"),
        cover=hkdf(both, "vault/v1/link/cover"),
        capsule=hkdf(both, "vault/v1/link/capsule"),
        sign=hkdf(both, "vault/v1/link/sign"),
    )


def stretch(words: bytes, share: str) -> Secret:
    """Argon2id of canonical words with the share's id as salt, 32 bytes, about 0.1 s.

    For a passphrase the result is P, used beside the secret; for a locator's seven words it is the secret.
    """
    if not _ID.match(share):
        raise InvalidInputError("not the id of a share")
    made: bytes = argon2id.kdf(SECRET_SIZE, words, bytes.fromhex(share), opslimit=_PASSES, memlimit=_MEMORY)
    return Secret(made)
