"""`dossier init`: set up the practice and its first director; the recovery sheet is written before anything is sent."""

from __future__ import annotations

import shlex
from argparse import Namespace
from pathlib import Path

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.sdk.device.home import Home, read_private
from vault.sdk.errors import UsageError
from vault.sdk.keys import one_time_codes
from vault.sdk.people.founding import Founder, found, proposed_url
from vault.sdk.people.pending_setup import is_pending
from vault.sdk.people.session import load_member, server_url
from vault.sdk.server.api import Api
from vault.secret import Secret


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
    path = credentials.totp_file(home)
    secret = _secret_there(home, path, founder, output)
    password = credentials.new_password(output)
    if secret is None:
        secret = one_time_codes.new_secret()
        one_time_codes.write_secret_file(path, secret)
        credentials.show_totp(output, secret, account=founder.email, issuer=founder.practice, path=path)
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
    return 0


def _secret_there(home: Home, path: Path, founder: Founder, output: Output) -> Secret | None:
    """The secret of one-time codes that is there already, and told; None without one.

    One of the folder that no set-up of this folder made may be anybody's, and is used only once somebody agrees.
    """
    secret = one_time_codes.read_secret_file(path)
    if secret is None:
        return None
    ours = path != home.path / "totp" or is_pending(home) or load_member(home) is not None
    if not ours and not output.confirm(output.text("init.ask_totp", path=path, practice=founder.practice)):
        raise UsageError(output.text("init.totp_refused"), advice=output.text("init.totp_refused_advice", path=path))
    output.say("init.totp_used", path=path)
    return secret


def _agreed_url(api: Api, output: Output) -> str:
    """Where links begin: the address that was typed to get here, or the server's own word once somebody agrees."""
    said = proposed_url(api)
    if said != api.url and not output.confirm(output.text("init.ask_public_url", said=said, url=api.url)):
        raise UsageError(output.text("init.not_agreed"), advice=output.text("init.not_agreed_advice"))
    return said
