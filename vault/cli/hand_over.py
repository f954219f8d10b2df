"""`dossier hand-over`: give one coach's dossiers to another, with new keys."""

from __future__ import annotations

import argparse

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.handed import tell_handed
from vault.cli.terminal.output import Output
from vault.cli.terminal.progress import counted
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.sdk.documents.handing_over import hand_over
from vault.sdk.dossiers.finding import find_id
from vault.sdk.dossiers.holders import check_director
from vault.sdk.people.finding import find_member


def add_arguments(parser: Parser) -> None:
    """FROM TO [DOSSIER…] [--leave-damaged]."""
    parser.add_argument("giver", metavar="FROM", help=parser.say("common.member"))
    parser.add_argument("taker", metavar="TO", help=parser.say("common.member"))
    parser.add_argument("dossiers", metavar="DOSSIER", nargs="*", help=parser.say("hand_over.dossiers"))
    parser.add_argument("--leave-damaged", action="store_true", help=parser.say("common.leave_damaged"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Hand them over, repeatably; 3 where some could not be done, 1 where none could."""
    signed_in = load(output)
    check_director(signed_in)
    giver, taker = find_member(signed_in, arguments.giver, left=True), find_member(signed_in, arguments.taker)
    chosen = [find_id(signed_in, each) for each in arguments.dossiers] or None
    with counted(output) as tell:
        handed = hand_over(signed_in, giver.id, taker.id, chosen, leave_damaged=arguments.leave_damaged, tell=tell)
    done = output.text("hand_over.done", count=len(handed.done), giver=shown(giver.called), taker=shown(taker.called))
    return tell_handed(handed, done, {"from": giver.id, "to": taker.id}, output)
