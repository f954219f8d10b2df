from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attack.house import data_folder
from tests.infra.backup.house import MADE, Vault


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    yield
    while MADE:
        MADE.pop().release()


@pytest.fixture(scope="session")
def model() -> Iterator[Vault]:
    """With a dossier, two documents, and a link; tests have copies of it."""
    with data_folder() as folder:
        vault = Vault(folder)
        vault.dossier = vault.practice.open_dossier()
        vault.documents = [vault.practice.deposit(vault.dossier) for _ in range(2)]
        vault.practice.share(vault.dossier, vault.documents[:1])
        vault.work()
        vault.release()
        MADE.remove(vault)
        yield vault


@pytest.fixture
def vault(model: Vault) -> Iterator[Vault]:
    with data_folder() as folder:
        yield model.copied(folder)
