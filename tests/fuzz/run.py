"""`make fuzz`: every harness for FUZZ_SECONDS (60), two at a time; names as arguments choose some.

What is new in the corpus stays under `.fuzz/corpus/`, findings under `.fuzz/findings/`, what the fuzzer said under
`.fuzz/logs/`. Ends with 1 and the reproducers' paths when a promise was broken, with 2 where atheris has no wheel.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.age.vectors import vectors as published_vectors
from tests.fuzz import HARNESSES
from tests.fuzz.seeds import CORPUS

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".fuzz"
# What a harness takes off the front before the file itself.
VECTOR_PREFIX = {"age_file": b"", "age_armor": b"\0\0", "age_header": b"\0\0"}
AT_ONCE = 2
SECONDS_AN_INPUT = 10
MEBIBYTES = 1024
_FINDING = re.compile(r"Test unit written to (\S+)")
_EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_COVERAGE = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")


@dataclass(frozen=True)
class Outcome:
    """What one harness came to."""

    harness: str
    executions: int
    features: int
    inputs: int
    findings: tuple[str, ...]
    failed: bool


def main(arguments: list[str]) -> int:
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: it has wheels for Python 3.11 to 3.13 on Linux x86_64 alone.", file=sys.stderr)
        return 2
    names = arguments or list(HARNESSES)
    if unknown := set(names) - set(HARNESSES):
        print(f"no such harness: {', '.join(sorted(unknown))}; there are {', '.join(HARNESSES)}", file=sys.stderr)
        return 2
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda name: run(name, seconds), names))
    print(f"{'harness':<20}{'executions':>12}{'features':>10}{'corpus':>8}")
    for outcome in outcomes:
        print(f"{outcome.harness:<20}{outcome.executions:>12,}{outcome.features:>10,}{outcome.inputs:>8,}")
    return report([outcome for outcome in outcomes if outcome.failed])


def report(failed: list[Outcome]) -> int:
    for outcome in failed:
        print(f"\n{outcome.harness}: a promise was broken, see {WORK / 'logs' / outcome.harness}.txt", file=sys.stderr)
        for path in outcome.findings:
            print(f"  reproduce: python -m tests.fuzz.target {outcome.harness} {path}", file=sys.stderr)
    return 1 if failed else 0


def run(name: str, seconds: int) -> Outcome:
    """One harness until its time is over or its promise is broken."""
    kept, findings, logs = (WORK / "corpus" / name, WORK / "findings", WORK / "logs")
    for folder in (kept, findings, logs):
        folder.mkdir(parents=True, exist_ok=True)
    longest = importlib.import_module(f"tests.fuzz.{name}").LONGEST
    command = [
        *(sys.executable, "-m", "tests.fuzz.target", name, str(kept), str(CORPUS / name), *vectors(name)),
        *(f"-max_total_time={seconds}", f"-max_len={longest}", f"-timeout={SECONDS_AN_INPUT}", "-print_final_stats=1"),
        *(f"-rss_limit_mb={MEBIBYTES}", f"-artifact_prefix={findings}/{name}-"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    said = done.stdout + done.stderr
    (logs / f"{name}.txt").write_text(said)
    executions = _EXECUTIONS.search(said)
    *_, (_, features, inputs) = [("0", "0", "0"), *_COVERAGE.findall(said)]
    return Outcome(
        harness=name,
        executions=int(executions[1]) if executions else 0,
        features=int(features),
        inputs=int(inputs),
        findings=tuple(_FINDING.findall(said)),
        failed=done.returncode != 0,
    )


def vectors(name: str) -> list[str]:
    """A folder with the public test vectors of age as further inputs, when npm fetched them. They stay outside git."""
    if name not in VECTOR_PREFIX:
        return []
    folder = WORK / "vectors" / name
    folder.mkdir(parents=True, exist_ok=True)
    for vector in published_vectors():
        (folder / vector.name).write_bytes(VECTOR_PREFIX[name] + vector.content)
    return [str(folder)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
