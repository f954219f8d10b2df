"""Sharing documents by a link, and ending it: the link's keys re-wrap a 16-byte key for each document, never a body."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import ConfigurationError, VaultError
from vault.records import read
from vault.records.encoding import format_instant, from_base64url, new_id, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.standing import salted_digest, text_digest
from vault.records.types.index import REVOKED, Removal
from vault.records.types.share import COPY, MAX_DOCUMENTS, PASSPHRASE, PLAIN, Share, SharedDocument
from vault.sdk.device.pin_kinds import SHARE_MADE, Act
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.documents.listing import Listed, Quarantined, identity_of, unlock_each
from vault.sdk.errors import AnswerError, ApiError, NotFoundError
from vault.sdk.keys.sealed_text import new_text
from vault.sdk.one_line import check_size
from vault.sdk.server.api import Api
from vault.sdk.server.retry import again
from vault.sdk.shares.capsules import MAX_NOTE, Capsule, Cover, Covered, Entry, seal_capsule, seal_cover, seal_entry
from vault.sdk.shares.links import (
    NO_PASSPHRASE,
    Link,
    LinkKeys,
    LinkUnavailableError,
    derive,
    new_secret,
    parse_link,
    stretch,
)

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn
    from vault.secret import Secret

CLIENT = "client"
DEFAULT_DAYS, DEFAULT_MAX = 14, 10
_ID = re.compile(r"[0-9a-f]{32}\Z")


class ConsentRequiredError(VaultError):
    """A share with a third party needs the client's consent (R2, R11)."""

    code: ClassVar[str] = "consent_required"

    def __init__(self) -> None:
        super().__init__(
            "Without the client's consent nothing can be given to anybody else.",
            advice="Nothing was shared. Share with the client (--to client), or ask for consent first.",
        )


class ShareRefusedError(VaultError):
    """The share's terms are not allowed."""

    code: ClassVar[str] = "share_refused"


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """The terms of a new share: expiry, number of pick-ups, passphrase or not."""

    to: str = CLIENT
    days: int | None = None
    max: int | None = None
    passphrase: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new share; link and passphrase are shown once, separately, and not stored."""

    share: str
    link: Link
    passphrase: str | None = field(repr=False)
    expires_at: datetime
    max: int
    documents: tuple[Listed, ...]
    left_out: tuple[Quarantined, ...] = ()


def share(
    dossier: OpenDossier, documents: Sequence[Listed], terms: ShareTerms, *, base: str, leave_out: bool = False
) -> Made:
    """Share stored documents by a new link below `base`, the URL for receivers.

    With `leave_out` a document whose head does not verify is left out and named, where others are left.

    Raises ConsentRequiredError, ShareRefusedError, DamagedDocumentError (a head does not verify) and the errors of the
    API; after a lost answer the request is repeated under the same id.
    """
    days, most = _allowed(dossier, documents, terms)
    opened, apart = unlock_each(documents, identity_of(dossier))
    if apart and not (leave_out and opened):
        raise DamagedDocumentError("its head")
    documents = [one for one, _ in opened]
    share_id, secret = new_id(), new_secret()
    passphrase = _new_passphrase() if terms.passphrase else None
    keys = derive(secret, NO_PASSPHRASE if passphrase is None else stretch(passphrase.encode(), share_id))
    text = new_text("share", {"recipient": terms.to, "note": terms.note})
    expires = dossier.signed_in.now() + timedelta(days=days)
    envelope = _record(
        dossier, documents, keys, (share_id, text_digest("share", text)), (expires, most, passphrase is not None)
    )
    request = {
        "share": envelope.to_json(),
        "cover": to_base64url(_cover(dossier, documents, keys, Share.read(envelope), terms)),
        "entries": _entries(opened, keys, share_id),
    }
    path = f"/dossiers/{dossier.id}/shares"

    def send(index: Envelope) -> dict[str, Any]:
        sealed = dossier.box_text("share", share_id, text)  # by the identity of the head that this index stands under
        said = {**request, "text": to_base64url(sealed), "index": index.to_json()}
        return again(lambda: dossier.signed_in.api.post(path, json=said))

    try:
        dossier.with_index(send, add=[envelope.hash])
    except ApiError as error:
        raise _refusal(error) from error
    dossier.signed_in.pins.see_act(dossier.id, Act(SHARE_MADE, share_id))
    dossier.signed_in.save_pins()
    return Made(
        share_id, Link(base.rstrip("/"), share_id, secret), passphrase, expires, most, tuple(documents), tuple(apart)
    )


def links_base(signed_in: SignedIn) -> str:
    """The start of links: the URL in the policy, which a director signed. The server's own claim does not count.

    Raises ShareRefusedError for a URL that is neither https nor local, or that cannot begin a link.
    """
    public = signed_in.policy.public_url
    link = Link(public, "0" * 32, new_secret())
    try:
        Api(public)
        fits = parse_link(link.to_string()) == link
    except (ConfigurationError, LinkUnavailableError):
        fits = False
    if fits:
        return link.base
    raise ShareRefusedError(
        "The policy names an address for links that receivers could not use safely.",
        advice="Nothing was shared. A director states the https address of the server in the next policy.",
    )


def revoke(signed_in: SignedIn, reference: str) -> bool:
    """End a share, given by its id or its link, at once; then record it in the index.

    True when the index records it too; the share has ended without that. Raises NotFoundError.
    """
    from vault.sdk.dossiers.finding import load_dossier  # noqa: PLC0415 - `share` is handed an open dossier

    share_id = share_reference(reference)
    try:
        shown = again(lambda: signed_in.api.get(f"/shares/{share_id}"))
        again(lambda: signed_in.api.delete(f"/shares/{share_id}"))
    except ApiError as error:
        if error.code == "not_found":
            raise NotFoundError("There is no such share among yours.", advice="See: dossier ls DOSSIER") from error
        raise
    with contextlib.suppress(VaultError):
        envelope = from_json(read.mapping(shown, "record"), "share")
        removal = Removal(envelope.hash, REVOKED, format_instant(signed_in.now()))
        load_dossier(signed_in, Share.read(envelope).dossier).post_index(drop=[removal])
        return True
    return False


def share_reference(text: str) -> str:
    """A share's id from the id itself or from its link; raises NotFoundError."""
    found = text.strip().partition("#")[0].rstrip("/").rpartition("/")[2]
    if not _ID.match(found):
        raise NotFoundError("This is not the id or the link of a share.", advice="See: dossier ls DOSSIER")
    return found


def _allowed(dossier: OpenDossier, documents: Sequence[Listed], terms: ShareTerms) -> tuple[int, int]:
    policy = dossier.signed_in.policy
    if terms.to != CLIENT:
        raise ConsentRequiredError
    check_size(terms.note, "note", MAX_NOTE)
    if not documents:
        raise ShareRefusedError("There is nothing to share.", advice="Put documents in first: dossier put")
    if len(documents) > MAX_DOCUMENTS:
        raise ShareRefusedError(f"One link gives at most {MAX_DOCUMENTS} documents.", advice="Share them by two links.")
    days = min(DEFAULT_DAYS, policy.share_days) if terms.days is None else terms.days
    most = min(DEFAULT_MAX, policy.share_max) if terms.max is None else terms.max
    if not 1 <= days <= policy.share_days:
        raise ShareRefusedError(f"A link may live from 1 to {policy.share_days} days.", advice="Choose --days within.")
    if not 1 <= most <= policy.share_max:
        raise ShareRefusedError(f"A link may be used 1 to {policy.share_max} times.", advice="Choose --max within.")
    return days, most


def _refusal(error: ApiError) -> VaultError:
    """The limits were already checked here: a refusal by the server means that the clocks differ."""
    if error.code != "limit":
        return error
    return ShareRefusedError(
        "The server finds the end of this link beyond what the practice allows.",
        advice="Nothing was shared. Check that the clock of this machine is right, then try again.",
    )


def _new_passphrase() -> str:
    from vault.sdk.keys.words import passphrase  # noqa: PLC0415 - the list of words is loaded by those who need it

    return passphrase()


def _record(
    dossier: OpenDossier,
    documents: Sequence[Listed],
    keys: LinkKeys,
    named: tuple[str, str],
    limits: tuple[datetime, int, bool],
) -> Envelope:
    signed_in, (possess, opened) = dossier.signed_in, keys.proofs()
    (share_id, text), (expires, most, locked) = named, limits
    record = Share(
        standing=signed_in.standing,
        dossier=dossier.id,
        id=share_id,
        kind=COPY,
        documents=tuple(SharedDocument(one.id, one.record.hash) for one in documents),
        expires_at=expires,
        max=most,
        consent=None,
        mode=PASSPHRASE if locked else PLAIN,
        key=keys.verification_key(),
        possess=possess,
        open=opened,
        text=text,
        at=signed_in.now(),
        signer=signed_in.member,
    )
    return signed_in.sign("share", record.content())


def _cover(
    dossier: OpenDossier, documents: Sequence[Listed], keys: LinkKeys, record: Share, terms: ShareTerms
) -> bytes:
    signed_in = dossier.signed_in
    cover = Cover(
        practice=signed_in.practice,
        name=signed_in.policy.name,
        sender=sender_name(signed_in),
        kind=COPY,
        note=terms.note,
        root=signed_in.rosters.newest.root,
        record=record.hash,
        expires_at=record.expires_at,
        max=record.max,
        documents=tuple(Covered(one.id, one.record.hash, one.record.size) for one in documents),
    )
    return seal_cover(keys.cover, record.id, cover)


def _entries(opened: Sequence[tuple[Listed, Secret]], keys: LinkKeys, share_id: str) -> list[dict[str, Any]]:
    entries = []
    for one, file_key in opened:
        meta = one.metadata
        entry = Entry(meta.name, meta.folder, meta.type, meta.size, meta.digest)
        capsule = Capsule(file_key, one.envelope.record)
        entries.append(
            {
                "document": one.id,
                "entry": to_base64url(seal_entry(keys.cover, share_id, one.id, entry)),
                "capsule": to_base64url(seal_capsule(keys.capsule, share_id, one.id, capsule)),
            }
        )
    return entries


def sender_name(signed_in: SignedIn) -> str:
    """The member's name, checked against the roster; raises AnswerError for another name."""
    answer = signed_in.api.get(f"/members/{signed_in.member}")
    name, email = read.text(answer, "name"), read.text(answer, "email")
    salt = from_base64url(read.text(answer, "salt", limit=64))
    if salted_digest("card", salt, name.encode(), email.lower().encode()) != signed_in.entry.card:
        raise AnswerError("the server gives another name for you than the roster says")
    return name
