"""`dossier sheet`: a new recovery sheet in the place of the old one, or whether a paper is the sheet in force."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.sheet_words import ask_back
from vault.cli.terminal.signed_in import load
from vault.errors import VaultError
from vault.sdk.device.clock import local_day
from vault.sdk.dossiers.holders import check_director
from vault.sdk.errors import ServerUnreachableError
from vault.sdk.keys.sheet import Sheet, new_sheet
from vault.sdk.keys.sheet_page import SheetFacts, write_sheet
from vault.sdk.keys.words import fingerprint
from vault.sdk.people.appointing import renew_sheet
from vault.sdk.people.session import SignedIn


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


def written_sheet(signed_in: SignedIn, path: Path) -> Sheet:
    """A new sheet, written to a new file before anything is sent; nothing counts by it yet."""
    sheet = new_sheet()
    day, words = local_day(signed_in.now()), fingerprint(sheet.root_key)
    write_sheet(path, sheet, SheetFacts(signed_in.policy.name, day, words))
    return sheet


def with_sheet(path: Path, act: Callable[[], None]) -> None:
    """Run what puts a sheet in force; its file goes again where that was refused: it would open nothing."""
    try:
        act()
    except ServerUnreachableError:  # the answer may have been lost
        raise
    except VaultError:
        path.unlink(missing_ok=True)
        raise
