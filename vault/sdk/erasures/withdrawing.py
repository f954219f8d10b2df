"""Withdraws a request of staff, while it has not begun (promise R6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from vault.errors import VaultError
from vault.records.envelope import Envelope
from vault.records.types.erasure import STAFF
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.rules.rights import check_signer
from vault.sdk.dossiers.dossier_records import dossier_records
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.erasures.following import REQUESTED, WITHDRAWN, Erasure, status
from vault.sdk.errors import AnswerError, ApiError, NotFoundError
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from vault.sdk.people.session import SignedIn


class TooLateError(VaultError):
    """A begun erasure, or one requested by the client, cannot be withdrawn."""

    code: ClassVar[str] = "state"

    def __init__(self, state: str) -> None:
        super().__init__(f"the erasure cannot be taken back: {state}", advice="What has begun is finished.")


def undo(signed_in: SignedIn, erasure: str) -> Erasure:
    """Take back what staff asked, while it has not begun; repeatable. Raises NotFoundError, TooLateError.

    A signed withdrawal goes to the server, and stays with the dossier: the request is a warrant for nobody any more.
    """
    found = status(signed_in, erasure)
    if found.state == WITHDRAWN:
        return found
    if found.state != REQUESTED or found.reason != STAFF:
        raise TooLateError(found.state)
    try:
        body = {"withdrawal": _withdrawal(signed_in, found).to_json()}
        again(lambda: signed_in.api.post(f"/erasures/{erasure}/withdrawal", json=body))
    except (ApiError, NotFoundError) as error:
        if error.code not in {"not_found", "state"}:
            raise
        # If the dossier is gone, the right to withdraw is gone too, but the erasure's state can still be read.
        raise TooLateError(status(signed_in, erasure).state) from error
    return status(signed_in, erasure)


def _withdrawal(signed_in: SignedIn, erasure: Erasure) -> Envelope:
    """The signed withdrawal of the request that the dossier holds under that id."""
    dossier = load_dossier(signed_in, erasure.dossier)
    for record in dossier_records(dossier):
        if record.kind == "erasure" and record.envelope.fields.get("erasure") == erasure.id:
            check_signer(record.envelope, signed_in.rosters, dossier.heads)
            asked = ErasureWithdrawal(signed_in.standing, dossier.id, erasure.id, record.hash, signed_in.now())
            return signed_in.sign("erasure_withdrawal", asked.content())
    raise AnswerError("the server does not show the request that it goes by")
