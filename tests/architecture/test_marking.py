"""Marks say what coverage.py says, of every kind of branch and of every way through it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage
import pytest

from tests.marking import every_branch, marks
from tests.marking.report import arcs

SAMPLE = Path(every_branch.__file__)
TRACED = """
import coverage, importlib, json, sys
sys.path.insert(0, sys.argv[1])
reports = {}
for call in json.loads(sys.argv[2]):
    measured = coverage.Coverage(branch=True, include=[f"{sys.argv[1]}/every_branch.py"], data_file=None, config_file=False)
    sys.modules.pop("every_branch", None)
    with measured.collect():
        importlib.import_module("every_branch").CALLS[call]()
    measured.json_report(outfile=sys.argv[3])
    with open(sys.argv[3]) as report:
        reports[call] = json.load(report)["files"]
print(json.dumps(reports))
"""


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What coverage.py sees of each call, by its trace function, as on every Python below 3.14."""
    arguments = [
        str(SAMPLE.parent),
        json.dumps(list(every_branch.CALLS)),
        str(tmp_path_factory.mktemp("traced") / "json"),
    ]
    child = subprocess.run(
        [sys.executable, "-c", TRACED, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={"COVERAGE_CORE": "ctrace"},
    )
    return json.loads(child.stdout.splitlines()[-1])


def by_marks(call: str, target: Path) -> dict[str, Any]:
    tree, facts = marks.marked(SAMPLE.read_bytes(), str(SAMPLE), "reached")
    module = ModuleType("every_branch")
    module.__dict__["reached"] = reached = [0] * len(facts)
    exec(compile(tree, str(SAMPLE), "exec", dont_inherit=True), module.__dict__)
    module.CALLS[call]()
    measured = coverage.Coverage(data_file=None, config_file=False, branch=True)
    there = {fact for mark, times in zip(facts, reached, strict=True) if times for fact in mark}
    measured.get_data().add_arcs({str(SAMPLE): arcs(SAMPLE, there)})
    measured.json_report(outfile=str(target))
    return json.loads(target.read_text())["files"]


@pytest.mark.parametrize("call", every_branch.CALLS)
def test_marks_say_what_coverage_says(call, traced, tmp_path):
    [expected] = traced[call].values()
    [told] = by_marks(call, tmp_path / "report").values()
    names = ["executed_lines", "missing_lines", "executed_branches", "missing_branches"]
    assert {name: sorted(told[name]) for name in names} == {name: sorted(expected[name]) for name in names}
    assert told["summary"] == expected["summary"]


def test_together_the_calls_go_every_way(traced):
    missing = [
        {tuple(each) for each in report["missing_branches"]} for files in traced.values() for report in files.values()
    ]
    assert set.intersection(*missing) == set()
