"""`dossier escrow`: a director's device, or the sheet, opens the sealed keys of a server; no server is asked."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.sdk.device.home import Home
from vault.sdk.keys.escrow import open_folder, write_keys
from vault.sdk.people.session_file import load_session


def add_arguments(parser: Parser) -> None:
    """DIR --out DIR [--sheet FILE]."""
    parser.add_argument("folder", metavar="DIR", help=parser.say("escrow.folder"))
    parser.add_argument("--out", required=True, metavar="DIR", help=parser.say("escrow.out"))
    parser.add_argument("--sheet", metavar="FILE", help=parser.say("escrow.sheet"))


def run(arguments: Namespace, output: Output) -> int:
    """Write the key files; 0 when all of them are there."""
    if arguments.sheet is None:
        identity = load_session(Home.from_environment()).keyring.age_identity
    else:
        identity = credentials.sheet(arguments.sheet, output).identity
    files = write_keys(open_folder(Path(arguments.folder), identity), Path(arguments.out))
    text = output.text("escrow.done", count=len(files), out=shown(arguments.out))
    output.result({"files": [str(path) for path in files]}, text)
    return 0
