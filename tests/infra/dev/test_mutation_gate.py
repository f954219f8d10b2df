"""`make mutate` says for every file what its tests are worth, and fails below the promise."""

from __future__ import annotations

import json

import pytest

from infra.dev import mutation_gate


@pytest.fixture
def folder(tmp_path):
    """What mutmut leaves: each package with ten mutants killed."""
    for package in mutation_gate.PACKAGES:
        write(tmp_path, package, [1] * 10)
    return tmp_path


def write(folder, package, codes):
    path = folder / package / "room.py.meta"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"exit_code_by_key": {f"mutant {number}": code for number, code in enumerate(codes)}}))


def test_nine_of_ten_is_enough_and_fewer_is_not(folder, capsys):
    write(folder, "vault/age", [1] * 9 + [0])
    assert mutation_gate.main([str(folder)]) == 0
    write(folder, "vault/age", [1] * 8 + [0] * 2)
    assert mutation_gate.main([str(folder)]) == 1
    assert "vault/age: promised 90 %: MISSED" in capsys.readouterr().out


def test_a_package_that_nobody_tried_keeps_no_promise(folder):
    write(folder, "vault/domain", [])
    assert mutation_gate.main([str(folder)]) == 1


@pytest.mark.parametrize(
    ("code", "end"),
    [
        (1, "killed"),
        (3, "killed"),
        (-24, "timeout"),
        (0, "survived"),
        (33, "untested"),
        (-11, "unclear"),
        (None, "not run"),
    ],
)
def test_every_end_of_a_mutant_has_a_name(folder, code, end):
    write(folder, "vault/age", [code])
    assert mutation_gate.tallies(folder, "vault/age") == {"vault/age/room.py": {end: 1}}


def test_what_ran_out_of_time_was_noticed_and_what_did_not_run_counts_for_nothing():
    assert mutation_gate.score({"killed": 2, "timeout": 1, "survived": 1, "not run": 5}) == 75.0
    assert mutation_gate.score({"killed": 1, "untested": 1}) == 50.0
    assert mutation_gate.score({"killed": 1, "unclear": 1}) == 50.0
