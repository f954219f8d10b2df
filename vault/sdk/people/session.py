"""A signed-in member: her keys, verified chains and server."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url
from vault.records.envelope import Envelope, SignatureError, write
from vault.records.seen import CHECKPOINT, MemberRecord, read_seen
from vault.records.standing import Standing, read_standing, salted_digest
from vault.records.strict_json import dump, parse_object
from vault.records.table import tells_seen
from vault.records.types.policy import Policy
from vault.records.types.repair import Repair
from vault.records.types.roster import RosterMember, recipient_hash
from vault.rules.rosters import Rosters
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import load_pins, save_pins
from vault.sdk.device.sightings import Claim, claims_of
from vault.sdk.errors import AnswerError, ApiError, NotSignedInError
from vault.sdk.keys.keyring import Keyring
from vault.sdk.people.chains import Chains, fetch_chains
from vault.sdk.people.session_file import StoredSession, load_session, store_session, wipe_session
from vault.sdk.people.tails import shown_from
from vault.sdk.server.api import Api
from vault.secret import Secret

DEFAULT_URL = "http://127.0.0.1:8420"
MEMBER_FILE = "member.json"
MAX_MEMBER = 16_384


@dataclass(frozen=True, slots=True)
class MemberFile:
    """`member.json`: the folder's owner; not encrypted, since nothing in it is secret."""

    practice: str
    member: str
    url: str
    email: str

    def save(self, home: Home) -> None:
        """Write it into the folder."""
        fields = {"practice": self.practice, "member": self.member, "url": self.url, "email": self.email}
        home.write(MEMBER_FILE, dump(fields))


def load_member(home: Home) -> MemberFile | None:
    """The folder's owner; None for a new folder. Raises RecordError for a damaged file."""
    raw = home.read(MEMBER_FILE)
    if raw is None:
        return None
    fields = parse_object(raw, limit=MAX_MEMBER)
    return MemberFile(
        read.identifier(fields, "practice"),
        read.identifier(fields, "member"),
        read.text(fields, "url"),
        read.text(fields, "email"),
    )


def server_url(home: Home | None = None) -> str:
    """DOSSIER_URL, else the server of the member's last sign-in, else this machine."""
    known = None if home is None else load_member(home)
    return os.environ.get("DOSSIER_URL") or (known.url if known else DEFAULT_URL)


class SignedIn:
    """One member's live session with verified chains: the context of every use case.

    `public_url` is the server's own URL according to the server, unchecked; None if absent. Links begin with the one in
    the policy.
    """

    def __init__(self, api: Api, home: Home, keyring: Keyring, pins: Pins, chains: Chains, keyring_key: Secret) -> None:
        self.api = api
        self.home = home
        self.keyring = keyring
        self.keyring_key = keyring_key
        self.pins = pins
        self.public_url: str | None = None
        self._chains = chains
        self._recipients: dict[str, str] = {}
        self._ahead: set[Claim] = set()
        self.codes_left: int | None = None  # how many recovery codes there are, after one was used to sign in
        self.told = False  # the server was shown what it showed before, and stands still for it
        self.said: frozenset[Claim] = frozenset()  # the contradictions that the person was told of
        self._take(chains)

    def __repr__(self) -> str:
        return f"SignedIn(member={self.member!r})"

    @classmethod
    def load(cls, home: Home, *, url: str | None = None) -> SignedIn:
        """The session stored by `login`, with the newest chains; raises NotSignedInError when there is none."""
        stored = load_session(home)
        api = Api(url or server_url(home), stored.token)
        pins = load_pins(home, stored.keyring.pins_key)
        signed_in = cls(api, home, stored.keyring, pins, fetch_chains(api, stored.keyring, pins), stored.key)
        signed_in.public_url = stored.public_url
        signed_in.save_pins()
        return signed_in

    @property
    def rosters(self) -> Rosters:
        """The verified chain of rosters."""
        return self._chains.rosters

    @property
    def policy(self) -> Policy:
        """The practice's policy in force."""
        return self._chains.policy

    @property
    def other_url(self) -> str | None:
        """What the server says of its address, where that is not what the policy says; for whoever may mend it."""
        said = self.public_url
        return None if said is None or said.rstrip("/") == self.policy.public_url else said

    def policy_of(self, hash_: str) -> Policy:
        """The policy of that hash, of any version; raises SignatureError for a policy of another practice."""
        for envelope in self._chains.policy_envelopes:
            if envelope.hash == hash_:
                return Policy.read(envelope)
        raise SignatureError("a record names a policy that is not the practice's")

    @property
    def roster_envelopes(self) -> tuple[Envelope, ...]:
        """The envelopes of the verified chain of rosters, for verification without a server."""
        return self._chains.roster_envelopes

    @property
    def recovered(self) -> bool:
        """True when the newest roster was made with the recovery sheet; every member must be told."""
        return self._chains.recovered

    @property
    def practice(self) -> str:
        """The practice's id."""
        return self.keyring.practice

    @property
    def member(self) -> str:
        """The member's id."""
        return self.keyring.member

    @property
    def entry(self) -> RosterMember:
        """The member's entry in the newest roster."""
        entry = self.rosters.newest.member(self.member)
        assert entry is not None
        return entry

    @property
    def is_director(self) -> bool:
        """True for a director."""
        return self.member in self.rosters.newest.directors

    @property
    def standing(self) -> Standing:
        """The roster that a new record refers to."""
        return self.rosters.standing

    def now(self) -> datetime:
        """The client's current time, in UTC."""
        return clock.now()

    def sign(self, kind: str, content: dict[str, Any]) -> Envelope:
        """A new record of type `kind`, signed by this member; `content` holds the fields of its type.

        It tells what this device has seen. Where the server shows less than that, or another past, nothing is signed:
        raises RollbackError, ForkError, or the reason why an end of a chain does not verify.
        """
        if tells_seen(kind):
            for doubt in self.doubts:
                raise doubt
        key, seen = self.keyring.signing_key, self.pins.seen
        return write(kind, content, practice=self.practice, signer=self.member, key=key, seen=seen)

    def may_send(self, envelope: Envelope) -> bool:
        """Whether a server may still take a record that was signed here earlier; otherwise it is signed anew."""
        same = read_standing(envelope.fields) == self.standing
        return same and all(map(self.pins.holds, claims_of(read_seen(envelope.fields), self.member, envelope.hash)))

    @property
    def repairs(self) -> tuple[Repair, ...]:
        """The directors' repairs that count."""
        return self._chains.repairs

    @property
    def new_repairs(self) -> tuple[Repair, ...]:
        """Those that set something aside of which this device did not know it."""
        return self._chains.new_repairs

    @property
    def buried(self) -> frozenset[str]:
        """The dossiers that the ledger says are destroyed since this device looked last, with evidence or without."""
        return self._chains.tails.buried

    @property
    def doubts(self) -> tuple[IntegrityError, ...]:
        """Why the ends of ledger or checkpoints, as the server shows them, do not continue what this device saw."""
        return self._chains.tails.doubts

    @property
    def newest_checkpoint(self) -> Envelope | None:
        """The record of the newest checkpoint, if the server shows it and it is not doubted."""
        shown = self._chains.tails.shown.get(CHECKPOINT)
        return None if shown is None else shown.newest

    def hear(self, *records: MemberRecord) -> None:
        """Compare what the signers of records that count have seen with the chains that this device verified.

        What contradicts them is kept until it holds. Who had seen more than this device is judged by `contradictions`.
        """
        for record in records:
            for claim in claims_of(record.seen, record.signer, record.hash):
                mark = self.pins.marks.get(claim.chain)
                if self.pins.judge(claim) is None and (mark is None or claim.number > mark.number):
                    self._ahead.add(claim)

    def contradictions(self) -> list[Claim]:
        """What members' records say to have seen, and the server does not show; it is asked once more before that."""
        if self._ahead:
            self.refresh()
        for claim in self._ahead:
            if self.pins.judge(claim) is None:
                self.pins.contradict(claim)
        self._ahead.clear()
        self.save_pins()
        return sorted(self.pins.claims)

    def recipient_of(self, member: str) -> str:
        """The age recipient of a member, checked against the roster; raises AnswerError."""
        if member == self.member:
            return self.keyring.recipient
        if member not in self._recipients:
            entry, answer = self.rosters.newest.member(member), self.api.get(f"/members/{member}")
            recipient = answer.get("recipient")
            if entry is None or not isinstance(recipient, str) or recipient_hash(recipient) != entry.recipient:
                raise AnswerError("the server gives another key for a member than the roster says")
            self._recipients[member] = recipient
        return self._recipients[member]

    def with_pins(self, pins: Pins) -> SignedIn:
        """This session by other pins, to look what they would change."""
        chains = replace(self._chains, tails=replace(self._chains.tails, shown={}))
        return SignedIn(self.api, self.home, self.keyring, pins, chains, self.keyring_key)

    def shown_from(self, chain: str, first: int) -> dict[int, str]:
        """The hashes of a chain that the server shows from that number on; none where they do not hold."""
        return shown_from(self.api, self.rosters, chain, first)

    def name_of(self, member: str) -> str:
        """A member's name, as the roster's card commits to it; empty where the server does not give that."""
        return self.card_of(member)[0]

    def card_of(self, member: str) -> tuple[str, str]:
        """Name and e-mail address that the roster's card commits to; both empty where the server does not give them."""
        try:
            return self.card_in(member, self.api.get(f"/members/{member}"))
        except ApiError:
            return "", ""

    def card_in(self, member: str, details: dict[str, Any]) -> tuple[str, str]:
        """Name and e-mail address in what the server gives of a member; both empty where the card is not theirs."""
        entry = self.rosters.newest.member(member)
        try:
            name, email, salt = (read.text(details, each) for each in ("name", "email", "salt"))
            card = salted_digest("card", from_base64url(salt), name.encode(), email.lower().encode())
        except RecordError:
            return "", ""
        return (name, email) if entry is not None and entry.card == card else ("", "")

    def catch_up(self) -> bool:
        """As `refresh`; whether the newest roster is another now."""
        before = self.rosters.newest.hash
        self.refresh()
        return self.rosters.newest.hash != before

    def refresh(self) -> None:
        """Fetch the new entries of the chains, verify and pin them; raises as `fetch_chains`."""
        self._take(fetch_chains(self.api, self.keyring, self.pins))
        self.save_pins()

    def _take(self, chains: Chains) -> None:
        """Go on with verified chains, and pin them."""
        self._chains = chains
        self.pins.see_chains(chains.roster_envelopes, chains.policy_envelopes)
        for chain, shown in chains.tails.shown.items():
            take = self.pins.begin_anew if shown.anew else self.pins.see_links
            take(chain, shown.first, shown.hashes)
        for claim in self.pins.claims:
            self.pins.judge(claim)
        self.hear(*chains.rosters.chain, *map(Policy.read, chains.policy_envelopes))

    def save_pins(self) -> None:
        """Write this device's pins."""
        save_pins(self.pins, self.home, self.keyring.pins_key)

    def store(self) -> None:
        """Store the session for the next command."""
        assert self.api.token is not None
        store_session(self.home, StoredSession(self.api.token, self.keyring, self.keyring_key, self.public_url))

    def logout(self) -> None:
        """End the session here and at the server."""
        logout(self.home, self.api.url)


def logout(home: Home, url: str | None = None) -> None:
    """Wipe this device's session, then end it at the server; no error without a session."""
    try:
        stored = load_session(home)
    except NotSignedInError:
        wipe_session(home)
        return
    wipe_session(home)
    try:
        Api(url or server_url(home), stored.token).delete("/session")
    except NotSignedInError:
        return
