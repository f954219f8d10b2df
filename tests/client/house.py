"""A real gateway over the twins, its worker, and a director's device: client and server share one clock.

`Gateway` is the installation with the operator's access (rows, objects, and the line to it); `House` is a practice in
it, founded and signed in by the real client. A test of a lying server uses the line (`house.line`) or changes rows.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from gateway.app import create_app
from tests.actors import TOKEN as TOKEN_BYTES
from tests.actors import memory_ports
from tests.client.line import Line
from tests.gateway.house import Switch
from tests.installation import as_gateway, as_worker
from tests.twins.rows import Tables
from vault import totp
from vault.domain.dossiers import DocumentRow
from vault.domain.people import MemberRow
from vault.domain.sessions import SessionRow
from vault.domain.shares import PickupRow, ShareRow
from vault.files import write_private
from vault.flows.audit import auditing
from vault.flows.context import Ports, restore
from vault.flows.erasures import erasing
from vault.flows.people.signing_in import token_hash
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import deposit
from vault.sdk.documents.described import Description, Outcome
from vault.sdk.documents.listing import Listed, list_documents
from vault.sdk.dossiers.finding import load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.erasures import following, requesting
from vault.sdk.keys import sealed_text
from vault.sdk.keys.one_time_codes import from_base32, write_secret_file
from vault.sdk.people.founding import Founded, Founder, found
from vault.sdk.people.login import login
from vault.sdk.people.session import SignedIn
from vault.sdk.server.api import Api
from vault.sdk.shares.pickup import PickedUp, pick_up
from vault.sdk.shares.sharing import Made, ShareTerms, share
from vault.secret import Secret

DELAY = timedelta(hours=1)
EMAIL = "directie@voorbeeld.nl"
PASSWORD = "paarse olifanten dansen vrolijk rond de kerk"
TOTP = from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
TOKEN = TOKEN_BYTES.decode()


class Gateway:
    """An installation without a practice."""

    def __init__(self, switch: Switch, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.ports: Ports = memory_ports()
        self._switch = switch
        self.line = Line(self._app(self.url))
        switch.app = self.line

    def become(self, other: Gateway) -> None:
        """Become a copy of the other gateway, independent from now on."""
        self.ports.store._tables = other.rows.copy()  # type: ignore[attr-defined]
        for name, value in vars(other.ports.keystore).items():
            if isinstance(value, (dict, set)):
                vars(self.ports.keystore)[name] = value.copy()
            elif name != "_lock":
                vars(self.ports.keystore)[name] = value
        self.objects.update(other.objects)
        self.ports.spend_setup_token()

    def public(self, url: str) -> None:
        """The same vault under another public URL."""
        self.line.app = self._app(url)

    def _app(self, url: str) -> FastAPI:
        """A gateway, which holds a gateway's keys alone."""
        app = create_app(as_gateway(self.ports), public_url=url, clock=clock.now, erasure_delay=DELAY)
        app.state.gateway.readiness.fresh = -1  # what a test changed shows at once
        return app

    def api(self) -> Api:
        return Api(self.url)

    # As its operator has it

    @property
    def rows(self) -> Tables:
        """The stored rows; a change of them bypasses the server."""
        return self.ports.store._tables  # type: ignore[attr-defined]

    @property
    def objects(self) -> dict[str, bytes]:
        """The bodies by their names."""
        return self.ports.objects._objects  # type: ignore[attr-defined]

    @property
    def documents(self) -> list[DocumentRow]:
        return list(self.rows.document.values())

    def share(self, id_: str) -> ShareRow:
        return self.rows.share[id_]

    def pickups(self, share: str) -> list[PickupRow]:
        return [pickup for pickup in self.rows.pickup.values() if pickup.share == share]

    def record(self, hash_: str) -> dict[str, Any]:
        """The signed content of a record."""
        row = self.rows.record[hash_]
        return restore(row.kind, row.record, row.signatures).fields

    def director(self) -> MemberRow:
        return next(iter(self.rows.member.values()))

    def spend_codes(self, until: int) -> None:
        """Mark one-time codes up to this step as used; 0 makes every code valid again."""
        for id_, row in self.rows.member.items():
            self.rows.member[id_] = replace(row, totp_step=until)

    def begin_session(self, member: str) -> Api:
        """A session as if that member had signed in."""
        token = secrets.token_urlsafe(32)
        with self.ports.store.transaction() as tx:
            tx.add_session(SessionRow(token_hash(token), member, clock.now(), clock.now()))
        return self.api().signed_in(token)

    def revoke(self, share: str) -> None:
        """Revoke a share, as if from another device."""
        self.rows.share[share] = replace(self.rows.share[share], revoked_at=clock.now())

    def forget_newest(self, chain: str) -> Any:
        """Remove the newest version of the roster or the policy; return it."""
        newest = max(version for kind, version in self.rows.chain if kind == chain)
        return self.rows.chain.pop((chain, newest))

    def sweep(self) -> Any:
        """Run the worker's sweep."""
        return erasing.sweep(as_worker(self.ports), clock.now())


@dataclass
class House:
    """A practice, and its director's first device."""

    gateway: Gateway
    folder: Path
    home: Home
    founded: Founded
    move: Callable[[str], None] = field(repr=False)
    _signed_in: SignedIn | None = None
    _dossier: OpenDossier | None = None

    @property
    def line(self) -> Line:
        return self.gateway.line

    @property
    def ports(self) -> Ports:
        return self.gateway.ports

    @property
    def url(self) -> str:
        return self.gateway.url

    def api(self) -> Api:
        """The API without a session, for a link's holder or for signing in."""
        return self.gateway.api()

    # People

    def code(self) -> str:
        """A one-time code that the server accepts, even if this half minute's was used."""
        self.gateway.spend_codes(0)
        return totp.code(TOTP, totp.step_of(clock.now()))

    def login(self, home: Home | None = None, password: str = PASSWORD) -> SignedIn:
        return login(self.api(), home or self.home, EMAIL, password, self.code())

    def at(self, name: str) -> Home:
        """Another device's folder."""
        return Home(self.folder / name)

    def device(self, name: str, offset: str = "+120s") -> SignedIn:
        """Another, empty device of the same director, a little later."""
        self.move(offset)
        return self.login(self.at(name))

    @property
    def signed_in(self) -> SignedIn:
        """The director, on her first device."""
        if self._signed_in is None:
            self._signed_in = self.login()
        return self._signed_in

    def again(self) -> SignedIn:
        """The next command on this device."""
        self._signed_in = SignedIn.load(self.home)
        return self._signed_in

    # Dossiers, documents, shares

    def open(self, name: str = "Anna Bakker") -> OpenDossier:
        return load_dossier(self.signed_in, open_dossier(self.signed_in, name, "client", "begeleiding"))

    @property
    def dossier(self) -> OpenDossier:
        """The dossier of most tests."""
        if self._dossier is None:
            self._dossier = self.open()
        return self._dossier

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def deposit(self, *paths: Path, dossier: OpenDossier | None = None) -> list[Outcome]:
        return deposit(dossier or self.dossier, collect(paths), Description("begeleiding"))

    def put(self, dossier: OpenDossier, **files: bytes) -> list[Listed]:
        """Small files by their names."""
        self.deposit(*(self.write(name, content) for name, content in files.items()), dossier=dossier)
        return list_documents(dossier)

    def listed(self) -> list[Listed]:
        return list_documents(self.dossier)

    def share(self, **terms: Any) -> Made:
        return share(self.dossier, self.listed(), ShareTerms(**terms), base=self.url)

    def pick_up(self, made: Made, out: str = "out") -> PickedUp:
        return pick_up(made.link, self.folder / out, ask=lambda mode: made.passphrase or "", api=self.api())

    # The worker

    def sweep(self) -> Any:
        return self.gateway.sweep()

    def checkpoint(self) -> Any:
        return auditing.checkpoint(self.ports, clock.now())

    def destroy(self, *chosen: Listed) -> None:
        """Erase documents, up to the certificate."""
        asked = requesting.request(self.dossier, list(chosen), "client")
        following.wait(self.signed_in, asked, sleep=lambda _: self.sweep())

    def destroy_whole(self, dossier: OpenDossier) -> None:
        """Erase a dossier, up to the certificate, as the device that `dossier` was opened on."""
        asked = requesting.request(dossier, [], "client")
        following.wait(dossier.signed_in, asked, sleep=lambda _: self.sweep())


def seal_text(dossier: OpenDossier, kind: str, subject: str, fields: dict[str, Any]) -> tuple[str, bytes]:
    """The digest for a record of that kind and the encrypted text, of the dossier's present identity."""
    key, epoch = dossier.text_key, dossier.epoch
    return sealed_text.seal_text(kind, fields, key=key, dossier=dossier.id, epoch=epoch, subject=subject)


def founder_of(folder: Path) -> Founder:
    return Founder(
        "Praktijk Proef", "Dirkje", EMAIL, folder / "sheet.txt"
    )  # a page with its picture takes a fifth of a second


def found_house(gateway: Gateway, folder: Path, move: Callable[[str], None]) -> House:
    """Found the practice, then move the clock until codes are valid again."""
    home = Home(folder / "home")
    write_secret_file(home.path / "totp", TOTP)
    founded = found(gateway.api(), home, founder_of(folder), PASSWORD, TOKEN, TOTP)
    return House(gateway, folder, home, founded, move)


def copy_of(house: House, gateway: Gateway, folder: Path, move: Callable[[str], None]) -> House:
    """A copy of the practice at its own gateway; founding takes longer than most tests."""
    gateway.become(house.gateway)
    shutil.copytree(house.home.path, folder / "home")
    home = Home(folder / "home")
    if (key := home.path / "session").exists():  # the original has no runtime folder
        write_private(home.session_key, key.read_bytes())
        key.unlink()
    return House(gateway, folder, home, house.founded, move)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def quick_argon2id(secret: bytes, salt: bytes, *, memory: int = 0, passes: int = 0) -> Secret:
    """A fast substitute for Argon2id."""
    return Secret(hashlib.blake2b(secret + salt + f"{memory}/{passes}".encode(), digest_size=32).digest())
