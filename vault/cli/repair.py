"""`dossier repair`: a director sets aside what devices have seen and the server does not show any more."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.signed_in import load
from vault.records.types.repair import Repair
from vault.sdk.dossiers.repairing import read_code, repair, survey
from vault.sdk.people.session import SignedIn


def add_arguments(parser: Parser) -> None:
    """[CODE …] [--reason TEXT]."""
    parser.add_argument("codes", metavar="CODE", nargs="*", help=parser.say("repair.codes"))
    parser.add_argument("--reason", help=parser.say("repair.reason_help"))


def run(arguments: Namespace, output: Output) -> int:
    """Show what would be set aside, ask, and sign it; without anything to set aside list the repairs that were made."""
    signed_in, named = load(output), [read_code(code) for code in arguments.codes]
    asides = list(dict.fromkeys([*survey(signed_in), *named]))
    if not asides:
        return _list(signed_in, output)
    for aside in asides:
        output.say(f"repair.{aside.chain}", number=aside.number, subject=aside.subject or "")
        output.line(f"    {aside.code}")
    if signed_in.is_director:
        output.say("repair.gives_up")
        if not output.confirm(output.text("repair.confirm", count=len(asides))):
            output.say("repair.declined")
            return FAILED
    reason = arguments.reason or (output.ask("repair.reason") if signed_in.is_director else "-")
    made = repair(signed_in, asides, reason)
    output.result({"repair": _json(made)}, output.text("repair.done", count=len(asides)))
    return DONE


def _list(signed_in: SignedIn, output: Output) -> int:
    lines = [
        output.text("repair.made", at=output.instant(each.at), count=len(each.asides), reason=each.reason)
        for each in signed_in.repairs
    ]
    value = {"repairs": [_json(each) for each in signed_in.repairs]}
    output.result(value, "\n".join([output.text("repair.nothing"), *lines]))
    return DONE


def _json(made: Repair) -> dict[str, Any]:
    codes = [each.code for each in made.asides]
    return {"hash": made.hash, "signer": made.signer, "reason": made.reason, "sets_aside": codes}
