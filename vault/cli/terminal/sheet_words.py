"""Two words of a new recovery sheet, asked back: whoever cannot give them has not printed it, or cannot read it."""

from __future__ import annotations

import secrets

from vault.cli.terminal.output import Output
from vault.sdk.keys.sheet import Sheet
from vault.sdk.keys.words import index

COUNT, TRIES = 2, 3


def ask_back(sheet: Sheet, output: Output) -> bool:
    """Ask for two words by their numbers, at a terminal; whether they were right, or nobody was asked."""
    if not output.interactive or output.json or output.yes:
        return True
    output.say("sheet.ask_back")
    chosen = sorted(secrets.SystemRandom().sample(range(len(sheet.words)), COUNT))
    for place in chosen:
        if not any(_is(sheet, place, output) for _ in range(TRIES)):
            output.say("sheet.not_right")
            return False
    output.say("sheet.right")
    return True


def _is(sheet: Sheet, place: int, output: Output) -> bool:
    typed = output.ask("sheet.word", number=place + 1)
    return index(typed) == index(sheet.words[place])
