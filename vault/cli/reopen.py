"""`dossier reopen`: take a trajectory up again, which stops the clock of retention."""

from __future__ import annotations

from argparse import Namespace

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.signed_in import load
from vault.sdk.dossiers.closing import reopen
from vault.sdk.dossiers.finding import find


def add_arguments(parser: Parser) -> None:
    """DOSSIER."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))


def run(arguments: Namespace, output: Output) -> int:
    """Reopen; 0 when the clock is stopped."""
    dossier = find(load(output), arguments.dossier)
    day = reopen(dossier)
    value = {"destroy_on": None if day is None else day.isoformat()}
    output.result(value, output.text("reopen.done", name=dossier.name))
    return 0
