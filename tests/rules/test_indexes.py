"""What is known of a version that an index lists. What may follow and leave, `3-following.json` and the rows say."""

from __future__ import annotations

from tests.records.practice import DOSSIER, next_roster, rosters, trajectory
from vault.rules.indexes import Known, known_version


def test_a_version_says_its_number_the_one_before_and_the_roster_it_stands_on():
    chain = rosters()
    first = trajectory(chain)
    later = chain.append(next_roster(chain))
    second = trajectory(later, version=2, previous=first.hash)
    listed = Known("trajectory", DOSSIER, pending=True)
    assert known_version(listed, first) == Known("trajectory", DOSSIER, pending=True, version=1, roster=1)
    newer = known_version(listed, second)
    assert newer == Known("trajectory", DOSSIER, pending=True, version=2, previous=first.hash, roster=2)
    assert newer.follows(known_version(listed, first), first.hash)


def test_a_version_on_an_older_roster_does_not_follow():
    chain = rosters()
    later = chain.append(next_roster(chain))
    first = trajectory(later)
    listed = Known("trajectory", DOSSIER)
    old = known_version(listed, trajectory(chain, version=2, previous=first.hash))
    assert not old.follows(known_version(listed, first), first.hash)
