"""Choosing documents by typed references; a server cannot hide a document from the choice unnoticed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from vault.errors import IntegrityError, VaultError
from vault.sdk.documents.listing import Listed, NoSuchDocumentError, Quarantined, choose, choose_one, list_documents
from vault.sdk.documents.single import read_single
from vault.sdk.dossiers.finding import find

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
    """The dossier that is meant, and documents of it as `chosen`; where all are named by id, nothing else of it."""
    alone = bool(references) and len(references) <= MOST_ALONE and all(_ID.match(each) for each in references)
    opened = find(signed_in, dossier, contents=not alone)
    return opened, (_alone(opened, references) if alone else None) or chosen(opened, references)


def _alone(dossier: OpenDossier, references: Sequence[str]) -> Choice | None:
    """These documents, each with its proof; None where one of them is not what it should be."""
    found: dict[str, Listed] = {}
    for reference in references:
        one = read_single(dossier, reference)
        if one is None:
            return None
        found[one.id] = one
    return Choice(list(found.values()))


def chosen(dossier: OpenDossier, references: Sequence[str]) -> Choice:
    """The stored documents that the references name, without references all of them that verify.

    Raises NoSuchDocumentError, AmbiguousError; QuarantinedError for a name that may be that of a document that does
    not verify, and for all of them when one is hidden or none verifies.
    """
    apart: list[Quarantined] = []
    listed = list_documents(dossier, quarantine=apart)
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
