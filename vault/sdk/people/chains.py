"""The practice's two chains, verified from roster 1 on: rosters (its members) and policies (its rules)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vault.records.envelope import Envelope, SignatureError, TooOldError, from_json
from vault.records.types.policy import Policy
from vault.records.types.repair import Repair
from vault.records.types.roster import recipient_hash
from vault.rules import rosters
from vault.rules.rights import check_signer, in_force, is_older
from vault.rules.rosters import Rosters
from vault.rules.verdict import Refused
from vault.rules.versions import next_version
from vault.sdk.device.pinned import check_progress
from vault.sdk.device.pins import Pins
from vault.sdk.errors import AnswerError, QuarantineError, RollbackError
from vault.sdk.keys.keyring import Keyring
from vault.sdk.people.repairs import read_repairs
from vault.sdk.people.tails import Tails, query, read_tails
from vault.sdk.server.answers import mapping
from vault.sdk.server.api import Api

_NOT_YOURS = "Nothing was sent. Check DOSSIER_URL; if it is right, tell the director."


@dataclass(frozen=True, slots=True)
class Chains:
    """Both chains as values and, for the pins, as envelopes; and the ends of ledger and checkpoints."""

    rosters: Rosters
    policy: Policy
    roster_envelopes: tuple[Envelope, ...]
    policy_envelopes: tuple[Envelope, ...]
    tails: Tails = field(default_factory=lambda: Tails({}))
    repairs: tuple[Repair, ...] = ()
    new_repairs: tuple[Repair, ...] = ()

    @property
    def recovered(self) -> bool:
        """True when the newest roster was made with the recovery sheet; every member must be told."""
        return self.rosters.newest.kind == "recovery"


def fetch_chains(api: Api, keyring: Keyring, pins: Pins) -> Chains:
    """The server's chains, joined to the pinned ones and verified; not pinned yet.

    Raises RosterError or SignatureError for a broken chain, RollbackError or ForkError for one that does not continue
    the pinned chain, AnswerError for a server of another practice.
    """
    answer = api.get(f"/chains?roster={_from(pins.rosters)}&policy={_from(pins.policies)}{query(pins)}")
    rosters = _longer(api, "roster", pins.rosters, mapping(answer, "rosters"))
    chain = _read_rosters(rosters)
    check_keyring(chain, keyring)
    policies = _longer(api, "policy", pins.policies, mapping(answer, "policies"))
    policy = _read_policies(policies, chain, len(pins.policies))
    repairs = read_repairs(answer, chain)
    new = tuple(repair for repair in repairs if pins.see_asides(repair.asides))
    return Chains(chain, policy, rosters, policies, read_tails(api, chain, pins, answer), repairs, new)


def check_keyring(rosters: Rosters, keyring: Keyring) -> None:
    """Raise unless the chain has the keyring's practice and root, and reaches the last roster in the keyring."""
    if rosters.newest.practice != keyring.practice or keyring.root not in rosters.roots:
        raise AnswerError("the server is another practice's", advice=_NOT_YOURS)
    if len(rosters.chain) < keyring.roster.version:
        raise RollbackError("the server shows an older roster than your keyring has seen", advice=_NOT_YOURS)
    check_progress("roster", (keyring.roster.version, keyring.roster.hash), _at(rosters, keyring.roster.version))
    own = rosters.newest.member(keyring.member)
    if own is None or not own.active:
        raise AnswerError("you are no member of this practice any more", advice="Ask the director.")
    if own.id not in rosters.newest.active:
        raise TooOldError("your role in the practice")
    if (own.signing, own.recipient) != (keyring.signing_key.verify_key.encode(), recipient_hash(keyring.recipient)):
        raise AnswerError("the roster gives you other keys than your keyring holds", advice=_NOT_YOURS)


def _at(rosters: Rosters, version: int) -> tuple[int, str]:
    return version, rosters.chain[version - 1].hash


def _from(seen: tuple[Envelope, ...]) -> int:
    """The version to fetch from: the newest pinned one is fetched again, to detect a fork."""
    return max(len(seen) - 1, 0)


def _longer(api: Api, kind: str, seen: tuple[Envelope, ...], first: dict[str, Any]) -> tuple[Envelope, ...]:
    """The pinned chain and its successors, given their first page."""
    known = len(seen)
    shown = [_envelope(item, kind) for item in api.pages(f"/{kind}", first=first)]
    if not shown:
        raise RollbackError(f"the server shows less of the {kind} than this device has seen", advice=_NOT_YOURS)
    if known:
        check_progress(kind, (known, seen[-1].hash), (known, shown.pop(0).hash))
    return (*seen, *shown)


def _envelope(item: dict[str, Any], kind: str) -> Envelope:
    return from_json(item, kind)


def _read_rosters(envelopes: tuple[Envelope, ...]) -> Rosters:
    chain = rosters.first(envelopes[0])
    for envelope in envelopes[1:]:
        chain = chain.append(envelope)
    return chain


def _read_policies(envelopes: tuple[Envelope, ...], rosters: Rosters, seen: int) -> Policy:
    """The newest policy; the first `seen` of them are pinned."""
    newest: Policy | None = None
    for envelope in envelopes:
        check_signer(envelope, rosters)
        policy = Policy.read(envelope)
        if isinstance(next_version(policy, newest), Refused):
            raise SignatureError("a policy that does not follow the one before")
        if newest is not None and is_older(policy.standing, newest.standing):
            raise SignatureError("a policy on an older roster than the one before it")
        newest = policy
    assert newest is not None
    if isinstance(in_force(newest.signer, rosters, pinned=len(envelopes) <= seen), Refused):
        raise QuarantineError("policy")
    return newest
