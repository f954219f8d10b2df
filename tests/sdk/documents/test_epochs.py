"""New keys of a dossier: all of it at once, whoever could keep the old ones opens nothing new, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.client.colleagues import anew, join
from tests.client.house import House
from vault.errors import IntegrityError
from vault.records.envelope import SignatureError
from vault.sdk.documents.epochs import take_from
from vault.sdk.documents.listing import Quarantined, identity_of, list_documents, unlock
from vault.sdk.documents.rewrapping import BATCH_BYTES, LeftBehindError
from vault.sdk.dossiers.finding import list_dossiers, load_dossier
from vault.sdk.dossiers.holders import OnlyDirectorError, assign
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import AnswerError, RollbackError, ServerUnreachableError
from vault.sdk.people.session import SignedIn
from vault.sdk.shares.listing import list_shares
from vault.sdk.shares.sharing import ShareTerms, share


@pytest.fixture
def coach(house: House) -> SignedIn:
    return join(house, house.signed_in, "Carla", "coach")


@pytest.fixture
def held(house: House, coach: SignedIn) -> OpenDossier:
    """A dossier of the coach, with two documents and a link."""
    dossier = house.open("Jan")
    house.put(dossier, a=b"a" * 1000, b=b"b")
    assign(dossier, coach.member)
    return dossier


def names(dossier: OpenDossier) -> list[str]:
    return [one.metadata.name for one in list_documents(dossier)]


def test_she_sees_it_no_more_and_all_of_it_opens_for_the_others(
    house: House, coach: SignedIn, held: OpenDossier
) -> None:
    made = share(held, list_documents(held), ShareTerms(note="tot morgen"), base=house.url)
    hers = load_dossier(anew(coach), held.id)
    bodies = dict(house.gateway.objects)
    house.line.requests.clear()
    assert take_from(held, frozenset({coach.member}))
    assert house.line.count("POST", "/head$") == 1
    assert house.line.count("PUT", "/epochs/") == 0
    assert (held.epoch, names(held)) == (2, ["a", "b"])
    fresh = load_dossier(house.device("fresh"), held.id)
    assert (fresh.epoch, fresh.name, names(fresh)) == (2, "Jan", ["a", "b"])
    assert [one.note for one in list_shares(fresh)] == ["tot morgen"]
    for one in list_documents(fresh):
        unlock(one, identity_of(fresh))
    assert house.gateway.objects == bodies, "bodies stay"
    assert house.pick_up(made).files, "a link goes on working"
    assert [one.id for one in list_dossiers(anew(coach), doubts=[])] == []
    assert hers.identity != fresh.identity
    assert not take_from(held, frozenset({coach.member})), "again changes nothing"


def switching(house: House, dossier: OpenDossier, coach: SignedIn, pattern: str, method: str = "POST") -> None:
    """Another director's device gives the dossier new keys just before such a request arrives."""
    director = SignedIn.load(house.home)

    def switch(_: object) -> None:
        take_from(load_dossier(director, dossier.id), frozenset({coach.member}))

    house.line.watch(method, pattern, switch, times=1)


class TestUnderWay:
    """What another device is doing while a dossier gets new keys goes on under them."""

    @pytest.mark.parametrize("files", [1, 3])
    def test_small_files(self, house: House, coach: SignedIn, held: OpenDossier, files: int) -> None:
        switching(house, held, coach, "/documents$")
        found = house.deposit(*(house.write(f"new{n}", b"n%d" % n) for n in range(files)), dossier=held)
        assert [one.state for one in found] == ["stored"] * files
        self.all_open(house, held, 2 + files)

    @pytest.mark.parametrize("pattern", ["/documents$", "/segments/1$", "/complete$", "/index$"])
    def test_a_large_file(self, house: House, coach: SignedIn, held: OpenDossier, pattern: str) -> None:
        switching(house, held, coach, pattern, "*")
        (found,) = house.deposit(house.write("large", bytes(9_000_000)), dossier=held)
        assert found.state == "stored"
        self.all_open(house, held, 3)

    def test_a_large_file_that_was_interrupted_before(self, house: House, coach: SignedIn, held: OpenDossier) -> None:
        path = house.write("large", bytes(9_000_000))
        house.line.lose("POST", "/complete$", "request")
        with pytest.raises(ServerUnreachableError):
            house.deposit(path, dossier=held)
        house.line.clear()
        take_from(held, frozenset({coach.member}))
        house.line.requests.clear()
        (found,) = house.deposit(path, dossier=load_dossier(house.again(), held.id))
        assert (found.state, house.line.count("PUT", "/segments/")) == ("stored", 0), "nothing is sent twice"
        self.all_open(house, held, 3)

    @pytest.mark.parametrize("contents", [False, True])
    def test_a_list(self, house: House, coach: SignedIn, held: OpenDossier, contents: bool) -> None:
        reader = SignedIn.load(house.home)
        switching(house, held, coach, "/(documents|contents)$", "GET")
        dossier, apart = load_dossier(reader, held.id, contents=contents), list[Quarantined]()
        assert [one.metadata.name for one in list_documents(dossier, quarantine=apart)] == ["a", "b"]
        assert (apart, dossier.epoch) == ([], 2), "nothing is called damaged"

    def test_a_link(self, house: House, coach: SignedIn, held: OpenDossier) -> None:
        switching(house, held, coach, "/shares$")
        made = share(held, list_documents(held), ShareTerms(note="hier"), base=house.url)
        fresh = load_dossier(house.device("fresh"), held.id)
        assert [(one.id, one.note) for one in list_shares(fresh)] == [(made.share, "hier")]
        assert house.pick_up(made).files

    def test_a_roster_that_came_meanwhile_loses_no_upload(self, house: House, held: OpenDossier) -> None:
        director = SignedIn.load(house.home)
        house.line.watch("POST", "/documents$", lambda _: join(house, director, "Els", "coach"), times=1)
        paths = [house.write(name, content) for name, content in (("s", b"s"), ("l", bytes(9_000_000)), ("t", b"t"))]
        assert [one.state for one in house.deposit(*paths, dossier=held)] == ["stored"] * 3
        self.all_open(house, held, 5)

    def all_open(self, house: House, held: OpenDossier, count: int) -> None:
        fresh = load_dossier(house.device("fresh"), held.id)
        documents = list_documents(fresh)
        assert len(documents) == count
        for one in documents:
            unlock(one, identity_of(fresh))
        assert len(list_documents(held)) == count, "and the device that was at it goes on"


def test_what_came_while_all_was_made_anew_is_reached_too(house: House, coach: SignedIn, held: OpenDossier) -> None:
    other = load_dossier(SignedIn.load(house.home), held.id)

    def put(_: object) -> None:
        house.put(other, c=b"c")

    house.line.watch("POST", "/head$", put, times=1)
    assert take_from(held, frozenset({coach.member}))
    assert names(load_dossier(house.device("fresh"), held.id)) == ["a", "b", "c"]


CUTS = {
    "before the only request": ("request", "/head$", BATCH_BYTES),
    "after it": ("answer", "/head$", BATCH_BYTES),
    "before a part of many": ("request", "/epochs/2$", 1),
    "after a part of many": ("answer", "/epochs/2$", 1),
    "after the last of many": ("answer", "/head$", 1),
}


@pytest.mark.parametrize("cut", CUTS)
def test_cut_off_anywhere_it_is_old_or_new_and_can_be_done_again(
    house: House, coach: SignedIn, held: OpenDossier, cut: str, monkeypatch: pytest.MonkeyPatch, no_pauses: None
) -> None:
    what, pattern, batch = CUTS[cut]
    monkeypatch.setattr("vault.sdk.documents.rewrapping.BATCH_BYTES", batch)
    house.line.lose("*", pattern, what)
    with pytest.raises(ServerUnreachableError):
        take_from(held, frozenset({coach.member}))
    house.line.clear()
    old = (what, pattern) != ("answer", "/head$")
    fresh = load_dossier(house.device("fresh"), held.id)
    assert (fresh.epoch, names(fresh)) == (1 if old else 2, ["a", "b"])
    assert take_from(fresh, frozenset({coach.member})) == old
    assert (fresh.epoch, names(load_dossier(house.again(), held.id))) == (2, ["a", "b"])
    assert house.gateway.rows.staged == {}


class TestDamage:
    def test_it_is_not_left_behind_unasked(self, house: House, coach: SignedIn, held: OpenDossier) -> None:
        damaged = list_documents(held)[0].id
        row = house.gateway.rows.document[damaged]
        house.gateway.rows.document[damaged] = replace(row, head=b"x" * 40)
        with pytest.raises(LeftBehindError) as raised:
            take_from(held, frozenset({coach.member}))
        assert raised.value.names == ("a",)
        assert held.epoch == 1
        house.gateway.rows.document[damaged] = row
        assert take_from(held, frozenset({coach.member})), "put back, it is reached"
        assert names(load_dossier(house.again(), held.id)) == ["a", "b"]

    @pytest.mark.parametrize("part", ["head", "text"])
    def test_a_director_may_leave_it(self, house: House, coach: SignedIn, held: OpenDossier, part: str) -> None:
        made = share(held, list_documents(held), ShareTerms(), base=house.url)
        if part == "head":
            damaged = list_documents(held)[0].id
            house.gateway.rows.document[damaged] = replace(house.gateway.rows.document[damaged], head=b"x" * 40)
        else:
            record = house.gateway.share(made.share).record
            house.gateway.rows.record[record] = replace(house.gateway.rows.record[record], text=b"x" * 40)
            with pytest.raises(LeftBehindError):
                take_from(held, frozenset({coach.member}))
        assert take_from(held, frozenset({coach.member}), leave_damaged=True)
        fresh = load_dossier(house.device("fresh"), held.id)
        assert names(fresh) == (["b"] if part == "head" else ["a", "b"])

    def test_a_document_that_the_server_hides_is_not_left_behind(
        self, house: House, coach: SignedIn, held: OpenDossier
    ) -> None:
        hide = lambda said: {**said, "items": said["items"][1:]}  # noqa: E731 - as in the harness
        house.line.lie("GET", "/documents$", hide)
        with pytest.raises(LeftBehindError):
            take_from(held, frozenset({coach.member}))


class TestTheServerIsNotTrusted:
    def test_a_key_in_the_place_of_a_colleagues_gets_nothing(self, house: House, held: OpenDossier) -> None:
        els, mallory = (join(house, house.signed_in, name, "coach") for name in ("Els", "Mallory"))
        held.signed_in.refresh()
        lie = lambda said: {**said, "recipient": mallory.keyring.recipient}  # noqa: E731 - as above
        house.line.lie("GET", f"/members/{els.member}$", lie)
        gone = held.heads.newest.members - held.signed_in.rosters.newest.directors
        with pytest.raises(AnswerError):
            take_from(held, gone, give=frozenset({els.member}))
        assert house.line.count("*", "/(head|epochs/2)$") == house.line.count("PUT", "/epochs/2$") == 0

    def test_an_old_head_with_the_new_index_is_refused(self, house: House, coach: SignedIn, held: OpenDossier) -> None:
        before = house.signed_in.api.get(f"/dossiers/{held.id}")
        take_from(held, frozenset({coach.member}))
        fresh = house.device("fresh")
        keep = ("heads", "wrap", "symmetric", "epoch", "profile")
        house.line.lie("GET", f"/dossiers/{held.id}$", lambda said: {**said, **{name: before[name] for name in keep}})
        with pytest.raises(IntegrityError):
            load_dossier(fresh, held.id)
        with pytest.raises(IntegrityError):
            load_dossier(house.signed_in, held.id)
        house.line.clear()
        assert names(load_dossier(fresh, held.id)) == ["a", "b"]

    def test_the_old_head_with_the_old_index_is_a_rollback_to_who_saw_the_new_one(
        self, house: House, coach: SignedIn, held: OpenDossier
    ) -> None:
        before = house.signed_in.api.get(f"/dossiers/{held.id}")
        take_from(held, frozenset({coach.member}))
        house.line.lie("GET", f"/dossiers/{held.id}$", lambda _: before)
        with pytest.raises(RollbackError):
            load_dossier(house.again(), held.id)

    def test_who_lost_it_brings_nothing_back(self, house: House, coach: SignedIn, held: OpenDossier) -> None:
        hers = load_dossier(anew(coach), held.id)
        take_from(held, frozenset({coach.member}))
        head = replace(held.heads.newest, version=4, previous=held.heads.newest.hash, index=held.index.hash)
        envelope = hers.signed_in.sign("dossier", head.content())
        house.line.lie(
            "GET", f"/dossiers/{held.id}$", lambda said: {**said, "heads": [*said["heads"], envelope.to_json()]}
        )
        with pytest.raises(SignatureError):
            load_dossier(house.again(), held.id)


def test_only_a_director_gives_new_keys(house: House, coach: SignedIn, held: OpenDossier) -> None:
    hers = load_dossier(anew(coach), held.id)
    with pytest.raises(OnlyDirectorError):
        take_from(hers, frozenset({coach.member}))


def test_one_goes_and_another_comes_at_once(house: House, coach: SignedIn, held: OpenDossier) -> None:
    els = join(house, house.signed_in, "Els", "coach")
    assert take_from(held, frozenset({coach.member}), give=frozenset({els.member}))
    assert names(load_dossier(anew(els), held.id)) == ["a", "b"]
    assert held.heads.newest.version == 3
