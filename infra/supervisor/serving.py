"""The supervisor's life: prepare, start three children, wait until ready, keep them running, end them together."""

from __future__ import annotations

import logging
import os
import resource
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from infra.supervisor.child import Child
from infra.supervisor.preparing import Prepared, prepare
from infra.supervisor.readiness import ready
from vault.errors import VaultError
from vault.settings import Settings
from workers import broker
from workers.logs import JsonLines

logger = logging.getLogger("supervisor")
_ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_AWAITED = _ENDING | {signal.SIGCHLD}
_GRACE = 15.0
_READY_WITHIN = 60.0
_FRUITLESS = 3
_PROBE_EVERY = 0.05
_LOOK_EVERY = 5.0


class Tell(Protocol):
    """Says one of the texts of `dossier serve` to whoever started it."""

    def __call__(self, key: str, /, **values: object) -> None:
        """The text under that key, with its values filled in."""


def serve(settings: Settings, environment: Mapping[str, str], tell: Tell) -> int:
    """Run until SIGTERM, SIGINT or SIGHUP; returns 0. Raises VaultError when it cannot start: then nothing runs."""
    _prepare_process()
    with _signals_kept():
        for warning in settings.warnings:
            tell("warning", text=warning)
        prepared = prepare(settings)
        with prepared.listener:
            children = _children(settings, environment, prepared)
            return _Supervisor(settings, children, tell, set_up=prepared.set_up).run()


class _Supervisor:
    def __init__(self, settings: Settings, children: list[Child], tell: Tell, *, set_up: bool) -> None:
        self._settings = settings
        self._children = children
        self._tell = tell
        self._set_up = set_up
        self._ready = False
        self._began = time.monotonic()

    def run(self) -> int:
        try:
            while True:
                self._start_waiting()
                received = signal.sigtimedwait(_AWAITED, self._patience())
                if received is not None and received.si_signo in _ENDING:
                    self._tell("stopping")
                    return 0
                self._notice_endings()
                if not self._ready:
                    self._look_whether_ready()
        finally:
            self._end()

    def _start_waiting(self) -> None:
        for child in self._children:
            if child.waits:
                if child.name == "worker":  # what a killed one was reading is over
                    broker.clear(broker.folders(self._settings.broker_folder)["reading"])
                child.start()
                logger.info("child started", extra={"fields": {"child": child.name, "pid": child.pid}})
                if child.failures:
                    self._tell("restarted", child=child.name)

    def _patience(self) -> float:
        if not self._ready:
            return _PROBE_EVERY
        waiting = [child.due - time.monotonic() for child in self._children if child.pid is None]
        return max(0.0, min([_LOOK_EVERY, *waiting]))

    def _notice_endings(self) -> None:
        for child in self._children:
            code = child.ended()
            if code is None:
                continue
            fields = {"child": child.name, "code": code, "pause": child.pause}
            logger.error("child ended", extra={"fields": fields})
            if not self._ready and child.failures >= _FRUITLESS:
                raise VaultError(
                    f"the {child.name} does not start; everything was stopped again",
                    advice="The lines above this one say why. `dossier doctor` may know more.",
                )
            self._tell("ended", child=child.name, how=_how(code), seconds=f"{child.pause:g}")

    def _look_whether_ready(self) -> None:
        state = ready(self._settings.host, self._settings.port)
        if state.ok:
            self._ready = True
            late = {"late": state.late} if state.late else {}
            logger.info("ready", extra={"fields": {"seconds": round(time.monotonic() - self._began, 2), **late}})
            self._announce()
        elif time.monotonic() - self._began > _READY_WITHIN:
            raise VaultError(f"the gateway does not become ready: {state.reason}", advice=state.advice)

    def _announce(self) -> None:
        settings = self._settings
        self._tell("ready", url=settings.public_url, listen=f"{settings.host}:{settings.port}", data=settings.data)
        if settings.clock.offset:
            self._tell("clock", offset=settings.clock.text)
        if self._set_up:
            self._tell("next_login", command=_command())
        else:
            self._tell("next_init", command=_command(), path=settings.setup_token_file)

    def _end(self) -> None:
        for child in self._children:
            child.tell(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        for child in self._children:
            if not child.leave(deadline - time.monotonic()):
                logger.warning("child killed", extra={"fields": {"child": child.name}})
        logger.info("stopped")


def _children(settings: Settings, environment: Mapping[str, str], prepared: Prepared) -> list[Child]:
    """The commands; nothing secret is in them or in the environment, which names files at most."""
    lock, listener = prepared.lock.handle, prepared.listener.fileno()
    common = {**environment, "DOSSIER_DATA": str(settings.data), "PYTHONUNBUFFERED": "1"}
    queue = {**common, "TMPDIR": str(broker.folders(settings.broker_folder)["reading"])}
    python = [sys.executable, "-P", "-m"]
    celery = [*python, "celery", "--quiet", "--app", "workers.app"]
    plain = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Child("gateway", [*python, "gateway.serve", "--fd", str(listener)], common, (lock, listener)),
        Child("worker", [*celery, "worker", "--pool", "solo", *plain, "--hostname", "worker@dossier"], queue, (lock,)),
        Child("beat", [*celery, "beat", "--pidfile", ""], queue, (lock,)),
    ]


def _prepare_process() -> None:
    """Private files, no core dumps (they would hold keys), logs as JSON lines on standard error."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    if os.geteuid() == 0:
        logger.warning("runs as root; a user of its own would be safer")


@contextmanager
def _signals_kept() -> Iterator[None]:
    """The signals wait until they are asked for: none interrupts a preparation or a start half way."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _command() -> str:
    """How the `dossier` command is called from here."""
    beside = Path(sys.executable).with_name("dossier")
    return "dossier" if shutil.which("dossier") or not beside.exists() else os.path.relpath(beside)


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else str(code)
