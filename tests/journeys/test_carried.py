"""Behind the proxy that carries: whole files come, from the store past the gateway, and a withdrawal ends it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.stage import Stage, stage
from tests.infra.proxied import Proxy
from tests.infra.serving import free_port
from tests.journeys.machine import Machine
from vault.age.stream import CHUNK_SIZE
from vault.records.types.document import SEGMENT_SIZE
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import deposit
from vault.sdk.documents.described import Description
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.shares.sharing import Made, ShareTerms, share

pytestmark = pytest.mark.slow
CONTENT = os.urandom(3 * SEGMENT_SIZE + 70_001)


@dataclass
class Way:
    """A practice behind the proxy, with one large file in a dossier."""

    house: Stage
    dossier: OpenDossier

    def share(self, base: str | None = None) -> Made:
        return share(self.dossier, list_documents(self.dossier), ShareTerms(max=1), base=base or self.house.url)

    @property
    def relayed(self) -> list[int]:
        """How many bytes the gateway itself gave, for each request of a body."""
        lines = [json.loads(line) for line in self.house.vault.log.read_text().splitlines() if line.startswith("{")]
        return [line["bytes_out"] for line in lines if str(line.get("route", "")).endswith("/body")]


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("carried")
    with stage(proxied=True, folder=folder) as house:
        file = folder / "groot.bin"
        file.write_bytes(CONTENT)
        dossier = house.dossier("carried")
        deposit(dossier, collect([str(file)]), Description("journey"))
        yield Way(house, house.fresh(dossier))


def stranger(way: Way, folder: Path) -> Machine:
    return Machine(folder, way.house.url, **way.house.entrance)


def test_a_pick_up_is_whole_counted_once_and_passes_the_gateway_by(way: Way, tmp_path: Path) -> None:
    made, before = way.share(), len(way.relayed)
    machine = stranger(way, tmp_path)
    machine.dossier("get", made.link.to_string(), "--out", "out")
    assert (tmp_path / "out" / "groot.bin").read_bytes() == CONTENT
    assert way.relayed[before:] == [0] * 4
    assert machine.dossier("get", made.link.to_string(), "--out", "other", expect=6).error == "link_unavailable"
    seen = way.house.signed_in.api.get(f"/shares/{made.share}")
    assert (seen["used"], [bool(pickup["finished_at"]) for pickup in seen["pickups"]]) == (1, [True])


def test_a_member_reads_it_back_the_same_way(way: Way, tmp_path: Path) -> None:
    before = len(way.relayed)
    out = tmp_path / "back.bin"
    environment = {**way.house.director.environment, **way.house.environment}
    machine = Machine(tmp_path / "anna", way.house.url)
    machine.environment = environment
    machine.dossier("cat", way.dossier.id, "groot.bin", "--out", str(out))
    assert out.read_bytes() == CONTENT
    assert way.relayed[before:] == [0] * 4


def test_a_store_that_the_proxy_does_not_reach_is_gone_round(way: Way, tmp_path: Path) -> None:
    """The gateway gives the bytes itself, once it is asked again."""
    before, proxy = len(way.relayed), Proxy(tmp_path / "proxy")
    with proxy.before(way.house.vault.port, f"http://127.0.0.1:{free_port()}"):
        made = way.share(proxy.url)
        machine = Machine(tmp_path, proxy.url, SSL_CERT_FILE=str(proxy.authority))
        machine.dossier("get", made.link.to_string(), "--out", "out")
    assert (tmp_path / "out" / "groot.bin").read_bytes() == CONTENT
    assert sum(way.relayed[before:]) == len(CONTENT) + 16 * -(-len(CONTENT) // CHUNK_SIZE)
