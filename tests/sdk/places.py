"""A signed-in director at a gateway in memory; Argon2id is replaced, for it is meant to be slow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sdk.memory_gateway import TOKEN, MemoryGateway
from vault import totp
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.keys import derivation
from vault.sdk.keys.one_time_codes import from_base32, write_secret_file
from vault.sdk.people.founding import Founded, Founder, found
from vault.sdk.people.login import login
from vault.sdk.people.session import SignedIn
from vault.sdk.server.api import Api
from vault.secret import Secret

EMAIL = "directie@voorbeeld.nl"
PASSWORD = "paarse olifanten dansen vrolijk rond de kerk"
TOTP = from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")


@dataclass
class Place:
    """One installation with its first director's device."""

    gateway: MemoryGateway
    home: Home
    folder: Path
    founded: Founded

    def api(self) -> Api:
        return Api(self.gateway.url)

    def code(self) -> str:
        """A code the server has not seen: it lives one half minute ahead."""
        self.gateway.account["step"] = 0
        return totp.code(TOTP, totp.step_of(clock.now()))

    def login(self, home: Home | None = None, password: str = PASSWORD) -> SignedIn:
        return login(self.api(), home or self.home, EMAIL, password, self.code())

    def device(self, name: str) -> Home:
        return Home(self.folder / name)


@pytest.fixture
def quick_argon(monkeypatch: pytest.MonkeyPatch) -> None:
    def quick(secret: bytes, salt: bytes, *, memory: int = 0, passes: int = 0) -> Secret:
        return Secret(hashlib.blake2b(secret + salt + f"{memory}/{passes}".encode(), digest_size=32).digest())

    monkeypatch.setattr(derivation, "argon2id", quick)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DOSSIER_URL", "DOSSIER_CLOCK_OFFSET", "DOSSIER_PASSWORD_FILE", "DOSSIER_TOTP_FILE", "DOSSIER_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("DOSSIER_HOME", str(tmp_path / "home"))


@pytest.fixture
def gateway() -> Iterator[MemoryGateway]:
    fake = MemoryGateway()
    yield fake
    fake.server.close()


@pytest.fixture
def founder(tmp_path: Path) -> Founder:
    return Founder("Praktijk Proef", "Dirkje", EMAIL, tmp_path / "sheet.html")


@pytest.fixture
def place(quick_argon: None, gateway: MemoryGateway, tmp_path: Path, founder: Founder) -> Place:
    home = Home(tmp_path / "home")
    write_secret_file(home.path / "totp", TOTP)
    founded = found(Api(gateway.url), home, founder, PASSWORD, TOKEN, TOTP)
    return Place(gateway, home, tmp_path, founded)


@pytest.fixture
def signed_in(place: Place) -> SignedIn:
    return place.login()
