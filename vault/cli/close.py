"""`dossier close`: end a trajectory, which starts the clock of retention."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, timedelta

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.signed_in import load
from vault.sdk.device.clock import local_day
from vault.sdk.dossiers.closing import Closing, close, plan
from vault.sdk.dossiers.finding import find
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import UsageError

FAR = timedelta(days=31)


def add_arguments(parser: Parser) -> None:
    """DOSSIER [--on DATE] [--no-grace]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("--on", metavar="DATE", help=parser.say("close.on"))
    parser.add_argument("--no-grace", action="store_true", help=parser.say("close.no_grace"))


def run(arguments: Namespace, output: Output) -> int:
    """Close; 0 when the clock runs."""
    on = None if arguments.on is None else _day(arguments.on, output)
    dossier = find(load(output), arguments.dossier)
    grace = not arguments.no_grace
    if not _agreed(dossier, on, plan(dossier, on, grace=grace), output, grace=grace):
        output.say("close.nothing")
        return 1
    day = close(dossier, on, grace=grace)
    if day is None:
        output.result({"destroy_on": None}, output.text("close.running", name=dossier.name))
        return 0
    lines = [output.text("close.done", name=dossier.name, day=output.day(day))]
    lines.append(output.text("close.undo", dossier=dossier.id))
    output.result({"destroy_on": day.isoformat()}, "\n".join(lines))
    return 0


def _agreed(dossier: OpenDossier, on: date | None, planned: Closing, output: Output, *, grace: bool) -> bool:
    """Show the consequence of a wrong day and ask for agreement; without a terminal it needs --yes."""
    today = local_day(dossier.signed_in.now())
    day = on or today
    if not planned.changed or (grace and today <= day <= today + FAR):
        return True
    if planned.destroy_on is None:
        return output.confirm(output.text("close.ask.ended", name=dossier.name, on=output.day(day)))
    until = output.day(planned.destroy_on)
    return output.confirm(output.text("close.ask.due", name=dossier.name, on=output.day(day), day=until))


def _day(text: str, output: Output) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(output.text("close.no_day", text=text), advice="dossier close DOSSIER --on 2026-11-23")
    return day
