"""`dossier recover`: a new password and new one-time codes by the recovery sheet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

    from vault.cli.arguments import Parser
    from vault.cli.output import Output


def add_arguments(parser: Parser) -> None:
    """Whose sheet it is, and where its words are."""
    parser.add_argument("--email", required=True, metavar="E", help=parser.say("common.email"))
    parser.add_argument("--sheet", required=True, metavar="FILE", help=parser.say("recover.sheet"))


def run(arguments: Namespace, output: Output) -> int:
    """Recover; 0 when the new password and codes are in force."""
    from vault.cli import credentials  # noqa: PLC0415 - `--help` does without
    from vault.sdk.device.home import Home  # noqa: PLC0415
    from vault.sdk.keys import one_time_codes  # noqa: PLC0415
    from vault.sdk.keys.sheet import read_sheet  # noqa: PLC0415
    from vault.sdk.people.recovery import recover  # noqa: PLC0415
    from vault.sdk.people.session import server_url  # noqa: PLC0415
    from vault.sdk.server.api import Api  # noqa: PLC0415

    home = Home.from_environment()
    sheet = read_sheet(_text(arguments.sheet))
    password, path = credentials.new_password(output), credentials.totp_file(home)
    done = recover(Api(server_url(home)), home, arguments.email, sheet, password)
    one_time_codes.write_secret_file(path, done.totp_secret)
    credentials.show_totp(output, done.totp_secret, account=arguments.email, issuer="dossier", path=path)
    output.result({"member": done.member}, output.text("recover.done"))
    return 0


def _text(source: str) -> str:
    """The words from a file, or with `-` from standard input."""
    from vault.sdk.device.home import read_private  # noqa: PLC0415
    from vault.sdk.errors import MissingInputError  # noqa: PLC0415 - `--help` does without
    from vault.sdk.keys.sheet import MAX_SHEET  # noqa: PLC0415

    raw = sys.stdin.buffer.read(MAX_SHEET) if source == "-" else read_private(Path(source))
    if raw is None:
        raise MissingInputError(source, advice="Give the file of the recovery sheet, or - and type its words.")
    return raw.decode("utf-8", errors="replace")
