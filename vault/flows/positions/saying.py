"""What the faults of the stores are called, and what to do about each."""

from __future__ import annotations

from vault.domain.positions import Fault, Finding

_WHAT = {
    Fault.EMPTY: "is empty, and the other stores are not",
    Fault.FOREIGN: "is of another installation than the other stores",
    Fault.BEHIND: "is older than the other stores have seen it",
    Fault.MISSING: "lacks a part that it needs",
}
_MOUNTED = "Is its volume mounted? Put it back from a copy: RUNBOOK, “Restore”."
_NAMED = "Look at the settings: they name another vault's store."
_NEWEST = "Put its newest copy back, or let a director accept this one with `dossier repair`: RUNBOOK, “Restore”."
_KEY_FILE = "Put the newest key file back from its copy: without it nothing opens."
_ADVICE = {Fault.EMPTY: _MOUNTED, Fault.FOREIGN: _NAMED, Fault.BEHIND: _NEWEST, Fault.MISSING: _KEY_FILE}


def said(finding: Finding) -> tuple[str, str]:
    """What is wrong, as a part of a sentence, and what to do."""
    return f"the store of {finding.store} {_WHAT[finding.fault]}", _ADVICE[finding.fault]


def told(findings: tuple[Finding, ...]) -> str:
    """The first of them with its advice, as sentences; empty without any."""
    for what, advice in map(said, findings):
        return f"{what[0].upper()}{what[1:]}. {advice}"
    return ""
