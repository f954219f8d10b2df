"""What this device did and no audit mentioned yet: an audit without it was cut."""

from __future__ import annotations

from collections.abc import Iterable

from vault.sdk.device.pin_kinds import Act
from vault.sdk.device.pinned import Pinned


class PinnedActs(Pinned):
    """The acts of this device that wait for the audit of their dossier."""

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

    def _merge_acts(self, other: Pinned) -> None:
        self.acts = {
            dossier: acts
            for dossier in other.acts.keys() | self._added.keys()
            if dossier not in self._abandoned and (acts := self._acts_beside(other, dossier))
        }

    def _acts_beside(self, other: Pinned, dossier: str) -> frozenset[Act]:
        """What waits in the file, which another command may have written, changed by what this one did and saw."""
        nothing: frozenset[Act] = frozenset()
        mentioned = self._mentioned.get(dossier, nothing)
        return (other.acts.get(dossier, nothing) | self._added.get(dossier, nothing)) - mentioned
