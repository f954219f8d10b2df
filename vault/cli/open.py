"""`dossier open`: make a dossier for a client or a commissioning party."""

from __future__ import annotations

from argparse import Namespace

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.sdk.dossiers.finding import Doubt, list_dossiers, open_dossier


def add_arguments(parser: Parser) -> None:
    """The dossier's person or party, and its purpose."""
    parser.add_argument("name", metavar="NAME", help=parser.say("open.name"))
    parser.add_argument("--kind", choices=("client", "commissioner"), default="client", help=parser.say("open.kind"))
    parser.add_argument("--purpose", required=True, metavar="T", help=parser.say("open.purpose"))


def run(arguments: Namespace, output: Output) -> int:
    """Open a dossier; 0 when it exists."""
    signed_in, name = load(output), arguments.name.strip()
    doubts: list[Doubt] = []
    known = {one.name for one in list_dossiers(signed_in, doubts=doubts)}
    if name in known | {doubt.name for doubt in doubts}:
        output.say("open.namesake", name=shown(name))
    dossier = open_dossier(signed_in, arguments.name, arguments.kind, arguments.purpose)
    output.result({"dossier": dossier}, output.text("open.done", name=name, dossier=dossier))
    return 0
