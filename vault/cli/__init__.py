"""The `dossier` command, one verb a file; above everything, and it loads only what the verb at hand needs.

How a verb is written: `vault/cli/<verb>.py` (dashes become underscores) exposes

    def add_arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(arguments: argparse.Namespace, output: vault.cli.output.Output) -> int: ...   # the exit code

and its line in the list of verbs, `verbs.<verb>`, stands in `vault/texts/nl.json` and `en.json`: `dossier --help` and
`completion` follow that list. `--json`, `--yes`, `--lang` and `--help` are added by `main` and stand in `output`.
`main` imports the verb at hand alone, so a verb imports what it uses at its top. It raises the SDK's errors and catches
none: `failures` turns them into a message and an exit code of `interface.md`.
Every text stands in both JSON files as `<verb>.<key>`, with fields `{name}` and nothing else (`vault.texts.catalogue`),
and is said by `output.say("<verb>.<key>", name=value)` or had by `output.text(...)`. An error is raised with an English
sentence and advice; their Dutch stands under `details` (`vault.cli.details`). Results go out once, by
`output.result({...}, text)`: the object with `--json`, the text without.
Who is signed in: `vault.cli.signed_in.load(output)`. Exit codes: `vault.cli.failures`. The parser is
`vault.cli.arguments.Parser`: `parser.say("<verb>.<key>")` gives the texts for `help=`.
"""
