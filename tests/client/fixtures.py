"""Fixtures for a conftest: `gateway`, `house`, and an isolated environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.house import Gateway, House, copy_of, found_house, founder_of, quick_argon2id
from tests.client.line import Line
from tests.gateway.house import Switch, serving
from vault.sdk.keys import password_key
from vault.sdk.people.founding import Founder
from vault.sdk.people.session import SignedIn


@pytest.fixture(scope="session")
def switch() -> Iterator[tuple[Switch, int]]:
    """One listening server for all tests."""
    made = Switch()
    with serving(made) as port:
        yield made, port


@pytest.fixture
def quick_argon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_key, "argon2id", quick_argon2id)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("DOSSIER_URL", "DOSSIER_CLOCK_OFFSET", "DOSSIER_PASSWORD_FILE", "DOSSIER_TOTP_FILE", "DOSSIER_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    monkeypatch.setenv("DOSSIER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(os, "fsync", lambda _: None)  # what a crash leaves: tests/faults, on processes that die


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries without pauses."""
    monkeypatch.setattr("vault.sdk.server.retry.PAUSES", (0.0, 0.0))
    monkeypatch.setattr("vault.sdk.documents.fetching.PAUSES", (0.0, 0.0))


@pytest.fixture
def gateway(switch: tuple[Switch, int], monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """An installation without a practice."""
    made = Gateway(*switch)
    monkeypatch.setenv("DOSSIER_URL", made.url)
    return made


@pytest.fixture
def line(gateway: Gateway) -> Line:
    return gateway.line


@pytest.fixture
def founder(tmp_path: Path) -> Founder:
    return founder_of(tmp_path)


@pytest.fixture
def founded(gateway: Gateway, tmp_path: Path, quick_argon: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A practice with its director not signed in."""
    return found_house(gateway, tmp_path, lambda offset: monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", offset))


@pytest.fixture(scope="session")
def founded_once(switch: tuple[Switch, int], tmp_path_factory: pytest.TempPathFactory) -> House:
    """A practice to be copied, its director signed in: signing in takes longer than many tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(password_key, "argon2id", quick_argon2id)
        for name in ("DOSSIER_CLOCK_OFFSET", "XDG_RUNTIME_DIR"):
            patched.delenv(name, raising=False)
        made = found_house(Gateway(*switch), tmp_path_factory.mktemp("founded"), lambda _: None)
        assert made.signed_in
        return made


@pytest.fixture
def house(
    founded_once: House, gateway: Gateway, tmp_path: Path, quick_argon: None, monkeypatch: pytest.MonkeyPatch
) -> House:
    """A practice with its director signed in on her first device."""
    made = copy_of(founded_once, gateway, tmp_path, lambda offset: monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", offset))
    assert made.again()
    made.line.requests.clear()
    return made


@pytest.fixture
def signed_in(house: House) -> SignedIn:
    return house.signed_in


# A conftest that has these fixtures imports all of them by one line.
__all__ = [
    "founded",
    "founded_once",
    "founder",
    "gateway",
    "house",
    "line",
    "no_pauses",
    "own_environment",
    "quick_argon",
    "signed_in",
    "switch",
]
