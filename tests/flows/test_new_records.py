"""A record whose signer has seen more than the store holds is refused, by every flow that takes records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.actors import NOW, Practice
from vault.flows.audit import auditing
from vault.flows.dossiers import opening
from vault.flows.new_records import SeenMoreError
from vault.flows.people import rosters
from vault.records import envelope as envelopes
from vault.records.seen import NOTHING_SEEN, Seen, Sighting
from vault.records.types.policy import Policy

MORE = Seen(checkpoint=Sighting(3, "c3" * 32))
OTHER = Seen(checkpoint=Sighting(1, "c3" * 32))
TOMBSTONE = Seen(ledger=Sighting(1, "c3" * 32))


def signing(practice: Practice, seen: Seen, *kinds: str) -> None:
    """From now on records of these kinds tell that this was seen."""

    def sign(kind: str, content: dict[str, Any], person: Any = None) -> Any:
        person = person or practice.director
        told = seen if kind in kinds else NOTHING_SEEN
        return envelopes.write(kind, content, practice=practice.id, signer=person.id, key=person.key, seen=told)

    practice.sign = sign  # type: ignore[method-assign]


def a_document(practice: Practice, dossier: str) -> None:
    practice.begin(dossier, practice.new_document(dossier))


def a_completed_document(practice: Practice, dossier: str) -> None:
    sent = practice.new_document(dossier)
    practice.begin(dossier, sent)
    practice.put(sent)
    practice.complete(sent)


def an_index(practice: Practice, dossier: str) -> None:
    practice.advance(dossier)


def a_share(practice: Practice, dossier: str) -> None:
    practice.share(dossier, [])


def a_policy(practice: Practice, dossier: str) -> None:
    before = Policy.read(practice.policy)
    after = replace(before, version=2, previous=before.hash)
    rosters.add_policy(practice.ports, practice.director.caller, practice.sign("policy", after.content()))


def a_roster(practice: Practice, dossier: str) -> None:
    practice.appoint("Carla")


def a_dossier(practice: Practice, dossier: str) -> None:
    opening.open_dossier(practice.ports, practice.director.caller, practice.new_dossier(), NOW)


CASES: list[tuple[str, Callable[[Practice, str], None]]] = [
    ("intent", a_document),
    ("document", a_completed_document),
    ("index", an_index),
    ("share", a_share),
    ("policy", a_policy),
    ("roster", a_roster),
    *((kind, a_dossier) for kind in ("dossier", "profile", "trajectory", "index")),
]


@pytest.mark.parametrize("seen", [MORE, OTHER, TOMBSTONE], ids=["more", "another", "a tombstone"])
@pytest.mark.parametrize(("kind", "act"), CASES)
def test_who_saw_more_than_is_here_is_refused(
    practice: Practice, kind: str, act: Callable[[Practice, str], None], seen: Seen
) -> None:
    dossier = practice.open_dossier()
    auditing.checkpoint(practice.ports, NOW)
    signing(practice, seen, kind)
    with pytest.raises(SeenMoreError, match="has seen a"):
        act(practice, dossier)


def test_who_saw_what_is_here_is_not(practice: Practice) -> None:
    dossier = practice.open_dossier()
    made = [auditing.checkpoint(practice.ports, NOW) for _ in range(2)]
    for checkpoint in made:
        assert checkpoint is not None
        signing(
            practice, Seen(checkpoint=Sighting(checkpoint.sequence, checkpoint.hash)), "intent", "document", "index"
        )
        a_completed_document(practice, dossier)
        an_index(practice, dossier)
