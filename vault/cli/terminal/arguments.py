"""The parser of one verb: argparse in the user's language, raising UsageError instead of exiting."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import NoReturn

from vault.sdk.errors import UsageError
from vault.texts import catalogue
from vault.texts.catalogue import Language


class Parser(argparse.ArgumentParser):
    """One verb's parser; its module gets texts by `parser.say("open.name")`."""

    def __init__(self, verb: str, spoken: Language) -> None:
        """Make the parser, with the options common to all verbs."""
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
        """Raise UsageError with the usage; `failures` translates argparse's message into Dutch."""
        raise UsageError(message, advice=self.format_usage().strip())


class _Formatter(argparse.HelpFormatter):
    """argparse's layout, with our text for "usage"."""

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
