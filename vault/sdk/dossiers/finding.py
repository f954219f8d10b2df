"""A member's dossiers found by id, prefix of an id, or name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from vault.sdk.dossiers.listing import Doubt, GoneError, ListedDossier, list_dossiers, listed, look_up
from vault.sdk.dossiers.loading import SEE, load_dossier
from vault.sdk.dossiers.new_dossier import open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import AmbiguousError, AnswerError, NotFoundError
from vault.sdk.people.session import SignedIn

__all__ = [
    "Doubt",
    "GoneError",
    "ListedDossier",
    "OpenDossier",
    "find",
    "find_id",
    "list_dossiers",
    "load_dossier",
    "open_dossier",
]

_ID = re.compile(r"[0-9a-f]{32}\Z")


def find(signed_in: SignedIn, reference: str, *, contents: bool | Callable[[str], bool] = False) -> OpenDossier:
    """The dossier of that id, unique prefix of an id, or exact name; raises NotFoundError, AmbiguousError.

    `contents` as for `load_dossier`, or what says so of the id that was found. A name that it was found by is the one
    in its signed profile.
    """
    found = _find(signed_in, reference)
    id_ = found if isinstance(found, str) else found.id
    opened = load_dossier(signed_in, id_, contents=contents if isinstance(contents, bool) else contents(id_))
    if not isinstance(found, str) and opened.damage is None and opened.name != found.name:
        raise AnswerError(
            "the list gives a dossier another name than its signed profile",
            advice="Nothing was changed. Name it by its id, and tell the director.",
        )
    return opened


def find_id(signed_in: SignedIn, reference: str) -> str:
    """The id of that dossier, also of one that does not verify; raises NotFoundError, AmbiguousError."""
    found = _find(signed_in, reference)
    return found if isinstance(found, str) else found.id


def _find(signed_in: SignedIn, reference: str) -> ListedDossier | str:
    """The dossier, or only its id where that was given or nothing else of it verifies."""
    wanted, doubts = unicodedata.normalize("NFC", reference.strip()), list[Doubt]()
    if _ID.match(wanted):
        return wanted
    prefix = wanted.lower() or " "
    known = look_up(signed_in, doubts)
    matches: list[ListedDossier | str] = [
        listed(dossier, row) for dossier, row in known.items() if row.name == wanted or dossier.startswith(prefix)
    ]
    matches = matches or [d.dossier for d in doubts if wanted and d.dossier.startswith(wanted.lower())]
    if not matches:
        raise NotFoundError("there is no such dossier among yours", advice=SEE)
    if len(matches) > 1:
        ids = tuple(each if isinstance(each, str) else each.id for each in matches)
        raise AmbiguousError(
            f"several dossiers go by that name: {', '.join(ids)}",
            candidates=ids,
            advice="Give the id, or as much of it as is needed.",
        )
    return matches[0]
