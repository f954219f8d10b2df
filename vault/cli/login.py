"""`dossier login`: sign in on this device."""

from __future__ import annotations

import socket
from argparse import Namespace
from collections.abc import Callable
from functools import partial

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.sightings import say_living
from vault.sdk.device.home import Home
from vault.sdk.errors import ApiError, WrongCodeError, WrongPasswordError
from vault.sdk.keys import one_time_codes
from vault.sdk.people.joining import confirmed, waits
from vault.sdk.people.login import MAX_NAME, login
from vault.sdk.people.session import SignedIn, load_member, server_url
from vault.sdk.server.api import Api


def add_arguments(parser: Parser) -> None:
    """The member, optional on a device that knows its member."""
    parser.add_argument("--email", metavar="E", help=parser.say("common.email"))
    parser.add_argument("--name", metavar="N", help=parser.say("login.name"))
    parser.add_argument("--code-file", metavar="F", help=parser.say("account.code_file"))


def run(arguments: Namespace, output: Output) -> int:
    """Sign in; 0 when there is a session."""
    home = Home.from_environment()
    known = load_member(home)
    email = arguments.email or (known.email if known else output.ask("login.email"))
    password = credentials.password(output)
    name = arguments.name or socket.gethostname()[:MAX_NAME]
    code = None if arguments.code_file is None else credentials.code_from(arguments.code_file, output)
    waiting = waits(home)
    try:
        signed_in = _signed_in(home, email, password, output, name, code)
    except WrongPasswordError:
        if waiting is not None:
            output.say("login.waits", practice=waiting.practice, words=waiting.words)
        raise
    confirmed(home)
    if signed_in.codes_left is not None:
        output.say("login.codes_left", count=signed_in.codes_left)
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


def _signed_in(home: Home, email: str, password: str, output: Output, name: str, code: str | None) -> SignedIn:
    """Sign in; where the codes of this machine's secret are refused, which a recovery elsewhere makes, ask for one."""
    begin = partial(login, Api(server_url(home)), home, email, password, device=name)
    if code is not None:
        return begin(code)
    try:
        return begin(credentials.codes(home, output))
    except WrongCodeError as error:
        path, cause = credentials.totp_file(home), error.__cause__
        if not path.exists() or not isinstance(cause, ApiError) or cause.code != "code_wrong":
            raise
        if credentials.waiting_totp_file(home).exists():
            return _with_waiting(home, begin, output)
        output.say("common.totp_refused", path=path)
        if not output.interactive:
            raise
    return begin(credentials.typed_codes(output))


def _with_waiting(home: Home, begin: Callable[[Callable[[], str]], SignedIn], output: Output) -> SignedIn:
    """A change of the second factor was cut off after the server took it: the waiting secret is the one that counts."""
    path, waiting = credentials.totp_file(home), credentials.waiting_totp_file(home)
    secret = one_time_codes.read_secret_file(waiting)
    assert secret is not None
    signed_in = begin(credentials.codes_of(secret, output))
    waiting.replace(path)
    return signed_in
