"""Chromium, driven from Python by way of a small program for Node (`browser.mjs`)."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Self

from infra.pages import WEB, is_built
from tests.tools import missing
from tests.vectors.test_reader import node

HERE = Path(__file__).parent
_ANSWERS_WITHIN = 180
PHONE, DESK = (360, 740), (1280, 800)


@cache
def program() -> str:
    """Chromium, with what drives it and the pages that it shows; skips where one is missing."""
    if not (WEB / "node_modules" / "playwright-core").exists() or not is_built():
        missing("the pages or their tools are missing; they come by: make test-web")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        missing("there is no Chromium here; it comes by: apt-get install chromium")
    return found


class Program:
    """The program that drives a browser; each line of JavaScript has `held`, what lasts, and `given`."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is None or self._process.stdin.closed:
            return
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def run(self, code: str, **given: Any) -> Any:
        """Run some JavaScript; its value."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": code, "given": given}) + "\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], _ANSWERS_WITHIN)[0]:
            raise AssertionError("the browser does not answer")
        said = json.loads(self._process.stdout.readline())
        assert "error" not in said, said["error"]
        return said["value"]


class Browser(Program):
    """Chromium with a fresh profile, and one page of it (`held.page`)."""

    def __init__(self, profile: Path, *, size: tuple[int, int] = PHONE, **options: Any) -> None:
        self.profile = profile
        self.downloads = profile.parent / f"{profile.name}-downloads"
        chromium = program()
        super().__init__([node(), str(HERE / "browser.mjs")])
        width, height = size
        every = {"viewport": {"width": width, "height": height}, "locale": "nl-NL", "acceptDownloads": True}
        self.run(_OPEN, program=chromium, profile=str(profile), options={**every, **options})

    def forget(self, downloads: Path) -> None:
        """Begin anew: one empty page, and nothing kept of any address."""
        self.downloads = downloads
        self.run(_FORGET)

    def open(self, url: str) -> None:
        """Open an address, and wait until the page shows something."""
        self.run(
            f"{_LEAVE} await held.page.goto(given.url); await held.page.waitForSelector('h1:not(.late h1)')", url=url
        )

    def heading(self, text: str, within: float = 30) -> None:
        """Wait until the page's heading says this."""
        self.run(
            "await held.page.locator('h1', {hasText: given.text}).first().waitFor({timeout: given.within * 1000})",
            text=text,
            within=within,
        )

    def press(self, name: str) -> None:
        """Press a button by its name."""
        self.run("await held.page.getByRole('button', {name: given.name}).first().click()", name=name)

    def fill(self, label: str, text: str) -> None:
        """Type into a field."""
        self.run("await held.page.getByLabel(given.label).fill(given.text)", label=label, text=text)

    def text(self) -> str:
        """All that the page says."""
        said: str = self.run("return held.page.locator('body').innerText()")
        return said

    def save(self, name: str) -> Path:
        """Press what saves that file; its path on the disk."""
        path = self.run(
            """const [download] = await Promise.all([held.page.waitForEvent('download'),
                 held.page.getByRole(given.role, {name: given.name, exact: true}).first().click()]);
               const path = `${given.folder}/${download.suggestedFilename()}`;
               await download.saveAs(path);
               return path;""",
            name=name,
            role="button" if "zip" in name else "link",
            folder=str(self.downloads),
        )
        return Path(path)

    def heard(self) -> list[dict[str, Any]]:
        """Every request so far, and every line on the console."""
        heard: list[dict[str, Any]] = self.run("return held.heard")
        return heard

    def wrong(self) -> list[Any]:
        """What the console complained of."""
        return [one for one in self.heard() if one["kind"] in {"error", "pageerror", "warning"}]


_OPEN = """
held.context = await held.chromium.launchPersistentContext(given.profile, {
  ...given.options, executablePath: given.program, args: ["--no-sandbox", "--disable-dev-shm-usage", ...(given.options.args ?? [])], chromiumSandbox: false });
const hear = (page) => {
  page.on("console", (message) => held.heard.push({ kind: message.type(), text: message.text() }));
  page.on("pageerror", (error) => held.heard.push({ kind: "pageerror", text: String(error) }));
};
held.context.on("page", hear);
held.context.on("request", (request) => held.heard.push({ kind: "request", method: request.method(), url: request.url(), headers: request.headers(), body: request.postData() }));
held.page = held.context.pages()[0] ?? await held.context.newPage();
hear(held.page);
held.page.setDefaultTimeout(20_000);
"""
# An address that differs from the page's only behind `#` would load nothing. An empty page between the two would do, and
# start a process of its own each time.
_LEAVE = (
    "if (held.page.url().startsWith('http')) await held.page.evaluate(() => history.replaceState(null, '', '/left'));"
)
_FORGET = """
await held.context.unrouteAll({ behavior: "ignoreErrors" });
const before = held.context.pages();
held.page = await held.context.newPage();
held.page.setDefaultTimeout(20_000);
for (const page of before) await page.close();
const devtools = await held.context.newCDPSession(held.page);
const asked = held.heard.filter(({ kind }) => kind === "request").map(({ url }) => new URL(url).origin);
for (const origin of new Set(asked.filter((one) => one !== "null"))) {
  await devtools.send("Storage.clearDataForOrigin", { origin, storageTypes: "all" });
}
await devtools.detach();
held.heard.length = 0;
"""
