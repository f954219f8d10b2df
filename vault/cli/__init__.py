"""The `dossier` command, one verb a file; above everything, and it loads only what the verb at hand needs.

How a verb is written: `vault/cli/<verb>.py` (dashes become underscores) exposes

    def add_arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(arguments: argparse.Namespace, output: vault.cli.output.Output) -> int: ...   # the exit code

and its line in the list of verbs stands in `vault/cli/texts/verbs.py`. `--json`, `--yes`, `--lang` and `--help` are
added by `main` and stand in `output`. A verb imports the SDK inside `run`, so that `--help` stays quick. It raises the
SDK's errors and catches none: `failures` turns them into a message and an exit code of `interface.md`.
Every text stands in `vault/cli/texts/<verb>.py` as `TEXTS = {"<key>": ("Nederlands", "English")}` with `str.format`
fields, and is said by `output.say("<verb>.<key>", name=value)` or had by `output.text(...)`. Results go out once, by
`output.result({...}, text)`: the object with `--json`, the text without.
Who is signed in: `vault.cli.signed_in.load(output)`. Exit codes: `vault.cli.failures`; where files fail one by one,
`failures.worst([...])` picks the code. The parser is `vault.cli.arguments.Parser`: `parser.say("<verb>.<key>")` gives
the texts for `help=`.
"""
