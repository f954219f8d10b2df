"""The audit of the member's own account: what was done to it, verified and pinned as a dossier's chain is."""

from __future__ import annotations

from vault.records.encoding import RecordError
from vault.sdk.audit.audit_chain import Entry, check_entries, check_seen, read_entry
from vault.sdk.checks import Findings
from vault.sdk.device.pin_kinds import audit_mark
from vault.sdk.errors import AnswerError, ForkError
from vault.sdk.people.session import SignedIn


def account_events(signed_in: SignedIn) -> tuple[Entry, ...]:
    """The chain of the member's own audit; raises AnswerError or ForkError where it does not hold, or was cut."""
    member, findings = signed_in.member, Findings()
    try:
        entries = tuple(read_entry(each) for each in signed_in.api.pages("/account/audit", after="0"))
    except RecordError as error:
        raise AnswerError("the audit of your account cannot be read") from error
    pinned = signed_in.pins.audit_of(member)
    if not entries and pinned is None:
        return ()
    check_entries(member, entries, findings)
    if not findings.ok:
        raise AnswerError("the audit of your account does not hold", advice="Nothing was changed. Tell the director.")
    check_seen(entries, pinned, findings)
    if not findings.ok:
        raise ForkError(
            "the audit of your account is another than this device has seen", advice="Tell the director at once."
        )
    signed_in.pins.see_mark(audit_mark(member), entries[-1].sequence, entries[-1].hash)
    signed_in.save_pins()
    return entries
