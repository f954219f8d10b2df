"""Requests an erasure, follows it to its certificate, withdraws a request of staff (promise R6; GDPR art. 17).

The request is signed here under a new id and stored until it is answered: after a lost answer the same request is sent
again, so there is one erasure.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from vault.boxes import BoxError, box, unbox
from vault.errors import InvalidInputError, UnavailableError, VaultError
from vault.records import read
from vault.records.encoding import RecordError, format_instant, lp, new_id, parse_instant
from vault.records.envelope import Envelope, from_json
from vault.records.strict_json import dump, parse_object
from vault.records.types.erasure import BASES, LIFE, MAX_DOCUMENTS, STAFF, ErasureRequest
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.tombstone import Tombstone, retention_id
from vault.rules.evidence import read_warrant
from vault.rules.rights import check_signer
from vault.sdk.audit.ledger import Entry, explained, read_ledger
from vault.sdk.device.home import MAX_FILE
from vault.sdk.dossiers.dossier_records import dossier_records
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.dossiers.wiping import wipe
from vault.sdk.erasures.certificate import CertificateFile, Verdict, from_answer, verify
from vault.sdk.errors import AnswerError, ApiError, NotFoundError
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from vault.rules.rosters import Rosters
    from vault.sdk.documents.listing import Listed, Quarantined
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn

REQUESTED, CERTIFIED, WITHDRAWN = "requested", "certified", "withdrawn"
STATES = frozenset({REQUESTED, "fenced", "shredded", "removed", "verified", CERTIFIED, WITHDRAWN})
REASONS = frozenset({"client", "staff", "retention"})
PATIENCE = timedelta(minutes=10)
_PAUSES = (0.2, 0.5, 1.0, 2.0)
_FILE, _AAD = "erasures", b"vault/v1/erasures"


class StandsStillError(UnavailableError):
    """The erasure is requested, but the server makes no progress."""

    code: ClassVar[str] = "erasure_waits"


class TooLateError(VaultError):
    """A begun erasure, or one requested by the client, cannot be withdrawn."""

    code: ClassVar[str] = "state"

    def __init__(self, state: str) -> None:
        super().__init__(f"the erasure cannot be taken back: {state}", advice="What has begun is finished.")


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


@dataclass(frozen=True, slots=True)
class Unopened:
    """A dossier that does not open any more, and can be erased all the same."""

    signed_in: SignedIn
    id: str


def request(dossier: OpenDossier | Unopened, documents: Sequence[Listed | Quarantined], basis: str) -> Erasure:
    """Request the erasure of these documents, or of the whole dossier if there are none.

    Raises the errors of the API: `state` when it is under way already, `not_allowed` or SignatureError without the
    right to it.
    """
    if basis not in BASES:
        raise InvalidInputError(f"the basis of an erasure is one of {', '.join(sorted(BASES))}")
    if len(documents) > MAX_DOCUMENTS:
        raise InvalidInputError(f"one request names at most {MAX_DOCUMENTS} documents")
    envelope = _kept_or_new(dossier, sorted(documents, key=lambda one: one.id), basis)
    erasure = read.identifier(envelope.fields, "erasure")
    body = {"erasure": envelope.to_json()}
    try:
        answer = again(lambda: dossier.signed_in.api.post(f"/dossiers/{dossier.id}/erasure", json=body))
    except ApiError:
        _keep(dossier.signed_in, _name(dossier.id, documents, basis), None)
        raise
    _keep(dossier.signed_in, _name(dossier.id, documents, basis), None)
    if answer.get("erasure") != erasure:
        raise AnswerError("the server answers another erasure than was asked for")
    asked = ErasureRequest.read(envelope)
    found = status(dossier.signed_in, erasure, request=asked.hash)
    _check_same(found, (asked.dossier, asked.documents, asked.basis))
    return found


def status(signed_in: SignedIn, erasure: str, *, request: str | None = None) -> Erasure:
    """How far it is; raises NotFoundError. What it destroyed is wiped from this device too, once evidence says so.

    `request` is the hash of the request where this device has signed it.
    """
    found = replace(_read(again(lambda: _found(signed_in, f"/erasures/{erasure}")), erasure), request=request)
    if found.state == CERTIFIED:
        _forget(signed_in, found)
    return found


def _check_same(found: Erasure, expected: tuple[str, tuple[str, ...], str]) -> None:
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
    _check_same(erasure, (warrant.dossier, warrant.documents, warrant.reason))


def undo(signed_in: SignedIn, erasure: str) -> Erasure:
    """Take back what staff asked, while it has not begun; repeatable. Raises NotFoundError, TooLateError.

    A signed withdrawal goes to the server, and stays with the dossier: the request is a warrant for nobody any more.
    """
    found = status(signed_in, erasure)
    if found.state == WITHDRAWN:
        return found
    if found.state != REQUESTED or found.reason != STAFF:
        raise TooLateError(found.state)
    try:
        body = {"withdrawal": _withdrawal(signed_in, found).to_json()}
        again(lambda: signed_in.api.post(f"/erasures/{erasure}/withdrawal", json=body))
    except (ApiError, NotFoundError) as error:
        if error.code not in {"not_found", "state"}:
            raise
        # If the dossier is gone, the right to withdraw is gone too, but the erasure's state can still be read.
        raise TooLateError(status(signed_in, erasure).state) from error
    return status(signed_in, erasure)


def _withdrawal(signed_in: SignedIn, erasure: Erasure) -> Envelope:
    """The signed withdrawal of the request that the dossier holds under that id."""
    dossier = load_dossier(signed_in, erasure.dossier)
    for record in dossier_records(dossier):
        if record.kind == "erasure" and record.envelope.fields.get("erasure") == erasure.id:
            check_signer(record.envelope, signed_in.rosters, dossier.heads)
            asked = ErasureWithdrawal(signed_in.standing, dossier.id, erasure.id, record.hash, signed_in.now())
            return signed_in.sign("erasure_withdrawal", asked.content())
    raise AnswerError("the server does not show the request that it goes by")


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
        _check_same(after, (erasure.dossier, erasure.documents, erasure.reason))
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


def _kept_or_new(dossier: OpenDossier | Unopened, documents: Sequence[Listed | Quarantined], basis: str) -> Envelope:
    """The signed request of an unanswered attempt, else a new one."""
    signed_in, name = dossier.signed_in, _name(dossier.id, documents, basis)
    kept = _load(signed_in).get(name)
    if kept is not None and kept.fields["roster"] == signed_in.standing.to_json():
        return kept
    asked = ErasureRequest(
        standing=signed_in.standing,
        dossier=dossier.id,
        id=new_id(),
        documents=tuple(one.id for one in documents),
        basis=basis,
        not_before=signed_in.now(),
        expires=signed_in.now() + LIFE,
        at=signed_in.now(),
        records=tuple(one.hash for one in documents),
    )
    envelope = signed_in.sign("erasure", asked.content())
    _keep(signed_in, name, envelope)
    return envelope


def _name(dossier: str, documents: Sequence[Listed | Quarantined], basis: str) -> str:
    ids = sorted(one.id for one in documents)
    return hashlib.sha256(lp(*(part.encode() for part in (dossier, basis, *ids)))).hexdigest()


def _load(signed_in: SignedIn) -> dict[str, Envelope]:
    sealed = signed_in.home.read(_FILE)
    if sealed is None:
        return {}
    try:
        fields = parse_object(unbox(signed_in.keyring.pins_key, _AAD, sealed), limit=MAX_FILE)
        return {name: from_json(value, "erasure") for name, value in fields.items()}
    except (BoxError, RecordError):
        return {}


def _keep(signed_in: SignedIn, name: str, envelope: Envelope | None) -> None:
    """Store a request until it is answered; None deletes it."""
    with signed_in.home.lock():
        kept = _load(signed_in)
        kept.pop(name, None)
        if envelope is not None:
            kept[name] = envelope
        if kept:
            fields = {each: value.to_json() for each, value in kept.items()}
            signed_in.home.write(_FILE, box(signed_in.keyring.pins_key, _AAD, dump(fields)))
        else:
            signed_in.home.remove(_FILE)
