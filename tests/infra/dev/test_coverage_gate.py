"""The gate closes when a promise about coverage is missed, and says where."""

from __future__ import annotations

import json

from infra.dev import coverage_gate


def report(**missing: list[int]) -> dict:
    def file(lines: list[int]) -> dict:
        summary = {
            "covered_lines": 100 - len(lines),
            "num_statements": 100,
            "covered_branches": 10,
            "num_branches": 10,
        }
        return {"summary": summary, "missing_lines": lines, "missing_branches": []}

    return {"files": {name.replace("__", "/") + ".py": file(lines) for name, lines in missing.items()}}


def judged(tmp_path, **missing: list[int]) -> int:
    (tmp_path / "report").write_text(json.dumps(report(**missing)))
    return coverage_gate.main([str(tmp_path / "report")])


def test_everything_covered_passes(tmp_path):
    assert judged(tmp_path, vault__age__stream=[], gateway__app=[]) == 0


def test_one_line_of_the_format_is_too_much(tmp_path, capsys):
    assert judged(tmp_path, vault__age__stream=[7], gateway__app=[]) == 1
    assert "vault/age/stream.py: 7" in capsys.readouterr().out


def test_five_per_cent_elsewhere_are_allowed_and_no_more(tmp_path):
    assert judged(tmp_path, gateway__app=list(range(5))) == 0
    assert judged(tmp_path, gateway__app=list(range(6))) == 1


def test_uncovered_branches_are_told(tmp_path, capsys):
    part = report(vault__flows__people=[])
    file = part["files"]["vault/flows/people.py"]
    file["missing_branches"] = [[1, 2]]
    file["summary"]["covered_branches"] = 9
    (tmp_path / "report").write_text(json.dumps(part))
    assert coverage_gate.main([str(tmp_path / "report")]) == 1
    assert "1->2" in capsys.readouterr().out
