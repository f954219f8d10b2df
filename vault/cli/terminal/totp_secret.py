"""The secret of one-time codes of somebody who is about to become a member: one that is there, or a new one."""

from __future__ import annotations

from vault.cli.terminal import credentials
from vault.cli.terminal.output import Output
from vault.sdk.device.home import Home
from vault.sdk.errors import UsageError
from vault.sdk.keys import one_time_codes
from vault.sdk.people.session import load_member
from vault.secret import Secret


def secret_there(home: Home, output: Output, *, practice: str, pending: bool) -> Secret | None:
    """The secret that is there already, and told; None without one.

    One of the folder that nothing begun here has made may be anybody's, and is used only once somebody agrees.
    """
    path = credentials.totp_file(home)
    secret = one_time_codes.read_secret_file(path)
    if secret is None:
        return None
    ours = path != home.path / "totp" or pending or load_member(home) is not None
    if not ours and not output.confirm(output.text("init.ask_totp", path=path, practice=practice)):
        raise UsageError(output.text("init.totp_refused"), advice=output.text("init.totp_refused_advice", path=path))
    output.say("init.totp_used", path=path)
    return secret


def made_secret(home: Home, output: Output, *, account: str, practice: str) -> Secret:
    """A new secret, written to its file and shown."""
    path, secret = credentials.totp_file(home), one_time_codes.new_secret()
    one_time_codes.write_secret_file(path, secret)
    credentials.show_totp(output, secret, account=account, issuer=practice, path=path)
    return secret
