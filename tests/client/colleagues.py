"""A second member of a house, on a device of her own."""

from __future__ import annotations

from tests.client.house import House
from vault.sdk.device.pins import Pins
from vault.sdk.keys.keyring import Keyring, new_keyring
from vault.sdk.people.appointing import Person, appoint
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.session import SignedIn
from vault.secret import Secret


def join(house: House, director: SignedIn, name: str, role: str) -> SignedIn:
    """A colleague on a device of his own, with a session as the server would give him one."""
    keyring = new_keyring(director.practice, "0" * 32, director.keyring.root, director.standing)
    verify = keyring.signing_key.verify_key.encode()
    member = appoint(director, Person(name, f"{name}@voorbeeld.nl", verify, keyring.recipient), role)
    own = Keyring(
        director.practice, member, keyring.signing, keyring.identity, keyring.wrap, keyring.root, director.standing
    )
    api, pins = house.gateway.begin_session(member), Pins()
    return SignedIn(api, house.at(name), own, pins, fetch_chains(api, own, pins), Secret(bytes(32)))


def anew(one: SignedIn) -> SignedIn:
    """The next command on that member's device."""
    return SignedIn(
        one.api, one.home, one.keyring, one.pins, fetch_chains(one.api, one.keyring, one.pins), Secret(bytes(32))
    )
