"""What is pinned, in one place: no part of it may go back or sideways, unless a director set that aside."""

from __future__ import annotations

import threading

from vault.records.envelope import Envelope
from vault.records.types.repair import Aside
from vault.sdk.device.pin_kinds import Act, Mark, SeenDossier
from vault.sdk.device.sightings import Claim, Tail
from vault.sdk.errors import ForkError, RollbackError

_ROLLED_BACK = "Nothing was changed. The server may have been put back to an older state: tell the director."
_FORKED = "Nothing was changed. Do not go on: tell the director, and keep this device as it is."


class Pinned:
    """All that this device has pinned, and what of it this command changed; the rules stand in the parts of `Pins`.

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

    def _check(self, seen: Aside, number: int, hash_: str) -> None:
        """Raise RollbackError or ForkError unless that may follow what was seen, or this was set aside."""
        if seen not in self.asides:
            check_progress(seen.chain, (seen.number, seen.hash), (number, hash_), seen)


def check_progress(what: str, seen: tuple[int, str], shown: tuple[int, str], entry: Aside | None = None) -> None:
    """Raise RollbackError or ForkError unless `shown` (number, hash) may follow `seen`."""
    if shown[0] < seen[0]:
        raise RollbackError(
            f"the server shows an older {what} than this device has seen", advice=_ROLLED_BACK, seen=entry
        )
    if shown[0] == seen[0] and shown[1] != seen[1]:
        raise ForkError(f"the server shows another {what} than this device has seen", advice=_FORKED, seen=entry)
