"""New keys for a leaver's dossiers of 20 documents each, against the cryptography alone that they take.

The real client and the real gateway are in one process over SQLite files: what is counted is the CPU of both.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from tests.bench.lists import practice
from tests.bench.results import Goal, Result
from tests.bench.stage import scratch
from tests.client.colleagues import join
from tests.client.house import House
from vault.age.header import write_header
from vault.sdk.documents.handing_over import let_go
from vault.sdk.documents.listing import identity_of, list_documents, unlock
from vault.sdk.documents.rewrapping import Rewrapping
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.dossiers.holders import assign
from vault.sdk.dossiers.new_dossier import wrap_for
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.keys.sealed_text import box_text, text_key
from vault.sdk.people.appointing import dismiss

ROW = 16
DOCUMENTS, DOSSIERS = 20, 1_000
MINUTES = Goal(at_most=5)


def run(*, quick: bool = False) -> Iterator[Result]:
    """On this machine's loopback."""
    count = 4 if quick else 50
    with scratch() as folder, practice(folder) as house:
        coach = join(house, house.signed_in, "Carla", "coach").member
        dossiers = [_filled(house, number, coach) for number in range(count)]
        floor = sum(map(partial(_alone, house), dossiers))
        dismiss(house.signed_in, coach)
        wall, cpu = time.monotonic(), time.process_time()
        handed = let_go(house.signed_in, coach)
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        if (len(handed.done), handed.left) != (count, []):
            raise RuntimeError(f"{len(handed.done)} of {count} dossiers were given new keys")
    name = f"new keys for a leaver's {DOSSIERS:,} dossiers of {DOCUMENTS} documents: CPU of device and gateway"
    minutes, ours = (
        cpu / count * DOSSIERS / 60,
        f"{cpu / count * 1e3:.0f} ms a dossier, {wall / count * 1e3:.0f} ms of time",
    )
    peer = f"{floor / count * 1e3:.1f} ms of cryptography"
    yield Result(ROW, name, minutes, "min", MINUTES, cpu=cpu / floor, ours=ours, peer=peer)


def _filled(house: House, number: int, coach: str) -> str:
    """A dossier of the coach."""
    dossier = house.open(f"J. de Vries {number}")
    house.put(dossier, **{f"{each}.txt": b"text" for each in range(DOCUMENTS)})
    assign(dossier, coach)
    return dossier.id


def _alone(house: House, id_: str) -> float:
    """The CPU seconds of the new identity alone: heads, metadata, texts and a wrap, made and sent nowhere."""
    return _crypto(load_dossier(house.signed_in, id_))


def _crypto(dossier: OpenDossier) -> float:
    listed, old = list_documents(dossier), identity_of(dossier)
    before = time.process_time()
    new = Rewrapping.begin(dossier, leave_damaged=False)
    key, recipient = text_key(new.seed), new.identity.recipient()
    for one in listed:
        write_header(unlock(one, old), [recipient])
        box_text("document", one.text, key=key, dossier=dossier.id, epoch=new.epoch, subject=one.id)
    wrap_for(dossier.signed_in, dossier.id, new.epoch, new.seed, dossier.signed_in.member)
    return time.process_time() - before
