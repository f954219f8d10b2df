"""What whoever joins has sent, sealed by the subject of the member that she is to become."""

from __future__ import annotations

from dataclasses import dataclass

from vault.domain.invitations import InvitationRow
from vault.errors import IntegrityError
from vault.flows.context import Ports
from vault.flows.people.members import Credentials, Details, subject_of
from vault.ports.errors import ShreddedError
from vault.records.encoding import from_base64url, to_base64url
from vault.records.strict_json import dump, parse_object
from vault.records.table import SMALL

_FIELD = "invitation.joined"
_SECRETS = ("login", "keyring", "lock", "totp")


@dataclass(frozen=True, slots=True)
class Joined:
    """Details, public key, the link's code over both, and credentials; `step` is the one-time step that was used."""

    details: Details
    signing: bytes
    mac: bytes
    credentials: Credentials
    step: int


def seal_joined(ports: Ports, joined: Joined) -> bytes:
    """The sealed form; the subject must exist."""
    details, credentials = joined.details, joined.credentials
    text = dump(
        {
            "v": 1,
            "id": details.id,
            "name": details.name,
            "email": details.email,
            "recipient": details.recipient,
            "salt": to_base64url(details.salt),
            "signing": to_base64url(joined.signing),
            "mac": to_base64url(joined.mac),
            "parameters": to_base64url(credentials.parameters),
            **{name: to_base64url(getattr(credentials, name)) for name in _SECRETS},
            "step": joined.step,
        }
    )
    return ports.keystore.seal(subject_of(details.id), _FIELD, details.id, text)


def open_joined(ports: Ports, row: InvitationRow) -> Joined | None:
    """The inverse; None where nobody has joined, or what was sent is damaged: then it is asked for once more."""
    if row.member is None or row.joined is None:
        return None
    try:
        raw = ports.keystore.unseal(subject_of(row.member), _FIELD, row.member, row.joined)
    except (IntegrityError, ShreddedError):
        return None
    fields = parse_object(raw.strip(), limit=4 * SMALL)
    octets = {name: from_base64url(fields[name]) for name in ("salt", "signing", "mac", "parameters", *_SECRETS)}
    details = Details(fields["id"], fields["name"], fields["email"], fields["recipient"], octets["salt"])
    credentials = Credentials(octets["parameters"], **{name: octets[name] for name in _SECRETS})
    return Joined(details, octets["signing"], octets["mac"], credentials, fields["step"])
