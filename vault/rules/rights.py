"""The rights to sign a record, as the table of types has them, checked against the rosters and the dossier's heads.

`vault.rules.rosters` says who may sign a roster.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vault.records import read
from vault.records.envelope import Envelope, SignatureError, TooOldError, verify
from vault.records.standing import Standing, read_standing
from vault.records.table import Signer, type_of
from vault.records.types.dossier import HOLDER, Dossier, Grantee
from vault.records.types.erasure import CLIENT, ErasureRequest
from vault.records.types.roster import DIRECTOR, SUITE, Roster, RosterKey, RosterMember
from vault.records.types.tombstone import installation_signer
from vault.records.types.trajectory import Trajectory
from vault.rules.rosters import Rosters
from vault.rules.terms import CLOCK_SLACK
from vault.rules.verdict import ALLOWED, Refused, Verdict


def check_practice(envelope: Envelope, rosters: Rosters) -> None:
    """Raise SignatureError for a record of another practice."""
    if envelope.fields["practice"] != rosters.newest.practice:
        raise SignatureError("a record of another practice")


def check_member(envelope: Envelope, rosters: Rosters) -> RosterMember:
    """The signing member, active in the record's roster in a known role; raises SignatureError, RosterError."""
    check_practice(envelope, rosters)
    roster = rosters.at(read_standing(envelope.fields))
    member = roster.member(envelope.signer)
    if member is None or not member.active:
        raise SignatureError("signed by somebody who is no member")
    if member.id not in roster.active:
        raise SignatureError("signed by somebody whose role gives no right that this software knows")
    verify(envelope, {member.id: member.signing}, roster.signature_suites)
    return member


def check_director(envelope: Envelope, rosters: Rosters) -> RosterMember:
    """As `check_member`, for a signer who is a director in that roster."""
    member = check_member(envelope, rosters)
    if member.role != DIRECTOR:
        raise SignatureError("only a director may sign this")
    return member


def check_current(envelope: Envelope, rosters: Rosters) -> None:
    """Check that a *new* record refers to the newest roster, so that a former member can add nothing.

    It says nothing either that this software does not know: who takes a record judges what it gives.
    """
    if read_standing(envelope.fields) != rosters.standing:
        raise SignatureError("a new record must stand on the newest roster")
    check_words(envelope)


def check_words(envelope: Envelope) -> None:
    """Raise TooOldError for a new record with a role, kind, reason or mode that this software does not know.

    Raises RecordError for one that has not the fields of its type: nobody could read it once it was taken.
    """
    if type_of(envelope.kind).cls.read(envelope).unknown_word:
        raise TooOldError("what a new record says")


def is_older(standing: Standing, before: Standing) -> bool:
    """Whether a record stands on an older roster than the one it follows: along a chain rosters never go back.

    Each record of a chain is judged by the roster it stands on. So what somebody lawfully signed holds once she has
    left, and nothing that she signs afterwards, on the roster that she knew, follows what was signed on a newer one.
    """
    return standing.version < before.version


def in_force(signer: str, rosters: Rosters, *, pinned: bool) -> Verdict:
    """Whether a chain's newest record counts: by somebody who is still there, or seen by this reader before.

    Otherwise it waits in quarantine until somebody who is there follows it by a record of her own.
    """
    return ALLOWED if pinned or signer in rosters.newest.active else Refused("quarantined")


@dataclass(frozen=True, slots=True)
class Heads:
    """All versions of one dossier's record, each signed by a member with the right at that point."""

    chain: tuple[Dossier, ...]

    @property
    def newest(self) -> Dossier:
        """The version in force."""
        return self.chain[-1]

    @property
    def holders(self) -> frozenset[str]:
        """All present and former holders: a reader accepts listed records of these authors."""
        return frozenset().union(*(head.holders for head in self.chain))

    def append(self, envelope: Envelope, rosters: Rosters) -> Heads:
        """The chain with one more version, verified; raises SignatureError or RosterError."""
        member, head, newest = check_member(envelope, rosters), Dossier.read(envelope), self.newest
        if head.id != newest.id or head.kind != newest.kind or head.previous != newest.hash:
            raise SignatureError("a dossier record that does not follow the newest one")
        renewed = head.recipient != newest.recipient
        if head.version != newest.version + 1 or head.epoch != newest.epoch + (1 if renewed else 0):
            raise SignatureError("a dossier record's version or epoch does not follow")
        if is_older(head.standing, newest.standing):
            raise SignatureError("a dossier record on an older roster than the one before it")
        if member.id not in newest.holders and member.role != DIRECTOR:
            raise SignatureError("signed by somebody who does not hold the dossier")
        _check_change(head, newest, rosters.at(head.standing), director=member.role == DIRECTOR)
        _check_grantees(head, rosters)
        return Heads((*self.chain, head))

    @property
    def could_keep(self) -> frozenset[str]:
        """Whoever the present identity was ever wrapped for: each may have kept it, whoever holds the dossier now."""
        return frozenset().union(*(head.members for head in self.chain if head.epoch == self.newest.epoch))


def _check_change(head: Dossier, before: Dossier, roster: Roster, *, director: bool) -> None:
    """Refuse a change of who holds a dossier by anybody but a director, and one that leaves a key with who lost it.

    Who has left reaches no server any more, so that anybody may take over what she held, under the same identity; who
    is still a member loses a dossier with a new identity alone.
    """
    left = next_grantees(before, roster)
    if not director and (head.epoch != before.epoch or head.grantees != left):
        raise SignatureError("only a director changes who holds a dossier")
    if head.epoch == before.epoch and not {each.id for each in left} <= head.members:
        raise SignatureError("who is a member still loses a dossier with new keys alone")


def next_grantees(before: Dossier, roster: Roster) -> tuple[Grantee, ...]:
    """Who is left of a dossier's grantees under that roster, each in the role she had, and every director as a holder.

    A role that this software does not know stays as it is: what somebody else gave is not its to take.
    """
    roles = {each.id: each.role for each in before.grantees if each.id in roster.present}
    roles |= dict.fromkeys(roster.directors, HOLDER)
    return tuple(Grantee(id_, role) for id_, role in sorted(roles.items()))


def first_head(envelope: Envelope, rosters: Rosters) -> Heads:
    """A chain of a dossier's first version; raises SignatureError or RosterError."""
    member, head = check_member(envelope, rosters), Dossier.read(envelope)
    if (head.version, head.epoch, head.previous) != (1, 1, None):
        raise SignatureError("not a first dossier record")
    _check_grantees(head, rosters)
    if member.id not in head.holders:
        raise SignatureError("who opens a dossier is one of its grantees")
    if member.role != DIRECTOR and head.members != rosters.at(head.standing).directors | {member.id}:
        raise SignatureError("a coach opens a dossier for herself and the directors alone")
    return Heads((head,))


def check_grantee(envelope: Envelope, rosters: Rosters, heads: Heads) -> RosterMember:
    """Check a dossier record's signer: a member at that time, and a holder of the dossier at some version.

    In addition a reader requires that an accepted index lists the record; a *new* record is checked by `check_new`.
    """
    member = check_member(envelope, rosters)
    if envelope.fields.get("dossier") != heads.newest.id:
        raise SignatureError("a record of another dossier")
    if member.id not in heads.holders:
        raise SignatureError("signed by somebody who does not hold the dossier")
    return member


def check_installation(envelope: Envelope, rosters: Rosters) -> bytes:
    """The signing installation key; raises SignatureError or RosterError.

    The roster that the record stands on lists it for this use, from before the record's own time on. An end counts
    wherever it stands: whoever stole a key goes on signing on the roster from before its end.
    """
    check_practice(envelope, rosters)
    roster = rosters.at(read_standing(envelope.fields))
    entry = _installation(envelope.signer, roster)
    if entry is None:
        raise SignatureError("signed by an installation that is not the practice's")
    newest = rosters.newest.installation(entry.key)
    assert newest is not None, "a key is never taken out of the list"
    use, at = type_of(envelope.kind).use, read.instant(envelope.fields, "at")
    if use is None or use not in entry.uses:
        raise SignatureError("signed by an installation key of another use")
    if not in_use(newest, at):
        raise SignatureError("signed by an installation key outside its time")
    verify(envelope, {envelope.signer: entry.key}, roster.signature_suites)
    return entry.key


def in_use(entry: RosterKey, at: datetime) -> bool:
    """Whether a key may sign at that time: from `since` to `until`, less or more the difference of clocks."""
    return entry.since - CLOCK_SLACK <= at and (entry.until is None or at <= entry.until + CLOCK_SLACK)


def may_sign(key: bytes, use: str, rosters: Rosters, now: datetime) -> bool:
    """Whether the newest roster lets the key sign for that use now: asked before it signs anything."""
    entry = rosters.newest.installation(key)
    return entry is not None and use in entry.uses and in_use(entry, now)


def _installation(signer: str, roster: Roster) -> RosterKey | None:
    return next((each for each in roster.installations if installation_signer(each.key) == signer), None)


def check_signer(envelope: Envelope, rosters: Rosters, heads: Heads | None = None) -> None:
    """Check for a reader that the table's signer for the type signed the record; raises SignatureError, RosterError.

    `heads` are those of the record's dossier. Rosters and heads are verified by their own chains instead.
    """
    match type_of(envelope.kind).signer:
        case Signer.INSTALLATION:
            check_installation(envelope, rosters)
        case Signer.DIRECTOR:
            check_director(envelope, rosters)
        case Signer.MEMBER:
            check_member(envelope, rosters)
        case Signer.GRANTEE if heads is not None:
            member = check_grantee(envelope, rosters, heads)
            if member.role != DIRECTOR:
                _check_coach(envelope)
        case _:
            raise SignatureError("a record that stands in no chain")


def check_new(envelope: Envelope, rosters: Rosters, heads: Heads | None = None) -> None:
    """Check a *new* record for the server: it refers to the newest roster, and its signer has the right today."""
    check_current(envelope, rosters)
    check_signer(envelope, rosters, heads)
    if type_of(envelope.kind).signer is not Signer.GRANTEE or heads is None:
        return
    if envelope.signer not in heads.newest.holders:
        raise SignatureError("signed by somebody who no longer holds the dossier")


def _check_coach(envelope: Envelope) -> None:
    """Refuse records that only a director may sign."""
    if envelope.kind == "erasure":
        request = ErasureRequest.read(envelope)
        if request.whole and request.basis != CLIENT:
            raise SignatureError("only a director has a whole dossier destroyed without the client asking")
    if envelope.kind == "trajectory" and not Trajectory.read(envelope).grace:
        raise SignatureError("only a director lets a dossier go without its days of grace")


def _check_grantees(head: Dossier, rosters: Rosters) -> None:
    roster = rosters.at(head.standing)
    if not roster.directors <= head.holders:
        raise SignatureError("every director holds every dossier")
    if not head.members <= roster.present:
        raise SignatureError("a grantee is no member")
    if head.suite not in roster.dossier_suites:
        raise SignatureError("a suite that the roster does not allow")
    if head.suite != SUITE:
        raise TooOldError("the keys of this dossier")
