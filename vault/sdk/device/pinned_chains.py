"""What is pinned of the chains of the practice and of an audit, and what contradicts them (FORMAT.md "Seen")."""

from __future__ import annotations

from collections.abc import Sequence

from vault.records.envelope import Envelope
from vault.records.seen import CHAINS, NOTHING_SEEN, Seen, Sighting
from vault.records.types.repair import Aside
from vault.rules.sightings import is_held
from vault.rules.verdict import Refused
from vault.sdk.device.pin_kinds import Mark
from vault.sdk.device.pinned import Pinned
from vault.sdk.device.sightings import Claim, Tail


class PinnedChains(Pinned):
    """Rosters, policies, ledger, checkpoints, and every chain that has a mark."""

    def see_chains(self, rosters: tuple[Envelope, ...], policies: tuple[Envelope, ...]) -> None:
        """Pin verified chains, which are never shorter than the pinned ones."""
        with self._guard:
            self._changed |= (len(rosters), len(policies)) != (len(self.rosters), len(self.policies))
            self.rosters, self.policies = rosters, policies

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

    def _merge_chains(self, other: PinnedChains) -> None:
        self.rosters = max(self.rosters, other.rosters, key=len)
        self.policies = max(self.policies, other.policies, key=len)
        self._merge_marks(other)
        self.claims = (self.claims | other.claims) - self._settled

    def _merge_marks(self, other: Pinned) -> None:
        for name, mark in other.marks.items():
            chain, _, subject = name.partition(":")
            aside = Aside(chain, mark.number, mark.hash, subject or None) in self.asides
            if name in self._begun_anew or (name in self.marks and aside):
                continue
            if name not in self.marks or self.marks[name].number < mark.number:
                self.marks[name] = mark
                if name in other.tails:
                    self.tails[name] = other.tails[name]
