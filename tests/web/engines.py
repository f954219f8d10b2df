"""Firefox and WebKitGTK, each by its own wire, with nothing in between: what a person presses, reads and saves."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

from tests.infra.serving import free_port, until
from tests.tools import missing

_START_WITHIN = 90.0
_MINIBROWSERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/libexec", "/usr/lib")


# What a profile is told, so that it asks nobody and nothing.
_SETTINGS = {
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.download.folderList": 2,
    "browser.download.useDownloadDir": True,
    "browser.download.alwaysOpenPanel": False,
    "browser.helperApps.neverAsk.saveToDisk": "application/octet-stream",
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "intl.accept_languages": "nl",
    "marionette.port": 0,
}


class Engine(ABC):
    """One browser with one page; everything is done by scripts in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        self._running: list[subprocess.Popen[bytes]] = []

    @abstractmethod
    def go(self, url: str) -> None:
        """Open an address."""

    @abstractmethod
    def run(self, script: str, *given: Any) -> Any:
        """The value of a script's `return`, or of its promise; it has `arguments`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        own = {"HOME": str(self.folder), "LANG": "nl_NL.UTF-8", "LANGUAGE": "nl"}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **own, **environment}
            )
        self._running.append(process)
        return process

    def heading(self, text: str, within: float = 60) -> None:
        """Wait until the page's heading says this."""
        found = "return [...document.querySelectorAll('main h1')].some((one) => one.innerText.includes(arguments[0]))"
        try:
            until(lambda: self.run(found, text), within)
        except AssertionError as error:
            raise AssertionError(f"not within {within} s: {text!r}; the page says {self.text()!r}") from error

    def dutch(self) -> None:
        """Choose Dutch, where the machine has no Dutch and the page came in English."""
        until(lambda: self.run("return document.querySelector('nav button') !== null"), _START_WITHIN, "a page")
        self.run("document.querySelector('nav button[lang=nl]')?.click()")

    def press(self, name: str) -> None:
        """Press a button, or a link to save, by its name."""
        self.run(
            """const said = (one) => one.getAttribute('aria-label') ?? one.innerText;
               const found = [...document.querySelectorAll('button, a.button')].find((one) => said(one).trim() === arguments[0]);
               found.click();""",
            name,
        )

    def fill(self, selector: str, text: str) -> None:
        """Type into a field."""
        until(lambda: self.run("return document.querySelector(arguments[0]) !== null", selector), what=selector)
        self.run(
            """const field = document.querySelector(arguments[0]);
               field.value = arguments[1];
               field.dispatchEvent(new Event('input', { bubbles: true }));""",
            selector,
            text,
        )

    def text(self) -> str:
        """All that the page says."""
        return str(self.run("return document.body.innerText"))

    def save(self, name: str, size: int | None = None, within: float = 60) -> Path:
        """Press what saves; the file that came of it, once it is whole: WebKit shows it before, so it is told a size."""
        before = set(self.downloads.iterdir())
        self.press(name)

        def whole() -> Path | None:
            found = {path: _size(path) for path in set(self.downloads.iterdir()) - before}
            files = {path: held for path, held in found.items() if held}
            unfinished = any(path.suffix == ".part" or size not in {None, held} for path, held in files.items())
            return None if unfinished or not files else files.popitem()[0]

        found: Path = until(whole, within, f"{name} is saved")
        return found


def _size(path: Path) -> int:
    """How much is in it; nothing if it was renamed meanwhile, as a part of a file is once it is whole."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


class Firefox(Engine):
    """Firefox ESR by Marionette, the wire that its WebDriver itself speaks."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        """`settings`: of `about:config`, with `__` for each full stop."""
        program = shutil.which("firefox-esr")
        if program is None:
            missing("there is no Firefox ESR here; it comes by: apt-get install firefox-esr")
        super().__init__(folder)
        profile = folder / "profile"
        profile.mkdir()
        more = {name.replace("__", "."): value for name, value in settings.items()}
        every = {**_SETTINGS, "browser.download.dir": str(self.downloads), **more}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in every.items()]
        (profile / "user.js").write_text("\n".join(lines))
        self.process = self._start(
            program, "-headless", "-marionette", "-no-remote", "-profile", str(profile), MOZ_CRASHREPORTER_DISABLE="1"
        )
        place = profile / "MarionetteActivePort"
        port = until(lambda: place.exists() and place.read_text().strip(), _START_WITHIN, "Firefox listens")
        self._wire = socket.create_connection(("127.0.0.1", int(port)), timeout=120)
        self._held = b""
        self._count = 0
        self._hear()
        self._ask("WebDriver:NewSession", {"capabilities": {}})
        self._ask("WebDriver:SetTimeouts", {"script": 100_000, "pageLoad": 60_000})

    def __exit__(self, *_: object) -> None:
        self._wire.close()
        super().__exit__()

    def go(self, url: str) -> None:
        self._ask("WebDriver:Navigate", {"url": "about:blank"})
        self._ask("WebDriver:Navigate", {"url": url})

    def run(self, script: str, *given: Any) -> Any:
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": list(given)})["value"]

    def _ask(self, command: str, given: dict[str, Any]) -> Any:
        self._count += 1
        said = json.dumps([0, self._count, command, given]).encode()
        self._wire.sendall(f"{len(said)}:".encode() + said)
        _, number, error, value = self._hear()
        assert number == self._count
        assert error is None, error
        return value

    def _hear(self) -> Any:
        while b":" not in self._held:
            self._held += self._more()
        length, _, rest = self._held.partition(b":")
        while len(rest) < int(length):
            rest += self._more()
        self._held = rest[int(length) :]
        return json.loads(rest[: int(length)])

    def _more(self) -> bytes:
        found = self._wire.recv(1 << 16)
        assert found, "Firefox is gone"
        return found


class WebKit(Engine):
    """WebKitGTK's small browser, by WebDriver, on a screen that nobody sees."""

    def __init__(self, folder: Path) -> None:
        driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
        found = [path for path in _MINIBROWSERS for path in Path(path).glob("webkit2gtk-4.*/MiniBrowser")]
        if driver is None or screen is None or not found:
            missing("WebKitGTK is missing; it comes by: apt-get install webkit2gtk-driver xvfb")
        super().__init__(folder)
        (folder / ".config").mkdir()
        (folder / ".config" / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{self.downloads}"\n')
        port = free_port()
        self._start(
            driver,
            f"--port={port}",
            "--host=127.0.0.1",
            DISPLAY=self._screen(screen),
            XDG_CONFIG_HOME=str(folder / ".config"),
            XDG_RUNTIME_DIR=str(folder),
            WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS="1",  # its own sandbox cannot be had as root
            GDK_BACKEND="x11",
            NO_AT_BRIDGE="1",
        )
        self._base = f"http://127.0.0.1:{port}"
        until(self._listens, _START_WITHIN, "WebKitWebDriver listens")
        options = {"binary": str(found[0]), "args": ["--automation"]}
        asked = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        self._base += f"/session/{self._ask('POST', '/session', asked)['sessionId']}"
        self._ask("POST", "/timeouts", {"script": 100_000, "pageLoad": 60_000})

    def __exit__(self, *_: object) -> None:
        try:
            self._ask("DELETE", "", None)
        finally:
            super().__exit__()

    def _screen(self, program: str) -> str:
        read, write = os.pipe()
        process = subprocess.Popen(
            [program, "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            pass_fds=[write],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._running.append(process)
        os.close(write)
        with os.fdopen(read) as said:
            return f":{said.readline().strip()}"

    def _listens(self) -> bool:
        try:
            return bool(self._ask("GET", "/status", None))
        except OSError:
            return False

    def go(self, url: str) -> None:
        self._ask("POST", "/url", {"url": "about:blank"})
        self._ask("POST", "/url", {"url": url})

    def run(self, script: str, *given: Any) -> Any:
        # WebKit awaits no promise of a script that is not asynchronous.
        waiting = f"""const done = arguments[arguments.length - 1];
          (async (...given) => (function () {{ {script} }}).apply(null, given))(...[...arguments].slice(0, -1))
            .then((value) => done([value ?? null, null]), (error) => done([null, String(error)]));"""
        value, error = self._ask("POST", "/execute/async", {"script": waiting, "args": list(given)})
        assert error is None, error
        return value

    def _ask(self, method: str, path: str, given: Any) -> Any:
        body = None if given is None else json.dumps(given).encode()
        request = urllib.request.Request(self._base + path, body, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode(errors="replace")) from error
