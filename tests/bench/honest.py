"""Honest users of a practice, each a thread with a device of her own, who think between what they do."""

from __future__ import annotations

import random
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Self

from vault import totp, wiring
from vault.flows.context import Ports
from vault.flows.people.members import Credentials, Details, seal_member
from vault.flows.people.signing_in import parameters_text
from vault.records.encoding import from_base64url, to_base64url
from vault.sdk.device.home import Home
from vault.sdk.device.pins import Pins
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import deposit
from vault.sdk.documents.described import Description
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import load_dossier, open_dossier
from vault.sdk.keys.keyring import Keyring, new_keyring
from vault.sdk.people.appointing import NewMember, Person, new_member, post_roster
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.session import SignedIn
from vault.sdk.server.api import Api
from vault.sdk.shares.links import Link
from vault.sdk.shares.pickup import pick_up
from vault.sdk.shares.sharing import ShareTerms, share
from vault.secret import Secret
from vault.settings import Role, Settings

SIGN_IN, LIST, PUT, PICK_UP = "sign-in", "list", "put", "pick-up"
SIZE = 50_000


@dataclass(frozen=True, slots=True)
class Act:
    """What a user did: when it began, how long she waited, and what went wrong."""

    kind: str
    at: float
    seconds: float
    error: str = ""


@dataclass
class Colleague:
    """A member on her own device, with both her factors."""

    email: str
    login: bytes
    totp: bytes
    signed_in: SignedIn
    folder: Path
    source: str
    step: int = 0
    dossier: str = ""
    link: Link | None = None

    def api(self) -> Api:
        """A device on a network of its own: honest users come from many sources."""
        api = Api(self.signed_in.api.url)
        api._pool.conn_kw["source_address"] = (self.source, 0)  # type: ignore[attr-defined]
        return api

    def await_code(self, over: threading.Event) -> None:
        """Until a code that was not used yet is accepted."""
        while self.step >= totp.step_of(datetime.now(UTC)) + totp.DRIFT:
            over.wait(1)

    def sign_in(self) -> None:
        """Both factors, and the keyring."""
        api, self.step = self.api(), max(self.step + 1, totp.step_of(datetime.now(UTC)))
        step = self.step
        api.post("/session/parameters", json={"email": self.email})
        factors = {"login": to_base64url(self.login), "code": totp.code(self.totp, step)}
        seen = {"roster": 0, "ledger": 0, "checkpoint": 0}
        answer = api.post("/session", json={"email": self.email, **factors, "seen": seen, "cookie": False})
        api = api.signed_in(answer["token"])
        api.get("/session/keyring")
        self.signed_in.api = api

    def listed(self) -> None:
        """As `dossier ls D`."""
        one = self.signed_in
        anew = SignedIn(
            one.api, one.home, one.keyring, one.pins, fetch_chains(one.api, one.keyring, one.pins), Secret(bytes(32))
        )
        list_documents(load_dossier(anew, self.dossier))

    def put(self) -> None:
        """As `dossier put D FILE`."""
        path = self.folder / f"{secrets.token_hex(6)}.bin"
        path.write_bytes(secrets.token_bytes(SIZE))
        deposit(load_dossier(self.signed_in, self.dossier), collect([str(path)]), Description("bench"))
        path.unlink()

    def pick_up(self) -> None:
        """As her client does, without an account."""
        assert self.link is not None
        out = self.folder / secrets.token_hex(6)
        pick_up(self.link, out, ask=lambda _: "", api=self.api())
        shutil.rmtree(out)

    def prepare(self) -> None:
        """A dossier with one document, which is shared."""
        self.sign_in()
        self.dossier = open_dossier(self.signed_in, "J. de Vries", "client", "bench")
        self.put()
        dossier = load_dossier(self.signed_in, self.dossier)
        self.link = share(dossier, list_documents(dossier), ShareTerms(max=100), base=self.signed_in.api.url).link


def colleagues(director: SignedIn, environment: dict[str, str], folder: Path, count: int) -> list[Colleague]:
    """So many members, appointed by the director; their factors are written where joining would write them."""
    keyrings = [
        new_keyring(director.practice, "0" * 32, director.keyring.root, director.standing) for _ in range(count)
    ]
    people = [
        Person(
            f"Coach {number}",
            f"coach{number}@debrug.example",
            keyring.signing_key.verify_key.encode(),
            keyring.recipient,
        )
        for number, keyring in enumerate(keyrings)
    ]
    joined = [new_member(person, "coach", director.now()) for person in people]
    newest = director.rosters.newest
    members = (*newest.members, *(one.entry for one in joined))
    post_roster(director, replace(newest, members=members), [one.details for one in joined])
    write = partial(_write, wiring.build(Settings.from_environment(environment), Role.GATEWAY))
    return [
        _joined(director, one, keyring, folder / str(number), f"127.0.1.{number + 1}", write)
        for number, (one, keyring) in enumerate(zip(joined, keyrings, strict=True))
    ]


def _joined(
    director: SignedIn, new: NewMember, made: Keyring, folder: Path, source: str, write: Callable[..., None]
) -> Colleague:
    login, code = secrets.token_bytes(32), secrets.token_bytes(20)
    write(new, login, code)
    own = Keyring(director.practice, new.entry.id, made.signing, made.identity, made.wrap, made.root, director.standing)
    api, pins = director.api, Pins()
    signed_in = SignedIn(api, Home(folder / "home"), own, pins, fetch_chains(api, own, pins), Secret(bytes(32)))
    return Colleague(new.details["email"], login, code, signed_in, folder, source)


def _write(ports: Ports, new: NewMember, login: bytes, code: bytes) -> None:
    fields = new.details
    details = Details(
        fields["id"], fields["name"], fields["email"], fields["recipient"], from_base64url(fields["salt"])
    )
    sealed = Credentials(
        parameters=parameters_text(secrets.token_bytes(16)),
        login=login,
        keyring=secrets.token_bytes(300),
        lock=secrets.token_bytes(300),
        totp=code,
    )
    row = seal_member(ports, details, sealed, datetime.now(UTC))
    with ports.store.transaction() as tx:
        tx.update_member(row)


class Users:
    """All of them at work until the end; `acts` is what they did."""

    def __init__(self, them: list[Colleague], think: float) -> None:
        self.acts: list[Act] = []
        self._think = think
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in them]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(130)

    def _work(self, one: Colleague) -> None:
        chance = random.Random(one.email)
        todo = [(LIST, one.listed), (PUT, one.put), (PICK_UP, one.pick_up), (SIGN_IN, one.sign_in)]
        at = chance.randrange(len(todo))
        pause = chance.uniform(0, 2 * self._think)
        while not self._over.wait(pause):
            kind, act = todo[at % len(todo)]
            if kind == SIGN_IN:
                one.await_code(self._over)
            self.acts.append(_timed(kind, act))
            at, pause = at + 1, chance.uniform(0.5, 1.5) * self._think


def _timed(kind: str, act: Callable[[], None]) -> Act:
    start, error = time.monotonic(), ""
    try:
        act()
    except Exception as failed:  # noqa: BLE001 - counted and shown
        error = f"{type(failed).__name__}: {failed} {getattr(failed, 'code', '')}"[:300]
    return Act(kind, start, time.monotonic() - start, error)
