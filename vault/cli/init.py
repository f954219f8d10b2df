"""`dossier init`: set up the practice and its first director; the recovery sheet is written before anything is sent."""

from __future__ import annotations

import contextlib
import shlex
from argparse import Namespace
from pathlib import Path

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.sheet_words import ask_back
from vault.cli.terminal.totp_secret import made_secret, secret_there
from vault.errors import VaultError
from vault.sdk.device.home import Home, read_private
from vault.sdk.errors import UsageError
from vault.sdk.keys.sheet import read_sheet
from vault.sdk.people.founding import Founder, found, proposed_url
from vault.sdk.people.pending_setup import is_pending
from vault.sdk.people.session import server_url
from vault.sdk.server.api import Api


def add_arguments(parser: Parser) -> None:
    """Practice, director, the server's one-time token, and the sheet's path."""
    parser.add_argument("--practice", required=True, metavar="N", help=parser.say("init.practice"))
    parser.add_argument("--email", required=True, metavar="E", help=parser.say("common.email"))
    parser.add_argument("--name", metavar="N", help=parser.say("init.name"))
    parser.add_argument("--public-url", metavar="URL", help=parser.say("init.public_url"))
    parser.add_argument("--setup-token-file", required=True, metavar="F", type=Path, help=parser.say("init.token"))
    parser.add_argument("--sheet", required=True, metavar="FILE", type=Path, help=parser.say("init.sheet"))


def run(arguments: Namespace, output: Output) -> int:
    """Set up; 0 when the practice exists."""
    home = Home.from_environment()
    token = (read_private(arguments.setup_token_file) or b"").decode("ascii", errors="replace").strip()
    name = arguments.name or arguments.email.partition("@")[0]
    api = Api(server_url())
    url = arguments.public_url or _agreed_url(api, output)
    founder = Founder(arguments.practice, name, arguments.email, arguments.sheet, url)
    secret = secret_there(home, output, practice=founder.practice, pending=is_pending(home))
    password = credentials.new_password(output)
    if secret is None:
        secret = made_secret(home, output, account=founder.email, practice=founder.practice)
    founded = found(api, home, founder, password, token, secret)
    output.result(
        {"member": founded.member, "root_fingerprint": founded.root_fingerprint},
        output.text(
            "init.done",
            practice=founder.practice,
            sheet=arguments.sheet,
            words=founded.root_fingerprint,
            url=url,
            email=shlex.quote(founder.email),
        ),
    )
    with contextlib.suppress(OSError, VaultError):
        ask_back(read_sheet(arguments.sheet.read_text(encoding="utf-8")), output)
    return 0


def _agreed_url(api: Api, output: Output) -> str:
    """Where links begin: the address that was typed to get here, or the server's own word once somebody agrees."""
    said = proposed_url(api)
    if said != api.url and not output.confirm(output.text("init.ask_public_url", said=said, url=api.url)):
        raise UsageError(output.text("init.not_agreed"), advice=output.text("init.not_agreed_advice"))
    return said
