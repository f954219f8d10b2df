"""A practice with one director and one dossier, on a gateway in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sdk.fake_gateway import URL, MemoryApi, MemoryGateway, sign_in
from vault.sdk.device.home import Home
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import Description, Outcome, deposit
from vault.sdk.documents.listing import Listed, list_documents
from vault.sdk.dossiers.finding import load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.people.session import SignedIn
from vault.sdk.shares.pickup import PickedUp, pick_up
from vault.sdk.shares.sharing import Made, Wish, share


@dataclass
class Practice:
    folder: Path
    gateway: MemoryGateway
    signed_in: SignedIn
    dossier: OpenDossier

    @property
    def api(self) -> Any:
        return MemoryApi(self.gateway)

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def put(self, *paths: Path) -> list[Outcome]:
        return deposit(self.dossier, collect(paths), Description("begeleiding"))

    def listed(self) -> list[Listed]:
        return list_documents(self.dossier)

    def share(self, **wish: Any) -> Made:
        return share(self.dossier, self.listed(), Wish(**wish), base=URL)

    def pick_up(self, made: Made, out: str = "out") -> PickedUp:
        return pick_up(made.link, self.folder / out, ask=lambda mode: made.passphrase or "", api=self.api)


def new_practice(folder: Path) -> Practice:
    gateway = MemoryGateway()
    signed_in = sign_in(gateway, Home(folder / "home"))
    dossier = load_dossier(signed_in, open_dossier(signed_in, "Anna Bakker", purpose="begeleiding"))
    return Practice(folder, gateway, signed_in, dossier)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
