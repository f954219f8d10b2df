"""A real gateway over ports in memory, its worker, and a director's device: client and server share one clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.app import create_app
from tests.actors import TOKEN, memory_ports
from tests.gateway.house import Switch, serving
from tests.sdk.places import EMAIL, PASSWORD, TOTP
from vault.flows.audit import auditing
from vault.flows.context import Ports
from vault.flows.erasures import erasing
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import Description, deposit
from vault.sdk.documents.listing import Listed, list_documents
from vault.sdk.dossiers.finding import load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.keys.one_time_codes import Codes, write_secret_file
from vault.sdk.people.founding import Founder, found
from vault.sdk.people.login import login
from vault.sdk.people.session import SignedIn
from vault.sdk.server.api import Api

DELAY = timedelta(hours=1)


@dataclass
class VaultHouse:
    """What a test needs; `move` moves everybody's clock."""

    ports: Ports
    url: str
    folder: Path
    home: Home
    signed_in: SignedIn
    move: Callable[[str], None]

    def open(self, name: str = "Anna Bakker") -> OpenDossier:
        return load_dossier(self.signed_in, open_dossier(self.signed_in, name, "client", "loopbaan"))

    def put(self, dossier: OpenDossier, **files: bytes) -> list[Listed]:
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        deposit(dossier, collect([self.folder / name for name in files]), Description("begeleiding"))
        return list_documents(dossier)

    def again(self) -> SignedIn:
        """The next command on this device."""
        self.signed_in = SignedIn.load(self.home)
        return self.signed_in

    def device(self, name: str, offset: str = "+120s") -> SignedIn:
        """Another device of the same director, which has seen nothing yet; a new code needs a later half minute."""
        self.move(offset)
        codes = Codes(TOTP, clock.now, lambda _: None)
        return login(Api(self.url), Home(self.folder / name), EMAIL, PASSWORD, codes())

    def sweep(self) -> Any:
        return erasing.sweep(self.ports, clock.now())

    def checkpoint(self) -> Any:
        return auditing.checkpoint(self.ports, clock.now())


@pytest.fixture(scope="session")
def switch() -> Iterator[tuple[Switch, int]]:
    made = Switch()
    with serving(made) as port:
        yield made, port


@pytest.fixture
def house(switch: tuple[Switch, int], tmp_path: Path, quick_argon: None, monkeypatch: pytest.MonkeyPatch) -> VaultHouse:
    ports, url = memory_ports(), f"http://127.0.0.1:{switch[1]}"
    switch[0].app = create_app(ports, public_url=url, clock=clock.now, erasure_delay=DELAY)
    monkeypatch.setenv("DOSSIER_URL", url)
    home = Home(tmp_path / "home")
    write_secret_file(home.path / "totp", TOTP)
    founder = Founder("Praktijk Proef", "Dirkje", EMAIL, tmp_path / "sheet.html")
    found(Api(url), home, founder, PASSWORD, TOKEN.decode(), TOTP)
    # The code of set-up is spent: signing in takes the next one.
    monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", "+60s")
    codes = Codes(TOTP, clock.now, lambda _: None)
    signed_in = login(Api(url), home, EMAIL, PASSWORD, codes())
    return VaultHouse(
        ports, url, tmp_path, home, signed_in, lambda offset: monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", offset)
    )
