"""Repairs a jam: what this device has seen, or heard of, and no server shows any more, set aside by a director.

A restore from an old backup, a server that forked, a false claim: devices that saw more refuse them for good, and they
are right to. Only a director ends that, by a signed record which says what is given up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from vault.errors import IntegrityError, InvalidInputError, VaultError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.seen import CHAINS
from vault.records.types.repair import AUDIT, HEAD, LINK, MAX_ASIDE, OF_A_SUBJECT, Aside, Repair
from vault.rules.verdict import Refused
from vault.sdk.audit.audit_chain import SEEN
from vault.sdk.audit.ledger import explains_dossier, read_ledger
from vault.sdk.audit.verification import watch
from vault.sdk.device.pin_kinds import SeenIndex
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import open_pins, seal_pins
from vault.sdk.dossiers.closing import trajectories
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.dossiers.index_chain import follow_shown
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import ForkError, MissingError, SeenError
from vault.sdk.people.session import SignedIn
from vault.sdk.server.retry import again

_CODE = re.compile(r"([a-z]+):(?:([0-9a-f]{32}):)?([0-9]{1,16}):([0-9a-f]{64})\Z")
_KEPT = (
    *("rosters", "policies", "dossiers", "marks", "terms", "terms_roster", "withdrawn", "acts"),
    *("tails", "claims", "asides"),
)
_TRIES = 16  # head, index, audit and more trajectories than any dossier has


class NoDirectorError(VaultError):
    """Only a director sets aside what was seen."""

    code: ClassVar[str] = "not_allowed"


def read_code(text: str) -> Aside:
    """The inverse of `Aside.code`; raises InvalidInputError."""
    found = _CODE.match(text.strip())
    if found is None:
        raise InvalidInputError(f"this names nothing that was seen: {text}", advice="Copy it from the message whole.")
    chain, subject, number, hash_ = found.groups()
    aside = Aside(chain, int(number), hash_, subject)
    try:
        read.one_of({"chain": chain}, "chain", frozenset(CHAINS) | OF_A_SUBJECT)
    except RecordError as error:
        raise InvalidInputError(f"this names nothing that was seen: {text}") from error
    return aside


def survey(signed_in: SignedIn) -> list[Aside]:
    """Everything that this device has seen or heard of and the server does not show. Nothing is changed by looking.

    Of ledger and checkpoints: what was seen after the last entry that is still shown, and what members' records claim.
    """
    found = [Aside(each.chain, each.number, each.hash) for each in signed_in.contradictions()]
    for chain in CHAINS:
        found += _unshown(signed_in, chain)
    trial = trial_of(signed_in)
    shown = {read.identifier(item, "dossier") for item in trial.api.pages("/dossiers")}
    for dossier in sorted(shown):
        found += _of_dossier(trial, dossier)
    found += _missing(trial, shown)
    return list(dict.fromkeys(found))[:MAX_ASIDE]


def repair(signed_in: SignedIn, asides: Iterable[Aside], reason: str) -> Repair:
    """Sign and send what is set aside, then go on as every device will; raises NoDirectorError.

    A link of an index that is to be passed over must be one that the newest index goes back to, as this device sees it:
    else somebody has been shown another past, and a ForkError says so. Where sending fails nothing is set aside here.
    """
    if not signed_in.is_director:
        raise NoDirectorError(
            "only a director sets aside what was seen", advice="Nothing was changed. Give her the codes above."
        )
    content = Repair(signed_in.standing, tuple(asides), reason, signed_in.now())
    trial = trial_of(signed_in)
    trial.pins.see_asides(content.asides)
    trial.refresh()
    for aside in content.asides:
        if aside.chain == LINK and aside.subject is not None:
            _check_past(load_dossier(trial, aside.subject, left_behind=True), aside)
    envelope = trial.sign("repair", content.content())
    again(lambda: signed_in.api.post("/repairs", json={"repair": envelope.to_json()}))
    signed_in.refresh()
    return Repair.read(envelope)


def _check_past(dossier: OpenDossier, link: Aside) -> None:
    """Raise ForkError unless the newest index goes back to that link."""
    start = SeenIndex(link.number, link.hash, root="", count=0, roster=1)
    if isinstance(follow_shown(dossier, start, dossier.index), Refused):
        raise ForkError(
            "the newest index of the dossier does not go back to the one that is named",
            advice="Nothing was changed. Do not go on: the other device may have been shown another past. Compare what "
            "both of them show.",
        )


class _TrialPins(Pins):
    """A copy of this device's pins, to look further with; never saved."""

    @contextmanager
    def changes(self) -> Iterator[bool]:
        """None that were to be written."""
        yield False


def trial_of(signed_in: SignedIn) -> SignedIn:
    """This session with pins of its own, to look what would follow."""
    key = signed_in.keyring.pins_key
    kept, pins = open_pins(seal_pins(signed_in.pins, key), key), _TrialPins()
    for name in _KEPT:
        setattr(pins, name, getattr(kept, name))
    return signed_in.with_pins(pins)


def _unshown(signed_in: SignedIn, chain: str) -> list[Aside]:
    """The pinned entries of a chain that the server does not show, the newest first: that one must be named.

    Of entries that it does not show whole, after the pinned ones, the last.
    """
    for doubt in signed_in.doubts:
        if isinstance(doubt, MissingError) and doubt.last.chain == chain:
            return [doubt.last]
    if all(each.seen is None or each.seen.chain != chain for each in signed_in.doubts if isinstance(each, SeenError)):
        return []
    tail = signed_in.pins.tails[chain]
    shown = signed_in.shown_from(chain, tail.first)
    numbers = range(tail.last, tail.first - 1, -1)
    return [Aside(chain, each, str(tail.at(each))) for each in numbers if shown.get(each) != tail.at(each)]


def _of_dossier(trial: SignedIn, dossier: str) -> Iterator[Aside]:
    """What of one dossier was seen and is not shown, found by setting it aside for the trial, one after another."""
    for _ in range(_TRIES):
        try:
            opened = load_dossier(trial, dossier, contents=True, left_behind=True)
            trajectories(opened)
        except SeenError as error:
            if error.seen is None or error.seen in trial.pins.asides:
                return
            trial.pins.see_asides([error.seen])
            yield error.seen
        except (VaultError, RecordError):
            return  # damaged or hidden: not a matter of what was seen
        else:
            yield from _of_audit(trial, dossier)
            return


def _of_audit(trial: SignedIn, dossier: str) -> Iterator[Aside]:
    mark = trial.pins.audit_of(dossier)
    if mark is not None and any(check.name == SEEN and not check.ok for check in watch(trial, dossier, [])):
        yield Aside(AUDIT, mark.number, mark.hash, dossier)


def _missing(trial: SignedIn, shown: set[str]) -> Iterator[Aside]:
    """The dossiers that were seen, that the server does not have, and no tombstone explains."""
    gone = {dossier for dossier in set(trial.pins.dossiers) - shown if trial.pins.head_of(dossier) is not None}
    if not gone:
        return
    try:
        gone -= {each.tombstone.subject for each in read_ledger(trial) if explains_dossier(trial, each)}
    except IntegrityError:
        return
    for dossier in sorted(gone):
        seen = trial.pins.dossiers[dossier]
        yield Aside(HEAD, seen.version, seen.head, dossier)
