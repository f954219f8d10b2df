"""Every state can be used by everybody: axe finds nothing, it fits 320 pixels, and a keyboard is enough."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.infra.serving import Server
from tests.web import states
from tests.web.browser import Browser
from tests.web.conftest import CONTENT

pytestmark = pytest.mark.slow
Browse = Callable[..., Browser]
Shared = Callable[..., dict[str, Any]]
AXE = """
const { readFileSync } = await import("node:fs");
held.axe ??= readFileSync(new URL("axe-core/axe.min.js", held.modules), "utf8");
await held.page.evaluate(held.axe);
const { violations } = await held.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
"""
WIDER = "return held.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)"


@pytest.mark.parametrize(("locale", "scheme", "width"), [("nl-NL", "light", 320), ("en-GB", "dark", 1280)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(
    server: Server, shared: Shared, browse: Browse, locale: str, scheme: str, width: int
) -> None:
    page = browse(size=(width, 700), locale=locale, colorScheme=scheme)
    found = {}
    for state in states.walk(page, server.url, shared):
        if violations := page.run(AXE):
            found[state] = violations
        assert page.run(WIDER) == 0, state
        assert page.run("return held.page.evaluate(() => document.documentElement.lang)") == locale[:2]
    assert found == {}


def test_a_keyboard_is_enough(shared: Shared, browse: Browse, tmp_path: Path) -> None:
    page = browse()
    page.open(shared("Pietersen")["link"])
    page.run(_TAB_TO, selector="button.main")
    page.run("await held.page.keyboard.press('Enter')")
    page.heading("Uw document is er")
    page.run(_TAB_TO, selector=".files a.button")
    saved = page.run(
        """const [download] = await Promise.all([held.page.waitForEvent('download'), held.page.keyboard.press('Enter')]);
           await download.saveAs(given.path);
           return given.path;""",
        path=str(tmp_path / "saved"),
    )
    assert Path(saved).read_bytes() == CONTENT


def test_a_screen_reader_is_told_what_changed(shared: Shared, browse: Browse) -> None:
    page = browse()
    page.open(shared("Pietersen")["link"])
    focused = "return held.page.evaluate(() => document.activeElement?.tagName)"
    assert page.run(focused) == "H1"
    page.press("Document ophalen")
    page.heading("Uw document is er")
    assert page.run(focused) == "H1"
    assert "De Brug" in page.run("return held.page.title()")


_TAB_TO = """
for (let presses = 0; presses < 30; presses += 1) {
  await held.page.keyboard.press("Tab");
  if (await held.page.evaluate((selector) => document.activeElement?.matches(selector), given.selector)) return;
}
throw new Error(`no Tab comes to ${given.selector}`);
"""
