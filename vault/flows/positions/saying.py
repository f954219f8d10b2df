"""What the faults of the stores are called, and what to do about each."""

from __future__ import annotations

from vault.domain.positions import Fault, Finding, StoreName

_WHAT = {
    Fault.EMPTY: "is empty, and the other stores are not",
    Fault.FOREIGN: "is of another installation than the other stores",
    Fault.BEHIND: "is older than the other stores have seen it",
    Fault.MISSING: "lacks a part that it needs",
}
_ADVICE = {
    (StoreName.RECORDS, Fault.EMPTY): "Is the volume of the database mounted? Put the records back from a backup.",
    (
        StoreName.RECORDS,
        Fault.FOREIGN,
    ): "Look at DOSSIER_DATABASE_URL and DOSSIER_DATA: they name another vault's records.",
    (StoreName.RECORDS, Fault.BEHIND): "Put the newest backup of the records back, or let a director accept this one: "
    "RUNBOOK, “Restore”.",
    (
        StoreName.KEYSTORE,
        Fault.EMPTY,
    ): "Is the volume of the keystore mounted? Put the keystore back: RUNBOOK, “Restore”.",
    (
        StoreName.KEYSTORE,
        Fault.FOREIGN,
    ): "Look at DOSSIER_KEYSTORE_URL and DOSSIER_DATA: they name another vault's keystore.",
    (
        StoreName.KEYSTORE,
        Fault.BEHIND,
    ): "Put the newest copy of the keystore back, with its key files: RUNBOOK, “Restore”.",
    (StoreName.KEY_FILES, Fault.EMPTY): "Is the folder of the key files mounted? Put it back: RUNBOOK, “Restore”.",
    (StoreName.KEY_FILES, Fault.FOREIGN): "Look at DOSSIER_GENERATION_KEY_FILE: it names another vault's keys.",
    (StoreName.KEY_FILES, Fault.MISSING): "Put the newest key file back from its copy: without it nothing opens.",
    (StoreName.OBJECTS, Fault.EMPTY): "Is the volume of the objects mounted? Put the bucket or the folder back.",
    (StoreName.OBJECTS, Fault.FOREIGN): "Look at DOSSIER_OBJECTS: it names another vault's objects.",
    (StoreName.OBJECTS, Fault.BEHIND): "Put the newest copy of the objects back, or let a director accept this one: "
    "RUNBOOK, “Restore”.",
}


def said(finding: Finding) -> tuple[str, str]:
    """What is wrong, as a sentence, and what to do."""
    return f"the store of {finding.store} {_WHAT[finding.fault]}", _ADVICE[finding.store, finding.fault]
