"""A practice with one of every kind of object, and generated requests with its ids.

A generator cannot guess ids, tokens and proofs: so most of its requests get real ones, and pass the first checks. The
request itself determines them: the same seed gives the same run.
"""

from __future__ import annotations

import secrets
import zlib
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI
from schemathesis import Case

from gateway.app import create_app
from tests.actors import Practice
from tests.gateway.house import proofs
from tests.installation import as_gateway
from vault.domain.sessions import SessionRow
from vault.flows.audit import auditing
from vault.flows.context import Ports
from vault.flows.erasures import erasing, requesting
from vault.flows.people.signing_in import token_hash
from vault.flows.shares import pickup
from vault.records.encoding import new_id
from vault.records.envelope import Envelope
from vault.records.types.erasure import LIFE, ErasureRequest

PUBLIC_URL = "http://127.0.0.1:8420"
LINKS = "/api/v1/pickup/"


class World:
    """The application, and real values for its paths and headers."""

    def __init__(self, ports: Ports | None = None) -> None:
        self.practice = Practice(ports).set_up()
        self.now = self.practice.now
        self.app: FastAPI = create_app(as_gateway(self.practice.ports), public_url=PUBLIC_URL, clock=self.clock)
        dossier = self.dossier = self.practice.open_dossier()
        self.stored = self.practice.deposit(dossier, b"ciphertext of a report" * 100)
        self.begun = self.practice.new_document(dossier)
        self.practice.begin(dossier, self.begun)
        self.link = self.practice.share(dossier, [self.stored], max=100)
        self.name = new_id()
        both = pickup.Proofs(self.link.possess, self.link.open)
        pickup.pick_up(self.practice.ports, self.link.id, bytes.fromhex(self.name), both, self.now)
        self.erasures = [self._destroyed(), self._requested()]
        auditing.checkpoint(self.practice.ports, self.now)

    def clock(self) -> datetime:
        return self.now

    def _destroyed(self) -> str:
        envelope = self._ask(self.practice.open_dossier(), "client")
        erasing.sweep(self.practice.ports, self.now)
        return str(envelope.fields["erasure"])

    def _requested(self) -> str:
        return str(self._ask(self.practice.open_dossier(), "staff").fields["erasure"])

    def _ask(self, dossier: str, basis: str) -> Envelope:
        director = self.practice.director
        base = ErasureRequest(
            self.practice.chain.standing,
            dossier,
            new_id(),
            (),
            basis,
            self.now,
            self.now + LIFE,
            self.now,
            signer=director.id,
        )
        envelope = self.practice.sign("erasure", base.content())
        delay = timedelta(hours=24)
        requesting.request(self.practice.ports, director.caller, dossier, envelope, self.now, delay)
        return envelope

    def session(self) -> str:
        """The header of a fresh session."""
        token = secrets.token_urlsafe(32)
        with self.practice.ports.store.transaction() as tx:
            tx.add_session(SessionRow(token_hash(token), self.practice.director.id, self.now, self.now))
        return f"Dossier-Session {token}"

    def lead(self, case: Case, *, paths: bool = True) -> None:
        """Give most generated requests real ids and a sender."""
        choice = zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode("utf-8", "replace"))
        if paths and choice % 8:
            for name in case.path_parameters or {}:
                real = self._real(case, name, choice >> 3)
                if real is not None:
                    case.path_parameters[name] = real
        if choice % 16 != 1 and "authorization" not in case.headers:
            case.headers["Authorization"] = self._sender(case, choice >> 8)

    def _real(self, case: Case, name: str, choice: int) -> str | None:
        documents = [self.stored.id, self.stored.id, self.begun.id]
        known: dict[str, list[str]] = {
            "member": [self.practice.director.id],
            "dossier": [self.dossier],
            "document": documents if LINKS not in case.path else [self.stored.id],
            "share": [self.link.id],
            "name": [self.name],
            "erasure": self.erasures,
            "number": ["0", "0", "1"],
        }
        values = known.get(name)
        return None if values is None else values[choice % len(values)]

    def _sender(self, case: Case, choice: int) -> str:
        if LINKS not in case.path:
            return self.session()
        wrong = bytes([choice % 256]) * 32
        ways: list[dict[str, Any]] = [{}, {}, {}, {"only": True}, {"open_": wrong}, {"possess": wrong}]
        return proofs(self.link, **ways[choice % len(ways)])
