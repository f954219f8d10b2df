"""One harness under the fuzzer: `python -m tests.fuzz.target HARNESS [libFuzzer's own arguments]`."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import atheris


def main(arguments: list[str]) -> None:
    """Search until libFuzzer's limits; a finding ends the process, not with 0."""
    name, *rest = arguments
    with atheris.instrument_imports(include=["vault", "gateway", "python_multipart"], enable_loader_override=False):
        harness = importlib.import_module(f"tests.fuzz.{name}")
    options = {}
    if hasattr(harness, "custom_mutator"):
        options["custom_mutator"] = mutator(harness)
    atheris.Setup([name, *rest], harness.check, **options)
    atheris.Fuzz()


def mutator(harness: ModuleType):
    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        changed: bytes = harness.custom_mutator(data, longest, seed, atheris.Mutate)
        return changed

    return mutate


if __name__ == "__main__":
    main(sys.argv[1:])
