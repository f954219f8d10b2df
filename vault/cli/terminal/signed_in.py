"""The session of `dossier login`, for the verbs that need one."""

from __future__ import annotations

from vault.cli.terminal.output import Output
from vault.sdk.device.home import Home
from vault.sdk.people.session import SignedIn


def load(output: Output) -> SignedIn:
    """The signed-in member of this device, with verified chains; raises NotSignedInError.

    Reports a recovery by the sheet: every member must be told.
    """
    signed_in = SignedIn.load(Home.from_environment())
    if signed_in.recovered:
        output.say("common.recovered")
    return signed_in
