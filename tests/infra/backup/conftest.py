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


@pytest.fixture
def vault() -> Iterator[Vault]:
    """With a dossier, two documents, and a link."""
    with data_folder() as folder:
        vault = Vault(folder)
        practice = vault.practice
        vault.dossier = practice.open_dossier()
        vault.documents = [practice.deposit(vault.dossier) for _ in range(2)]
        practice.share(vault.dossier, vault.documents[:1])
        vault.work()
        yield vault
