"""A set-up, or a request to join, whose answer is unknown: kept sealed on the device and repeated as it was."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from vault.boxes import BoxError, box, unbox
from vault.errors import InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.envelope import from_json
from vault.records.strict_json import dump, parse_object
from vault.records.types.roster import Roster
from vault.sdk.device.home import Home
from vault.sdk.errors import WrongPasswordError
from vault.sdk.keys.password_key import Parameters, PasswordKey, derive, read_parameters
from vault.sdk.one_line import check_line
from vault.sdk.people.appointing import MAX_NAME, check_email

if TYPE_CHECKING:
    from vault.sdk.people.founding import Founder

PENDING_FILE = "init"
PENDING_AAD = b"vault/v1/init"
MAX_PENDING = 1_048_576
T = TypeVar("T")


class PendingError(InvalidInputError):
    """A set-up still waits for its answer, and this one has other data."""

    code: ClassVar[str] = "init_pending"


@dataclass(frozen=True, slots=True)
class Pending:
    """A pending set-up: the request, the parameters of its keyring, the given data, the sheet's digest."""

    request: dict[str, Any] = field(repr=False)
    parameters: Parameters
    asked: dict[str, Any]
    sheet: str = ""

    @property
    def roster(self) -> Roster:
        """The first roster, as it was sent."""
        return Roster.read(from_json(read.mapping(self.request, "roster"), "roster"))


def is_pending(home: Home) -> bool:
    """Whether a set-up waits for its answer here."""
    return home.read(PENDING_FILE) is not None


def keep_pending(home: Home, pending: Pending, key: PasswordKey, email: str, file: str = PENDING_FILE) -> None:
    """Keep a request, sealed under the key of its password, until its answer is known."""
    sealed = box(
        key.keyring,
        PENDING_AAD,
        dump({"request": pending.request, "asked": pending.asked, "sheet": pending.sheet or None}),
    )
    parameters = pending.parameters.to_json()
    home.write(file, dump({"parameters": parameters, "email": email, "request": to_base64url(sealed)}))


def load_pending(home: Home, password: str, file: str = PENDING_FILE) -> Pending | None:
    """The request that waits; None without one. Raises WrongPasswordError."""
    raw = home.read(file)
    if raw is None:
        return None
    stored = parse_object(raw, limit=2 * MAX_PENDING)
    parameters = read_parameters(read.mapping(stored, "parameters"))
    sealed = from_base64url(read.text(stored, "request", limit=2 * MAX_PENDING))
    key = derive(password, read.text(stored, "email"), parameters).keyring
    opened = with_password(lambda: unbox(key, PENDING_AAD, sealed))
    kept = parse_object(opened, limit=MAX_PENDING)
    request, asked = read.mapping(kept, "request"), read.mapping(kept, "asked")
    return Pending(dict(request), parameters, dict(asked), read.optional(read.text, kept, "sheet") or "")


def with_password(unseal: Callable[[], T]) -> T:
    """What the set-up's password unseals; raises WrongPasswordError for another one."""
    try:
        return unseal()
    except (BoxError, RecordError) as error:
        raise WrongPasswordError(
            "this set-up was begun with another password", advice="Use the password that you chose then."
        ) from error


def asked_by(founder: Founder) -> dict[str, Any]:
    """The data that a repetition must repeat; the path as bytes, since a file's name may be no valid text."""
    path = to_base64url(os.fsencode(founder.sheet.absolute()))
    return {
        "practice": check_line(founder.practice, "practice's name", MAX_NAME),
        "name": founder.name,
        "email": check_email(founder.email).lower(),
        "public_url": founder.public_url,
        "sheet": path,
    }


def check_same(pending: Pending, founder: Founder, home: Home) -> None:
    """Raise PendingError where another set-up waits than is asked for now, or its sheet is gone."""
    asked, path = pending.asked, os.fsdecode(from_base64url(read.text(pending.asked, "sheet", limit=MAX_PENDING)))
    waits = f"{asked['practice']}, {asked['name']}, {asked['email']}, {path}"
    start_anew = f"To begin anew, remove {home.path / PENDING_FILE} and give a new name with --sheet."
    if asked != asked_by(founder):
        raise PendingError(
            f"an earlier set-up waits for its answer ({waits})",
            advice=f"Repeat it with the same practice, name, e-mail address and sheet. {start_anew}",
        )
    if not founder.sheet.exists():
        raise PendingError(f"the recovery sheet of the set-up that waits is gone ({waits})", advice=start_anew)


def drop_pending(home: Home, founder: Founder, pending: Pending) -> None:
    """Delete a refused request and its sheet, which opens nothing. Another file of that name is kept."""
    home.remove(PENDING_FILE)
    with contextlib.suppress(OSError):
        if digest_of(founder.sheet) == pending.sheet:
            founder.sheet.unlink()


def digest_of(path: Path) -> str:
    """The digest of a sheet's file, by which it is known again."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
