"""The newest state this device has seen; a server that shows an older state, or a fork, is refused."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from vault.boxes import BoxError, box, unbox
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json
from vault.records.record import read_fields, write_fields
from vault.records.seen import CHAINS, NOTHING_SEEN, Seen, Sighting
from vault.records.strict_json import dump, parse_object
from vault.records.types.index import Index
from vault.records.types.repair import AUDIT, HEAD, INDEX, PROFILE, TRAJECTORY, Aside
from vault.rules.sightings import is_held
from vault.rules.verdict import Refused
from vault.sdk.device.home import MAX_FILE, Home
from vault.sdk.device.links import Claim, Tail, claims_json, read_claims, read_tails
from vault.sdk.errors import ForkError, RollbackError

FILE = "pins"
VERSION = 1
AAD = b"vault/v1/pins"
_MANY = 10_000_000
_ROLLED_BACK = "Nothing was changed. The server may have been put back to an older state: tell the director."
_FORKED = "Nothing was changed. Do not go on: tell the director, and keep this device as it is."


@dataclass(frozen=True, slots=True)
class SeenIndex:
    """A verified link of an index: enough to check all that follow it. `roster` is the version that it stands on."""

    sequence: int
    index: str
    root: str
    count: int
    roster: int

    @classmethod
    def of(cls, index: Index) -> SeenIndex:
        """What is kept of a link."""
        return cls(index.sequence, index.hash, index.root, index.count, index.standing.version)


@dataclass(frozen=True, slots=True)
class SeenDossier:
    """Of one dossier: the newest head, and the newest index once one was seen."""

    version: int
    head: str
    index: SeenIndex | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest seen entry of a chain without a pin type of its own: number and hash."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """Something that a dossier's audit must mention: the event, and the id of the document or share."""

    event: str
    id: str


DOCUMENT_STORED, SHARE_MADE, PICKED_UP = "document_stored", "share_made", "picked_up"


def audit_mark(dossier: str) -> str:
    """The name of the mark for the end of a dossier's audit chain."""
    return f"audit:{dossier}"


def profile_mark(dossier: str) -> str:
    """The name of the mark for the newest version of a dossier's profile that an index was seen to list."""
    return f"profile:{dossier}"


class Pins:
    """The roster chain, the policies, and the newest state of each dossier; thread-safe.

    `terms_roster` is the version of the roster of the index under which `terms` were seen, by dossier.
    `marks` are the ends of the ledger, of the checkpoints and of audit chains; `tails` what came before them, `claims`
    what others saw and this device is not shown (`links`), `asides` what a director set aside of all that; `terms` the
    newest verified version of each trajectory, by dossier; `withdrawn` the hashes of erasure requests that were taken
    back, by dossier; `acts` what this device did and no audit mentioned yet.
    """

    def __init__(
        self,
        rosters: tuple[Envelope, ...] = (),
        policies: tuple[Envelope, ...] = (),
        dossiers: dict[str, SeenDossier] | None = None,
        marks: dict[str, Mark] | None = None,
        terms: dict[str, dict[str, Mark]] | None = None,
        withdrawn: dict[str, frozenset[str]] | None = None,
        acts: dict[str, frozenset[Act]] | None = None,
        tails: dict[str, Tail] | None = None,
        claims: frozenset[Claim] = frozenset(),
        terms_roster: dict[str, int] | None = None,
        asides: frozenset[Aside] = frozenset(),
    ) -> None:
        self.rosters = rosters
        self.policies = policies
        self.dossiers = dict(dossiers or {})
        self.marks = dict(marks or {})
        self.terms = dict(terms or {})
        self.terms_roster = dict(terms_roster or {})
        self.withdrawn = dict(withdrawn or {})
        self.acts = dict(acts or {})
        self.tails = dict(tails or {})
        self.claims = claims
        self.asides = asides
        self._begun_anew: set[str] = set()
        self._settled: frozenset[Claim] = frozenset()
        self._added: dict[str, frozenset[Act]] = {}
        self._mentioned: dict[str, frozenset[Act]] = {}
        self._forgotten: set[str] = set()
        self._abandoned: set[str] = set()
        self._changed = False
        self._guard = threading.Lock()

    def see_chains(self, rosters: tuple[Envelope, ...], policies: tuple[Envelope, ...]) -> None:
        """Pin verified chains, which are never shorter than the pinned ones."""
        with self._guard:
            self._changed |= (len(rosters), len(policies)) != (len(self.rosters), len(self.policies))
            self.rosters, self.policies = rosters, policies

    def see_head(self, dossier: str, version: int, head: str) -> None:
        """Pin a verified head as the newest; raises RollbackError or ForkError."""
        with self._guard:
            seen = self.dossiers.get(dossier)
            if seen is not None:
                self._check(Aside(HEAD, seen.version, seen.head, dossier), version, head)
            self._keep(dossier, SeenDossier(version, head, seen.index if seen else None))

    def see_index(self, dossier: str, index: SeenIndex) -> None:
        """Keep a verified index of a dossier whose head was seen; raises RollbackError or ForkError."""
        with self._guard:
            seen = self.dossiers[dossier]
            if seen.index is not None:
                before = Aside(INDEX, seen.index.sequence, seen.index.index, dossier)
                self._check(before, index.sequence, index.index)
                if before in self.asides and seen.index != index and self.acts.pop(dossier, frozenset()):
                    self._abandoned.add(dossier)  # what this device did under the index that was set aside
            self._keep(dossier, SeenDossier(seen.version, seen.head, index))

    def index_of(self, dossier: str) -> SeenIndex | None:
        """The newest index that was verified of a dossier."""
        seen = self.dossiers.get(dossier)
        index = None if seen is None else seen.index
        aside = index is not None and Aside(INDEX, index.sequence, index.index, dossier) in self.asides
        return None if aside else index

    def head_of(self, dossier: str) -> SeenDossier | None:
        """The newest head that was verified of a dossier, unless it was set aside."""
        seen = self.dossiers.get(dossier)
        aside = seen is not None and Aside(HEAD, seen.version, seen.head, dossier) in self.asides
        return None if aside else seen

    def audit_of(self, dossier: str) -> Mark | None:
        """The newest entry that was verified of a dossier's audit, unless it was set aside."""
        mark = self.marks.get(audit_mark(dossier))
        aside = mark is not None and Aside(AUDIT, mark.number, mark.hash, dossier) in self.asides
        return None if aside else mark

    def profile_of(self, dossier: str) -> Mark | None:
        """The newest version that was verified of a dossier's profile, unless it was set aside."""
        mark = self.marks.get(profile_mark(dossier))
        aside = mark is not None and Aside(PROFILE, mark.number, mark.hash, dossier) in self.asides
        return None if aside else mark

    def terms_of(self, dossier: str) -> dict[str, Mark]:
        """The newest version that was verified of each trajectory, without those that were set aside."""
        terms = self.terms.get(dossier, {})
        return {
            id_: mark
            for id_, mark in terms.items()
            if Aside(TRAJECTORY, mark.number, mark.hash, id_) not in self.asides
        }

    def _check(self, seen: Aside, number: int, hash_: str) -> None:
        """Raise RollbackError or ForkError unless that may follow what was seen, or this was set aside."""
        if seen not in self.asides:
            check_progress(seen.chain, (seen.number, seen.hash), (number, hash_), seen)

    def check_index(self, dossier: str, sequence: int, index: str) -> None:
        """Raise RollbackError or ForkError for a number that the server only names; nothing is kept of it."""
        seen = self.index_of(dossier)
        if seen is not None:
            self._check(Aside(INDEX, seen.sequence, seen.index, dossier), sequence, index)

    def see_mark(self, name: str, number: int, hash_: str) -> None:
        """Pin the end of a chain, verified against the previous mark; raises RollbackError or ForkError."""
        with self._guard:
            seen = self.marks.get(name)
            if seen is not None:
                chain, _, subject = name.partition(":")
                self._check(Aside(chain, seen.number, seen.hash, subject or None), number, hash_)
            if seen != Mark(number, hash_):
                self.marks[name], self._changed = Mark(number, hash_), True

    def check_mark(self, name: str, number: int, hash_: str) -> None:
        """Raise RollbackError or ForkError for less than was seen under that name; nothing is kept of it."""
        seen = self.marks.get(name)
        if seen is not None:
            chain, _, subject = name.partition(":")
            self._check(Aside(chain, seen.number, seen.hash, subject or None), number, hash_)

    def see_links(self, chain: str, first: int, hashes: Sequence[str]) -> None:
        """Pin verified entries of ledger or checkpoints, from number `first` on; raises RollbackError or ForkError.

        The caller has verified that the chain holds, and that it contains the entry pinned before.
        """
        self.see_mark(chain, first + len(hashes) - 1, hashes[-1])
        with self._guard:
            before = self.tails.get(chain, Tail(1, ()))
            after = before.joined(first, hashes)
            if after != before:
                self.tails[chain], self._changed = after, True

    def begin_anew(self, chain: str, first: int, hashes: Sequence[str]) -> None:
        """Go on with what is shown of ledger or checkpoints, after the newest pinned entry was set aside."""
        with self._guard:
            self._begun_anew.add(chain)
            self._changed = True
            self.marks.pop(chain, None)
            self.tails.pop(chain, None)
        if hashes:
            self.see_links(chain, first, hashes)

    def see_asides(self, asides: Iterable[Aside]) -> bool:
        """Set aside what a director's repair names, and nothing else; whether any of it was new to this device."""
        named = frozenset(asides)
        for claim in self.claims:
            if Aside(claim.chain, claim.number, claim.hash) in named:
                self.settle(claim)
        with self._guard:
            new = not named <= self.asides
            self.asides |= named
            self._changed |= new
        return new

    @property
    def seen(self) -> Seen:
        """What this device tells in the records it signs."""
        ledger, checkpoint = (self._sighting(chain) for chain in CHAINS)
        return Seen(ledger, checkpoint)

    def _sighting(self, chain: str) -> Sighting:
        mark = self.marks.get(chain)
        return NOTHING_SEEN.of(chain) if mark is None else Sighting(mark.number, mark.hash)

    def holds(self, claim: Claim) -> bool | None:
        """Whether the chain that was verified holds what is claimed; None for a number that is not among its newest."""
        tail = self.tails.get(claim.chain)
        if tail is None or tail.at(claim.number) is None:
            return None
        return not isinstance(is_held(claim.sighting, tail.at), Refused)

    def judge(self, claim: Claim) -> bool | None:
        """As `holds`; what does not is kept as a contradiction, until it does."""
        held = self.holds(claim)
        if held is False:
            self.contradict(claim)
        elif held:
            self.settle(claim)
        return held

    def settle(self, claim: Claim) -> None:
        """Let a contradiction go: it holds, or was set aside."""
        with self._guard:
            self._changed |= claim in self.claims
            self._settled |= {claim} & self.claims
            self.claims -= {claim}

    def contradict(self, claim: Claim) -> None:
        """Keep a claim of more than the server shows, unless it was set aside."""
        if Aside(claim.chain, claim.number, claim.hash) in self.asides:
            return
        with self._guard:
            self._changed |= claim not in self.claims
            self.claims |= {claim}

    def see_act(self, dossier: str, act: Act) -> None:
        """Remember an act of this device until the dossier's audit was seen to mention it."""
        with self._guard:
            self.acts[dossier] = self.acts.get(dossier, frozenset()) | {act}
            self._added[dossier] = self._added.get(dossier, frozenset()) | {act}
            self._changed = True

    def see_mentioned(self, dossier: str, acts: Iterable[Act]) -> None:
        """Forget acts that a verified audit chain mentions; the mark of that chain stands for them from now on."""
        with self._guard:
            done = self.acts.get(dossier, frozenset()) & frozenset(acts)
            if done:
                self.acts[dossier] -= done
                self._mentioned[dossier] = self._mentioned.get(dossier, frozenset()) | done
                self._changed = True

    def see_terms(self, dossier: str, shown: dict[str, Mark], roster: int) -> None:
        """Keep the verified trajectories of a dossier, by id; raises RollbackError or ForkError.

        `roster` is the version of the one that the index stands on which lists them.
        """
        with self._guard:
            if roster > self.terms_roster.get(dossier, 0):
                self.terms_roster[dossier], self._changed = roster, True
            for trajectory, seen in self.terms.get(dossier, {}).items():
                newest = shown.get(trajectory, Mark(0, ""))
                self._check(Aside(TRAJECTORY, seen.number, seen.hash, trajectory), newest.number, newest.hash)
            if self.terms.get(dossier) != shown:
                self.terms[dossier], self._changed = dict(shown), True

    def see_withdrawn(self, dossier: str, requests: frozenset[str]) -> None:
        """Keep which erasure requests of a dossier were taken back: they are warrants for nobody any more."""
        with self._guard:
            known = self.withdrawn.get(dossier, frozenset())
            if not requests <= known:
                self.withdrawn[dossier], self._changed = known | requests, True

    def forget(self, dossier: str) -> None:
        """Wipe everything about a destroyed dossier."""
        with self._guard:
            self._drop(dossier)
            self._forgotten.add(dossier)
            self._changed = True

    def _drop(self, dossier: str) -> None:
        self.dossiers.pop(dossier, None)
        self.marks.pop(audit_mark(dossier), None)
        self.marks.pop(profile_mark(dossier), None)
        self.terms.pop(dossier, None)
        self.terms_roster.pop(dossier, None)
        self.withdrawn.pop(dossier, None)
        self.acts.pop(dossier, None)

    def _keep(self, dossier: str, seen: SeenDossier) -> None:
        if self.dossiers.get(dossier) != seen:
            self.dossiers[dossier] = seen
            self._changed = True

    def save(self, home: Home, key: bytes) -> None:
        """Write changes, merged with those of another command meanwhile."""
        with self._guard:
            if not self._changed:
                return
            with home.lock():
                self._merge(load_pins(home, key))
                home.write(FILE, seal_pins(self, key))
            self._changed = False
            self._added, self._mentioned, self._settled = {}, {}, frozenset()
            self._begun_anew, self._abandoned = set(), set()

    def _merge(self, other: Pins) -> None:
        self.rosters = max(self.rosters, other.rosters, key=len)
        self.policies = max(self.policies, other.policies, key=len)
        self.asides |= other.asides
        self._merge_dossiers(other)
        self._merge_marks(other)
        self.claims = (self.claims | other.claims) - self._settled
        self._merge_terms(other)
        for dossier, requests in other.withdrawn.items():
            self.withdrawn[dossier] = self.withdrawn.get(dossier, frozenset()) | requests
        self.acts = {
            dossier: acts
            for dossier in other.acts.keys() | self._added.keys()
            if dossier not in self._abandoned and (acts := self._acts_beside(other, dossier))
        }
        for dossier in self._forgotten:
            self._drop(dossier)

    def _merge_terms(self, other: Pins) -> None:
        for dossier, terms in other.terms.items():
            ours_of = self.terms.setdefault(dossier, {})
            for trajectory, mark in terms.items():
                aside = Aside(TRAJECTORY, mark.number, mark.hash, trajectory) in self.asides
                if trajectory not in ours_of or (not aside and ours_of[trajectory].number <= mark.number):
                    ours_of[trajectory] = mark
        for dossier, roster in other.terms_roster.items():
            self.terms_roster[dossier] = max(roster, self.terms_roster.get(dossier, 0))

    def _merge_dossiers(self, other: Pins) -> None:
        """The newest head and index of both, without what was set aside where there is another."""
        for dossier, theirs in other.dossiers.items():
            if dossier in self.dossiers and other.head_of(dossier) is None:
                continue
            ours = self.dossiers.get(dossier, theirs)
            version, head = max((ours.version, ours.head), (theirs.version, theirs.head))
            newest = [seen for seen in (ours.index, other.index_of(dossier)) if seen is not None]
            index = max(newest, key=lambda seen: (seen.sequence, seen.index), default=None)
            self.dossiers[dossier] = SeenDossier(version, head, index)

    def _merge_marks(self, other: Pins) -> None:
        for name, mark in other.marks.items():
            chain, _, subject = name.partition(":")
            aside = Aside(chain, mark.number, mark.hash, subject or None) in self.asides
            if name in self._begun_anew or (name in self.marks and aside):
                continue
            if name not in self.marks or self.marks[name].number < mark.number:
                self.marks[name] = mark
                if name in other.tails:
                    self.tails[name] = other.tails[name]

    def _acts_beside(self, other: Pins, dossier: str) -> frozenset[Act]:
        """What waits in the file, which another command may have written, changed by what this one did and saw."""
        nothing: frozenset[Act] = frozenset()
        mentioned = self._mentioned.get(dossier, nothing)
        return (other.acts.get(dossier, nothing) | self._added.get(dossier, nothing)) - mentioned


def check_progress(what: str, seen: tuple[int, str], shown: tuple[int, str], entry: Aside | None = None) -> None:
    """Raise RollbackError or ForkError unless `shown` (number, hash) may follow `seen`."""
    if shown[0] < seen[0]:
        raise RollbackError(
            f"the server shows an older {what} than this device has seen", advice=_ROLLED_BACK, seen=entry
        )
    if shown[0] == seen[0] and shown[1] != seen[1]:
        raise ForkError(f"the server shows another {what} than this device has seen", advice=_FORKED, seen=entry)


def seal_pins(pins: Pins, key: bytes) -> bytes:
    """The pins as they lie on disk: a box under the pins key."""
    dossiers = {
        dossier: [seen.version, seen.head, *([] if seen.index is None else astuple(seen.index))]
        for dossier, seen in sorted(pins.dossiers.items())
    }
    rosters, policies = ([e.to_json() for e in chain] for chain in (pins.rosters, pins.policies))
    fields = {
        "v": VERSION,
        "rosters": rosters,
        "policies": policies,
        "dossiers": dossiers,
        "marks": {name: [mark.number, mark.hash] for name, mark in sorted(pins.marks.items())},
        "terms": {
            dossier: {trajectory: [mark.number, mark.hash] for trajectory, mark in sorted(terms.items())}
            for dossier, terms in sorted(pins.terms.items())
        },
        "terms_roster": dict(sorted(pins.terms_roster.items())),
        "withdrawn": {dossier: sorted(requests) for dossier, requests in sorted(pins.withdrawn.items())},
        "tails": {chain: tail.to_json() for chain, tail in sorted(pins.tails.items())},
        "claims": claims_json(pins.claims),
        "asides": [write_fields(each) for each in sorted(pins.asides, key=repr)],
        "acts": {d: [[act.event, act.id] for act in sorted(acts)] for d, acts in sorted(pins.acts.items())},
    }
    return box(key, AAD, dump(fields))


def open_pins(sealed: bytes, key: bytes) -> Pins:
    """The inverse of `seal_pins`; raises BoxError or RecordError. The chains are not verified here."""
    fields = parse_object(unbox(key, AAD, sealed), limit=MAX_FILE)
    if fields.get("v") != VERSION:
        raise RecordError("unknown version of the pins")
    rosters = read.mapping({"terms_roster": {}, **fields}, "terms_roster")
    return Pins(
        tuple(from_json(e, "roster") for e in read.objects(fields, "rosters", most=_MANY)),
        tuple(from_json(e, "policy") for e in read.objects(fields, "policies", most=_MANY)),
        {dossier: _seen(dossier, value) for dossier, value in read.mapping(fields, "dossiers").items()},
        {name: _mark(value) for name, value in read.mapping({"marks": {}, **fields}, "marks").items()},
        {dossier: _terms(value) for dossier, value in read.mapping({"terms": {}, **fields}, "terms").items()},
        {
            dossier: _requests(value)
            for dossier, value in read.mapping({"withdrawn": {}, **fields}, "withdrawn").items()
        },
        {dossier: _acts(value) for dossier, value in read.mapping({"acts": {}, **fields}, "acts").items()},
        read_tails(fields),
        read_claims(fields),
        {dossier: read.integer(rosters, dossier, least=1) for dossier in rosters},
        frozenset(read_fields(Aside, each) for each in read.objects({"asides": [], **fields}, "asides", most=_MANY)),
    )


def load_pins(home: Home, key: bytes) -> Pins:
    """This device's pins; empty on a new device. Raises BoxError, with advice, for a damaged file."""
    sealed = home.read(FILE)
    if sealed is None:
        return Pins()
    try:
        return open_pins(sealed, key)
    except (BoxError, RecordError) as error:
        raise BoxError(
            f"what this device has seen cannot be read: {home.path / FILE}",
            advice="Keep the file and restore it from a backup. Without one tell the director, sign in with another "
            "DOSSIER_HOME and compare what it shows with a colleague.",
        ) from error


def _mark(value: Any) -> Mark:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - the fields of `Mark`
        raise RecordError("a mark has two members")
    fields = dict(zip(("number", "hash"), value, strict=True))
    return Mark(read.integer(fields, "number", least=1), read.digest(fields, "hash"))


def _terms(value: Any) -> dict[str, Mark]:
    marks = read.mapping({"terms": value}, "terms")
    return {read.identifier({"trajectory": each}, "trajectory"): _mark(mark) for each, mark in marks.items()}


def _requests(value: Any) -> frozenset[str]:
    requests = read.items({"withdrawn": value}, "withdrawn", most=_MANY)
    return frozenset(read.digest({"request": each}, "request") for each in requests)


def _acts(value: Any) -> frozenset[Act]:
    if not isinstance(value, list) or not all(isinstance(each, list) and len(each) == 2 for each in value):  # noqa: PLR2004
        raise RecordError("an act has two members")
    pairs = [dict(zip(("event", "id"), each, strict=True)) for each in value]
    return frozenset(Act(read.text(pair, "event", limit=64), read.identifier(pair, "id")) for pair in pairs)


def _seen(dossier: str, value: Any) -> SeenDossier:
    read.identifier({"dossier": dossier}, "dossier")
    names = ("version", "head", "sequence", "index", "root", "count", "roster")
    if not isinstance(value, list) or len(value) not in {2, len(names)}:
        raise RecordError("a pin has two members, or seven where an index was seen")
    fields = dict(zip(names, value, strict=False))
    index = None if len(value) < len(names) else _seen_index(fields)
    return SeenDossier(read.integer(fields, "version", least=1), read.digest(fields, "head"), index)


def _seen_index(fields: read.Fields) -> SeenIndex:
    return SeenIndex(
        read.integer(fields, "sequence", least=1),
        read.digest(fields, "index"),
        read.digest(fields, "root"),
        read.integer(fields, "count"),
        read.integer(fields, "roster", least=1),
    )
