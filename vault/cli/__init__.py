"""The `dossier` command, one verb a file; it imports only the modules of the given verb.

How a verb is written: `vault/cli/<verb>.py` (dashes become underscores) exposes

    def add_arguments(parser: argparse.ArgumentParser) -> None: ...
    def run(arguments: argparse.Namespace, output: vault.cli.terminal.output.Output) -> int: ...   # the exit code

and has a line `verbs.<verb>` in `vault/texts/nl.json` and `en.json`: `dossier --help` and `completion` follow that
list. `main` adds `--json`, `--yes`, `--lang` and `--help`, and passes them in `output`. `main` imports only the given
verb, so a verb's imports stand at its top. A verb raises the SDK's errors and catches none: `failures` turns them into
a message and an exit code of `interface.md`. Both JSON files hold every text as `<verb>.<key>`, with no other syntax
than fields `{name}` (`vault.texts.catalogue`). `output.say("<verb>.<key>", name=value)` prints a text,
`output.text(...)` returns it. An error is raised with an English sentence and advice; their Dutch is under `details`
(`vault.cli.terminal.details`). A verb gives its result once, by `output.result({...}, text)`: the object with `--json`,
the text without. What all verbs share is `vault/cli/terminal/`: `signed_in.load(output)` gives the session, `failures`
the exit codes, `arguments.Parser` the parser, whose `parser.say("<verb>.<key>")` gives the texts for `help=`.
"""
