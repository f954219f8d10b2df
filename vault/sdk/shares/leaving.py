"""What somebody who leaves could have kept, and what she leaves open: for the director who lets her go.

A dossier's key is hers to have kept once any head named her. What she read is the server's word, in the audit that the
practice's devices verify; what she opened of a list or a browser's cache, nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vault.boxes import BoxError
from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, format_instant
from vault.records.strict_json import parse_object
from vault.sdk.audit.audit_chain import MAX_DETAILS, check_entries, read_entry
from vault.sdk.checks import Findings
from vault.sdk.documents.handing_over import LeftOver, Tell, all_dossiers
from vault.sdk.documents.listing import Quarantined, list_documents
from vault.sdk.dossiers.loading import load_dossier
from vault.sdk.errors import AnswerError, ApiError, NotFoundError
from vault.sdk.shares.listing import DoubtfulShare, list_shares
from vault.sdk.shares.sharing import revoke

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn

DOCUMENT_READ, OPEN = "document_read", "open"


@dataclass(frozen=True, slots=True)
class LastRead:
    """The document of a dossier that she read last, its name where it is still there, and when."""

    document: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A dossier whose key her device could have kept.

    `holds`: the newest head names her. `good`: the key that she had is the dossier's still.
    """

    dossier: str
    name: str
    holds: bool
    good: bool
    last_read: LastRead | None

    def to_json(self) -> dict[str, Any]:
        """As `--json` shows it."""
        seen = self.last_read
        last = None if seen is None else {"id": seen.document, "name": seen.name, "at": format_instant(seen.at)}
        return {"dossier": self.dossier, "name": self.name, "holds": self.holds, "good": self.good, "last_read": last}


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that she made and that is open still."""

    share: str
    dossier: str
    name: str
    recipient: str
    expires_at: datetime


@dataclass(slots=True)
class Leaving:
    """All of it, and the dossiers that nobody can tell of."""

    kept: list[Kept] = field(default_factory=list)
    links: list[OpenLink] = field(default_factory=list)
    left: list[LeftOver] = field(default_factory=list)


def leaving(signed_in: SignedIn, member: str, *, tell: Tell = lambda _done, _total: None) -> Leaving:
    """What that member could have kept, and her open links, of all dossiers of this director; nothing is changed."""
    found, all_ = Leaving(), all_dossiers(signed_in)
    for number, id_ in enumerate(all_, start=1):
        try:
            dossier = load_dossier(signed_in, id_, contents=True, left_behind=True)
            if any(member in head.members for head in dossier.heads.chain):
                _look(dossier, member, found)
        except NotFoundError:
            pass  # it was erased meanwhile
        except (IntegrityError, RecordError, BoxError, ApiError) as error:
            found.left.append(LeftOver(id_, "", str(error)))
        tell(number, len(all_))
    return found


def revoke_links(signed_in: SignedIn, links: Iterable[OpenLink]) -> None:
    """End these links at once; repeatable."""
    for link in links:
        revoke(signed_in, link.share)


def _look(dossier: OpenDossier, member: str, found: Leaving) -> None:
    heads, doubtful = dossier.heads, list[DoubtfulShare]()
    last = _last_read(dossier, member)
    holds, good = member in heads.newest.members, member in heads.could_keep
    found.kept.append(Kept(dossier.id, dossier.name, holds, good, last))
    for share in list_shares(dossier, hidden=[], doubtful=doubtful):
        if share.record.signer == member and share.state == OPEN:
            link = OpenLink(share.id, dossier.id, dossier.name, share.recipient, share.record.expires_at)
            found.links.append(link)


def _last_read(dossier: OpenDossier, member: str) -> LastRead | None:
    """By the newest entry of the audit that says so of her."""
    newest, findings = None, Findings()
    pages = dossier.signed_in.api.pages(f"/dossiers/{dossier.id}/audit", after="0")
    entries = [read_entry(item) for item in pages]
    check_entries(dossier.id, entries, findings)
    if not findings.ok:
        raise AnswerError("the audit of this dossier does not hold", advice="See: dossier audit verify")
    for entry in entries:
        if (entry.event, entry.actor) == (DOCUMENT_READ, member) and entry.details is not None:
            newest = entry
    if newest is None or newest.details is None:
        return None
    document = read.identifier(parse_object(newest.details, limit=MAX_DETAILS), "document")
    apart = list[Quarantined]()
    names = {one.id: one.metadata.path for one in list_documents(dossier, quarantine=apart)}
    return LastRead(document, names.get(document, ""), newest.at)
