"""The harness itself, with tiny sizes: a figure that cannot be made should not be noticed at the end of a long run."""

# ruff: noqa: RUF001  the signs of multiplication and of a range
from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench.measuring import Compared, Sample, alternate, process
from tests.bench.results import BEGIN, END, Goal, Result, from_json, markdown, put_between_marks, ratio, table


def test_sides_take_turns_and_the_first_round_does_not_count() -> None:
    ran: list[str] = []

    def side(name: str) -> Sample:
        ran.append(name)
        return Sample(float(len(ran)))

    compared = alternate(lambda: side("ours"), lambda: side("peer"), 2)
    assert ran == ["ours", "peer", "ours", "peer", "peer", "ours"]
    assert [sample.wall for sample in compared.ours] == [3, 6]
    assert compared.speeds == [4 / 3, 5 / 6]


def test_a_result_survives_json_and_says_whether_its_goal_is_met() -> None:
    compared = Compared((Sample(2, 1.5), Sample(4, 1.5)), (Sample(2, 1), Sample(2, 1)))
    result = ratio(2, "upload", compared, Goal(at_least=0.9), size=100)
    assert (result.figure, result.low, result.high, result.cpu) == (0.75, 0.5, 1, 1.5)
    assert result.verdict == "**not met**"
    assert from_json(result.to_json()) == result
    assert "0.75 ×" in table([result])


def test_the_table_stands_between_the_marks_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    put_between_marks(page, markdown(["a machine"], [Result(1, "one", 2.0, "s", Goal(at_most=3))]))
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n- a machine\n")
    assert "| 1 | one | 2.00 s |  | ≤ 3 s | met |" in text
    assert text.endswith(f"{END}\nafter\n")
    page.write_text("no place")
    with pytest.raises(ValueError, match="no place for the table"):
        put_between_marks(page, "text")


def test_a_process_that_fails_is_told_and_gives_no_figure() -> None:
    with pytest.raises(RuntimeError, match=r"^3 from"):
        process([sys.executable, "-c", "raise SystemExit(3)"])


def test_rows_without_engines_run_and_those_that_lack_one_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DOSSIER_TEST_S3_URL", raising=False)
    monkeypatch.delenv("DOSSIER_TEST_REQUIRE", raising=False)
    kept = tmp_path / "kept.jsonl"
    assert bench.main(["forms", "growth", "removal", "--quick", "--json", str(kept)]) == 0
    results = [from_json(line) for line in kept.read_text().splitlines()]
    assert {result.row for result in results} == {4, 6, 10}
    [lacking] = [result for result in results if result.figure is None]
    assert "DOSSIER_TEST_S3_URL is not set" in lacking.skipped
    assert all(json.loads(line)["verdict"] for line in kept.read_text().splitlines())
    assert "open a share (SQLite)" in capsys.readouterr().out


def test_every_module_of_the_table_is_known_to_make_bench() -> None:
    folder = Path(bench.__file__).parent
    with_rows = {path.stem for path in folder.glob("*.py") if "\nROW = " in path.read_text()}
    assert with_rows == set(bench.ROWS)
