"""The shares of a dossier for its holders: verified, with every pick-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, parse_instant
from vault.records.envelope import from_json
from vault.records.types.share import Share
from vault.rules.rights import check_signer
from vault.sdk.dossiers.completeness import UnexplainedError
from vault.sdk.dossiers.dossier_records import dossier_records
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import AnswerError
from vault.sdk.server.answers import mapping
from vault.sdk.server.damage import check_whole

STATES = frozenset({"open", "expired", "revoked", "used_up"})
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Pickup:
    """One pick-up; `finished_at` is None until the last segment was fetched."""

    started_at: datetime
    last_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedShare:
    """A share: its signed record, and its state according to the server.

    `damaged` is the reason why recipient and note are not known; empty where they are.
    """

    record: Share
    recipient: str
    note: str
    state: str
    used: int
    revoked_at: datetime | None
    pickups: tuple[Pickup, ...]
    damaged: str = ""

    @property
    def id(self) -> str:
        """The share's id."""
        return self.record.id


@dataclass(frozen=True, slots=True)
class DoubtfulShare:
    """A share that does not verify: shown apart with the reason."""

    id: str
    reason: str


def list_shares(
    dossier: OpenDossier, *, hidden: list[str] | None = None, doubtful: list[DoubtfulShare] | None = None
) -> list[ListedShare]:
    """Every share of a dossier, the newest first.

    One that does not verify goes to `doubtful`; without that list its IntegrityError or RecordError is raised. One
    whose text alone is damaged is listed. The hashes of those that the index lists and the server does not show here
    go to `hidden`; without that list UnexplainedError is raised.
    """
    shares = []
    for item in dossier.signed_in.api.pages(f"/dossiers/{dossier.id}/shares"):
        try:
            shares.append(_read(dossier, item))
        except (IntegrityError, RecordError) as error:
            if doubtful is None:
                raise
            doubtful.append(DoubtfulShare(str(item.get("share"))[:32], str(error)))
    unshown = _unshown(dossier, {share.record.hash for share in shares})
    if unshown and hidden is None:
        raise UnexplainedError(unshown)
    if hidden is not None:
        hidden += unshown
    return sorted(shares, key=lambda share: (share.record.at, share.id), reverse=True)


def _unshown(dossier: OpenDossier, shown: set[str]) -> list[str]:
    """The shares among the dossier's records that the index lists and that are not shown as shares."""
    shares = {each.hash for each in dossier_records(dossier) if each.kind == "share"}
    return sorted((shares & dossier.records) - shown)


def _read(dossier: OpenDossier, item: dict[str, Any]) -> ListedShare:
    check_whole(item, "record")
    envelope = from_json(mapping(item, "record"), "share")
    check_signer(envelope, dossier.signed_in.rosters, dossier.heads)
    record = Share.read(envelope)
    if record.id != item.get("share"):
        raise AnswerError("the server shows a share under another's id")
    if record.hash in dossier.records:
        dossier.signed_in.hear(record)
    text, damaged = _text(dossier, item, record)
    return ListedShare(
        record=record,
        recipient=str(text.get("recipient", "")),
        note=str(text.get("note", "")),
        state=read.one_of(item, "state", STATES),
        used=read.integer(item, "used"),
        revoked_at=_instant(item, "revoked_at"),
        pickups=tuple(_pickups(item)),
        damaged=damaged,
    )


def _text(dossier: OpenDossier, item: dict[str, Any], record: Share) -> tuple[dict[str, Any], str]:
    """Recipient and note, and what is damaged of them."""
    try:
        check_whole(item, "text")
        sealed = from_base64url(read.text(item, "text", limit=32_768))
        return dossier.open_text("share", record.id, sealed, record.text), ""
    except (IntegrityError, RecordError) as error:
        return {}, str(error)


def _pickups(item: dict[str, Any]) -> Iterator[Pickup]:
    for value in read.objects(item, "pickups", most=_MANY):
        yield Pickup(read.instant(value, "started_at"), _instant(value, "last_at"), _instant(value, "finished_at"))


def _instant(item: dict[str, Any], name: str) -> datetime | None:
    return None if item.get(name) is None else parse_instant(read.text(item, name, limit=20))
