"""Setting up, signing in and out, the sealed keyring."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from gateway.wire.fields import (
    KIB,
    SMALL_ENVELOPE,
    Base64,
    Body,
    Code,
    Count,
    Email,
    Id,
    Instant,
    Keyring,
    RequestBody,
    Salt,
    Secret,
    Signed,
    at_most,
    one_line,
)
from gateway.wire.rosters import MemberDetails
from vault.flows.people import founding, keyrings, members, proving
from vault.flows.people.devices import Device
from vault.records.encoding import to_base64url
from vault.records.envelope import Envelope
from vault.records.strict_json import dump, parse_object
from vault.totp import DIGITS

PARAMETERS_SIZE = 1024
_RECOVERY = "[a-z2-7]{24}"
RecoveryCode = Annotated[str, Field(pattern=f"^{_RECOVERY}$", description="one of ten, used once")]
AnyCode = Annotated[str, Field(pattern=f"^(?:[0-9]{{6}}|{_RECOVERY})$", description="one-time code or recovery code")]
DeviceToken = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{64}$", description="a device that was signed in on before")]
DeviceName = Annotated[str, Field(max_length=100), AfterValidator(at_most(100)), AfterValidator(one_line)]


class Parameters(Body):
    """The parameters of a password key: Argon2id's, memory in KiB."""

    algorithm: Literal["argon2id"]
    lanes: Annotated[int, Field(ge=1, le=1)]
    memory: Annotated[int, Field(ge=65_536, le=1_048_576)]
    passes: Annotated[int, Field(ge=3, le=16)]
    salt: Salt

    @classmethod
    def of(cls, text: bytes) -> Self:
        """From the stored text."""
        return cls.model_validate(parse_object(text, limit=PARAMETERS_SIZE))

    def to_text(self) -> bytes:
        """The canonical text, which the keyring's AAD contains (FORMAT.md, section 4)."""
        numbers = {"algorithm": self.algorithm, "lanes": self.lanes, "memory": self.memory, "passes": self.passes}
        return dump({**numbers, "salt": to_base64url(self.salt)})


class InstallationKeys(Body):
    """This installation's public keys, by what each may sign."""

    ledger: Secret
    checkpoint: Secret
    attest: Secret


class SetupState(Body):
    """Whether a practice can be set up, this installation's public keys, and the address it was given.

    The first policy says where links begin; whoever founds the practice confirms `public_url`, or states another.
    """

    state: Literal["open", "done"]
    installations: InstallationKeys
    public_url: str


class Setup(RequestBody):
    """The first director's request. Its roster names nobody else, so that it is small."""

    limit = 2 * SMALL_ENVELOPE + 64 * KIB
    token: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(at_most(200))]
    roster: Annotated[Envelope, Signed("roster")]
    policy: Annotated[Envelope, Signed("policy")]
    member: MemberDetails
    parameters: Parameters
    login: Secret
    keyring: Keyring
    lock: Keyring
    recovery: Keyring
    recovery_login: Secret
    totp: Annotated[bytes, Base64(16, 64)]
    code: Code

    def to_flow(self) -> founding.SetUp:
        """As the flows take it."""
        credentials = members.Credentials(
            parameters=self.parameters.to_text(),
            login=self.login,
            keyring=self.keyring,
            lock=self.lock,
            recovery=self.recovery,
            totp=self.totp,
        )
        return founding.SetUp(
            token=self.token.encode(),
            roster=self.roster,
            policy=self.policy,
            details=self.member.to_flow(),
            credentials=credentials,
            sheet=self.recovery_login,
            code=self.code,
        )


class SetupDone(Body):
    """The practice and its first director."""

    practice: Id
    member: Id


class Address(RequestBody):
    """The address whose parameters are requested."""

    limit = 8 * KIB
    email: Email


class Seen(Body):
    """The newest entry of each chain that this device has seen."""

    roster: Count = 0
    ledger: Count = 0
    checkpoint: Count = 0


class SignIn(RequestBody):
    """Both factors. With `cookie` the token comes as a cookie and not in the answer.

    `code` is a one-time code or a recovery code. `device` is what the device calls itself, `known_device` the token
    that it got at an earlier sign-in of this address: a stranger's failures do not make it wait.
    """

    limit = 8 * KIB
    email: Email
    login: Secret
    code: AnyCode
    seen: Seen = Seen()
    cookie: bool = False
    device: DeviceName = ""
    known_device: DeviceToken | None = None

    @property
    def recovers(self) -> bool:
        """Whether it uses up a recovery code."""
        return len(self.code) > DIGITS

    @property
    def said(self) -> Device:
        """What the device says of itself."""
        return Device(self.device, self.known_device)


class SignedIn(Body):
    """A fresh session; `token` is null when it came as a cookie. The policy's `public_url` is what links begin with.

    `known_device` is for the next sign-in; `codes_left` the recovery codes that are left after one was used.
    """

    token: str | None
    member: Id
    practice: Id
    expires_at: Instant
    public_url: str
    known_device: DeviceToken
    codes_left: Count | None


class Recovery(RequestBody):
    """Signing in by the recovery sheet."""

    limit = 8 * KIB
    email: Email
    recovery_login: Secret
    device: DeviceName = ""
    known_device: DeviceToken | None = None

    @property
    def said(self) -> Device:
        """What the device says of itself."""
        return Device(self.device, self.known_device)


class Recovered(Body):
    """A session by the sheet, and the keyring that was sealed to the sheet."""

    token: str
    member: Id
    practice: Id
    keyring: Keyring
    recovery: Keyring
    expires_at: Instant
    public_url: str


class SealedKeyring(Body):
    """The caller's keyring, sealed by herself."""

    keyring: Keyring
    lock: Keyring
    parameters: Parameters

    @classmethod
    def of(cls, found: keyrings.Keyring) -> Self:
        """As it is kept."""
        return cls(keyring=found.keyring, lock=found.lock, parameters=Parameters.of(found.parameters))


class Proof(Body):
    """Both factors on the request itself: the password's `login` and a `code`, or the sheet's `recovery_login`."""

    login: Secret | None = None
    code: AnyCode | None = None
    recovery_login: Secret | None = None

    def to_flow(self) -> proving.Proof:
        """As the flows take it."""
        return proving.Proof(self.login, self.code or "", self.recovery_login)


class NewKeyring(RequestBody):
    """A keyring sealed anew; `parameters`, `login` and `lock` together change the password.

    `totp` is a new second factor, and `confirm` a code of it. `codes` take the place of all recovery codes.
    """

    limit = 128 * KIB
    proof: Proof
    keyring: Keyring | None = None
    lock: Keyring | None = None
    recovery: Keyring | None = None
    parameters: Parameters | None = None
    login: Secret | None = None
    totp: Annotated[bytes, Base64(16, 64)] | None = None
    confirm: Code | None = None
    codes: Annotated[list[RecoveryCode], Field(min_length=10, max_length=10)] | None = None

    def to_flow(self) -> keyrings.NewKeyring:
        """As the flows take it."""
        return keyrings.NewKeyring(
            self.keyring,
            self.lock,
            self.recovery,
            None if self.parameters is None else self.parameters.to_text(),
            self.login,
            self.totp,
            self.confirm or "",
            None if self.codes is None else tuple(self.codes),
        )
