"""A member's signed-in devices: by what name and from where, sealed with the rest of what is hers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address, ip_network

from vault.domain.sessions import SessionRow
from vault.flows.context import Ports
from vault.flows.people.members import subject_of
from vault.records.strict_json import dump, parse_object
from vault.records.table import SMALL

PREFIXES = {4: 24, 6: 48}  # what is kept of an address: the neighbourhood, not the household


@dataclass(frozen=True, slots=True)
class Device:
    """What a device says of itself: its name, and its token if it was signed in on before (`throttling`)."""

    name: str = ""
    token: str | None = field(default=None, repr=False)


UNNAMED = Device()


@dataclass(frozen=True, slots=True)
class SignedInDevice:
    """A live session as its member is shown it."""

    id: str
    name: str
    place: str
    since: datetime
    last_use: datetime
    this: bool


def place_of(source: str) -> str:
    """The network that a source lies in, coarse; empty where it is no address."""
    try:
        address = ip_address(source.partition("/")[0])
    except ValueError:
        return ""
    return str(ip_network((address, PREFIXES[address.version]), strict=False))


def sealed_device(ports: Ports, member: str, name: str, source: str) -> bytes:
    """The sealed form of a device's name and place."""
    content = dump({"v": 1, "name": name, "place": place_of(source)})
    return ports.keystore.seal(subject_of(member), "session.details", member, content)


def shown_device(ports: Ports, row: SessionRow, own: bytes) -> SignedInDevice:
    """The device of a session; `own` is the token of the session that asks."""
    name = place = ""
    if row.details is not None:
        raw = ports.keystore.unseal(subject_of(row.member), "session.details", row.member, row.details)
        fields = parse_object(raw.strip(), limit=SMALL)
        name, place = fields["name"], fields["place"]
    return SignedInDevice(row.id, name, place, row.created_at, row.seen_at, row.token == own)
