"""The dossiers a member holds: listed, found by id, prefix or name; every head, wrap and profile verified."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from vault.errors import IntegrityError, InvalidInputError
from vault.records import read
from vault.records.encoding import from_base64url, to_base64url
from vault.records.envelope import Envelope, SignatureError, TooOldError, from_json
from vault.records.types.profile import Profile
from vault.rules.rights import Heads, check_signer, first_head, in_force
from vault.rules.verdict import Refused
from vault.sdk.audit.ledger import explains_dossier, read_ledger
from vault.sdk.dossiers.new_dossier import open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier, Shown
from vault.sdk.dossiers.wiping import wipe
from vault.sdk.errors import (
    AmbiguousError,
    AnswerError,
    ApiError,
    ForkError,
    NotFoundError,
    QuarantineError,
    RollbackError,
)
from vault.sdk.keys.wraps import check_identity, open_age_wrap, open_symmetric_wrap, symmetric_wrap
from vault.sdk.people.session import SignedIn
from vault.sdk.server.answers import mapping
from vault.sdk.server.api import PAGE
from vault.sdk.server.damage import check_whole, damaged_parts
from vault.secret import Secret

__all__ = ["Doubt", "OpenDossier", "find", "list_dossiers", "load_dossier", "open_dossier"]

WRAP_BATCH = 200
MAX_WRAP = 262_144
_ID = re.compile(r"[0-9a-f]{32}\Z")
_SEE = "See which ones are yours with: dossier ls"

Renewal = list[dict[str, Any]]


class GoneError(IntegrityError):
    """The server no longer shows a dossier seen before, and no tombstone explains it."""

    code: ClassVar[str] = "unexplained"

    def __init__(self) -> None:
        super().__init__(
            "a dossier that this device has seen is not shown any more, and no tombstone says why",
            advice="Tell the director: it was taken away or hidden, unless you no longer hold it.",
        )


@dataclass(frozen=True, slots=True)
class Doubt:
    """A dossier that does not verify: listed separately, never used."""

    dossier: str
    reason: str


def list_dossiers(signed_in: SignedIn, *, doubts: list[Doubt] | None = None) -> list[OpenDossier]:
    """Every dossier this member holds, verified, sorted by name.

    A dossier that does not verify, or vanished without a tombstone, is added to `doubts`; without that argument its
    IntegrityError is raised. Rollbacks and forks are always raised. Age wraps opened here are replaced by symmetric
    ones.
    """
    found: list[OpenDossier] = []
    renewed: list[dict[str, Any]] = []
    shown: set[str] = set()
    for item in signed_in.api.pages("/dossiers"):
        shown.add(str(item.get("dossier")))
        try:
            opened, renewal = _open_listed(signed_in, item)
        except (RollbackError, ForkError):
            raise
        except (IntegrityError, InvalidInputError) as error:
            if doubts is None:
                raise
            doubts.append(Doubt(str(item.get("dossier"))[:32], str(error)))
        else:
            renewed += renewal
            if opened.damage is None:
                found.append(opened)
            elif doubts is None:
                raise opened.damage
            else:
                doubts.append(Doubt(opened.id, str(opened.damage)))
    _renew_wraps(signed_in, renewed)
    for gone in _vanished(signed_in, {*(one.id for one in found), *shown}):
        if doubts is None:
            raise GoneError
        doubts.append(Doubt(gone, str(GoneError())))
    signed_in.save_pins()
    return sorted(found, key=lambda dossier: (dossier.name.casefold(), dossier.id))


def _vanished(signed_in: SignedIn, shown: set[str]) -> list[str]:
    """The dossiers that vanished without a tombstone; those explained by one are wiped from this device."""
    missing = set(signed_in.pins.dossiers) - shown
    if not missing:
        return []
    explained = {each.tombstone.subject for each in read_ledger(signed_in) if explains_dossier(signed_in, each)}
    for dossier in missing & explained:
        wipe(signed_in, dossier)
    return sorted(missing - explained)


def load_dossier(
    signed_in: SignedIn, dossier: str, *, contents: bool = False, left_behind: bool = False
) -> OpenDossier:
    """One dossier by its id, with its index; raises NotFoundError, IntegrityError.

    With `contents` its documents and records come by the same request, for who lists them next. `left_behind` lets in
    what somebody who has left signed last, for who takes it over; else that is a QuarantineError.
    """
    try:
        opened, renewal = _fetch(signed_in, dossier, contents=contents, left_behind=left_behind)
    except ApiError as error:
        if error.code == "not_found":
            raise NotFoundError("there is no such dossier among yours", advice=_SEE) from error
        raise
    _renew_wraps(signed_in, renewal)
    signed_in.save_pins()
    return opened


def find(signed_in: SignedIn, reference: str, *, contents: bool = False) -> OpenDossier:
    """The dossier of that id, unique prefix of an id, or exact name; raises NotFoundError, AmbiguousError.

    `contents` as for `load_dossier`.
    """
    return load_dossier(signed_in, find_id(signed_in, reference), contents=contents)


def find_id(signed_in: SignedIn, reference: str) -> str:
    """The id of that dossier, also of one that does not verify; raises NotFoundError, AmbiguousError."""
    wanted, doubts = unicodedata.normalize("NFC", reference.strip()), list[Doubt]()
    if _ID.match(wanted):
        return wanted
    dossiers = list_dossiers(signed_in, doubts=doubts)
    matches = [d.id for d in dossiers if d.name == wanted or (wanted and d.id.startswith(wanted.lower()))]
    matches = matches or [d.dossier for d in doubts if wanted and d.dossier.startswith(wanted.lower())]
    if not matches:
        raise NotFoundError("there is no such dossier among yours", advice=_SEE)
    if len(matches) > 1:
        raise AmbiguousError(
            f"several dossiers go by that name: {', '.join(matches)}",
            candidates=tuple(matches),
            advice="Give the id, or as much of it as is needed.",
        )
    return matches[0]


def _open_listed(signed_in: SignedIn, item: dict[str, Any]) -> tuple[OpenDossier, Renewal]:
    """Open a dossier from the list. Only a first head can be verified alone; for a later one fetch all heads."""
    check_whole(item, "head")
    head = from_json(mapping(item, "head"), "dossier")
    if head.fields.get("version") != 1:
        return _fetch(signed_in, read.identifier(item, "dossier"))
    opened, renewal = _open(signed_in, item, first_head(head, signed_in.rosters))
    signed_in.pins.check_index(opened.id, read.integer(item, "sequence", least=1), read.digest(item, "index"))
    return opened, renewal


def _fetch(
    signed_in: SignedIn, dossier: str, *, contents: bool = False, left_behind: bool = False
) -> tuple[OpenDossier, Renewal]:
    """A dossier with all its heads and its index, in which the profile must stand."""
    first: dict[str, dict[str, Any]] = {}
    answer: dict[str, Any] = {}
    if contents:
        answer = signed_in.api.get(f"/dossiers/{dossier}/contents?limit={PAGE}")
        item, first = mapping(answer, "dossier"), {name: mapping(answer, name) for name in ("documents", "records")}
    else:
        item = signed_in.api.get(f"/dossiers/{dossier}")
    envelopes = [from_json(head, "dossier") for head in read.objects(item, "heads", least=1, most=10_000)]
    heads = first_head(envelopes[0], signed_in.rosters)
    for envelope in envelopes[1:]:
        heads = heads.append(envelope, signed_in.rosters)
    if heads.newest.id != dossier:
        raise AnswerError("the server answers another dossier than was asked for")
    opened, renewal = _open(signed_in, item, heads, first, left_behind=left_behind)
    check_identity(opened.identity, opened.recipient)
    profile = opened.profile.hash
    if contents:
        opened.accept_leaves(mapping(answer, "leaves"))
    if not (profile in opened.records if contents else opened.accept_proof(item, profile)):
        raise SignatureError("the profile is not the one that the index lists")
    signed_in.hear(opened.profile)
    return opened, renewal


def _open(
    signed_in: SignedIn,
    item: dict[str, Any],
    heads: Heads,
    first: dict[str, dict[str, Any]] | None = None,
    *,
    left_behind: bool = False,
) -> tuple[OpenDossier, Renewal]:
    _pin_heads(signed_in, heads, left_behind=left_behind)
    if signed_in.member not in heads.newest.members:
        raise AnswerError("the server shows a dossier that is not yours")
    if signed_in.member not in heads.newest.holders:
        raise TooOldError("your role in this dossier")
    signed_in.hear(*heads.chain)
    identity, renewal = _identity(signed_in, item, heads)
    shown = _shown(signed_in, item, heads)
    return OpenDossier(signed_in, heads, identity, shown, first, left_behind=left_behind), renewal


def _pin_heads(signed_in: SignedIn, heads: Heads, *, left_behind: bool) -> None:
    """The newest head may not be older than the one seen, and the one seen must stand in the chain."""
    newest, seen = heads.newest, signed_in.pins.dossiers.get(heads.newest.id)
    if seen is not None and seen.version <= newest.version and heads.chain[seen.version - 1].hash != seen.head:
        raise ForkError("the server shows another past of a dossier than this device has seen")
    pinned = left_behind or (seen is not None and seen.head == newest.hash)
    if isinstance(in_force(newest.signer, signed_in.rosters, pinned=pinned), Refused):
        raise QuarantineError("head of this dossier")
    signed_in.pins.see_head(newest.id, newest.version, newest.hash)


def _identity(signed_in: SignedIn, item: dict[str, Any], heads: Heads) -> tuple[Secret, Renewal]:
    """The identity from the member's wrap, and a symmetric wrap to replace an age wrap."""
    head, keyring = heads.newest, signed_in.keyring
    if item.get("symmetric") is not None:
        try:
            return open_symmetric_wrap(_octets(item, "symmetric"), keyring, head.id, head.epoch), []
        except IntegrityError:
            if item.get("wrap") is None:
                raise
    check_whole(item, "wrap")
    identity, record = open_age_wrap(_octets(item, "wrap"), keyring, heads, signed_in.rosters)
    symmetric = symmetric_wrap(identity, record, keyring, head.id, head.epoch)
    return identity, [{"dossier": head.id, "epoch": head.epoch, "symmetric": to_base64url(symmetric)}]


def _shown(signed_in: SignedIn, item: dict[str, Any], heads: Heads) -> Shown:
    value = mapping(item, "profile")
    if value.get("record") is None:
        check_whole(item, "record")
    envelope: Envelope = from_json(mapping(value, "record"), "profile")
    check_signer(envelope, signed_in.rosters, heads)
    retention = mapping(item, "retention").get("destroy_on")
    text = None if value.get("text") is None and damaged_parts(item) else _octets(value, "text")
    return Shown(Profile.read(envelope), text, None if retention is None else _day(retention))


def _renew_wraps(signed_in: SignedIn, renewed: Renewal) -> None:
    for start in range(0, len(renewed), WRAP_BATCH):
        signed_in.api.put("/wraps", json={"items": renewed[start : start + WRAP_BATCH]})


def _octets(item: dict[str, Any], name: str) -> bytes:
    return from_base64url(read.text(item, name, limit=MAX_WRAP))


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise AnswerError("the server's date of destruction is none") from error
