"""The pick-up in another engine than Chromium: other storage, another cipher, the same bytes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.journeys.machine import Director
from tests.tools import missing
from tests.vectors.test_reader import node
from tests.web.browser import HERE, Program

pytestmark = pytest.mark.slow


@pytest.fixture
def firefox() -> Iterator[Program]:
    path = shutil.which("firefox-esr")
    if path is None:
        missing("there is no Firefox ESR here; it comes by: apt-get install firefox-esr")
    with Program([node(), str(HERE / "browser.mjs")]) as program:
        program.run(
            """const { firefox } = await import(new URL("playwright-core/index.mjs", held.modules));
               held.browser = await firefox.launch({ channel: "moz-firefox", executablePath: given.path, timeout: 60000 });
               held.context = await held.browser.newContext({ locale: "nl-NL" });
               held.page = await held.context.newPage();
               held.page.setDefaultTimeout(60_000);""",
            path=path,
        )
        yield program


def test_firefox_picks_up_the_same_bytes(
    firefox: Program, director: Director, shared: Callable[..., dict[str, Any]]
) -> None:
    link = shared("Jansen", "--passphrase")
    firefox.run("await held.page.goto(given.url); await held.page.locator('textarea').waitFor()", url=link["link"])
    firefox.run("await held.page.locator('textarea').fill(given.words)", words=link["passphrase"])
    firefox.run("await held.page.locator('button.main').click()")
    firefox.run("await held.page.locator('.files').waitFor(); await held.page.locator('button.main').click()")
    firefox.run("await held.page.locator('.finish').waitFor()")
    saved = firefox.run(
        """return held.page.evaluate(async (share) => {
             const folder = await (await (await navigator.storage.getDirectory()).getDirectoryHandle('pickup')).getDirectoryHandle(share);
             const hashes = [];
             for await (const [name, handle] of folder.entries()) {
               if (!/^[0-9a-f]{32}$/.test(name)) continue;
               const digest = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer());
               hashes.push(Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''));
             }
             return hashes.sort();
           }, given.share)""",
        share=link["share"],
    )
    originals = [path for path in (director.folder / "stukken").rglob("*") if path.is_file()]
    assert saved == sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in originals)
