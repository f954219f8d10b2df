"""`dossier completion`: the script for a shell's Tab completion, made from the verbs' parsers."""

from __future__ import annotations

import argparse
from argparse import Namespace

from vault.cli.main import WHOLE_PROGRAMS, parser_of, verbs
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output

SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: Parser) -> None:
    """Which shell."""
    parser.add_argument("shell", choices=SHELLS, help=parser.say("completion.shell"))


def run(arguments: Namespace, output: Output) -> int:
    """Print the script, for `eval` or `source` in the shell's start file."""
    options = _options(output)
    script = {"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell](options, output)
    output.result({"script": script}, script.rstrip("\n"))
    return 0


def _options(output: Output) -> dict[str, list[str]]:
    """Every verb with its long options and closed choices."""
    found: dict[str, list[str]] = {}
    for verb in verbs():
        found[verb] = []
        if verb in WHOLE_PROGRAMS:
            continue
        for action in parser_of(verb, output.language)[0]._actions:  # noqa: SLF001 - argparse has no other way
            found[verb] += _words(action)
    return found


def _words(action: argparse.Action) -> list[str]:
    if action.option_strings:
        return [name for name in action.option_strings if name.startswith("--")]
    return [str(choice) for choice in action.choices or ()]


def _bash(options: dict[str, list[str]], output: Output) -> str:
    del output
    cases = "\n".join(f"        {verb}) words='{' '.join(words)}' ;;" for verb, words in options.items())
    return f"""_dossier() {{
    local words current="${{COMP_WORDS[COMP_CWORD]}}"
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W '{" ".join(options)} --help --version' -- "$current"))
        return
    fi
    case "${{COMP_WORDS[1]}}" in
{cases}
        *) words= ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _dossier dossier
"""


def _zsh(options: dict[str, list[str]], output: Output) -> str:
    lines = "\n".join(f"        '{verb}:{_plain(output.text(f'verbs.{verb}'))}'" for verb in options)
    cases = "\n".join(f"        {verb}) choices=({' '.join(words)}) ;;" for verb, words in options.items())
    return f"""#compdef dossier
_dossier() {{
    local -a verbs choices
    verbs=(
{lines}
    )
    if (( CURRENT == 2 )); then
        _describe verb verbs
        return
    fi
    case "$words[2]" in
{cases}
    esac
    compadd -a choices
    _files
}}
compdef _dossier dossier
"""


def _fish(options: dict[str, list[str]], output: Output) -> str:
    lines = []
    for verb, words in options.items():
        line = _plain(output.text(f"verbs.{verb}"))
        lines.append(f"complete -c dossier -n __fish_use_subcommand -f -a {verb} -d '{line}'")
        for word in words:
            given = f"-l {word.removeprefix('--')}" if word.startswith("--") else f"-a {word}"
            lines.append(f"complete -c dossier -n '__fish_seen_subcommand_from {verb}' {given}")
    return "\n".join(lines) + "\n"


def _plain(line: str) -> str:
    return line.replace("'", "").replace(":", "")
