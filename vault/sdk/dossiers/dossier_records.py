"""The other records of a dossier: profiles, trajectories, shares, erasure requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json
from vault.records.table import RESERVED, among_records, type_of
from vault.rules.evidence import taken_back
from vault.rules.rights import check_signer
from vault.sdk.server.damage import damaged_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.sdk.dossiers.open_dossier import OpenDossier

# Reserved types are skipped by name, so that this version can read a later version's dossier.
_KINDS = frozenset(among_records()) | RESERVED


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """A record from the server; only its form is verified."""

    kind: str
    envelope: Envelope

    @property
    def hash(self) -> str:
        """The record's hash."""
        return self.envelope.hash


def dossier_records(dossier: OpenDossier, *, damaged: dict[str, str] | None = None) -> Iterator[DossierRecord]:
    """All of them, current or not; raises RecordError for a malformed one.

    Those that the server calls damaged are left out; their hashes and types, by its word, go to `damaged`.
    """
    found: dict[str, list[Envelope]] = {"erasure": [], "erasure_withdrawal": []}
    for item in dossier.pages("records"):
        if item.get("record") is None and damaged_parts(item):
            if damaged is not None:
                damaged[str(item.get("hash"))] = str(item.get("type"))
            continue
        kind = read.one_of(item, "type", _KINDS)
        record = DossierRecord(kind, from_json(read.mapping(item, "record"), kind))
        if kind in found:
            found[kind].append(record.envelope)
        yield record
    _see_withdrawn(dossier, *found.values())


def _see_withdrawn(dossier: OpenDossier, asked: list[Envelope], withdrawals: list[Envelope]) -> None:
    """Remember what was taken back: a tombstone by such a request is not believed later."""
    valid = [each for each in (*asked, *withdrawals) if _signed(dossier, each)]
    requests, taken = ([each for each in valid if each.kind == kind] for kind in ("erasure", "erasure_withdrawal"))
    dossier.signed_in.pins.see_withdrawn(dossier.id, taken_back(requests, taken))


def _signed(dossier: OpenDossier, envelope: Envelope) -> bool:
    try:
        check_signer(envelope, dossier.signed_in.rosters, dossier.heads)
        type_of(envelope.kind).cls.read(envelope)
    except (IntegrityError, RecordError):
        return False
    return True
