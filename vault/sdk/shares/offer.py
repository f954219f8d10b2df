"""The offer of a link: sender, documents, lock. Looking at it uses no pick-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar

from vault.age.stream import body_size
from vault.errors import UnavailableError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url
from vault.records.types.document import MAX_BODY
from vault.records.types.share import LOCATOR, MAX_DOCUMENTS, MODES, PASSPHRASE
from vault.sdk.errors import AnswerError, ApiError, ServerUnreachableError
from vault.sdk.keys.words import WordsError, check_locator, normalise_passphrase
from vault.sdk.server.api import Api
from vault.sdk.shares.capsules import Cover, Entry, LinkContentError, open_cover, open_entry
from vault.sdk.shares.links import (
    NO_PASSPHRASE,
    Link,
    LinkKeys,
    LinkUnavailableError,
    PassphraseWrongError,
    derive,
    possession,
    stretch,
)

# Asks a receiver for the secret of the share's mode; returns the typed text.
Ask = Callable[[str], str]


class TooManyAttemptsError(UnavailableError):
    """Too many wrong passphrases: the receiver must wait; the link stays open."""

    code: ClassVar[str] = "too_many"


class PracticeRepairsError(UnavailableError):
    """A store of the vault was put back and a director has not opened it yet: a receiver waits, or calls."""

    code: ClassVar[str] = "practice_repairs"

    def __init__(self) -> None:
        super().__init__("The practice is repairing its storage, and nothing can be collected just now.")


@dataclass(frozen=True, slots=True, repr=False)
class Offer:
    """An opened cover with its entries by document; `missing` are documents destroyed since."""

    share: str
    keys: LinkKeys
    cover: Cover
    entries: dict[str, Entry]
    left: int

    @property
    def missing(self) -> tuple[str, ...]:
        """Documents in the cover that the server no longer has."""
        return tuple(document.id for document in self.cover.documents if document.id not in self.entries)


def open_offer(api: Api, link: Link, ask: Ask, name: str | None = None) -> Offer:
    """The offer of the link; `name` is that of a pick-up under way, valid even on a used-up link.

    Raises LinkUnavailableError, PassphraseWrongError, TooManyAttemptsError, LinkContentError and the errors of `api`.
    """
    secret = link.secret if link.secret is not None else stretch(_locator(ask(LOCATOR)), link.share)
    mode = _mode(look(api, link.share, possession(secret), name))
    passphrase = stretch(normalise_passphrase(ask(PASSPHRASE)), link.share) if mode == PASSPHRASE else NO_PASSPHRASE
    keys = derive(secret, passphrase)
    return _read_offer(link.share, keys, look(api, link.share, keys.authorization(), name))


def ask_link(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The server's answer to a receiver; raises a receiver's errors."""
    try:
        return ask()
    except (ApiError, ServerUnreachableError) as error:
        raise receivers_error(error) from error


def look(api: Api, share: str, authorization: str, name: str | None) -> dict[str, Any]:
    """The server's view of a share, unchecked; uses no pick-up. Raises as `ask_link`."""
    headers, body = {"Authorization": authorization}, {} if name is None else {"name": name}
    return ask_link(lambda: api.post(f"/pickup/{share}/cover", json=body, headers=headers))


def receivers_error(error: ApiError | ServerUnreachableError) -> Exception:
    """The receiver's error for a refusal: every reason but a wrong passphrase and a pause looks the same."""
    if isinstance(error, ServerUnreachableError):
        return PracticeRepairsError() if error.reason == "restored" else error
    if error.status == HTTPStatus.FORBIDDEN:
        return PassphraseWrongError()
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = error.retry_after or 60
        return TooManyAttemptsError(
            "There were too many wrong attempts.", advice=f"The link stays. Try again in {wait} seconds."
        )
    return LinkUnavailableError() if error.status == HTTPStatus.NOT_FOUND else error


def octets(value: dict[str, Any], name: str) -> bytes:
    """A base64url member of an answer, decoded."""
    text = value.get(name)
    if not isinstance(text, str):
        raise RecordError(f"field {name!r} must be base64url")
    return from_base64url(text)


def _read_offer(share: str, keys: LinkKeys, answer: dict[str, Any]) -> Offer:
    try:
        sealed = octets(answer, "cover")
        boxes = {
            read.identifier(value, "document"): octets(value, "entry")
            for value in read.objects(answer, "entries", most=MAX_DOCUMENTS)
        }
        left = read.integer(answer, "left")
    except RecordError as error:
        raise AnswerError(f"the server's answer cannot be read: {error}") from error
    cover = open_cover(keys.cover, share, sealed)
    entries = {document: open_entry(keys.cover, share, document, entry) for document, entry in boxes.items()}
    sizes = {document.id: document.size for document in cover.documents}
    for document, entry in entries.items():
        if sizes.get(document) != body_size(min(entry.size, MAX_BODY)):
            raise LinkContentError("the link's list of documents is not the sender's")
    return Offer(share, keys, cover, entries, left)


def _mode(answer: dict[str, Any]) -> str:
    try:
        return read.one_of(answer, "mode", MODES)
    except RecordError as error:
        raise AnswerError("the server's answer cannot be read") from error


def _locator(typed: str) -> bytes:
    """The canonical words of a locator; the last word is a checksum that detects a slip without the server."""
    try:
        return check_locator(typed)
    except WordsError as error:
        raise PassphraseWrongError(error.advice) from error
