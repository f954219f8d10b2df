"""`dossier assign`: give a coach a dossier."""

from __future__ import annotations

import argparse

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.sdk.dossiers.finding import find
from vault.sdk.dossiers.holders import assign, check_director
from vault.sdk.people.finding import find_member


def add_arguments(parser: Parser) -> None:
    """DOSSIER COACH."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("coach", metavar="COACH", help=parser.say("common.member"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Assign it; idempotent."""
    signed_in = load(output)
    check_director(signed_in)
    member = find_member(signed_in, arguments.coach)
    dossier = find(signed_in, arguments.dossier)
    new = assign(dossier, member.id)
    text = output.text("assign.done" if new else "assign.already", name=shown(dossier.name), who=shown(member.called))
    output.result({"dossier": dossier.id, "member": member.id, "assigned": new}, text)
    return 0
