"""Chromium at the end of a pipe (DevTools), for measuring: no domain is enabled that keeps what comes over the network."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from tests.tools import missing

QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
    "--lang=nl",
]


class Chromium:
    """One browser with a fresh profile and one page."""

    def __init__(self, profile: Path, *options: str) -> None:
        program = shutil.which("chromium")
        if program is None:
            missing("there is no Chromium here; it comes by: apt-get install chromium")
        theirs, self._to = os.pipe()
        self._from, answers = os.pipe()
        command = ["sh", "-c", f'exec "$0" "$@" 3<&{theirs} 4>&{answers}', program, *QUIET, *options]
        with Path(f"{profile}.log").open("wb") as log:
            self.process = subprocess.Popen(
                [*command, f"--user-data-dir={profile}", "about:blank"],
                pass_fds=[theirs, answers],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        os.close(theirs)
        os.close(answers)
        self._held = b""
        self._count = 0
        self.heard: list[dict[str, Any]] = []
        target = next(one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self.page = str(self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._to)
        os.close(self._from)

    def go(self, url: str) -> None:
        """Open an address."""
        self.ask("Page.navigate", self.page, url=url)

    def run(self, script: str, within: float = 60) -> Any:
        """The value of an expression, or of its promise."""
        said = self.ask("Runtime.evaluate", self.page, within, expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            raise RuntimeError(str(said["exceptionDetails"])[:2000])
        return said["result"].get("value")

    def until(self, script: str, within: float = 60, every: float = 0.05) -> Any:
        """Wait for the first true value of an expression."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            if found := self.run(script):
                return found
            time.sleep(every)
        raise RuntimeError(f"not within {within} s: {script}; {self.run('document.body.innerText')}")

    def ask(self, method: str, session: str | None = None, within: float = 60, **given: Any) -> dict[str, Any]:
        """The answer to a command of the protocol."""
        self._count += 1
        said = {"id": self._count, "method": method, "params": given, **({"sessionId": session} if session else {})}
        os.write(self._to, json.dumps(said).encode() + b"\0")
        end = time.monotonic() + within
        while True:
            answer = self._hear(end)
            if answer.get("id") != said["id"]:
                self.heard.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                return dict(answer["result"])

    def _hear(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._held:
            if not select.select([self._from], [], [], max(0, end - time.monotonic()))[0]:
                raise RuntimeError("the browser does not answer")
            more = os.read(self._from, 1 << 20)
            if not more:
                raise RuntimeError("the browser is gone")
            self._held += more
        one, _, self._held = self._held.partition(b"\0")
        return dict(json.loads(one))
