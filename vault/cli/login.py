"""`dossier login`: sign in on this device."""

from __future__ import annotations

from argparse import Namespace

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.sightings import say_living
from vault.sdk.device.home import Home
from vault.sdk.errors import ApiError, WrongCodeError
from vault.sdk.people.login import login
from vault.sdk.people.session import SignedIn, load_member, server_url
from vault.sdk.server.api import Api


def add_arguments(parser: Parser) -> None:
    """The member, optional on a device that knows its member."""
    parser.add_argument("--email", metavar="E", help=parser.say("common.email"))


def run(arguments: Namespace, output: Output) -> int:
    """Sign in; 0 when there is a session."""
    home = Home.from_environment()
    known = load_member(home)
    email = arguments.email or (known.email if known else output.ask("login.email"))
    password = credentials.password(output)
    signed_in = _signed_in(home, email, password, output)
    if signed_in.recovered:
        output.say("common.recovered")
    if signed_in.told:
        output.say("login.told")
    say_living(signed_in, output)
    output.result(
        {"member": signed_in.member, "practice": signed_in.practice, "role": signed_in.entry.role},
        output.text("login.done", practice=signed_in.policy.name, email=email),
    )
    return 0


def _signed_in(home: Home, email: str, password: str, output: Output) -> SignedIn:
    """Sign in; where the codes of this machine's secret are refused, which a recovery elsewhere makes, ask for one."""
    api = Api(server_url(home))
    try:
        return login(api, home, email, password, credentials.codes(home, output))
    except WrongCodeError as error:
        path, cause = credentials.totp_file(home), error.__cause__
        if not path.exists() or not isinstance(cause, ApiError) or cause.code != "code_wrong":
            raise
        output.say("common.totp_refused", path=path)
        if not output.interactive:
            raise
    return login(api, home, email, password, credentials.typed_codes(output))
