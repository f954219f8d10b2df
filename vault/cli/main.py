"""The entry point of the `dossier` command: finds the verb, imports it, and turns every error into an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from vault import start
from vault.cli.terminal.streams import make_lenient
from vault.texts import catalogue

if TYPE_CHECKING:
    from types import ModuleType
    from typing import TextIO

    from vault.cli.terminal.arguments import Parser
    from vault.cli.terminal.output import Output

WHOLE_PROGRAMS = frozenset({"age", "age-keygen"})
_GLOBAL = frozenset({"--json", "--yes"})


def run() -> int:
    """Run the installed command; return the exit code, even when nothing can be written."""
    start.begin()
    make_lenient()
    code = main(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # a full disk; Python would exit with its own code
            _silence(stream)
            code = code or 1
    return code


def main(argv: list[str]) -> int:
    """Run the command line `argv`, without the program's name; the exit code. Nothing escapes as a traceback."""
    try:
        return _dispatch(argv)
    except BrokenPipeError:
        _silence(sys.stdout)
        return 1
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last place where an error can be told
        from vault.cli.terminal.failures import exit_code, report  # noqa: PLC0415 - only failures load it

        try:
            return report(error, _output(argv))
        except OSError:  # standard error is unusable
            return exit_code(error)


def verbs(spoken: catalogue.Language = "nl") -> list[str]:
    """All verbs, in the order of the help and of the texts; `tests/texts` compares them with the files here."""
    return list(catalogue.room("verbs", spoken))


def parser_of(verb: str, spoken: catalogue.Language) -> tuple[Parser, ModuleType]:
    """A verb's parser and its module."""
    from vault.cli.terminal.arguments import Parser  # noqa: PLC0415 - `dossier --help` does without

    module, parser = import_module(_module(verb)), Parser(verb, spoken)
    module.add_arguments(parser)
    return parser, module


def _dispatch(argv: list[str]) -> int:
    leading, rest = _split(argv)
    spoken = _language(argv)
    if not rest or rest[0] in {"-h", "--help", "help"}:
        print(_help(spoken))
        return 0 if rest else 2
    if rest[0] == "--version":
        from importlib.metadata import version  # noqa: PLC0415 - loads half the library

        print(f"dossier {version('dossier-vault')}")
        return 0
    verb = rest[0]
    if verb not in verbs(spoken):
        from vault.sdk.errors import UsageError  # noqa: PLC0415 - only failures load it

        unknown = catalogue.text("common.no_verb", spoken, verb=verb)
        raise UsageError(unknown, advice=catalogue.text("common.overall", spoken))
    if verb in WHOLE_PROGRAMS:
        program = import_module(_module(verb))
        start.done()
        return int(program.main(rest[1:]))
    parser, module = parser_of(verb, spoken)
    start.done()
    arguments = parser.parse_args([*leading, *rest[1:]])
    return int(module.run(arguments, _output_of(as_json=arguments.json, yes=arguments.yes, spoken=spoken)))


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Split off the options before the verb."""
    position = 0
    while position < len(argv):
        if argv[position] in _GLOBAL or argv[position].startswith("--lang="):
            position += 1
        elif argv[position] == "--lang":
            position += 2
        else:
            break
    return argv[:position], argv[position:]


def _language(argv: list[str]) -> catalogue.Language:
    chosen = None
    for position, argument in enumerate(argv):
        if argument == "--lang" and position + 1 < len(argv):
            chosen = argv[position + 1]
        elif argument.startswith("--lang="):
            chosen = argument.removeprefix("--lang=")
    return catalogue.language(chosen)


def _output(argv: list[str]) -> Output:
    """The output for a failure of the command line itself."""
    return _output_of(as_json="--json" in argv, yes="--yes" in argv, spoken=_language(argv))


def _output_of(*, as_json: bool, yes: bool, spoken: catalogue.Language) -> Output:
    from vault.cli.terminal.output import Output  # noqa: PLC0415 - `dossier --help` does without

    return Output(as_json, yes, spoken)


def _help(spoken: catalogue.Language) -> str:
    width = max(len(verb) for verb in verbs(spoken)) + 2
    lines = [f"  {verb:{width}}{catalogue.text(f'verbs.{verb}', spoken)}" for verb in verbs(spoken)]
    head = [catalogue.text(f"common.{key}", spoken) for key in ("overall", "summary", "verbs")]
    return "\n".join([head[0], "", head[1], "", head[2], *lines, "", catalogue.text("common.more", spoken)])


def _module(verb: str) -> str:
    return f"vault.cli.{verb.replace('-', '_')}"


def _silence(stream: TextIO) -> None:
    """After a closed pipe or a full disk: discard the buffered output silently."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
