"""`dossier serve`: the whole vault in the foreground, until it is told to stop."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vault.cli.output import Output


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything it needs stands in the environment."""
    del parser


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Serve; 0 after SIGTERM or SIGINT. Raises VaultError when it cannot start."""
    del arguments
    from infra.supervisor import serve  # noqa: PLC0415 - help for the other verbs loads nothing of the server
    from vault.settings import Settings  # noqa: PLC0415

    def tell(key: str, /, **values: object) -> None:
        output.say(f"serve.{key}", **values)
        sys.stderr.flush()

    return serve(Settings.from_environment(os.environ), os.environ, tell)
