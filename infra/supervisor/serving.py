"""The supervisor's main loop: prepare, start the children, wait until ready, keep them running, end them together."""

from __future__ import annotations

import logging
import os
import resource
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from infra.supervisor.child import Child
from infra.supervisor.engines import Stopped, Tell
from infra.supervisor.next_steps import next_steps
from infra.supervisor.parts import ProcessCounts, children
from infra.supervisor.preparing import prepare
from infra.supervisor.readiness import Readiness, ready
from vault.errors import VaultError
from vault.flows.health import STORES
from vault.logs import to_standard_error
from vault.settings import Settings

logger = logging.getLogger("supervisor")
_ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
_AWAITED = _ENDING | {signal.SIGCHLD}
_GRACE = 15.0
_READY_WITHIN = 60.0
_EACH_WITHIN = 3.0
_ONE_OF_EACH = ProcessCounts()
_FRUITLESS = 3
_PROBE_EVERY = 0.05
_LOOK_EVERY = 1.0
_ASLEEP_AFTER = 10.0  # this process itself stood still


def serve(settings: Settings, environment: Mapping[str, str], tell: Tell, counts: ProcessCounts = _ONE_OF_EACH) -> int:
    """Run until SIGTERM, SIGINT or SIGHUP; returns 0. Raises VaultError when it cannot start; nothing runs then."""
    _prepare_process()
    with _signals_kept():
        for warning in settings.warnings:
            tell("warning", text=warning)
        try:
            prepared = prepare(settings, environment, tell)
        except Stopped:
            tell("stopping")
            return 0
        with prepared.listener:
            all_ = children(settings, environment, prepared, counts)
            return _Supervisor(settings, all_, tell, set_up=prepared.set_up).run()


class _Supervisor:
    def __init__(self, settings: Settings, children: list[Child], tell: Tell, *, set_up: bool) -> None:
        self._settings = settings
        self._children = children
        self._tell = tell
        self._set_up = set_up
        self._ready = False
        self._began = self._looked = time.monotonic()

    def run(self) -> int:
        try:
            while True:
                self._start_waiting()
                received = signal.sigtimedwait(_AWAITED, self._patience())
                if received is not None and received.si_signo in _ENDING:
                    self._tell("stopping")
                    return 0
                self._notice_silence()
                self._notice_endings()
                if not self._ready:
                    self._look_whether_ready()
        finally:
            self._end()

    def _start_waiting(self) -> None:
        for child in self._children:
            if child.waits:
                child.start()
                logger.info("child started", extra={"fields": {"child": child.name, "pid": child.pid}})
                if child.failures:
                    self._tell("restarted", child=child.name)

    def _patience(self) -> float:
        if not self._ready:
            return _PROBE_EVERY
        waiting = [child.due - time.monotonic() for child in self._children if child.pid is None]
        return max(0.0, min([_LOOK_EVERY, *waiting]))

    def _notice_silence(self) -> None:
        """Kill a child that stands still: as one that ended by itself it is started again."""
        before, self._looked = self._looked, time.monotonic()
        for child in self._children:
            if self._looked - before > _ASLEEP_AFTER:
                child.count_anew()
            elif child.stands_still:
                logger.error("child stands still", extra={"fields": {"child": child.name, "pid": child.pid}})
                child.tell(signal.SIGKILL)
                child.count_anew()

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
        state = self._readiness()
        if state.ok:
            self._ready = True
            late = {"late": state.late} if state.late else {}
            logger.info("ready", extra={"fields": {"seconds": round(time.monotonic() - self._began, 2), **late}})
            self._announce()
            if state.advice:
                self._tell("frozen" if STORES in state.late else "clock_in_doubt", why=state.advice)
        elif time.monotonic() - self._began > _READY_WITHIN + _EACH_WITHIN * len(self._children):
            raise VaultError(f"the gateway does not become ready: {state.reason}", advice=state.advice)

    def _readiness(self) -> Readiness:
        """Ready when every gateway accepts connections; one gateway's report about the engines holds for all."""
        silent = [child.name for child in self._children if not child.accepts]
        if silent:
            reason = f"{silent[0]} does not answer"
            return Readiness(ok=False, reason=reason, advice="The lines above this one may say why.")
        return ready(self._settings.host, self._settings.port)

    def _announce(self) -> None:
        settings = self._settings
        self._tell("ready", url=settings.public_url, listen=f"{settings.host}:{settings.port}", data=settings.data)
        if settings.clock.offset:
            self._tell("clock", offset=settings.clock.text)
        self._tell("next_login" if self._set_up else "next_init", **next_steps(settings))

    def _end(self) -> None:
        for child in self._children:
            child.tell(signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        for child in self._children:
            if not child.leave(deadline - time.monotonic()):
                logger.warning("child killed", extra={"fields": {"child": child.name}})
        logger.info("stopped")


def _prepare_process() -> None:
    """Private files, no core dumps (they would hold keys), logs as JSON lines on standard error."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    to_standard_error(logger)
    logger.propagate = False
    if os.geteuid() == 0:
        logger.warning("runs as root; a user of its own would be safer")


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Block the signals until the loop reads them: none interrupts a preparation or a start half way."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else str(code)
