"""`dossier put`: encrypt files and folders and deposit them in a dossier; a repetition resumes."""

from __future__ import annotations

import argparse

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.progress import Bar
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import deposit
from vault.sdk.documents.described import Description, Outcome
from vault.sdk.dossiers.finding import find
from vault.texts import catalogue

KINDS = ("report", "quote", "plan", "correspondence", "consent", "other")


def add_arguments(parser: Parser) -> None:
    """DOSSIER PATH… [--purpose T] [--kind K]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("paths", metavar="PATH", nargs="+", help=parser.say("put.paths"))
    parser.add_argument("--purpose", metavar="T", help=parser.say("put.purpose"))
    parser.add_argument("--kind", choices=KINDS, help=parser.say("put.kind"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Deposit; 3 when some of the files failed, 1 when all did."""
    found = collect(arguments.paths)
    dossier = find(load(output), arguments.dossier, contents=True)
    description = Description(arguments.purpose or dossier.purpose, arguments.kind)
    try:
        with Bar(output) as bar:
            outcomes = deposit(dossier, found, description, progress=bar)
    except KeyboardInterrupt:
        output.say("put.go_on")
        raise
    for outcome in outcomes:
        if outcome.state == "failed":
            output.say("put.failed", name=_shown(outcome), why=_why(outcome, output))
    stored = sum(outcome.state != "failed" for outcome in outcomes)
    output.result({"documents": [_json(outcome) for outcome in outcomes]}, _text(outcomes, output))
    return 0 if stored == len(outcomes) else 3 if stored else 1


def _why(outcome: Outcome, output: Output) -> str:
    known = catalogue.lookup(f"put.why.{outcome.reason}", output.language)
    return known or output.text("put.why.refused", reason=outcome.reason)


def _json(outcome: Outcome) -> dict[str, object]:
    more = {"folder": outcome.folder} if outcome.folder else {}
    why = {"reason": outcome.reason} if outcome.state == "failed" else {}
    return {"id": outcome.id, "name": outcome.name, "size": outcome.size, "state": outcome.state, **more, **why}


def _text(outcomes: list[Outcome], output: Output) -> str:
    lines = [
        output.text(f"put.{outcome.state}", name=_shown(outcome), size=output.size(outcome.size))
        for outcome in outcomes
        if outcome.state != "failed"
    ]
    return "\n".join(lines) if lines else output.text("put.nothing")


def _shown(outcome: Outcome) -> str:
    return shown(f"{outcome.folder}/{outcome.name}" if outcome.folder else outcome.name)
