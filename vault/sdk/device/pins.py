"""The newest state this device has seen; a server that shows an older state, or a fork, is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from vault.records.types.repair import Aside
from vault.sdk.device.pinned_acts import PinnedActs
from vault.sdk.device.pinned_chains import PinnedChains
from vault.sdk.device.pinned_dossiers import PinnedDossiers


class Pins(PinnedChains, PinnedDossiers, PinnedActs):
    """What is pinned of chains, of dossiers and of acts; thread-safe."""

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

    @contextmanager
    def changes(self) -> Iterator[bool]:
        """Hold all pins still, and say whether any changed; they count as written once the block ends well."""
        with self._guard:
            yield self._changed
            self._changed = False
            self._added, self._mentioned, self._settled = {}, {}, frozenset()
            self._begun_anew, self._abandoned = set(), set()

    def merge(self, other: Pins) -> None:
        """Join what another command wrote meanwhile; only within `changes`."""
        self.asides |= other.asides
        self._merge_dossiers(other)
        self._merge_chains(other)
        self._merge_acts(other)
        for dossier in self._forgotten:
            self._drop(dossier)
