"""The session of `dossier login`, for the verbs that need one."""

from __future__ import annotations

from vault.cli.terminal.output import Output
from vault.cli.terminal.sightings import say_known
from vault.sdk.device.home import Home
from vault.sdk.people.session import SignedIn


def load(output: Output) -> SignedIn:
    """The signed-in member of this device, with verified chains; raises NotSignedInError.

    Reports a recovery by the sheet, and what was seen and the server does not show: every member must be told.
    """
    signed_in = SignedIn.load(Home.from_environment())
    if signed_in.recovered:
        output.say("common.recovered")
    say_known(signed_in, output)
    return signed_in
