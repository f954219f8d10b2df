"""Rosters: who may sign one, and the chain a reader trusts, from the pinned root to the newest.

Cf. TUF's root metadata, section 5.3. `vault.rules.rights` says who may sign any other record.
"""

from __future__ import annotations

from dataclasses import dataclass

from vault.errors import IntegrityError
from vault.records.envelope import SIGNATURE_SUITES, Envelope, SignatureError, TooOldError, signed_by, verify
from vault.records.standing import Standing
from vault.records.types.roster import (
    ATTEST,
    KINDS,
    NEW_ROOT,
    ORDINARY,
    RECOVERY,
    ROOT,
    SUITE,
    USES,
    Roster,
    RosterMember,
    practice_id,
)


class RosterError(IntegrityError):
    """A roster does not continue the chain: a rollback, a fork, or a signer without the right."""

    code = "roster_invalid"


@dataclass(frozen=True, slots=True)
class Rosters:
    """Every roster from the first one; a signer named in the previous roster signed each."""

    chain: tuple[Roster, ...]

    @property
    def newest(self) -> Roster:
        """The roster now in force."""
        return self.chain[-1]

    @property
    def standing(self) -> Standing:
        """The value of a new record's field `roster`."""
        return Standing(self.newest.version, self.newest.hash)

    @property
    def roots(self) -> frozenset[bytes]:
        """Every root in the chain; a pin may match any of them."""
        return frozenset(roster.root for roster in self.chain)

    def at(self, standing: Standing) -> Roster:
        """The roster that a record refers to; raises RosterError when it is not in the chain."""
        if not 1 <= standing.version <= len(self.chain) or self.chain[standing.version - 1].hash != standing.hash:
            raise RosterError("a record stands on a roster that is not in the chain")
        return self.chain[standing.version - 1]

    def append(self, envelope: Envelope) -> Rosters:
        """The chain with one more roster, verified against the newest; raises RosterError or SignatureError."""
        newest, roster = self.newest, Roster.read(envelope)
        if roster.practice != newest.practice:
            raise RosterError("a roster of another practice")
        if roster.version != newest.version + 1 or roster.previous != newest.hash:
            raise RosterError("a roster that does not follow the newest one")
        _check_next(newest, roster, envelope)
        return Rosters((*self.chain, roster))


def first(envelope: Envelope) -> Rosters:
    """A chain of roster 1 only, signed by its own root, from which the practice's id is derived."""
    roster = Roster.read(envelope)
    if (roster.version, roster.previous, roster.signer) != (1, None, ROOT) or roster.kind == RECOVERY:
        raise RosterError("not a first roster")
    if roster.practice != practice_id(roster.root):
        raise RosterError("the practice's id is not its root's")
    _check_whole(roster)
    _check_suites(roster)
    verify(envelope, {ROOT: roster.root}, roster.signature_suites)
    _check_known(roster)
    return Rosters((roster,))


def joins(before: Roster, after: Roster) -> tuple[str, ...]:
    """The sorted ids of the members added by the next roster."""
    return tuple(sorted(member.id for member in after.members if before.member(member.id) is None))


def other_cards(before: Roster, after: Roster) -> tuple[str, ...]:
    """The sorted ids of the members whose card is new: exactly their details must come with the next roster."""
    cards = {member.id: member.card for member in before.members}
    return tuple(sorted(member.id for member in after.members if cards.get(member.id) != member.card))


def _check_next(newest: Roster, roster: Roster, envelope: Envelope) -> None:
    _check_whole(roster)
    _check_kept(newest, roster)
    _check_keys_kept(newest, roster)
    _check_dismissals(newest, roster)
    _check_suites(roster)
    if not set(newest.signature_suites) <= set(roster.signature_suites):
        raise RosterError("a roster asks for fewer signatures than the one before")
    if roster.signer == ROOT and roster.kind != ORDINARY:
        keys = {ROOT: newest.root}
    elif roster.kind == RECOVERY:
        raise RosterError("a recovery roster must be signed by the root")
    else:
        member = _director(newest, roster.signer)
        keys = {member.id: member.signing}
    if roster.root != newest.root:
        # Whoever holds a sheet knows by this that the practice is its own, on a device that remembers nothing.
        if not signed_by(envelope, NEW_ROOT):
            raise SignatureError("the new root has not signed the roster that states it")
        keys[NEW_ROOT] = roster.root
    verify(envelope, keys, roster.signature_suites)
    _check_known(roster)


def _director(newest: Roster, signer: str) -> RosterMember:
    member = newest.member(signer)
    if member is None or member.id not in newest.directors:
        raise SignatureError("an ordinary roster must be signed by a director of the one before")
    return member


def _check_suites(roster: Roster) -> None:
    """No roster does without the signatures that this software verifies: then nothing would be verified at all."""
    if not set(roster.signature_suites) >= SIGNATURE_SUITES:
        raise RosterError("a roster does without signatures by ed25519")


def _check_known(roster: Roster) -> None:
    """What a roster that verifies asks of every software; who cannot do it uses nothing of the practice any more.

    A record on an older roster would still verify: by what may have been given up because it was broken.
    """
    if roster.kind not in KINDS:
        raise TooOldError("the newest roster")
    if SUITE not in roster.dossier_suites:
        raise TooOldError("the keys of this practice's dossiers")


def _check_whole(roster: Roster) -> None:
    if not roster.directors:
        raise RosterError("a roster needs a director")
    living = {use for each in roster.installations if each.until is None for use in each.uses}
    if not living.issuperset(USES):
        raise RosterError("a roster needs an installation key for each use")
    # The gateway holds the keys that attest: what it can sign is never a tombstone, a certificate or a checkpoint.
    if any(ATTEST in each.uses and len(set(USES) & set(each.uses)) > 1 for each in roster.installations):
        raise RosterError("a key that attests has no other use")


def _check_kept(newest: Roster, roster: Roster) -> None:
    """A member stays in the list for good, under the keys she came with; nobody who left comes back.

    Whoever could give new keys to an id could sign as somebody else: lost keys are followed by a new id.
    """
    for before in newest.members:
        after = roster.member(before.id)
        if after is None:
            raise RosterError("a member is missing; one who leaves gets an end date")
        if (after.signing, after.recipient) != (before.signing, before.recipient):
            raise RosterError("a member's keys never change")
        if not before.active and after.until != before.until:
            raise RosterError("a member who left stays away; she joins again under a new id")


def _check_keys_kept(newest: Roster, roster: Roster) -> None:
    """A key of the installation stays in the list for good, with its uses; an end stays as it was set.

    A key whose uses could grow would turn the gateway's into the worker's. One that is to do less ends, and another
    takes its place: an end has an instant, from which a reader knows what the key still signed in its time.
    """
    for before in newest.installations:
        after = roster.installation(before.key)
        if after is None:
            raise RosterError("an installation key is missing; one that is replaced gets an end date")
        if (after.uses, after.since) != (before.uses, before.since):
            raise RosterError("the uses of an installation key never change")
        if before.until is not None and after.until != before.until:
            raise RosterError("an installation key that has ended stays ended")


def _check_dismissals(newest: Roster, roster: Roster) -> None:
    """Dismissing a director takes a new sheet with it, by whomever: she may know the words of the old one."""
    dismissed = newest.directors - roster.directors
    if dismissed and (roster.root == newest.root or roster.recovery == newest.recovery):
        raise RosterError("dismissing a director replaces the recovery sheet")
