"""The stage of the demonstration: a folder, a vault in it, people with their own machines and commands."""

from __future__ import annotations

import http.client
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from infra.supervisor.readiness import ready

LANGUAGE = "en" if os.environ.get("DOSSIER_LANG") == "en" else "nl"
_READY_WITHIN = 60.0
_END_WITHIN = 30.0
_COMMAND = Path(sys.executable).with_name("dossier")


class ScriptError(Exception):
    """A step did not go as the script says."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a machine; `environment` is all of the machine's state."""

    name: str
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def types(self, *words: str, expect: int | None = 0) -> str:
        """Run a command, show it and its output; return the output, or raise ScriptError.

        `expect` is the required exit code; None: any but 0.
        """
        print(f"\n{self.name}$ {shlex.join(words)}", flush=True)
        code, answer = self._run(words)
        print(answer, end="", flush=True)
        if code != expect and (expect is not None or code == 0):
            wanted = "a failure" if expect is None else expect
            raise ScriptError(f"{words[0]} {words[1]} ended with {code} instead of {wanted}")
        if code:
            print(f"(exit code {code})", flush=True)
        return answer

    def asks(self, *words: str) -> str:
        """Run a command without showing it; return its output."""
        return self._run(words)[1]

    def _run(self, words: tuple[str, ...]) -> tuple[int, str]:
        program = str(_COMMAND) if words[0] == "dossier" else words[0]
        done = subprocess.run(
            [program, *words[1:]],
            cwd=self.folder,
            env=_machine(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.returncode, done.stdout.decode(errors="replace")


@contextmanager
def stage() -> Iterator[Path]:
    """A temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="dossier-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def vault(folder: Path, port: int, *, clock: str = "", data: str = "data") -> Iterator[str]:
    """Run a vault on that port, with its clock shifted by `clock`; yield its address."""
    environment = {"DOSSIER_DATA": str(folder / data), "DOSSIER_LISTEN": f"127.0.0.1:{port}"}
    environment |= {"DOSSIER_CLOCK_OFFSET": clock} if clock else {}
    log = folder / "log"
    typed = [f"DOSSIER_DATA={data}"] if data != "data" else []
    typed += [f"DOSSIER_CLOCK_OFFSET={clock}"] if clock else []
    print(" ".join(["\noperator$", *typed, "dossier serve"]), flush=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(_COMMAND), "serve"], env=_machine(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        _wait(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=_END_WITHIN)
    if code != 0:
        raise ScriptError(f"the vault ended with {code}")


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while not ready("127.0.0.1", port).ok or b'"event":"ready"' not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            raise ScriptError(f"the vault did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)
    said = [line for line in log.read_text(errors="replace").splitlines() if not line.startswith("{")]
    print("\n".join(said), flush=True)


def _machine(environment: Mapping[str, str]) -> dict[str, str]:
    """A machine's environment: ours, without the variables of another vault."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")}
    ours.pop("XDG_RUNTIME_DIR", None)
    return {**ours, "DOSSIER_LANG": LANGUAGE, **environment}


def opens_a_page(link: str) -> bool:
    """Whether a browser that opens the link is given the page that picks up, and not the plain one."""
    address = urlsplit(link)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    try:
        connection.request("GET", address.path)
        answer = connection.getresponse()
        return answer.status == http.HTTPStatus.OK and b"<script" in answer.read()
    finally:
        connection.close()


def free_port() -> int:
    """A port without a listener."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
