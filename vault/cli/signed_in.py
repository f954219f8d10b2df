"""The session that `dossier login` left, for the verbs that need one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vault.cli.output import Output
    from vault.sdk.people.session import SignedIn


def load(output: Output) -> SignedIn:
    """Who is signed in on this device, with verified chains; raises NotSignedInError.

    Tells of a recovery by the sheet, of which every member is told.
    """
    from vault.sdk.device.home import Home  # noqa: PLC0415 - `--help` does without
    from vault.sdk.people.session import SignedIn  # noqa: PLC0415 - `--help` does without

    signed_in = SignedIn.load(Home.from_environment())
    if signed_in.recovered:
        output.say("common.recovered")
    return signed_in
