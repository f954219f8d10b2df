"""What many dossiers that change hands came to: for every verb that lets them."""

from __future__ import annotations

from typing import Any

from vault.cli.terminal.failures import DONE, FAILED, SOME_FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.sdk.documents.handing_over import Handed


def tell_handed(handed: Handed, done: str, value: dict[str, Any], output: Output) -> int:
    """Say what was done and what was left; the exit code: 3 where some were left, 1 where nothing else was done."""
    for each in handed.left:
        output.say("common.not_handed", name=shown(each.name or each.dossier), reason=each.reason)
    left = [{"dossier": each.dossier, "name": each.name, "reason": each.reason} for each in handed.left]
    output.result({**value, "done": handed.done, "left": left}, done)
    if not handed.left:
        return DONE
    return SOME_FAILED if handed.done else FAILED
