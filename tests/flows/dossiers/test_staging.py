"""New keys of a dossier: all that they open changes place at once, or nothing does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.actors import NOW
from tests.flows.documents.test_whole import index_of, send, token  # noqa: F401 - a fixture is known by being here
from tests.flows.dossiers.test_heading import next_head
from vault.domain.dossiers import StagedKind
from vault.flows.answers import Stale
from vault.flows.documents import completing, deposit, reading
from vault.flows.dossiers import heading, indexing, sealing, showing, staging
from vault.flows.dossiers.staging import INCOMPLETE, Rewrapped
from vault.flows.erasures.retention import reconcile
from vault.records.encoding import RecordError
from vault.records.types.dossier import Dossier, holders_of
from vault.rules.verdict import Refused

NEW = "age1pq1new"
IDENTITY = staging.identity_of(NEW)
DOCUMENT, RECORD = StagedKind.DOCUMENT, StagedKind.RECORD


@pytest.fixture
def held(practice, coach):
    """A dossier of a coach, with one document stored and one pending."""
    dossier = practice.open_dossier(coach)
    practice.deposit(dossier)
    waiting = practice.new_document(dossier, b"another, of some bytes")
    practice.begin(dossier, waiting)
    practice.put(waiting)
    assert practice.complete(waiting) == "pending"
    return dossier


def documents(practice, dossier, person=None):
    caller = (person or practice.director).caller
    return reading.documents(practice.ports, caller, dossier, "", 500)


def items(practice, dossier):
    """Everything that a new identity opens."""
    shown = showing.records(practice.ports, practice.director.caller, dossier, "", 500)
    texts = [Rewrapped(RECORD, each.hash, None, b"new text") for each in shown if each.text is not None]
    return (*(Rewrapped(DOCUMENT, each.document, b"new head", b"new") for each in documents(practice, dossier)), *texts)


def renew(practice, dossier, given=None, *, wrapped=None, person=None, **changes):
    epoch = Dossier.read(practice.heads[dossier]).epoch + 1
    base = {"epoch": epoch, "recipient": NEW, "grantees": holders_of(practice.chain.newest.directors)}
    head = next_head(practice, dossier, person, **{**base, **changes})
    kept, practice.heads[dossier] = practice.heads[dossier], head
    index = practice.next_index(dossier, practice.listed(dossier), person)
    members = sorted(Dossier.read(head).members) if wrapped is None else wrapped
    wraps = tuple(sealing.NewWrap(member, b"new wrap", b"quick") for member in members)
    new = heading.NewHead(head, wraps, index, items(practice, dossier) if given is None else given)
    answer = heading.take_next(practice.ports, (person or practice.director).caller, dossier, new, NOW)
    if isinstance(answer, indexing.Advanced):
        practice.index[dossier] = index
    else:
        practice.heads[dossier] = kept
    return answer


def tables(practice):
    return practice.ports.store._tables.copy()


def test_all_of_it_is_there_under_the_new_identity_for_those_who_hold_it(practice, coach, held):
    bodies = dict(practice.ports.objects._objects)
    assert isinstance(renew(practice, held), indexing.Advanced)
    assert {(each.head, each.metadata) for each in documents(practice, held)} == {(b"new head", b"new")}
    view = showing.one(practice.ports, practice.director.caller, held).listed
    assert (view.dossier.epoch, view.wrap, view.symmetric, view.profile.text) == (2, b"new wrap", b"quick", b"new text")
    assert showing.one(practice.ports, coach.caller, held) == Refused("not_found")
    assert practice.ports.objects._objects == bodies
    assert {key[1] for key in practice.ports.store._tables.wrap if key[0] == held} == {2}


@pytest.mark.parametrize("lacking", [0, -1])
def test_without_a_part_nothing_changes(practice, held, lacking):
    given = list(items(practice, held))
    given.pop(lacking)
    before = tables(practice)
    assert renew(practice, held, tuple(given)) == INCOMPLETE
    assert tables(practice) == before


def test_what_was_laid_by_counts_with_what_comes_and_only_for_its_own_identity(practice, held):
    director, (first, *rest) = practice.director.caller, items(practice, held)
    lay = lambda identity: staging.stage(practice.ports, director, held, 2, identity, [first], NOW)  # noqa: E731
    assert lay("f" * 64) == 1
    assert renew(practice, held, tuple(rest)) == INCOMPLETE
    assert lay(IDENTITY) == lay(IDENTITY) == 1
    assert all(each.head != b"new head" for each in documents(practice, held)), "nothing counts yet"
    assert isinstance(renew(practice, held, tuple(rest)), indexing.Advanced)
    assert {each.head for each in documents(practice, held)} == {b"new head"}
    assert practice.ports.store._tables.staged == {}


def test_what_is_damaged_stays_as_it_is(practice, held):
    first, *rest = items(practice, held)
    text = next(each for each in rest if each.kind is RECORD)
    rest.remove(text)
    stay = (replace(first, head=None, content=None), replace(text, content=None), *rest)
    assert isinstance(renew(practice, held, stay), indexing.Advanced)
    heads = {each.document: each.head for each in documents(practice, held)}
    assert heads.pop(first.subject) == b"age header and nonce"
    assert set(heads.values()) == {b"new head"}


REFUSED = {
    "for fewer than hold it": {"wrapped": ()},
    "in halves": {"given": (Rewrapped(DOCUMENT, "a" * 32, b"head", None),)},
    "too large a head": {"given": (Rewrapped(DOCUMENT, "a" * 32, b"h" * 4097, b"m"),)},
    "too large a text": {"given": (Rewrapped(RECORD, "a" * 64, None, b"t" * 17_000),)},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_new_identity_is_refused(practice, held, what):
    with pytest.raises(RecordError):
        renew(practice, held, **REFUSED[what])


def test_what_was_erased_meanwhile_is_listed_anew(practice, held):
    given = (*items(practice, held), Rewrapped(DOCUMENT, "a" * 32, b"head", b"m"))
    assert renew(practice, held, given) == INCOMPLETE
    director = practice.director.caller
    assert staging.stage(practice.ports, director, held, 2, IDENTITY, given, NOW) == INCOMPLETE


def test_under_the_same_identity_nothing_is_made_anew(practice, held):
    given, before = items(practice, held), Dossier.read(practice.heads[held])
    grantees = before.grantees
    assert renew(practice, held, given, recipient=before.recipient, epoch=1, grantees=grantees, wrapped=()) == Refused(
        "conflict"
    )


def test_only_a_director_of_the_dossier_lays_something_by(practice, coach, held):
    given = items(practice, held)
    ask = lambda caller, epoch: staging.stage(practice.ports, caller, held, epoch, IDENTITY, given, NOW)  # noqa: E731
    assert ask(coach.caller, 2) == Refused("not_allowed")
    assert ask(practice.appoint("Derde").caller, 2) == Refused("not_found")
    assert ask(practice.director.caller, 3) == ask(practice.director.caller, 1) == Refused("epoch_stale")
    assert practice.ports.store._tables.staged == {}


def test_somebody_was_first_and_nothing_is_lost(practice, held):
    given = items(practice, held)
    practice.advance(held)
    newest = practice.index[held]
    head = {"index": "00" * 32}
    assert renew(practice, held, given, **head) == Stale(newest)
    assert isinstance(renew(practice, held), indexing.Advanced)
    again = renew(practice, held, given, previous=Dossier.read(practice.heads[held]).previous)
    assert again == Stale(practice.index[held])


def test_what_no_head_took_is_forgotten_after_a_day(practice, held):
    staging.stage(practice.ports, practice.director.caller, held, 2, IDENTITY, items(practice, held), NOW)
    reconcile(practice.ports, NOW + timedelta(hours=23))
    assert practice.ports.store._tables.staged
    reconcile(practice.ports, NOW + timedelta(hours=25))
    assert practice.ports.store._tables.staged == {}


class TestUploads:
    """Under way while a dossier gets another identity: each comes under that one, and none is lost."""

    def complete(self, practice, document, epoch):
        new = deposit.NewDocument(document.envelope, b"head of 2", b"metadata of 2", epoch)
        return completing.complete(practice.ports, practice.director.caller, document.id, new, NOW)

    def test_one_in_segments(self, practice, held):
        document = practice.new_document(held, b"large, of some bytes")
        practice.begin(held, document)
        practice.put(document)
        assert isinstance(renew(practice, held), indexing.Advanced), "what has no head yet holds nobody up"
        assert practice.complete(document) == Refused("epoch_stale")
        assert self.complete(practice, document, 2) == "pending"
        assert self.complete(practice, document, 1) == "pending", "a repetition gets its first answer"
        assert b"head of 2" in {each.head for each in documents(practice, held)}

    def test_one_in_one_request(self, practice, held, token):  # noqa: F811
        document = practice.new_document(held, b"small, of some bytes")
        practice.begin_whole(held, document)
        assert isinstance(renew(practice, held), indexing.Advanced)
        index = index_of(practice, held, document)
        assert send(practice, token, held, document, index=index) == Refused("epoch_stale")
        assert send(practice, token, held, document) == Refused("epoch_stale")
        again = replace(document, head=b"head of 2")
        assert send(practice, token, held, again, index=index, epoch=2).state == "stored"
        assert b"head of 2" in {each.head for each in documents(practice, held)}
        assert send(practice, token, held, document).state == "stored", "and is not changed by the first one"
        assert b"head of 2" in {each.head for each in documents(practice, held)}

    def test_one_that_was_begun_on_the_roster_before(self, practice, held, token):  # noqa: F811
        document = practice.new_document(held, b"small, of some bytes")
        practice.begin_whole(held, document)
        practice.appoint("Later")
        assert isinstance(renew(practice, held), indexing.Advanced)
        again = replace(document, head=b"head of 2")
        assert send(practice, token, held, again, epoch=2).state == "pending"
        assert b"head of 2" in {each.head for each in documents(practice, held)}


def test_a_coach_gives_no_new_identity(practice, coach, held):
    before = tables(practice)
    with pytest.raises(Exception, match="director"):
        renew(practice, held, person=coach, grantees=Dossier.read(practice.heads[held]).grantees)
    assert tables(practice) == before


class TestFarewell:
    """Who lost a dossier is shown the heads up to the one that took it from her, and nothing else."""

    def test_up_to_the_head_that_took_it(self, practice, coach, held):
        ask = lambda person: showing.farewell(practice.ports, person.caller, held)  # noqa: E731
        assert ask(coach) == ask(practice.director) == Refused("not_found"), "she holds it"
        assert isinstance(renew(practice, held), indexing.Advanced)
        taken = practice.heads[held].hash
        assert isinstance(renew(practice, held, recipient="age1pq1newer"), indexing.Advanced)
        assert [int(each.fields["version"]) for each in ask(coach)] == [1, 2]
        assert ask(coach)[-1].hash == taken
        assert ask(practice.director) == Refused("not_found")
        assert ask(practice.appoint("Derde")) == Refused("not_found"), "it was never hers"

    def test_of_none_that_is_not_there_or_is_being_erased_or_lost_a_head(self, practice, coach, held):
        assert isinstance(renew(practice, held), indexing.Advanced)
        ask = lambda dossier: showing.farewell(practice.ports, coach.caller, dossier)  # noqa: E731
        assert ask("f" * 32) == Refused("not_found")
        rows = practice.ports.store._tables
        newest = practice.heads[held].hash
        kept = rows.record[newest]
        rows.record[newest] = replace(kept, record=b"{}")
        assert ask(held) == Refused("not_found")
        rows.record[newest] = kept
        rows.dossier[held] = replace(rows.dossier[held], fenced=True)
        assert ask(held) == Refused("not_found")
