"""`dossier serve`: the whole vault in the foreground, until a signal stops it."""

from __future__ import annotations

import argparse
import os
import sys

from vault import start
from vault.cli.terminal import details
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output

MOST = 64


def add_arguments(parser: Parser) -> None:
    """The numbers of processes; all other settings are in the environment."""
    for name in ("gateways", "workers"):
        parser.add_argument(
            f"--{name}", type=int, choices=range(1, MOST + 1), default=1, metavar="N", help=parser.say(f"serve.{name}")
        )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve; 0 after SIGTERM or SIGINT. Raises VaultError when it cannot start."""
    start.begin()
    # Imported here: `completion` imports every verb at the start of every shell, and the server's parts take long.
    from infra.supervisor import ProcessCounts, serve  # noqa: PLC0415
    from vault.settings import Settings  # noqa: PLC0415

    start.done()

    def tell(key: str, /, **values: object) -> None:
        if output.language == "nl":  # a warning, or the reason of an engine's silence
            values = {name: details.in_dutch(str(value)) or value for name, value in values.items()}
        output.say(f"serve.{key}", **values)
        sys.stderr.flush()

    counts = ProcessCounts(arguments.gateways, arguments.workers)
    return serve(Settings.from_environment(os.environ), os.environ, tell, counts)
