"""One dossier opened for a member who holds it: heads, wrap, profile and index, each verified before the next."""

from __future__ import annotations

from datetime import date
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import from_base64url, to_base64url
from vault.records.envelope import Envelope, SignatureError, TooOldError, from_json
from vault.records.types.profile import Profile
from vault.records.types.repair import HEAD, Aside
from vault.rules.rights import Heads, check_signer, first_head, in_force
from vault.rules.verdict import Refused
from vault.sdk.device.list_cache import load_list
from vault.sdk.dossiers.index_chain import IndexRefusedError
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.shown import Shown
from vault.sdk.errors import AnswerError, ApiError, ForkError, NotFoundError, QuarantineError
from vault.sdk.keys.wraps import check_identity, open_age_wrap, open_symmetric_wrap, symmetric_wrap
from vault.sdk.people.session import SignedIn
from vault.sdk.server.answers import mapping
from vault.sdk.server.api import PAGE
from vault.sdk.server.damage import DamagedHeadError, DamagedIndexError, check_whole, damaged_parts
from vault.secret import Secret

WRAP_BATCH = 200
MAX_WRAP = 262_144
SEE = "See which ones are yours with: dossier ls"

Renewal = list[dict[str, Any]]


def load_dossier(
    signed_in: SignedIn, dossier: str, *, contents: bool = False, left_behind: bool = False
) -> OpenDossier:
    """One dossier by its id, with its index; raises NotFoundError, IntegrityError.

    With `contents` its documents and records come by the same request, for who lists them next. `left_behind` lets in
    what somebody who has left signed last, for who takes it over; else that is a QuarantineError.
    """
    try:
        opened, renewal = _fetch_settled(signed_in, dossier, contents=contents, left_behind=left_behind)
    except ApiError as error:
        if error.code == "not_found":
            raise NotFoundError("there is no such dossier among yours", advice=SEE) from error
        raise
    renew_wraps(signed_in, renewal)
    signed_in.save_pins()
    return opened


def _fetch_settled(
    signed_in: SignedIn, dossier: str, *, contents: bool, left_behind: bool
) -> tuple[OpenDossier, Renewal]:
    """As `fetch_dossier`; once more where its head changed between the parts of one answer."""
    try:
        return fetch_dossier(signed_in, dossier, contents=contents, left_behind=left_behind)
    except IndexRefusedError as error:
        if error.reason != "head_differs":
            raise
    return fetch_dossier(signed_in, dossier, contents=contents, left_behind=left_behind)


def renew(dossier: OpenDossier) -> bool:
    """Fetch an open dossier anew, and go on under its newest head and identity; whether that head is another.

    Raises NotFoundError for one that is hers no more, IntegrityError.
    """
    head = dossier.heads.newest.hash
    dossier.signed_in.refresh()  # whoever was first may have come with another roster
    dossier.become(load_dossier(dossier.signed_in, dossier.id, left_behind=dossier.left_behind))
    return dossier.heads.newest.hash != head


def open_listed(signed_in: SignedIn, item: dict[str, Any]) -> tuple[OpenDossier, Renewal]:
    """Open a dossier from a list. Only a first head can be verified alone; for a later one fetch all heads."""
    if item.get("head") is None:
        _check_heads(signed_in, item, read.identifier(item, "dossier"))
    head = from_json(mapping(item, "head"), "dossier")
    if head.fields.get("version") != 1:
        return fetch_dossier(signed_in, read.identifier(item, "dossier"))
    return _open(signed_in, item, first_head(head, signed_in.rosters))


def fetch_dossier(
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
    _check_heads(signed_in, item, dossier)
    envelopes = [from_json(head, "dossier") for head in read.objects(item, "heads", least=1, most=10_000)]
    heads = first_head(envelopes[0], signed_in.rosters)
    for envelope in envelopes[1:]:
        heads = heads.append(envelope, signed_in.rosters)
    if heads.newest.id != dossier:
        raise AnswerError("the server answers another dossier than was asked for")
    opened, renewal = _open(signed_in, item, heads, first, left_behind=left_behind)
    check_identity(opened.identity, opened.recipient)
    if item.get("index") is None and "index" in damaged_parts(item):
        raise DamagedIndexError(dossier, opened.name)
    profile = opened.profile.hash
    if contents:
        opened.accept_leaves(mapping(answer, "leaves"))
    if not (profile in opened.records if contents else opened.accept_proof(item, profile)):
        raise SignatureError("the profile is not the one that the index lists")
    signed_in.hear(opened.profile)
    return opened, renewal


def _check_heads(signed_in: SignedIn, item: dict[str, Any], dossier: str) -> None:
    """Raise DamagedHeadError where the server says so; the name is the one that this device verified before."""
    if "record" in damaged_parts(item):
        known = load_list(signed_in.home, signed_in.keyring.cache_key).dossiers.get(dossier)
        raise DamagedHeadError(dossier, dossier[:8] if known is None else known.name)


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
    newest, seen = heads.newest, signed_in.pins.head_of(heads.newest.id)
    if seen is not None and seen.version <= newest.version and heads.chain[seen.version - 1].hash != seen.head:
        entry = Aside(HEAD, seen.version, seen.head, newest.id)
        raise ForkError("the server shows another past of a dossier than this device has seen", seen=entry)
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
    return Shown(Profile.read(envelope), text, None if retention is None else read_day(retention))


def renew_wraps(signed_in: SignedIn, renewed: Renewal) -> None:
    """Store what was made of the member's own wraps, in batches."""
    for start in range(0, len(renewed), WRAP_BATCH):
        signed_in.api.put("/wraps", json={"items": renewed[start : start + WRAP_BATCH]})


def _octets(item: dict[str, Any], name: str) -> bytes:
    return from_base64url(read.text(item, name, limit=MAX_WRAP))


def read_day(value: Any) -> date:
    """A day in an answer; raises AnswerError."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise AnswerError("the server's date of destruction is none") from error
