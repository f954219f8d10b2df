"""The parser of one verb: argparse, in the user's language, that raises instead of ending the program."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from typing import NoReturn

from vault.cli import catalogue
from vault.cli.catalogue import Language
from vault.sdk.errors import UsageError


class Parser(argparse.ArgumentParser):
    """One verb's parser; `spoken` is for the texts that its module adds: `parser.say("open.name")`."""

    def __init__(self, verb: str, spoken: Language) -> None:
        """Make the parser with the options that every verb has."""
        super().__init__(
            prog=f"dossier {verb}",
            description=catalogue.text(f"verbs.{verb}", spoken),
            add_help=False,
            allow_abbrev=False,
            formatter_class=lambda prog: _Formatter(prog, spoken),
        )
        self.spoken = spoken
        self._positionals.title = self.say("common.arguments")
        self._optionals.title = self.say("common.options")
        self.add_argument("-h", "--help", action="help", help=self.say("common.help"))
        self.add_argument("--json", action="store_true", help=self.say("common.json"))
        self.add_argument("--yes", action="store_true", help=self.say("common.yes"))
        self.add_argument("--lang", choices=("nl", "en"), help=self.say("common.lang"))

    def say(self, key: str, **values: object) -> str:
        """A text of the catalogue, for `help=`."""
        return catalogue.text(key, self.spoken, **values).replace("%", "%%")

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with how it should have been written, in the user's language."""
        raise UsageError(_in_dutch(message) if self.spoken == "nl" else message, advice=self.format_usage().strip())


# argparse's own words, as far as our verbs can make it say them.
_DUTCH = (
    (r"the following arguments are required: (.*)", r"er ontbreekt: \1"),
    (r"unrecognized arguments: (.*)", r"onbekend: \1"),
    (r"argument ([^:]+): expected one argument", r"\1 heeft een waarde nodig"),
    (r"argument ([^:]+): expected at least one argument", r"\1 heeft minstens één waarde nodig"),
    (r"argument ([^:]+): ignored explicit argument (.*)", r"\1 neemt geen waarde aan: \2"),
    (r"argument ([^:]+): invalid int value: (.*)", r"\1 moet een getal zijn, niet \2"),
    (r"argument ([^:]+): invalid \w+ value: (.*)", r"\1 kan niet \2 zijn"),
    (r"argument ([^:]+): invalid choice: (.*) \(choose from (.*)\)", r"\1 kan niet \2 zijn; kies uit \3"),
    (r"argument ([^:]+): not allowed with argument (.*)", r"\1 gaat niet samen met \2"),
)


def _in_dutch(message: str) -> str:
    for english, dutch in _DUTCH:
        found = re.fullmatch(english, message, re.DOTALL)
        if found:
            return found.expand(dutch)
    return message


class _Formatter(argparse.HelpFormatter):
    """argparse's own layout behind our word for "usage"."""

    def __init__(self, prog: str, spoken: Language) -> None:
        super().__init__(prog, max_help_position=28, width=100)
        self._spoken = spoken

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, prefix or catalogue.text("common.usage", self._spoken))
