"""`dossier close`: end a trajectory, which starts the clock of retention."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import date

    from vault.cli.arguments import Parser
    from vault.cli.output import Output


def add_arguments(parser: Parser) -> None:
    """DOSSIER [--on DATE]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("--on", metavar="DATE", help=parser.say("close.on"))


def run(arguments: Namespace, output: Output) -> int:
    """Close; 0 when the clock runs."""
    from vault.cli.signed_in import load  # noqa: PLC0415 - `--help` does without
    from vault.sdk.dossiers.closing import close  # noqa: PLC0415
    from vault.sdk.dossiers.finding import find  # noqa: PLC0415

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
    from datetime import date  # noqa: PLC0415 - only those who name a day

    from vault.sdk.errors import UsageError  # noqa: PLC0415

    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise UsageError(output.text("close.no_day", text=text), advice="dossier close DOSSIER --on 2026-11-23")
    return day
