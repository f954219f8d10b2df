"""Members, receivers and workers that act at random and concurrently on the same few dossiers."""

from __future__ import annotations

import copy
import random
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock
from typing import Any

from tests.actors import NOW, Deposited, Link, Practice
from tests.flows.dossiers.test_closing import change
from tests.flows.erasures.test_erasing import ask
from tests.health import checks
from tests.races.house import House
from vault.domain.sessions import STEPS_APART
from vault.flows.answers import Answer
from vault.flows.audit import auditing
from vault.flows.documents import reading
from vault.flows.dossiers import indexing, showing
from vault.flows.erasures import requesting, retention
from vault.flows.people import signing_in
from vault.flows.shares import pickup, sharing
from vault.ports.errors import ConflictError, ShreddedError
from vault.rules.verdict import Refused

# Exceptions of a lost race: another checkpoint, an erasure between a row and its key.
DOCUMENTED = (ConflictError, ShreddedError)


@dataclass
class Known:
    """State shared by all actors, and their observations."""

    dossiers: list[str]
    documents: list[tuple[str, Deposited]] = field(default_factory=list)
    links: list[tuple[Link, Deposited]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    released: list[tuple[str, bytes]] = field(default_factory=list)
    accepted: set[tuple[str, str]] = field(default_factory=set)
    codes: list[int] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)


class Somebody:
    """One thread's copy of the practice, through one gateway; its acts return their results."""

    def __init__(self, house: House, known: Known, number: int, seed: int) -> None:
        self.known, self.ports = known, house.door(number)
        self.me: Practice = copy.copy(house.practice)
        self.me.ports, self.me.index = self.ports, {}
        self.caller = self.me.director.caller
        self.chance = random.Random(f"{seed}/{number}")

    def live(self, acts: int) -> None:
        """Do so many random acts; a lost race may fail in the documented ways."""
        choice = [act for act, weight in ACTS.items() for _ in range(weight)]
        for _ in range(acts):
            act = self.chance.choice(choice)
            try:
                gained = act(self)
            except DOCUMENTED:
                continue
            if gained:
                with self.known.lock:
                    self.known.done[act.__name__] += 1

    def dossier(self) -> str | None:
        """A random dossier with its newest index; None when it is gone."""
        chosen = self.chance.choice(self.known.dossiers)
        whole = showing.one(self.ports, self.caller, chosen)
        if isinstance(whole, Refused):
            return None
        self.me.index[chosen] = whole.index
        return chosen

    def put(self) -> bool:
        """Deposit a document and list it, retrying after lost races."""
        dossier = self.dossier()
        if dossier is None:
            return False
        document = self.me.new_document(dossier)
        if isinstance(self.me.begin(dossier, document), Refused) or isinstance(self.me.put(document), Refused):
            return False
        if isinstance(self.me.complete(document), Answer):
            return False
        if not isinstance(self.me.advance(dossier, [document.envelope.hash]), indexing.Advanced):
            return False
        self.known.accepted.add((dossier, self.me.index[dossier].hash))
        self.known.documents.append((dossier, document))
        return True

    def share(self) -> bool:
        if not self.known.documents:
            return False
        dossier, document = self.chance.choice(self.known.documents)
        whole = showing.one(self.ports, self.caller, dossier)
        if isinstance(whole, Refused):
            return False
        self.me.index[dossier] = whole.index
        link = self.me.new_share(dossier, [document], max=self.chance.randrange(1, 4))
        if not isinstance(sharing.share(self.ports, self.caller, dossier, link.new, NOW), sharing.Shared):
            return False
        self.known.accepted.add((dossier, link.new.index.hash))
        self.known.links.append((link, document))
        return True

    def receive(self) -> bool:
        if not self.known.links:
            return False
        (link, document), name = self.chance.choice(self.known.links), secrets.token_bytes(16)
        proofs = pickup.Proofs(link.possess, link.open)
        answer = pickup.pick_up(self.ports, link.id, name, proofs, NOW)
        if not isinstance(answer, pickup.Released):
            return False
        self.known.released.append((link.id, name))
        body = pickup.body(self.ports, link.id, name, document.id, proofs, lambda: NOW, 0, None)
        if isinstance(body, reading.Body):
            assert b"".join(body.pieces) in (b"", document.body)
        return True

    def revoke(self) -> bool:
        if not self.known.links:
            return False
        link, _ = self.chance.choice(self.known.links)
        return sharing.revoke(self.ports, self.caller, link.id, NOW) is None

    def erase_document(self) -> bool:
        if not self.known.documents:
            return False
        dossier, document = self.chance.choice(self.known.documents)
        return self._asked(ask(self.me, dossier, [document.id], basis=self.chance.choice(["client", "staff"])))

    def erase_dossier(self) -> bool:
        if len(self.known.asked) < 20:
            return False
        return self._asked(ask(self.me, self.known.dossiers[self.chance.randrange(3)]))

    def _asked(self, answer: Any) -> bool:
        if not isinstance(answer, requesting.Requested):
            return False
        self.known.asked.append(answer.erasure.id)
        return True

    def close(self) -> bool:
        """Or reopen."""
        dossier = self.dossier()
        if dossier is None:
            return False
        try:
            answer = change(self.me, dossier, end=self.chance.choice([None, date(2026, 11, 23)]))
        except (AssertionError, StopIteration):  # the helper raises; here the race may be lost
            return False
        if not isinstance(answer, indexing.Advanced):
            return False
        self.known.accepted.add((dossier, self.me.index[dossier].hash))  # two actors may have signed the same one
        return True

    def sign_in(self) -> bool:
        # By clocks that honestly differ: a code used further ahead would be void (`spend_totp`).
        now = NOW + timedelta(minutes=5, seconds=30 * self.chance.randrange(STEPS_APART + 1))
        director = self.me.director
        request = signing_in.SignIn(director.email, director.login, director.code(now), {}, "here")
        answer = signing_in.sign_in(self.ports, request, now)
        if not isinstance(answer, signing_in.SignedIn):
            return False
        self.known.codes.append(int(now.timestamp()) // 30)
        caller = signing_in.authenticate(self.ports, answer.token, now + timedelta(minutes=2))
        assert caller is not None
        signing_in.sign_out(self.ports, caller)
        assert signing_in.authenticate(self.ports, answer.token, now) is None
        return True

    def look(self) -> bool:
        for listed in showing.listing(self.ports, self.caller, "", 100):
            reading.documents(self.ports, self.caller, listed.dossier.id, "", 20)
        return all(check.ok for check in checks(self.ports, NOW))

    def sweep(self) -> bool:
        return bool(retention.sweep(self.ports, NOW).found)

    def checkpoint(self) -> bool:
        return auditing.checkpoint(self.ports, NOW) is not None


ACTS: dict[Callable[[Somebody], bool], int] = {
    Somebody.put: 6,
    Somebody.share: 5,
    Somebody.receive: 6,
    Somebody.revoke: 1,
    Somebody.erase_document: 2,
    Somebody.erase_dossier: 2,
    Somebody.close: 1,
    Somebody.sign_in: 2,
    Somebody.look: 2,
    Somebody.sweep: 1,
    Somebody.checkpoint: 1,
}
