"""A verb's output and questions: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from getpass import getpass
from typing import Any

from vault.cli.terminal import details
from vault.cli.terminal.shown import shown, shown_json, shown_lines
from vault.cli.terminal.streams import encodes
from vault.sdk.errors import MissingInputError
from vault.texts import catalogue, wording
from vault.texts.catalogue import Language

YES = frozenset({"j", "ja", "y", "yes"})


@dataclass(frozen=True, slots=True)
class Output:
    """`json`: the result is one object; `yes`: no questions; `language`: `nl` or `en`."""

    json: bool = False
    yes: bool = False
    language: Language = field(default_factory=catalogue.language)

    def text(self, key: str, /, **values: object) -> str:
        """A text of the catalogue; its fields are put on one line, without control characters.

        A field `reason` holds a sentence of an error, and is told in the language of the text.
        """
        if isinstance(why := values.get("reason"), str):
            values["reason"] = details.told(why, self.language)
        safe = {name: value if isinstance(value, int) else shown(str(value)) for name, value in values.items()}
        return catalogue.text(key, self.language, **safe)

    def say(self, key: str, /, **values: object) -> None:
        """A message for the person in front of it, on standard error."""
        self.line(self.text(key, **values))

    def line(self, line: str) -> None:
        """A line that is not from the catalogue, on standard error."""
        print(shown_lines(line), file=sys.stderr, flush=True)

    def drawing(self, lines: Iterable[str]) -> None:
        """Our own lines with terminal colours, on standard error."""
        for line in lines:
            print(line, file=sys.stderr, flush=True)

    def result(self, value: dict[str, Any], text: str | None = None) -> None:
        """The verb's result, given once: the object with `--json`, else the text (None: nothing)."""
        if self.json:
            print(shown_json(value, sys.stdout.encoding), flush=True)
        elif text is not None:
            print(shown_lines(text), flush=True)

    def failure(self, code: str, message: str, advice: str) -> None:
        """The failure's message, on standard error."""
        if self.json:
            error = {"code": code, "message": message, "advice": advice}
            self.drawing([shown_json({"error": error}, sys.stderr.encoding)])
        else:
            self.drawing([f"dossier: {shown(message)}", *([shown_lines(advice)] if advice else [])])

    @property
    def interactive(self) -> bool:
        """True when there is a terminal to ask on."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    @property
    def draws(self) -> bool:
        """True when standard error is a terminal that can show a QR code."""
        return not self.json and sys.stderr.isatty() and encodes("▀▄█", sys.stderr.encoding)

    def ask(self, key: str, /, **values: object) -> str:
        """Ask for a line; raises MissingInputError without a terminal."""
        question = self.text(key, **values)
        self._need(question)
        print(question, end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()

    def secret(self, key: str, /, **values: object) -> str:
        """Ask for a line without echo; raises MissingInputError without a terminal."""
        question = self.text(key, **values)
        self._need(question)
        return getpass(question, stream=sys.stderr)

    def confirm(self, question: str) -> bool:
        """Ask for agreement; True at once with `--yes`. Raises MissingInputError without a terminal."""
        if self.yes:
            return True
        try:
            return self.ask("common.confirm", question=question).lower() in YES
        except MissingInputError as error:
            raise MissingInputError(str(error), advice=self.text("common.no_terminal_yes")) from error

    def instant(self, at: datetime) -> str:
        """A moment in words."""
        return wording.instant(at, self.language)

    def day(self, at: date) -> str:
        """A day in words."""
        return wording.day(at, self.language)

    def size(self, count: int) -> str:
        """A number of bytes in words."""
        return wording.size(count, self.language)

    def _need(self, question: str) -> None:

        if not self.interactive:
            asked = self.text("common.nobody_to_ask", question=question.rstrip(": "))
            raise MissingInputError(asked, advice=self.text("common.no_terminal"))
