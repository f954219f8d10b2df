"""`dossier close`: end a trajectory, which starts the clock of retention."""

from __future__ import annotations

from argparse import Namespace
from datetime import date

from vault.cli.arguments import Parser
from vault.cli.output import Output
from vault.cli.signed_in import load
from vault.sdk.dossiers.closing import close
from vault.sdk.dossiers.finding import find
from vault.sdk.errors import UsageError


def add_arguments(parser: Parser) -> None:
    """DOSSIER [--on DATE]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("--on", metavar="DATE", help=parser.say("close.on"))


def run(arguments: Namespace, output: Output) -> int:
    """Close; 0 when the clock runs."""
    on = None if arguments.on is None else _day(arguments.on, output)
    dossier = find(load(output), arguments.dossier)
    day = close(dossier, on)
    if day is None:
        output.result({"destroy_on": None}, output.text("close.running", name=dossier.name))
        return 0
    lines = [output.text("close.done", name=dossier.name, day=output.day(day))]
    lines.append(output.text("close.undo", dossier=dossier.id))
    output.result({"destroy_on": day.isoformat()}, "\n".join(lines))
    return 0


def _day(text: str, output: Output) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(output.text("close.no_day", text=text), advice="dossier close DOSSIER --on 2026-11-23")
    return day
