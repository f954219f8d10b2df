"""What is pinned of dossiers: the newest head, index, profile, trajectories and end of the audit of each."""

from __future__ import annotations

from vault.records.types.repair import AUDIT, HEAD, INDEX, LINK, PROFILE, TRAJECTORY, Aside
from vault.sdk.device.pin_kinds import Mark, SeenDossier, SeenIndex, audit_mark, profile_mark
from vault.sdk.device.pinned import Pinned


class PinnedDossiers(Pinned):
    """Of each dossier the newest state that was verified, without what was set aside."""

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

    def take_back(self, dossier: str, before: SeenDossier | None) -> None:
        """Pin of head and index again what was pinned before a look that was refused."""
        with self._guard:
            if before is None:
                self.dossiers.pop(dossier, None)
            else:
                self.dossiers[dossier] = before

    def index_of(self, dossier: str) -> SeenIndex | None:
        """The newest index that was verified of a dossier."""
        seen = self.dossiers.get(dossier)
        index = None if seen is None else seen.index
        aside = index is not None and Aside(INDEX, index.sequence, index.index, dossier) in self.asides
        return None if aside else index

    def passed(self, dossier: str) -> frozenset[tuple[int, str]]:
        """The links of its index, by number and hash, that a director's repair lets a reader pass over."""
        mine = (each for each in self.asides if (each.chain, each.subject) == (LINK, dossier))
        return frozenset((each.number, each.hash) for each in mine)

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

    def check_index(self, dossier: str, sequence: int, index: str) -> None:
        """Raise RollbackError or ForkError for a number that the server only names; nothing is kept of it."""
        seen = self.index_of(dossier)
        if seen is not None:
            self._check(Aside(INDEX, seen.sequence, seen.index, dossier), sequence, index)

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

    def _merge_dossiers(self, other: PinnedDossiers) -> None:
        self._merge_states(other)
        self._merge_terms(other)
        for dossier, requests in other.withdrawn.items():
            self.withdrawn[dossier] = self.withdrawn.get(dossier, frozenset()) | requests

    def _merge_states(self, other: PinnedDossiers) -> None:
        """The newest head and index of both, without what was set aside where there is another."""
        for dossier, theirs in other.dossiers.items():
            if dossier in self.dossiers and other.head_of(dossier) is None:
                continue
            ours = self.dossiers.get(dossier, theirs)
            version, head = max((ours.version, ours.head), (theirs.version, theirs.head))
            newest = [seen for seen in (ours.index, other.index_of(dossier)) if seen is not None]
            index = max(newest, key=lambda seen: (seen.sequence, seen.index), default=None)
            self.dossiers[dossier] = SeenDossier(version, head, index)

    def _merge_terms(self, other: Pinned) -> None:
        for dossier, terms in other.terms.items():
            ours_of = self.terms.setdefault(dossier, {})
            for trajectory, mark in terms.items():
                aside = Aside(TRAJECTORY, mark.number, mark.hash, trajectory) in self.asides
                if trajectory not in ours_of or (not aside and ours_of[trajectory].number <= mark.number):
                    ours_of[trajectory] = mark
        for dossier, roster in other.terms_roster.items():
            self.terms_roster[dossier] = max(roster, self.terms_roster.get(dossier, 0))
