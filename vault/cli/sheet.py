"""`dossier sheet`: a new recovery sheet in the place of the old one, or whether a paper is the sheet in force."""

from __future__ import annotations

import argparse
from pathlib import Path

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.new_sheet import with_sheet, written_sheet
from vault.cli.terminal.output import Output
from vault.cli.terminal.sheet_words import ask_back
from vault.cli.terminal.signed_in import load
from vault.sdk.dossiers.holders import check_director
from vault.sdk.keys.words import fingerprint
from vault.sdk.people.appointing import renew_sheet


def add_arguments(parser: Parser) -> None:
    """Either new FILE, or check FILE|-."""
    parser.add_argument("act", choices=("new", "check"), help=parser.say("sheet.act"))
    parser.add_argument("file", metavar="FILE", help=parser.say("sheet.file"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """New: 0 when the new sheet is in force. Check: 1 for a sheet that is not."""
    signed_in = load(output)
    if arguments.act == "check":
        found = credentials.sheet(arguments.file, output)
        same = found.root_key == signed_in.rosters.newest.root
        output.result({"in_force": same}, output.text("sheet.in_force" if same else "sheet.not_in_force"))
        return DONE if same else FAILED
    check_director(signed_in)
    path = Path(arguments.file)
    sheet = written_sheet(signed_in, path)
    with_sheet(path, lambda: renew_sheet(signed_in, sheet))
    words = fingerprint(sheet.root_key)
    output.result({"root_fingerprint": words}, output.text("sheet.renewed", path=path, words=words))
    ask_back(sheet, output)
    return DONE
