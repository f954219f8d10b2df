"""A pick-up that is broken off goes on as the same one: tabs, connections, servers and disks that fail on the way."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.infra.serving import Server, until
from tests.journeys.machine import Director, DirectorHere
from tests.web.browser import Browser
from tests.web.conftest import CONTENT
from tests.web.states import QUOTA
from tests.web.test_pickup_page import FETCH_ONE, FETCH_TWO, digest, picked_up, stored

pytestmark = pytest.mark.slow
Browse = Callable[..., Browser]
Shared = Callable[..., dict[str, Any]]
# Half of what the address is granted is taken by something else of it.
FILLED = """await held.page.evaluate(async (bytes) => {
  const file = await (await navigator.storage.getDirectory()).getFileHandle('other', { create: true });
  const writing = await file.createWritable();
  await writing.write(new Uint8Array(bytes));
  await writing.close();
}, given.bytes)"""


def test_a_killed_tab_goes_on_as_the_same_pick_up(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen", "--max", "1"), browse()
    page.open(link["link"])
    page.run(
        """let count = 0;
           await held.context.route('**/body', (route) => (count += 1) > 2 ? undefined : route.continue());"""
    )
    page.press(FETCH_TWO)
    page.heading("Bezig met ophalen")
    until(lambda: "%" in page.text() or "MB van" in page.text(), what="something has come")
    page.run(
        "await held.page.waitForTimeout(1500); await held.context.unrouteAll({behavior: 'ignoreErrors'}); await held.page.reload()"
    )
    page.heading("2 documenten voor u")
    assert "U was al begonnen" in page.text()
    page.press("Verder met ophalen")
    page.heading("Uw 2 documenten zijn er")
    assert digest(page.save("Scan.pdf bewaren")) == digest(director.folder / "stukken/bijlagen/Scan.pdf")
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_a_cut_connection_is_told_and_goes_on_by_itself(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen"), browse()
    page.open(link["link"])
    page.run(
        "held.cut = true; await held.context.route('**/body', (route) => held.cut ? route.abort('connectionreset') : route.continue())"
    )
    page.press(FETCH_TWO)
    page.heading("De verbinding is weg")
    page.run("held.cut = false")
    page.heading("Uw 2 documenten zijn er")
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_stopping_and_going_on_count_once(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen"), browse()
    page.open(link["link"])
    page.run("await held.context.route('**/body', () => undefined)")
    page.press(FETCH_TWO)
    page.heading("Bezig met ophalen")
    page.press("Stoppen")
    page.heading("Gestopt")
    page.run("await held.context.unrouteAll({behavior: 'ignoreErrors'})")
    page.press("Verder met ophalen")
    page.heading("Uw 2 documenten zijn er")
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_a_withdrawal_ends_it_and_leaves_nothing(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen"), browse()
    page.open(link["link"])
    page.run(
        """held.waiting = [];
           let count = 0;
           await held.context.route('**/body', (route) => (count += 1) > 2 ? held.waiting.push(route) : route.continue());"""
    )
    page.press(FETCH_TWO)
    until(lambda: page.run("return held.waiting.length") > 0, what="the fetch is under way")
    director.dossier("revoke", link["share"])
    page.run(
        "await held.context.unrouteAll({behavior: 'ignoreErrors'}); for (const route of held.waiting) await route.continue().catch(() => undefined)"
    )
    page.heading("Deze link werkt niet meer")
    assert stored(page) == []
    page.run("await held.page.reload()")
    page.heading("Deze link geeft niets (meer)")


def test_a_disk_that_fills_up_on_the_way_loses_and_counts_nothing(
    director: Director, shared: Shared, browse: Browse
) -> None:
    link, page = shared("Jansen", "--max", "1"), browse()
    page.open(link["link"])
    page.run(
        "held.fill = 0; await held.context.route('**/body', async (route) => { held.fill += 1; await route.continue(); })"
    )
    page.run(QUOTA, bytes=20_100_000)
    page.run(FILLED, bytes=9_000_000)
    page.press(FETCH_TWO)
    page.heading("Er is geen plaats op dit apparaat")
    assert page.run("return held.fill") > 0
    page.run(QUOTA, bytes=10**9)
    page.press("Nog eens proberen")
    page.heading("Uw 2 documenten zijn er")
    assert digest(page.save("Scan.pdf bewaren")) == digest(director.folder / "stukken/bijlagen/Scan.pdf")
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_a_tab_that_was_closed_is_opened_again_and_goes_on(director: Director, shared: Shared, browse: Browse) -> None:
    link, page = shared("Jansen", "--max", "1"), browse()
    page.open(link["link"])
    page.run(
        """let count = 0;
           await held.context.route('**/body', (route) => (count += 1) > 2 ? undefined : route.continue());"""
    )
    page.press(FETCH_TWO)
    until(lambda: "MB van" in page.text(), what="something has come")
    page.run(
        """await held.page.close({ runBeforeUnload: false });
           await held.context.unrouteAll({behavior: 'ignoreErrors'});
           held.page = await held.context.newPage();"""
    )
    page.open(link["link"])
    page.press("Verder met ophalen")
    page.heading("Uw 2 documenten zijn er")
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_the_back_button_comes_back_to_where_she_was(
    server: Server, director: Director, shared: Shared, browse: Browse
) -> None:
    link, page = shared("Pietersen", "--max", "1"), browse()
    page.open(link["link"])
    page.run("await held.page.goto(given.url); await held.page.goBack()", url=f"{server.url}/")
    page.heading("een document voor u")
    page.press(FETCH_ONE)
    page.heading("Uw document is er")
    page.run("await held.page.goto(given.url); await held.page.goBack()", url=f"{server.url}/")
    page.heading("een document voor u")
    page.press("Verder met ophalen")
    page.heading("Uw document is er")
    page.save("brief.txt bewaren")
    page.press("Klaar: ik heb alles")
    page.heading("Klaar")
    page.run("await held.page.goto(given.url); await held.page.goBack()", url=f"{server.url}/")
    page.heading("Klaar")
    assert picked_up(director, "Pietersen", link["share"]) == 1


def test_a_part_of_the_program_that_does_not_come_is_no_connection(
    director: Director, shared: Shared, browse: Browse
) -> None:
    link, page = shared("Pietersen", "--max", "1"), browse()
    page.run("await held.context.route(/collecting-|rest-/, (route) => route.abort())")
    page.open(link["link"])
    page.press(FETCH_ONE)
    page.heading("Geen verbinding")
    assert picked_up(director, "Pietersen", link["share"]) == 0
    page.run("await held.context.unrouteAll({behavior: 'ignoreErrors'})")
    page.press("Nog eens proberen")
    page.heading("een document voor u")
    page.press(FETCH_ONE)
    page.heading("Uw document is er")


def test_a_link_that_expires_by_the_clock_of_the_server_gives_nothing_more(tmp_path: Path, browse: Browse) -> None:
    with Server(tmp_path / "data", log=tmp_path / "log") as early:
        director = DirectorHere(tmp_path / "director", early.url)
        director.set_up(early)
        director.write("brief.txt", CONTENT)
        director.stored("Jansen", director.folder / "brief.txt")
        link = director.dossier("share", "Jansen", "--to", "client", "--days", "7").result["link"]
        page = browse()
        page.open(link)
    with Server(tmp_path / "data", port=early.port, log=tmp_path / "log-later", DOSSIER_CLOCK_OFFSET="+8d"):
        page.press(FETCH_ONE)
        page.heading("Deze link werkt niet meer")
        assert stored(page) == []
        page.open(link)
        page.heading("Deze link geeft niets (meer)")
        assert "klok" in page.text()


def test_a_gateway_that_is_killed_and_started_again_is_gone_on_with(tmp_path: Path, browse: Browse) -> None:
    with Server(tmp_path / "data", log=tmp_path / "log") as killed:
        director = DirectorHere(tmp_path / "director", killed.url)
        director.set_up(killed)
        director.write("brief.txt", CONTENT)
        director.stored("Jansen", director.folder / "brief.txt")
        link = director.dossier("share", "Jansen", "--to", "client", "--max", "1").result
        page = browse()
        page.open(link["link"])
        page.run("await held.context.route('**/body', () => undefined)")
        page.press(FETCH_ONE)
        page.heading("Bezig met ophalen")
        killed.stop(signal.SIGKILL)
    page.run("await held.context.unrouteAll({behavior: 'ignoreErrors'})")
    with Server(tmp_path / "data", port=killed.port, log=tmp_path / "log-again"):
        page.open(link["link"])
        page.press("Verder met ophalen")
        page.heading("Uw document is er", within=60)
        assert page.save("brief.txt bewaren").read_bytes() == CONTENT
        assert picked_up(director, "Jansen", link["share"]) == 1


# In place of an engine that fails, in every worker that is there: the one that stretched the passphrase ends by itself.
_IN_WORKERS = "for (const worker of held.page.workers()) await worker.evaluate(given.script).catch(() => undefined);"
# The second can say nothing once it is stuck, so it says before that something came.
_NEVER_SETTLES = "SubtleCrypto.prototype.decrypt = () => new Promise(() => undefined)"
_NEVER_RETURNS = """FileSystemSyncAccessHandle.prototype.write = () => {
  postMessage({ is: 'progress', done: 1500, total: 2000 });
  for (;;);
}"""


@pytest.mark.parametrize(
    ("stuck", "words"), [(_NEVER_SETTLES, ("--passphrase",)), (_NEVER_RETURNS, ())], ids=["promise", "call"]
)
def test_a_worker_that_is_stuck_is_replaced_and_goes_on(
    director: Director, shared: Shared, browse: Browse, stuck: str, words: tuple[str, ...]
) -> None:
    link, page = shared("Jansen", "--max", "1", *words), browse("stuck")
    page.run("await held.page.clock.install()")
    page.open(link["link"])
    if words:
        page.fill("Uw zes woorden", link["passphrase"])
        page.press("Verder")
        page.heading("2 documenten voor u")
    page.run(_IN_WORKERS, script=stuck)
    page.press(FETCH_TWO)
    page.heading("Bezig met ophalen")
    until(lambda: "1,5 kB van" in page.text(), what="the worker is stuck")
    page.run("await held.page.clock.fastForward(21_000)")
    page.heading("Uw 2 documenten zijn er", within=60)
    assert digest(page.save("Scan.pdf bewaren")) == digest(director.folder / "stukken/bijlagen/Scan.pdf")
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_files_are_opened_whatever_the_engine_collects_meanwhile(shared: Shared, browse: Browse) -> None:
    page = browse(args=["--js-flags=--expose-gc"])
    page.open(shared("Jansen")["link"])
    page.run(
        _IN_WORKERS,
        script="""const open = FileSystemFileHandle.prototype.createSyncAccessHandle;
                FileSystemFileHandle.prototype.createSyncAccessHandle = function (...given) {
                  const opened = open.apply(this, given);
                  setTimeout(gc, 0);
                  return opened;
                }""",
    )
    page.press(FETCH_TWO)
    page.heading("Uw 2 documenten zijn er", within=15)
