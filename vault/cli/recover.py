"""`dossier recover`: a new password and new one-time codes by the recovery sheet."""

from __future__ import annotations

import shlex
from argparse import Namespace

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.sdk.device.home import Home
from vault.sdk.keys import one_time_codes
from vault.sdk.people.recovery import recover
from vault.sdk.people.session import server_url
from vault.sdk.server.api import Api


def add_arguments(parser: Parser) -> None:
    """The sheet's member, and the file with its words."""
    parser.add_argument("--email", required=True, metavar="E", help=parser.say("common.email"))
    parser.add_argument("--sheet", required=True, metavar="FILE", help=parser.say("recover.sheet"))


def run(arguments: Namespace, output: Output) -> int:
    """Recover; 0 when the new password and codes are in force."""
    home = Home.from_environment()
    sheet = credentials.sheet(arguments.sheet, output)
    password, path = credentials.new_password(output), credentials.totp_file(home)
    done = recover(Api(server_url(home)), home, arguments.email, sheet, password)
    one_time_codes.write_secret_file(path, done.totp_secret)
    credentials.show_totp(output, done.totp_secret, account=arguments.email, issuer="dossier", path=path)
    output.result({"member": done.member}, output.text("recover.done", email=shlex.quote(arguments.email)))
    return 0
