"""Picking up a link's documents, without an account: all or nothing (design.md, "Links").

Cover and entries come first (`offer`). Then the pick-up's name is written to disk, and the capsules are requested under
it: after a lost answer or a kill the same name is used again, so the pick-up counts once. No file gets its final name
before everything is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vault.errors import VaultError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, parse_record
from vault.records.types.document import Document
from vault.records.types.share import MAX_DOCUMENTS
from vault.sdk.device.progress import UNWATCHED, Progress
from vault.sdk.documents.bodies import DamagedDocumentError, key_of
from vault.sdk.documents.fetching import Source
from vault.sdk.errors import AnswerError, ApiError, ServerUnreachableError
from vault.sdk.server.api import Api, Download
from vault.sdk.server.retry import again
from vault.sdk.shares.bringing import Released, bring
from vault.sdk.shares.capsules import Capsule, LinkContentError, open_capsule
from vault.sdk.shares.links import Link, LinkUnavailableError
from vault.sdk.shares.offer import Ask, Offer, ask_link, look, octets, open_offer, receivers_error
from vault.sdk.shares.pickup_folder import PickupFolder, Placed

RESUME_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class PickedUp:
    """The saved files; `missing` counts documents destroyed since the link was made."""

    files: tuple[Placed, ...]
    missing: int


def pick_up(
    link: Link,
    out: Path,
    *,
    ask: Ask,
    api: Api | None = None,
    progress: Progress = UNWATCHED,
    show: Callable[[Offer], None] | None = None,
) -> PickedUp:
    """Save the link's documents in `out`; `ask` gets the secret of a locked share, `show` gets the offer.

    Raises LinkUnavailableError (also for a revocation meanwhile), PassphraseWrongError, IntegrityError (nothing was
    saved), UnavailableError (the same call resumes).
    """
    if (out / f".dossier-{link.share}" / "plan").exists():
        with PickupFolder(out, link.share) as folder:
            if folder.planned() is not None:
                return PickedUp(tuple(folder.carry_out()), 0)
    api = api or Api(link.base)
    offer = open_offer(api, link, ask, PickupFolder(out, link.share).known_name())
    if show is not None:
        show(offer)
    with PickupFolder(out, link.share) as folder:
        try:
            return _pick_up(api, offer, folder, progress)
        except (DamagedDocumentError, LinkContentError):
            folder.forget_content()
            raise
        except LinkUnavailableError:
            _leave(api, offer, folder)
            raise


def _leave(api: Api, offer: Offer, folder: PickupFolder) -> None:
    """Remove the folder of a closed link; while the link opens, keep the pick-up's name."""
    try:
        look(api, offer.share, offer.keys.authorization(), folder.known_name())
    except LinkUnavailableError:
        folder.remove()
    except VaultError:
        return
    else:
        folder.forget_content()


def _pick_up(api: Api, offer: Offer, folder: PickupFolder, progress: Progress) -> PickedUp:
    name, released = _release(api, offer, folder)
    progress.expect(sum(one.document.size for one in released))
    for one in released:
        bring(_source(api, offer, name, one.document.id), folder, one, offer.entries[one.document.id], progress)
    entries = [(one.document.id, offer.entries[one.document.id]) for one in released]
    folder.plan((document, entry.folder, entry.name, entry.size) for document, entry in entries)
    return PickedUp(tuple(folder.carry_out()), len(offer.missing))


def _release(api: Api, offer: Offer, folder: PickupFolder) -> tuple[str, list[Released]]:
    name, age = folder.name()
    try:
        return name, _capsules(api, offer, name)
    except LinkUnavailableError:
        # An old name can no longer be resumed, but the link may have another pick-up left.
        if age is None or age < RESUME_SECONDS:
            raise
    name = folder.rename()
    return name, _capsules(api, offer, name)


def _capsules(api: Api, offer: Offer, name: str) -> list[Released]:
    headers = {"Authorization": offer.keys.authorization()}
    answer = ask_link(lambda: again(lambda: api.put(f"/pickup/{offer.share}/{name}", headers=headers)))
    try:
        sealed = {
            read.identifier(value, "document"): octets(value, "capsule")
            for value in read.objects(answer, "capsules", most=MAX_DOCUMENTS)
        }
    except RecordError as error:
        raise AnswerError(f"the server's answer cannot be read: {error}") from error
    if not set(offer.entries) <= set(sealed):
        raise LinkContentError("the server released less than the link gives")
    listed = [covered for covered in offer.cover.documents if covered.id in offer.entries]
    opened = [open_capsule(offer.keys.capsule, offer.share, covered.id, sealed[covered.id]) for covered in listed]
    return [
        _check_capsule(capsule, (covered.id, covered.record, covered.size))
        for covered, capsule in zip(listed, opened, strict=True)
    ]


def _check_capsule(capsule: Capsule, covered: tuple[str, str, int]) -> Released:
    """Check that the cover names the record, and that the record commits to the capsule's key."""
    try:
        envelope = Envelope("document", capsule.record, (), parse_record(capsule.record, "document"))
        document = Document.read(envelope)
    except RecordError as error:
        raise LinkContentError("a document's record cannot be read") from error
    if (document.id, document.hash, document.size) != covered:
        raise LinkContentError("a document's record is not the one that the link names")
    key_of(document, capsule.file_key)
    return Released(document, capsule.file_key)


def _source(api: Api, offer: Offer, name: str, document: str) -> Source:
    path, proofs = f"/pickup/{offer.share}/{name}/{document}/body", {"Authorization": offer.keys.authorization()}

    def open_download(start: int, stop: int | None, headers: Mapping[str, str]) -> Download:
        try:
            return api.download(path, start, stop, {**headers, **proofs})
        except (ApiError, ServerUnreachableError) as error:
            raise receivers_error(error) from error

    return open_download
