"""Two words of a new recovery sheet, asked back: whoever cannot give them has not printed it, or cannot read it."""

from __future__ import annotations

import secrets

from vault.cli.terminal.output import Output
from vault.sdk.keys.sheet import Sheet
from vault.sdk.keys.words import index

COUNT, TRIES = 2, 3


def ask_back(sheet: Sheet, output: Output) -> bool:
    """Ask for two words by their numbers, at a terminal; whether they were right, or nobody was asked.

    No answer puts it off: the sheet is checked later by `dossier sheet check`.
    """
    if not output.interactive or output.json or output.yes:
        return True
    output.say("sheet.ask_back")
    for place in sorted(secrets.SystemRandom().sample(range(len(sheet.words)), COUNT)):
        said = _asked(sheet, place, output)
        if said is not True:
            output.say("sheet.later" if said is None else "sheet.not_right")
            return False
    output.say("sheet.right")
    return True


def _asked(sheet: Sheet, place: int, output: Output) -> bool | None:
    """Whether that word was given, of three answers; None where none was."""
    for _ in range(TRIES):
        typed = output.ask("sheet.word", number=place + 1).strip()
        if not typed:
            return None
        if index(typed) == index(sheet.words[place]):
            return True
    return False
