"""Serves: builds the application on its engines, and listens until a signal comes."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

import uvicorn

from gateway import malloc_arenas
from gateway.app import from_settings
from gateway.http import logs
from gateway.http.connection import BoundedConnection
from gateway.http.fair_time import FairTime
from gateway.http.places import Places, most_connections
from vault import start
from vault.errors import VaultError
from vault.settings import Settings

GRACE_SECONDS = 10
SIGN_SECONDS = 1.0
SWITCH_SECONDS = 0.001  # a fifth of the default: the event loop waits less for threads that work


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; running requests have ten seconds to end. Returns 1 when it cannot start."""
    parser = argparse.ArgumentParser(prog="gateway", description=__doc__)
    parser.add_argument("--fd", type=int, help="a listening socket that was inherited, instead of DOSSIER_LISTEN")
    parser.add_argument(
        "--report",
        type=int,
        help="a pipe that was inherited: a byte goes there once callers are served, then one a second",
    )
    options = parser.parse_args(arguments)
    logs.configure()
    malloc_arenas.one_heap()
    sys.setswitchinterval(SWITCH_SECONDS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # uvicorn has its own while it serves, then raises again
    try:
        settings = Settings.from_environment(os.environ)
        server = build_server(settings, options.report)
        start.done()
    except VaultError as error:
        logs.logger.error("not started", extra={"fields": {"code": error.code, "reason": str(error)}})
        return 1
    server.run(sockets=None if options.fd is None else [socket.socket(fileno=options.fd)])
    return 0 if server.started else 1


def _end(_number: int, _frame: object) -> None:
    sys.exit(0)


class ReportingServer(uvicorn.Server):
    """Writes a byte to `report` when it accepts connections: on a shared port a probe cannot tell gateways apart.

    Then it writes one every second from its event loop, so that the supervisor notices when that stands still.
    """

    def __init__(self, config: uvicorn.Config, report: int | None, fair: FairTime) -> None:
        super().__init__(config)
        self._report, self._fair = report, fair
        self._tasks: list[asyncio.Task[None]] = []  # the loop itself keeps no task alive

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then report it."""
        await super().startup(sockets)
        self._tasks.append(asyncio.create_task(self._fair.watch()))
        if self._report is not None and self.started:
            os.set_blocking(self._report, False)
            self._tasks.append(asyncio.create_task(_give_signs(self._report)))


async def _give_signs(pipe: int) -> None:
    while True:
        with suppress(OSError):  # it is full, or nobody listens any more
            os.write(pipe, b"1")
        await asyncio.sleep(SIGN_SECONDS)


def build_server(settings: Settings, report: int | None = None) -> uvicorn.Server:
    """The server, not running yet; raises VaultError when its engines are unavailable."""
    app = from_settings(settings)

    class Connection(BoundedConnection):
        places = Places(most_connections(), trusted=settings.trusted_proxies)
        fair = app.state.gateway.fair

    return ReportingServer(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            loop="uvloop",
            http=Connection,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=GRACE_SECONDS,
            backlog=2048,
        ),
        report,
        app.state.gateway.fair,
    )
