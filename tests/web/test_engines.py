"""The pick-up in other engines than Chromium: other storage, another cipher, the same bytes in the folder of downloads."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.machine import Director
from tests.web.conftest import CONTENT
from tests.web.engines import Engine, Firefox, WebKit
from tests.web.test_pickup_page import picked_up

pytestmark = pytest.mark.slow
Shared = Callable[..., dict[str, Any]]
# What is kept: names in the private disk storage, and how many things in the database.
KEPT = """return (async () => {
  const kept = [];
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise((done) => { indexedDB.open(name).onsuccess = (event) => done(event.target.result); });
    for (const store of base.objectStoreNames) {
      const asked = base.transaction(store).objectStore(store).count();
      await new Promise((done) => { asked.onsuccess = done; });
      if (asked.result > 0) kept.push(`${asked.result} in ${store}`);
    }
    base.close();
  }
  if (!('storage' in navigator)) return kept;
  for await (const [name, folder] of (await navigator.storage.getDirectory()).entries()) {
    for await (const [inner] of folder.entries()) kept.push(`${name}/${inner}`);
  }
  return kept;
})()"""
# Every storage refused, as by a browser that keeps nothing of any site.
REFUSED = {"network__cookie__cookieBehavior": 2}


@pytest.mark.parametrize("kind", [Firefox, WebKit])
def test_a_pick_up_saves_the_same_bytes(kind: type[Engine], director: Director, shared: Shared, tmp_path: Path) -> None:
    link = shared("Jansen", "--passphrase")
    with kind(tmp_path / "engine") as page:
        page.go(link["link"])
        page.dutch()
        page.heading("wachtwoordzin")
        page.fill("textarea", link["passphrase"])
        page.press("Verder")
        page.heading("2 documenten voor u")
        page.press("2 documenten ophalen")
        page.heading("Uw 2 documenten zijn er", within=120)
        folder = director.folder / "stukken"
        for path in (folder / "KANARIENAAM verslag.txt", folder / "bijlagen" / "Scan.pdf"):
            assert digest(page.save(f"{path.name} bewaren", path.stat().st_size)) == digest(path)
        page.press("Klaar: ik heb alles")
        page.heading("Klaar")
        assert page.run(KEPT) == []
    assert picked_up(director, "Jansen", link["share"]) == 1


def test_a_private_window_of_firefox_picks_up_and_packs(director: Director, shared: Shared, tmp_path: Path) -> None:
    with Firefox(tmp_path / "engine", browser__privatebrowsing__autostart=True) as page:
        page.go(shared("Jansen")["link"])
        page.heading("2 documenten voor u")
        page.press("2 documenten ophalen")
        page.heading("Uw 2 documenten zijn er", within=120)
        with zipfile.ZipFile(page.save("Alles bewaren in één zip-bestand")) as packed:
            assert packed.testzip() is None
            scan = packed.read("stukken/bijlagen/Scan.pdf")
    assert hashlib.sha256(scan).hexdigest() == digest(director.folder / "stukken/bijlagen/Scan.pdf")


def test_without_any_storage_firefox_says_so_and_picks_up_in_memory(shared: Shared, tmp_path: Path) -> None:
    with Firefox(tmp_path / "engine", **REFUSED) as page:
        page.go(shared("Pietersen")["link"])
        page.heading("een document voor u")
        assert "onderweg niets vasthouden" in page.text()
        page.press("Document ophalen")
        page.heading("Uw document is er")
        assert page.save("brief.txt bewaren").read_bytes() == CONTENT


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
