"""What is done under a lease ends where another took the task over: nothing is written, nothing destroyed."""

from __future__ import annotations

import pytest

from tests.actors import NOW
from tests.flows.erasures.test_erasing import ask, erased
from vault.domain.erasures import ErasureState
from vault.flows.documents import deposit
from vault.flows.erasures import erasing, retention
from vault.flows.health import COMPARED, SWEEP
from vault.flows.leased import leased
from vault.ports.leases import LostLeaseError

DESTRUCTIONS = {
    "shred": lambda ports, document: ports.keystore.shred([deposit.subject_of(document)]),
    "turn": lambda ports, _: ports.keystore.turn(),
    "remove": lambda ports, _: ports.objects.remove(list(ports.objects.names())),
    "remove_below": lambda ports, document: [
        ports.objects.remove_below(name.rpartition("/")[0]) for name in list(ports.objects.names()) if document in name
    ],
}


@pytest.fixture
def lose(practice):
    """Another worker takes the task over."""
    return vars(type(practice.ports.store))["_raise_fence"].__get__(practice.ports.store)


def test_while_it_lasts_it_does_what_the_ports_do(practice, document):
    with leased(practice.ports, SWEEP) as ports:
        ports.store.check()
        with ports.store.transaction() as tx:
            tx.beat(SWEEP, NOW)
        for destroy in DESTRUCTIONS.values():
            destroy(ports, document.id)
        assert list(ports.objects.names()) == []
        assert not ports.keystore.exists(deposit.subject_of(document.id))
    with practice.ports.store.reading() as tx:
        assert SWEEP in tx.heartbeats()


def test_who_comes_second_gets_none_and_other_tasks_go_on_beside_it(practice):
    with leased(practice.ports, SWEEP) as ports:
        with leased(practice.ports, SWEEP) as second, leased(ports, COMPARED) as other:
            assert second is None
            assert other is not None
        with practice.ports.store.leased(SWEEP) as lease:
            assert lease is None


def test_once_it_is_lost_nothing_is_written_and_reading_goes_on(practice, lose):
    with leased(practice.ports, SWEEP) as ports:
        lose(SWEEP)
        with pytest.raises(LostLeaseError, match="took over: sweep"), ports.store.transaction() as tx:
            tx.beat(SWEEP, NOW)
        with ports.store.reading() as tx:
            assert SWEEP not in tx.heartbeats()


@pytest.mark.parametrize("destroy", DESTRUCTIONS.values(), ids=DESTRUCTIONS)
def test_once_it_is_lost_nothing_is_destroyed(practice, document, lose, destroy):
    with leased(practice.ports, SWEEP) as ports:
        lose(SWEEP)
        with pytest.raises(LostLeaseError):
            destroy(ports, document.id)
        assert ports.keystore.exists(deposit.subject_of(document.id))
        assert len(list(ports.objects.names())) == 1


def test_within_a_unit_of_work_what_destroys_asks_there(practice, document, monkeypatch):
    subject = deposit.subject_of(document.id)
    with leased(practice.ports, SWEEP) as ports:
        with ports.store.transaction() as tx:
            ports.keystore.shred([])
            monkeypatch.setattr(type(tx), "holds", lambda *_: False)
            with pytest.raises(LostLeaseError):
                ports.keystore.shred([subject])
        assert ports.keystore.exists(subject)


@pytest.mark.parametrize("step", ["begin_due", "shut_off", "fence", "shred", "remove", "verify", "certify"])
def test_a_sweep_that_was_overtaken_at_any_step_does_nothing_more(practice, dossier, document, monkeypatch, lose, step):
    asked = ask(practice, dossier, [document.id]).erasure
    act = getattr(erasing, step)

    def overtaken(*arguments):
        lose(SWEEP)
        return act(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(erasing, step, overtaken)
        with pytest.raises(LostLeaseError):
            retention.sweep(practice.ports, NOW)
    assert erased(practice, asked.id).state is not ErasureState.CERTIFIED
    assert retention.sweep(practice.ports, NOW).certified == 1, "the other one goes on from there"
    assert erased(practice, asked.id).state is ErasureState.CERTIFIED


def test_a_comparison_that_another_worker_is_at_is_left_to_it(practice):
    with practice.ports.store.leased(COMPARED):
        assert retention.compare(practice.ports, NOW) is None
