"""Choosing documents by typed references; a server cannot hide a document from the choice unnoticed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from vault.errors import IntegrityError, UnavailableError, VaultError
from vault.sdk.device.names_cache import Named, load_names, save_names
from vault.sdk.documents.listing import (
    STORED,
    Listed,
    NoSuchDocumentError,
    Quarantined,
    choose,
    choose_one,
    list_documents,
)
from vault.sdk.documents.single import read_single
from vault.sdk.dossiers.finding import find
from vault.sdk.errors import AmbiguousError

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn

MOST_ALONE = 50
_ID = re.compile(r"[0-9a-f]{32}\Z")


class QuarantinedError(IntegrityError):
    """Documents of the dossier do not verify, and a chosen one may be among them."""

    code: ClassVar[str] = "quarantined"

    def __init__(self, apart: Sequence[Quarantined]) -> None:
        super().__init__(
            f"documents of this dossier do not verify: {'; '.join(f'{one.id} ({one.reason})' for one in apart)}",
            advice="Nothing was done with them. Tell the director; the others are whole, and these can be erased.",
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """The documents that were asked for, and those among them that do not verify, which is for all of them alone."""

    documents: list[Listed]
    left_out: tuple[Quarantined, ...] = ()


def find_chosen(signed_in: SignedIn, dossier: str, references: Sequence[str]) -> tuple[OpenDossier, Choice]:
    """The dossier that is meant, and documents of it as `chosen`; where their ids are known, nothing else of it."""
    known = _Known()

    def unknown(id_: str) -> bool:
        known.look(signed_in, id_, references)
        return not known.ids

    opened = find(signed_in, dossier, contents=unknown)
    return opened, (_alone(opened, known) if known.ids else None) or chosen(opened, references)


@dataclass(slots=True)
class _Known:
    """The ids of the documents that are meant, and the index under which their names were known, where one was."""

    ids: list[str] = field(default_factory=list)
    index: str | None = None

    def look(self, signed_in: SignedIn, dossier: str, references: Sequence[str]) -> None:
        """None where they are not all named by id, or by a name that is known."""
        seen, named = signed_in.pins.index_of(dossier), list[Named]()
        if len(references) > MOST_ALONE:
            return
        if seen is not None and not all(map(_ID.match, references)):
            self.index = seen.index
            named = load_names(signed_in.home, signed_in.keyring.names_key, dossier, seen.index)
        with contextlib.suppress(NoSuchDocumentError, AmbiguousError):
            self.ids = [each if _ID.match(each) else choose_one(named, each).id for each in references]


def _alone(dossier: OpenDossier, known: _Known) -> Choice | None:
    """These documents, each with its proof; None where one of them is not what it should be.

    Under a newer index than a name was known under, another document may have it.
    """
    found: dict[str, Listed] = {}
    for id_ in known.ids:
        if known.index not in {None, dossier.index.hash}:
            return None
        one = read_single(dossier, id_)
        if one is None:
            return None
        found[one.id] = one
    return Choice(list(found.values())) if known.index in {None, dossier.index.hash} else None


def chosen(dossier: OpenDossier, references: Sequence[str]) -> Choice:
    """The stored documents that the references name, without references all of them that verify.

    Raises NoSuchDocumentError, AmbiguousError; QuarantinedError for a name that may be that of a document that does
    not verify, and for all of them when one is hidden or none verifies.
    """
    apart: list[Quarantined] = []
    listed = list_documents(dossier, quarantine=apart)
    if references:
        remember(dossier, listed)
    try:
        found = choose(listed, references)
    except NoSuchDocumentError as error:
        if apart:
            raise QuarantinedError(_meant(apart, references) or apart) from error
        raise
    if references:
        return Choice(found)
    if any(one.hidden for one in apart) or (apart and not found):
        raise QuarantinedError(apart)
    return Choice(found, tuple(apart))


def remember(dossier: OpenDossier, listed: Sequence[Listed]) -> None:
    """Keep the names of the stored documents: the next one asked for by name is fetched alone.

    Were the server put back, they tell what is missing.
    """
    named = [Named(one.id, one.metadata.folder, one.metadata.name) for one in listed if one.state == STORED]
    signed_in = dossier.signed_in
    with contextlib.suppress(UnavailableError):  # a full disk keeps nobody from reading
        save_names(signed_in.home, signed_in.keyring.names_key, dossier.id, dossier.index.hash, named)


def erasable(dossier: OpenDossier, references: Sequence[str]) -> tuple[list[Listed | Quarantined], int]:
    """The documents that the references name, whether they verify or not, and how many there are in all.

    Raises NoSuchDocumentError, AmbiguousError; QuarantinedError for one of which nothing says what the index calls it.
    """
    apart: list[Quarantined] = []
    listed = list_documents(dossier, quarantine=apart)
    found: dict[str, Listed | Quarantined] = {}
    for reference in references:
        one = _one_of(listed, apart, reference)
        if isinstance(one, Quarantined) and (not one.hash or one.hash in {each.hash for each in listed}):
            raise QuarantinedError([one])
        found[one.id] = one
    return list(found.values()), len(listed) + len(apart)


def _one_of(listed: list[Listed], apart: list[Quarantined], reference: str) -> Listed | Quarantined:
    try:
        [one] = choose(listed, [reference])
    except NoSuchDocumentError:
        return choose_one(apart, reference)
    return one


def _meant(apart: Sequence[Quarantined], references: Sequence[str]) -> list[Quarantined]:
    """Those of them that the references name."""
    found = []
    for reference in references:
        with contextlib.suppress(VaultError):
            found.append(choose_one(apart, reference))
    return found
