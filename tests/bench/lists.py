"""What lists cost: 10,000 dossiers by name, one document among 10,000, and the indexes of a dossier that grew to that.

Bytes are counted on the line between the real client and the real gateway, in one process over SQLite files.
"""

from __future__ import annotations

import os
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from gateway.app import create_app
from tests.bench.results import Goal, Result
from tests.bench.stage import scratch
from tests.client.house import DELAY, Gateway, House, found_house
from tests.client.line import Line
from tests.contract.places import sql_keystore, sql_store
from tests.gateway.house import Switch, serving
from vault.adapters.database.tables import member
from vault.adapters.sql.factory import writing
from vault.domain.dossiers import DossierRow, IndexRow, WrapRow
from vault.flows.context import stored_signatures
from vault.flows.dossiers.sealing import subject_of, wrap_row
from vault.records.encoding import new_id
from vault.records.envelope import Envelope
from vault.records.types.index import Index
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.device.pins import Pins
from vault.sdk.documents.choosing import find_chosen
from vault.sdk.dossiers.finding import find_id, list_dossiers
from vault.sdk.dossiers.next_index import sign_index
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.keys.labels import Label, seal_label
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.session import SignedIn

ROW = 12
FIRST, AGAIN, FIND, ONE, GROWN = (Goal(at_most=most) for most in (3.0, 50, 100, 50, 20.0))
BATCH = 500


def run(*, quick: bool = False) -> Iterator[Result]:
    """On this machine's loopback."""
    count, rounds = (200, 3) if quick else (10_000, 21)
    with scratch() as folder, practice(folder) as house:
        dossier = house.open("J. de Vries")
        whole = _size(house, f"/dossiers/{dossier.id}")
        fill(house, count)
        yield from listing(house, count, whole, rounds)
        yield from one_document(house, dossier, count)
        yield grown(dossier, count)


def listing(house: House, count: int, whole: int, rounds: int) -> Iterator[Result]:
    """A new device's first list, its second, and a name looked up in it."""
    two = device(house, "two")
    first = _bytes(house, lambda: list_dossiers(two))
    again = _bytes(house, lambda: list_dossiers(two))
    name = f"list {count:,} dossiers"
    mega, peer = first / 1e6, f"{whole * count / 1e6:.1f} MB whole"
    yield Result(ROW, f"{name}, the first time on a new device", mega, "MB", FIRST, ours=f"{mega:.2f} MB", peer=peer)
    yield Result(ROW, f"{name}, nothing changed", again / 1e3, "kB", AGAIN, ours=f"{again / 1e3:.1f} kB", peer=peer)
    costs = [_device_ms(lambda: find_id(two, f"J. de Vries {count // 2}")) for _ in range(rounds + 1)][1:]
    figure = statistics.median(costs)
    name = f"find one of {count:,} dossiers by name: CPU of the device"
    yield Result(ROW, name, figure, "ms", FIND, low=min(costs), high=max(costs))


def one_document(house: House, dossier: OpenDossier, count: int) -> Iterator[Result]:
    """`cat` of one document among many, on a device that has seen nothing and on one that follows."""
    house.put(dossier, **{f"{number}.txt": b"text" for number in range(20)})
    contents = _size(house, f"/dossiers/{dossier.id}/contents") / 20 * count
    id_ = house.signed_in.api.get(f"/dossiers/{dossier.id}/documents?limit=1")["items"][0]["document"]
    more = frozenset(secrets.token_hex(32) for _ in range(count - 20))
    keep(
        house, dossier, sign_index(dossier.signed_in, dossier.heads.newest, dossier.index, dossier.records, added=more)
    )
    dossier.refresh_index()
    dossier.with_index(dossier.send_index)
    other = device(house, "three")
    found = _bytes(house, lambda: find_chosen(other, dossier.id, [id_])) / 1e3
    name = f"open one of {count:,} documents by its id"
    yield Result(ROW, name, found, "kB", ONE, ours=f"{found:.1f} kB", peer=f"{contents / 1e6:.1f} MB of contents")


def grown(dossier: OpenDossier, count: int) -> Result:
    """The sum of all indexes of a dossier that grew one record at a time, by every hundredth of them."""
    step, total = max(count // 100, 1), 0
    records = [secrets.token_hex(32) for _ in range(count)]
    for at in range(0, count, step):
        before, added = frozenset(records[:at]), frozenset(records[at : at + 1])
        index = sign_index(dossier.signed_in, dossier.heads.newest, dossier.index, before, added=added)
        total += len(str(index.to_json())) * step
    mega = total / 1e6
    return Result(ROW, f"indexes sent by a dossier that grew to {count:,} records", mega, "MB", GROWN)


@contextmanager
def practice(folder: Path) -> Iterator[House]:
    """A practice at a gateway over SQLite files, and its director on a device."""
    switch, data = Switch(), folder / "data"
    data.mkdir()
    with serving(switch) as port:
        gateway = SqlGateway(switch, port, data)
        os.environ["DOSSIER_URL"] = gateway.url
        try:
            yield found_house(gateway, folder, lambda _: None)
        finally:
            del os.environ["DOSSIER_URL"]


class SqlGateway(Gateway):
    """A gateway over SQLite."""

    def __init__(self, switch: Switch, port: int, folder: Path) -> None:
        super().__init__(switch, port)
        self.ports = replace(self.ports, store=sql_store(folder), keystore=sql_keystore(folder))
        self.line = Line(create_app(self.ports, public_url=self.url, clock=clock.now, erasure_delay=DELAY))
        switch.app = self.line

    def spend_codes(self, until: int) -> None:
        with writing(self.ports.store._engine) as connection:  # type: ignore[attr-defined]
            connection.execute(update(member).values(totp_step=until))


def device(house: House, name: str) -> SignedIn:
    """An empty device of the director, with her session."""
    first, pins = house.signed_in, Pins()
    chains = fetch_chains(first.api, first.keyring, pins)
    return SignedIn(first.api, Home(house.folder / name), first.keyring, pins, chains, first.keyring_key)


def fill(house: House, count: int) -> None:
    """So many dossiers that are labelled: of the rest of them nothing is asked for."""
    keyring, ports = house.signed_in.keyring, house.ports
    for start in range(0, count, BATCH):
        ids = [new_id() for _ in range(min(BATCH, count - start))]
        labels = [
            seal_label(
                Label(1, secrets.token_hex(32), 1, "client", f"J. de Vries {start + at}", "Guidance 2026"), keyring, id_
            )
            for at, id_ in enumerate(ids)
        ]
        ports.keystore.create([subject_of(id_) for id_ in ids])
        rows = [(subject_of(id_), "wrap.label", wrap_row(id_, 1, keyring.member)) for id_ in ids]
        sealed = ports.keystore.seal_many([(*row, label) for row, label in zip(rows, labels, strict=True)])
        with ports.store.transaction() as tx:
            for id_ in ids:
                index, head, now = secrets.token_hex(32), secrets.token_hex(32), clock.now()
                tx.add_dossier(DossierRow(id_, "client", 1, 1, head, 12, index, now))
            tx.put_wraps(
                [WrapRow(id_, 1, keyring.member, b"", None, box) for id_, box in zip(ids, sealed, strict=True)]
            )


def keep(house: House, dossier: OpenDossier, envelope: Envelope) -> None:
    """The gateway lists what this index adds, though none of it is there."""
    index = Index.read(envelope)
    link = IndexRow(index.dossier, index.sequence, index.hash, envelope.record, stored_signatures(envelope))
    with house.ports.store.transaction() as tx:
        row = tx.dossier(dossier.id)
        assert row is not None
        tx.add_index(link, added=index.added, removed=[])
        moved = replace(row, sequence=index.sequence, index=index.hash)
        assert tx.advance_dossier(moved, sequence=row.sequence, index=row.index)


def _bytes(house: House, act: Callable[[], object]) -> int:
    """What went over the line, both ways, without headers."""
    house.line.requests.clear()
    house.line.received = 0
    act()
    return house.line.received + sum(len(request.body) for request in house.line.requests)


def _device_ms(act: Callable[[], object]) -> float:
    """The CPU time of this thread: the gateway has others, and the wall clock belongs to the machine's other work."""
    start = time.thread_time()
    act()
    return (time.thread_time() - start) * 1000


def _size(house: House, path: str) -> int:
    return _bytes(house, lambda: house.signed_in.api.get(path))
