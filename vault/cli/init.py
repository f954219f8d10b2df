"""`dossier init`: set up the practice and its first director; the recovery sheet is written before anything is sent."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from vault.cli import credentials
from vault.cli.arguments import Parser
from vault.cli.output import Output
from vault.sdk.device.home import Home, read_private
from vault.sdk.keys import one_time_codes
from vault.sdk.people.founding import Founder, found
from vault.sdk.people.session import server_url
from vault.sdk.server.api import Api


def add_arguments(parser: Parser) -> None:
    """Practice, director, the server's one-time token, and the sheet's path."""
    parser.add_argument("--practice", required=True, metavar="N", help=parser.say("init.practice"))
    parser.add_argument("--email", required=True, metavar="E", help=parser.say("common.email"))
    parser.add_argument("--name", metavar="N", help=parser.say("init.name"))
    parser.add_argument("--setup-token-file", required=True, metavar="F", type=Path, help=parser.say("init.token"))
    parser.add_argument("--sheet", required=True, metavar="FILE", type=Path, help=parser.say("init.sheet"))


def run(arguments: Namespace, output: Output) -> int:
    """Set up; 0 when the practice exists."""
    home = Home.from_environment()
    token = (read_private(arguments.setup_token_file) or b"").decode("ascii", errors="replace").strip()
    name = arguments.name or arguments.email.partition("@")[0]
    founder = Founder(arguments.practice, name, arguments.email, arguments.sheet)
    password, path = credentials.new_password(output), credentials.totp_file(home)
    secret = one_time_codes.read_secret_file(path)
    if secret is None:
        secret = one_time_codes.new_secret()
        one_time_codes.write_secret_file(path, secret)
        credentials.show_totp(output, secret, account=founder.email, issuer=founder.practice, path=path)
    founded = found(Api(server_url()), home, founder, password, token, secret)
    output.result(
        {"member": founded.member, "root_fingerprint": founded.root_fingerprint},
        output.text("init.done", practice=founder.practice, sheet=arguments.sheet, words=founded.root_fingerprint),
    )
    return 0
