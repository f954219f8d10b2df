"""A process with all imports done, which forks every command and every gateway of these tests.

A request is one connection and one line of JSON; the child dies with the connection.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.faults.dying import Countdown, fill_disk, watch_files_and_requests, watch_server
from vault import start

_PR_SET_PDEATHSIG = 1
LOADED = (
    "vault.flows.erasures.retention",
    "vault.cli.main",
    "vault.cli.put",
    "vault.cli.get",
    "vault.cli.ls",
    "vault.cli.cat",
    "vault.cli.share",
    "vault.cli.revoke",
    "vault.cli.open",
    "vault.cli.login",
    "vault.cli.init",
    "vault.cli.export",
    "vault.cli.terminal.progress",
    "vault.cli.terminal.failures",
    "vault.cli.terminal.signed_in",
    "vault.cli.terminal.credentials",
    "vault.sdk.documents.deposit",
    "vault.sdk.shares.pickup",
    "vault.sdk.shares.sharing",
    "vault.sdk.shares.listing",
    "vault.sdk.dossiers.finding",
    "vault.sdk.documents.listing",
    "vault.sdk.device.walk",
    "vault.sdk.people.login",
    "vault.sdk.people.founding",
    "vault.age.header",
    "vault.age.bulk",
    "vault.age.armor",
    "vault.age.whole",
    # What a command imports once it needs it.
    "cryptography.hazmat.backends.openssl.backend",
    "encodings.idna",
    "urllib3",
    "gateway.serve",
    "infra.supervisor.preparing",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)


def main() -> None:
    from vault.records.types import document  # noqa: PLC0415 - before anybody else reads it

    document.SEGMENT_SIZE = int(sys.argv[1])  # makes small documents of several segments possible
    start.begin()
    for name in LOADED:
        __import__(name)
    start.done()
    listener = socket.create_server(("127.0.0.1", 0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print(listener.getsockname()[1], flush=True)
    while True:
        readable, _, _ = select.select([listener, 0], [], [])
        if 0 in readable:
            return  # the parent is gone
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _run(lambda connection=connection: _attend(connection))
        connection.close()


def _run(work: Callable[[], Any]) -> None:
    try:
        code = work()
    except SystemExit as error:
        code = error.code
    except BaseException:  # noqa: BLE001 - a child must not fall back into its parent's loop
        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


def _attend(connection: socket.socket) -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _die_with_parent()
    lines = connection.makefile("rw", encoding="utf-8")
    asked = json.loads(lines.readline())
    if "serve" in asked:
        _Gateway(lines, connection).keep(asked["serve"])
    else:
        lines.write(json.dumps(_command(asked)) + "\n")
        lines.flush()
    return 0


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _command(asked: dict[str, Any]) -> dict[str, Any]:
    countdown = Countdown()
    countdown.set(asked["die"])
    pid = os.fork()
    if pid == 0:
        _run(lambda: (_sweep if asked.get("sweep") else _dossier)(asked, countdown))
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status), "left": countdown.left, "seen": countdown.seen}


def _dossier(asked: dict[str, Any], countdown: Countdown) -> int:
    from vault.cli.main import main  # noqa: PLC0415 - loaded before the fork

    _die_with_parent()
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    _redirect(asked)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the child's own
    if asked["no_override"]:
        _give_up_override()
    if asked["room"] is not None:
        fill_disk(asked["room"])
    if asked["file_limit"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["file_limit"], asked["file_limit"]))
    if asked["folders"]:
        watch_files_and_requests(countdown, tuple(asked["folders"]))
    return main(asked["argv"])


def _redirect(asked: dict[str, Any]) -> None:
    os.dup2(os.open(asked["stdin"], os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), number)


def _sweep(asked: dict[str, Any], countdown: Countdown) -> int:
    """The worker's sweep, two days later; sessions stay valid."""
    from vault.domain.sessions import SessionLimits  # noqa: PLC0415 - loaded before the fork
    from vault.flows.erasures import retention  # noqa: PLC0415
    from vault.settings import Role, Settings  # noqa: PLC0415
    from vault.wiring import build  # noqa: PLC0415

    _die_with_parent()
    _redirect(asked)
    watch_server(countdown)
    settings = Settings.from_environment(asked["env"])
    ports = replace(build(settings, Role.WORKER), sessions=SessionLimits(timedelta(days=1000), timedelta(days=1000)))
    retention.reconcile(ports, settings.clock.now() + timedelta(days=2))
    return 0


def _give_up_override() -> None:
    """After it file permissions bind even root."""
    header, capabilities = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.capget(header, capabilities)
    words = list(struct.unpack("6I", capabilities.raw))
    for word in (0, 1):
        words[word] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    if libc.capset(header, struct.pack("6I", *words)) != 0:
        raise OSError(ctypes.get_errno(), "capset")


class _Gateway:
    """A gateway that is restarted at once after each death, while its port stays open."""

    def __init__(self, lines: Any, connection: socket.socket) -> None:
        self._lines, self._connection = lines, connection
        self._countdown = Countdown()
        self._limit: int | None = None
        self._paused = False
        self._deaths = 0
        self._pid = 0

    def keep(self, environment: dict[str, str]) -> None:
        from infra.supervisor.preparing import prepare  # noqa: PLC0415 - loaded before the fork
        from vault.settings import Settings  # noqa: PLC0415

        self._environment = environment
        os.umask(0o077)
        self._prepared = prepare(Settings.from_environment(environment), environment, lambda *_, **__: None)
        self._start()
        self._answer()
        try:
            while self._attend():
                pass
        finally:
            os.kill(self._pid, signal.SIGKILL)

    def _start(self) -> None:
        self._pid = os.fork()
        if self._pid == 0:
            _run(self._serve)

    def _serve(self) -> int:
        from gateway.serve import main  # noqa: PLC0415 - loaded before the fork

        _die_with_parent()
        os.environ.clear()
        os.environ.update(self._environment)
        log = os.open(self._environment["FAULT_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 2)
        os.dup2(log, 1)
        if self._limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (self._limit, self._limit))
        watch_server(self._countdown)
        return main(["--fd", str(os.dup(self._prepared.listener.fileno()))])

    def _attend(self) -> bool:
        readable, _, _ = select.select([self._connection], [], [], 0.01)
        if not self._paused and os.waitpid(self._pid, os.WNOHANG)[0]:
            self._deaths += 1
            self._start()
        if not readable:
            return True
        line = self._lines.readline()
        if not line:
            return False
        asked = json.loads(line)
        if "die" in asked:
            self._countdown.set(asked["die"])
        if "env" in asked:
            self._environment |= asked["env"]
        if "limit" in asked:
            self._limit = asked["limit"]
        if asked.get("stop") or asked.get("restart"):
            if not self._paused:
                os.kill(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
            self._paused = True
        if asked.get("restart"):
            self._paused = False
            self._start()
        self._answer()
        return True

    def _answer(self) -> None:
        state = {"deaths": self._deaths, "left": self._countdown.left, "seen": self._countdown.seen, "pid": self._pid}
        self._lines.write(json.dumps(state) + "\n")
        self._lines.flush()


if __name__ == "__main__":
    main()
