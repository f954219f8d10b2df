"""Follows an erasure from its request to its certificate, and wipes what it destroyed from this device."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import UnavailableError
from vault.records import read
from vault.records.encoding import format_instant, parse_instant
from vault.records.types.erasure import MAX_DOCUMENTS
from vault.records.types.tombstone import Tombstone, retention_id
from vault.rules.evidence import read_warrant
from vault.sdk.audit.ledger import Entry, explained, read_ledger
from vault.sdk.dossiers.wiping import wipe
from vault.sdk.erasures.certificate import CertificateFile, Verdict, from_answer, verify
from vault.sdk.errors import AnswerError, ApiError, NotFoundError
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from vault.rules.rosters import Rosters
    from vault.sdk.people.session import SignedIn

REQUESTED, CERTIFIED, WITHDRAWN = "requested", "certified", "withdrawn"
STATES = frozenset({REQUESTED, "fenced", "shredded", "removed", "verified", CERTIFIED, WITHDRAWN})
REASONS = frozenset({"client", "staff", "retention"})
PATIENCE = timedelta(minutes=10)
_PAUSES = (0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Erasure:
    """The state of an erasure according to the server; no `documents` means the whole dossier."""

    id: str
    dossier: str
    documents: tuple[str, ...]
    reason: str
    state: str
    requested_at: datetime
    not_before: datetime
    request: str | None = None

    @property
    def over(self) -> bool:
        """True in a final state."""
        return self.state in {CERTIFIED, WITHDRAWN}

    def to_json(self) -> dict[str, Any]:
        """The JSON form for `--json`."""
        return {
            "erasure": self.id,
            "state": self.state,
            "dossier": self.dossier,
            "documents": list(self.documents),
            "not_before": format_instant(self.not_before),
        }


class StandsStillError(UnavailableError):
    """The erasure is requested, but the server makes no progress."""

    code: ClassVar[str] = "erasure_waits"


def status(signed_in: SignedIn, erasure: str, *, request: str | None = None) -> Erasure:
    """How far it is; raises NotFoundError. What it destroyed is wiped from this device too, once evidence says so.

    `request` is the hash of the request where this device has signed it.
    """
    found = replace(_read(again(lambda: _found(signed_in, f"/erasures/{erasure}")), erasure), request=request)
    if found.state == CERTIFIED:
        _forget(signed_in, found)
    return found


def check_same(found: Erasure, expected: tuple[str, tuple[str, ...], str]) -> None:
    """An answer is about what was asked for; documents that another erasure took first are left out of it."""
    dossier, documents, reason = expected
    same = set(found.documents) <= set(documents) and bool(found.documents) == bool(documents)
    if (found.dossier, found.reason) != (dossier, reason) or not same:
        raise AnswerError("the server answers an erasure of something else than was asked for")


def _forget(signed_in: SignedIn, erasure: Erasure) -> None:
    """Wipe what this erasure destroyed and the ledger proves; raises AnswerError where it proves something else."""
    entries = [each for each in read_ledger(signed_in) if each.warrant and each.warrant.erasure == erasure.id]
    for entry in entries:
        if explained(signed_in, entry):
            _check_warrant(entry, erasure)
            tombstone = entry.tombstone
            wipe(signed_in, tombstone.dossier, () if tombstone.kind == "dossier" else (tombstone.subject,))
    if not erasure.documents and erasure.dossier in signed_in.pins.dossiers:
        raise AnswerError("the server says that a dossier was destroyed, and nothing that was signed says so")


def _check_warrant(entry: Entry, erasure: Erasure) -> None:
    warrant = entry.warrant
    assert warrant is not None
    if erasure.request not in {None, warrant.request}:
        raise AnswerError("a tombstone that stands on another request")
    check_same(erasure, (warrant.dossier, warrant.documents, warrant.reason))


def wait(
    signed_in: SignedIn,
    erasure: Erasure,
    tell: Callable[[Erasure], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Erasure:
    """Poll until a final state; `tell` is called at every step. Returns at once during a long delay of staff's request.

    Raises StandsStillError after ten minutes without progress.
    """
    waited, number = 0.0, 0
    while not erasure.over:
        if erasure.state == REQUESTED and erasure.not_before - signed_in.now() > PATIENCE:
            return erasure
        pause = _PAUSES[min(number, len(_PAUSES) - 1)]
        sleep(pause)
        waited, number = waited + pause, number + 1
        after = status(signed_in, erasure.id, request=erasure.request)
        check_same(after, (erasure.dossier, erasure.documents, erasure.reason))
        if after.state != erasure.state:
            waited = 0.0
            tell(after)
        elif waited > PATIENCE.total_seconds():
            raise StandsStillError(
                f"the erasure {erasure.id} has been in the state {erasure.state} for ten minutes",
                advice="It will go on by itself once the worker runs again. Look with: dossier doctor",
            )
        erasure = after
    return erasure


def certificate(signed_in: SignedIn, erasure: str, *, asked: Erasure | None = None) -> tuple[CertificateFile, Verdict]:
    """The practice's copy, verified; `erasure` may also be a dossier's id, for an erasure by retention.

    Raises NotFoundError until it is certified, AnswerError when it does not verify.
    """
    ids = (erasure, retention_id(erasure))
    try:
        answer = again(lambda: _found(signed_in, f"/erasures/{ids[0]}/certificate"))
    except NotFoundError:
        answer = again(lambda: _found(signed_in, f"/erasures/{ids[1]}/certificate"))
    file = from_answer(answer)
    verdict = verify(file.to_bytes(), signed_in.practice, signed_in.now())
    wrong = [check for check in verdict.checks if not check.ok]
    if wrong or verdict.certificate is None or verdict.certificate.id not in ids:
        names = ", ".join(check.name for check in wrong) or "erasure"
        raise AnswerError(f"the certificate does not hold: {names}")
    entries = _entries(file, signed_in.rosters)
    if not all(explained(signed_in, entry) for entry in entries):
        raise AnswerError("the certificate does not fit what this device has seen of the dossier")
    if asked is not None:
        _check_warrant(entries[0], asked)
    return file, verdict


def _entries(file: CertificateFile, rosters: Rosters) -> list[Entry]:
    """The certificate's tombstones with its evidence, by the rosters that this device trusts."""
    warrant = read_warrant(file.evidence, rosters)
    return [Entry(Tombstone.read(each), file.evidence, warrant) for each in file.tombstones]


def _found(signed_in: SignedIn, path: str) -> dict[str, Any]:
    try:
        return signed_in.api.get(path)
    except ApiError as error:
        raise _not_found(error) from error


def _not_found(error: ApiError) -> Exception:
    if error.code != "not_found":
        return error
    return NotFoundError("there is no such erasure, or it is not certified yet", advice="Wait, or check the number.")


def _read(answer: dict[str, Any], expected: str) -> Erasure:
    found = Erasure(
        id=read.identifier(answer, "erasure"),
        dossier=read.identifier(answer, "dossier"),
        documents=tuple(
            read.identifier({"document": each}, "document")
            for each in read.items(answer, "documents", most=MAX_DOCUMENTS)
        ),
        reason=read.one_of(answer, "reason", REASONS),
        state=read.one_of(answer, "state", STATES),
        requested_at=parse_instant(read.text(answer, "requested_at", limit=20)),
        not_before=parse_instant(read.text(answer, "not_before", limit=20)),
    )
    if found.id != expected:
        raise AnswerError("the server answers another erasure than was asked for")
    return found
