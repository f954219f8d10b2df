"""A practice in memory: director and coach, with one dossier of the coach."""

from __future__ import annotations

import pytest

from tests.actors import Practice
from vault.flows.clock import trusting
from vault.flows.positions import keeping


@pytest.fixture(autouse=True)
def _nothing_said_yet():
    trusting._told.over()
    keeping._told.over()


@pytest.fixture
def practice():
    return Practice().set_up()


@pytest.fixture
def coach(practice):
    return practice.appoint("Carla")


@pytest.fixture
def dossier(practice):
    return practice.open_dossier()


@pytest.fixture
def document(practice, dossier):
    return practice.deposit(dossier)
