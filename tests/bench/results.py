"""What a benchmark found: one figure with its goal, how it spread, and what it is made of; as a table and as JSON."""

# ruff: noqa: RUF001  the signs of multiplication and of a range

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.measuring import Compared, median_wall

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be at least, or at most."""

    at_least: float | None = None
    at_most: float | None = None

    def met(self, figure: float) -> bool:
        """Whether it is."""
        return (self.at_least is None or figure >= self.at_least) and (self.at_most is None or figure <= self.at_most)

    def __str__(self) -> str:
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. Without a goal it is for information; `skipped` says why there is no figure."""

    row: int
    name: str
    figure: float | None = None
    unit: str = "×"
    goal: Goal | None = None
    low: float | None = None
    high: float | None = None
    cpu: float | None = None
    ours: str = ""
    peer: str = ""
    skipped: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """Met, not met, skipped, or a dash."""
        if self.figure is None:
            return "skipped"
        if self.goal is None:
            return "–"
        return "met" if self.goal.met(self.figure) else "**not met**"

    def to_json(self) -> str:
        """One line."""
        return json.dumps({**asdict(self), "verdict": self.verdict.strip("*–") or "information"}, ensure_ascii=False)


def from_json(line: str) -> Result:
    """The inverse of `to_json`."""
    fields = json.loads(line)
    fields.pop("verdict")
    goal = fields.pop("goal")
    return Result(**fields, goal=None if goal is None else Goal(**goal))


def ratio(row: int, name: str, compared: Compared, goal: Goal | None, *, size: float = 0, unit: str = "MB") -> Result:
    """How many times as fast as the peer. With a size (of one run, in `unit`) both sides' rates stand beside it."""

    def said(seconds: float) -> str:
        return f"{size / seconds:,.0f} {unit}/s" if size else f"{seconds:.3g} s"

    ours, peer = median_wall(compared.ours), median_wall(compared.peer)
    peak = max(sample.peak_mib for sample in compared.ours)
    return Result(
        row,
        name,
        compared.speed,
        goal=goal,
        low=min(compared.speeds),
        high=max(compared.speeds),
        cpu=compared.cpu,
        ours=said(ours),
        peer=said(peer),
        details={
            "ours_s": [round(sample.wall, 4) for sample in compared.ours],
            "peer_s": [round(sample.wall, 4) for sample in compared.peer],
            **({"ours_peak_mib": round(peak, 1)} if peak else {}),
        },
    )


HEAD = ("", "measured", "figure", "spread", "goal", "", "ours", "peer", "our CPU for 1 of the peer's")


def cells(result: Result) -> tuple[str, ...]:
    """A line of the table."""
    if result.figure is None:
        return str(result.row), result.name, "", "", str(result.goal or ""), f"skipped: {result.skipped}", "", "", ""
    spread = "" if result.low is None or result.high is None else f"{result.low:.2f} – {result.high:.2f}"
    digits = 2 if abs(result.figure) < 10 else 1 if abs(result.figure) < 100 else 0
    return (
        str(result.row),
        result.name,
        f"{result.figure:,.{digits}f} {result.unit}",
        spread,
        f"{result.goal} {result.unit}" if result.goal else "",
        result.verdict,
        result.ours,
        result.peer,
        "" if result.cpu is None else f"{result.cpu:.2f}",
    )


def table(results: Iterable[Result]) -> str:
    """For a terminal."""
    lines = [HEAD, *(cells(result) for result in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    return "\n".join("  ".join(f"{cell:{w}}" for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def markdown(machine: Sequence[str], results: Iterable[Result]) -> str:
    """For `docs/PERFORMANCE.md`: the machine, then the table."""
    lines = [f"- {fact}" for fact in machine]
    lines += ["", f"| {' | '.join(HEAD)} |", "|" + "---|" * len(HEAD)]
    lines += [f"| {' | '.join(cells(result))} |" for result in results]
    return "\n".join(lines)


def put_between_marks(path: Path, text: str) -> None:
    """Replace what stands between the two marks of a page; ValueError when they are not there."""
    page = path.read_text(encoding="utf-8")
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} has no place for the table: it must have the lines {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
