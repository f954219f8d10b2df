"""The output of `dossier ls DOSSIER`: documents, shares with their pick-ups, retention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from vault.cli.terminal.checklist import advice, as_json
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.sightings import contradicted
from vault.records.encoding import format_instant
from vault.records.types.document import KINDS
from vault.records.types.dossier import KINDS as DOSSIER_KINDS
from vault.records.types.share import KINDS as SHARE_KINDS
from vault.sdk.audit.verification import watch
from vault.sdk.documents.choosing import remember
from vault.sdk.documents.listing import STORED, Listed, Quarantined, list_documents
from vault.sdk.dossiers.closing import TermsDamagedError, retention
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.shares.acts import acts_of_records
from vault.sdk.shares.listing import DoubtfulShare, ListedShare, Pickup, list_shares

SHORT = 8


def show(dossier: OpenDossier, output: Output) -> bool:
    """Show the contents; True when something does not verify, and was left out, or is missing from the audit."""
    quarantine: list[Quarantined] = []
    hidden: list[str] = []
    links: list[DoubtfulShare] = []
    documents = list_documents(dossier, quarantine=quarantine)
    remember(dossier, documents)
    shares = list_shares(dossier, hidden=hidden, doubtful=links)
    quarantine += [Quarantined(hash_[:32], output.text("ls.hidden_share")) for hash_ in hidden]
    terms = _terms(dossier)
    value: dict[str, Any] = {
        "dossier": dossier.id,
        "name": dossier.name,
        "documents": [_document(one) for one in documents],
        "shares": [_share(share) for share in shares],
        "retention": {
            "destroy_on": None if dossier.destroy_on is None else dossier.destroy_on.isoformat(),
            "checked": terms is None,
        },
    }
    failed = [
        check for check in watch(dossier.signed_in, dossier.id, acts_of_records(documents, shares)) if not check.ok
    ]
    if failed:
        value["audit"] = as_json(failed, "audit", output)
        output.say("ls.audit", found=" ".join(advice(check, "audit", output) for check in failed))
    doubts = [one.to_json() for one in quarantine]
    doubts += [{"id": link.id, "name": None, "reason": link.reason} for link in links]
    doubts += [{"id": hash_[:32], "name": None, "reason": str(terms)} for hash_ in (terms.records if terms else ())]
    damaged = [(dossier.id, str(dossier.damage or "")), *((share.id, share.damaged) for share in shares)]
    doubts += [{"id": id_, "name": None, "reason": reason} for id_, reason in damaged if reason]
    if doubts:
        value["doubtful"] = doubts
    if seen := contradicted(dossier.signed_in, output):
        value["contradicted"] = seen
    for doubt in doubts:
        output.say("ls.doubt", id=_called(doubt["id"], doubt["name"]), reason=doubt["reason"])
    output.result(value, "\n".join(_lines(dossier, documents, shares, output, checked=terms is None)))
    return bool(doubts or failed or seen)


def doubtful(one: Quarantined) -> str:
    """A document that does not verify, by id, and by its name where that does."""
    return _called(one.id, one.name)


def _called(id_: str, name: str | None) -> str:
    return f"{id_} ({shown(name)})" if name else id_


def until(day: date | None, output: Output, *, checked: bool = True) -> str:
    """The dossier's day of destruction, if known, for the line of its name; marked where it is the server's word."""
    if day is None:
        return ""
    return f"  ({output.text('ls.until' if checked else 'ls.until_unchecked', day=output.day(day))})"


def unknown_kind(known: bool, output: Output) -> str:  # noqa: FBT001 - whether it is known is all that is said
    """Tells of a kind that this software does not know; empty for one that it knows."""
    return "" if known else f"  [{output.text('ls.unknown_kind')}]"


def _document(one: Listed) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.metadata.name,
        "folder": one.metadata.folder,
        "size": one.metadata.size,
        "digest": one.metadata.digest,
        "type": one.metadata.type,
        "kind": one.record.kind,
        "purpose": one.metadata.purpose,
        "state": one.state,
    }


def _share(one: ListedShare) -> dict[str, Any]:
    record = one.record
    return {
        "share": one.id,
        "state": one.state,
        "recipient": one.recipient,
        "note": one.note,
        "documents": [document.id for document in record.documents],
        "used": one.used,
        "max": record.max,
        "expires_at": format_instant(record.expires_at),
        "revoked_at": _at(one.revoked_at),
        "pickups": [
            {"started_at": _at(each.started_at), "last_at": _at(each.last_at), "finished_at": _at(each.finished_at)}
            for each in one.pickups
        ],
        "damaged": one.damaged or None,
    }


def _at(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _terms(dossier: OpenDossier) -> TermsDamagedError | None:
    """Compute the day of destruction; what keeps it from being computed, where that is damage."""
    try:
        retention(dossier)
    except TermsDamagedError as error:
        return error
    return None


def _lines(
    dossier: OpenDossier, documents: list[Listed], shares: list[ListedShare], output: Output, *, checked: bool
) -> Iterator[str]:
    kind = unknown_kind(dossier.kind in DOSSIER_KINDS, output)
    yield f"{shown(dossier.name)} ({dossier.id[:SHORT]}){until(dossier.destroy_on, output, checked=checked)}{kind}"
    yield ""
    yield output.text("ls.documents")
    for one in documents:
        state = "" if one.state == STORED else f"  [{output.text(f'ls.{one.state}')}]"
        state += unknown_kind(one.record.kind in KINDS, output)
        yield f"  {one.id[:SHORT]}  {shown(one.metadata.path)}  {output.size(one.metadata.size)}{state}"
    if not documents:
        yield f"  {output.text('ls.no_documents')}"
    if shares:
        yield ""
        yield output.text("ls.shares")
    for share in shares:
        state, ends = output.text(f"ls.{share.state}"), output.instant(share.record.expires_at)
        line = output.text("ls.share", id=share.id, state=state, until=ends, used=share.used, max=share.record.max)
        yield f"  {line}{unknown_kind(share.record.kind in SHARE_KINDS, output)}"
        yield "      " + output.text("ls.share_what", to=shown(share.recipient), what=_what(share, documents))
        yield from (f"      {_picked_up(pickup, output)}" for pickup in share.pickups)


def _what(share: ListedShare, documents: list[Listed]) -> str:
    """The names of a link's documents; for a destroyed one the first letters of its id."""
    names = {one.id: shown(one.metadata.path) for one in documents}
    return ", ".join(names.get(document.id, document.id[:SHORT]) for document in share.record.documents)


def _picked_up(pickup: Pickup, output: Output) -> str:
    if pickup.finished_at is None:
        return output.text("ls.pickup_begun", at=output.instant(pickup.started_at))
    return output.text("ls.pickup", at=output.instant(pickup.finished_at))
