"""A member's dossiers found by id, prefix of an id, or name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from vault.sdk.dossiers.listing import Doubt, GoneError, ListedDossier, list_dossiers, look_up
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
    id_, name = _find(signed_in, reference)
    opened = load_dossier(signed_in, id_, contents=contents if isinstance(contents, bool) else contents(id_))
    if name is not None and opened.damage is None and opened.name != name:
        raise AnswerError(
            "the list gives a dossier another name than its signed profile",
            advice="Nothing was changed. Name it by its id, and tell the director.",
        )
    return opened


def find_id(signed_in: SignedIn, reference: str) -> str:
    """The id of that dossier, also of one that does not verify; raises NotFoundError, AmbiguousError."""
    return _find(signed_in, reference)[0]


def _find(signed_in: SignedIn, reference: str) -> tuple[str, str | None]:
    """The id of the dossier, and its name, None where the id was given or no name is known.

    One that is shown as it was before counts by its name as ever: else the server had another of that name taken.
    """
    wanted, doubts = unicodedata.normalize("NFC", reference.strip()), list[Doubt]()
    if _ID.match(wanted):
        return wanted, None
    prefix = wanted.lower() or " "
    known = look_up(signed_in, doubts)
    named: dict[str, str | None] = {dossier: row.name for dossier, row in known.items()}
    named |= {doubt.dossier: doubt.name for doubt in doubts}
    matches = [each for each in named.items() if each[1] == wanted or each[0].startswith(prefix)]
    for doubt in doubts:
        if doubt.seen is not None and doubt.name is None and not doubt.dossier.startswith(prefix):
            raise doubt.seen  # it may be the one that is meant
    if not matches:
        raise NotFoundError("there is no such dossier among yours", advice=SEE)
    if len(matches) > 1:
        ids = tuple(id_ for id_, _ in matches)
        raise AmbiguousError(
            f"several dossiers go by that name: {', '.join(ids)}",
            candidates=ids,
            advice="Give the id, or as much of it as is needed.",
        )
    return matches[0]
