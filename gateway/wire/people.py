"""Setting up, signing in, rosters, policies, members."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.wire.fields import Base64, Body, Code, Count, Email, Hash, Id, Instant, Keyring, Salt, Secret, Signed
from vault.records.encoding import dump, to_base64url
from vault.records.envelope import Envelope


class Parameters(Body):
    """How a password key is derived: Argon2id's own numbers, memory in KiB."""

    algorithm: Literal["argon2id"]
    lanes: Annotated[int, Field(ge=1, le=1)]
    memory: Annotated[int, Field(ge=65_536, le=1_048_576)]
    passes: Annotated[int, Field(ge=3, le=16)]
    salt: Salt

    def to_text(self) -> bytes:
        """The one spelling that is sealed into the keyring's AAD (FORMAT.md, section 4)."""
        numbers = {"algorithm": self.algorithm, "lanes": self.lanes, "memory": self.memory, "passes": self.passes}
        return dump({**numbers, "salt": to_base64url(self.salt)})


class MemberDetails(Body):
    """What the server keeps of a member, sealed."""

    id: Id
    name: Annotated[str, Field(min_length=1, max_length=200)]
    email: Email
    recipient: Annotated[str, Field(min_length=1, max_length=4000)]
    salt: Salt


class SetupState(Body):
    """Whether a practice can be set up, and this installation's public key."""

    state: Literal["open", "done"]
    installation: Secret


class Setup(Body):
    """The first director's request."""

    token: Annotated[str, Field(min_length=1, max_length=200)]
    roster: Annotated[Envelope, Signed("roster")]
    policy: Annotated[Envelope, Signed("policy")]
    member: MemberDetails
    parameters: Parameters
    login: Secret
    keyring: Keyring
    recovery: Keyring
    recovery_login: Secret
    totp: Annotated[bytes, Base64(16, 64)]
    code: Code


class SetupDone(Body):
    """The practice and its first director."""

    practice: Id
    member: Id


class Address(Body):
    """Whose parameters are asked for."""

    email: Email


class Seen(Body):
    """The newest that this device has seen of each chain."""

    roster: Count = 0
    ledger: Count = 0
    checkpoint: Count = 0


class SignIn(Body):
    """Both factors. With `cookie` the token comes as a cookie and not in the answer."""

    email: Email
    login: Secret
    code: Code
    seen: Seen = Seen()
    cookie: bool = False


class SignedIn(Body):
    """A fresh session; `token` is null when it came as a cookie. Links begin with `public_url`."""

    token: str | None
    member: Id
    practice: Id
    expires_at: Instant
    public_url: str


class Recovery(Body):
    """Signing in by the recovery sheet."""

    email: Email
    recovery_login: Secret


class Recovered(Body):
    """A session by the sheet, and the keyring as it was sealed to the sheet."""

    token: str
    member: Id
    practice: Id
    recovery: Keyring
    expires_at: Instant
    public_url: str


class SealedKeyring(Body):
    """The caller's keyring, sealed by herself."""

    keyring: Keyring
    parameters: Parameters


class NewKeyring(Body):
    """A keyring sealed anew; `parameters` and `login` together change the password."""

    keyring: Keyring
    recovery: Keyring | None = None
    parameters: Parameters | None = None
    login: Secret | None = None
    totp: Annotated[bytes, Base64(16, 64)] | None = None


class Rosters(Body):
    """Rosters, ascending."""

    items: list[Annotated[Envelope, Signed("roster")]]
    next: int | None


class NewRoster(Body):
    """The next roster with the details of everybody it adds."""

    roster: Annotated[Envelope, Signed("roster")]
    members: Annotated[list[MemberDetails], Field(max_length=1000)]


class Policies(Body):
    """Policies, ascending."""

    items: list[Annotated[Envelope, Signed("policy")]]
    next: int | None


class NewPolicy(Body):
    """The next policy."""

    policy: Annotated[Envelope, Signed("policy")]


class Accepted(Body):
    """The version now in force."""

    version: int
    hash: Hash
