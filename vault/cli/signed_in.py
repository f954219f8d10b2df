"""The session that `dossier login` left, for the verbs that need one."""

from __future__ import annotations

from vault.cli.output import Output
from vault.sdk.device.home import Home
from vault.sdk.people.session import SignedIn


def load(output: Output) -> SignedIn:
    """Who is signed in on this device, with verified chains; raises NotSignedInError.

    Tells of a recovery by the sheet, of which every member is told.
    """
    signed_in = SignedIn.load(Home.from_environment())
    if signed_in.recovered:
        output.say("common.recovered")
    return signed_in
