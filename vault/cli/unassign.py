"""`dossier unassign`: take a dossier from a coach, with new keys."""

from __future__ import annotations

import argparse

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.sdk.documents.epochs import take_from
from vault.sdk.dossiers.finding import find
from vault.sdk.dossiers.holders import check_director, check_taken
from vault.sdk.people.finding import find_member


def add_arguments(parser: Parser) -> None:
    """DOSSIER COACH [--leave-damaged]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("coach", metavar="COACH", help=parser.say("common.member"))
    parser.add_argument("--leave-damaged", action="store_true", help=parser.say("common.leave_damaged"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Take it; idempotent."""
    signed_in = load(output)
    check_director(signed_in)
    member = find_member(signed_in, arguments.coach, left=True)
    check_taken(signed_in, member.id)
    dossier = find(signed_in, arguments.dossier)
    done = take_from(dossier, frozenset({member.id}), leave_damaged=arguments.leave_damaged)
    key = "unassign.done" if done else "unassign.already"
    text = output.text(key, name=shown(dossier.name), who=shown(member.called))
    output.result({"dossier": dossier.id, "member": member.id, "unassigned": done}, text)
    return 0
