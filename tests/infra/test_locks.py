"""The locks say everything that is installed: no package needs anything that stands in none of them."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

from tests.infra import locks
from tests.infra.serving import ROOT

WHOLE = locks.read((ROOT / "requirements.lock").read_text())
PARTS = {path.stem: locks.read(path.read_text()) for path in sorted((ROOT / "infra" / "locks").glob("*.lock"))}
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
NEEDED: list[str] = PROJECT["project"]["dependencies"]
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]
EVERYTHING = [
    *NEEDED,
    *PROJECT["project"]["optional-dependencies"]["dev"],
    *GROUPS["build"],
    *GROUPS["demo"],
    *GROUPS["web"],
]
WANTED = {"run": NEEDED, **GROUPS}
# Locked for some Python or machine only. What these need is read where they are installed, and nowhere else.
NOT_EVERYWHERE = {"async-timeout", "atheris", "networkx", "pyyaml-ft"}
NEVER_ON_LINUX = {"colorama", "pywin32", "tzdata"}


@pytest.mark.parametrize("python", locks.PYTHONS)
def test_everything_that_a_package_needs_is_locked(python):
    verdict = locks.check(WHOLE, EVERYTHING, locks.linux(python))
    assert verdict.problems == []
    assert verdict.unseen <= NOT_EVERYWHERE, "not installed here and not known for it: `make install`"


@pytest.mark.parametrize("name", ["run", "build", "demo", "web"])
@pytest.mark.parametrize("python", locks.PYTHONS)
def test_each_part_is_enough_for_its_purpose(name, python):
    verdict = locks.check(PARTS[name], WANTED[name], locks.linux(python))
    assert verdict.problems == []
    assert verdict.unseen <= NOT_EVERYWHERE


def test_what_is_locked_for_this_python_is_what_is_installed():
    """So the only packages whose needs nobody reads here are those that this Python is not given."""
    absent = [str(line) for line in WHOLE if line.holds(locks.here()) and locks.installed(line) is None]
    assert absent == []


def test_what_no_promised_python_is_given_is_known():
    environments = [locks.linux(python) for python in locks.PYTHONS]
    assert {line.name for line in WHOLE if not any(map(line.holds, environments))} == NEVER_ON_LINUX


def test_the_parts_are_of_the_whole_with_the_same_versions_and_hashes():
    assert set(PARTS) == {"run", "build", "demo", "web"}
    for lock in PARTS.values():
        for line in lock:
            same = [(one.version, one.hashes, str(one.marker)) for one in WHOLE if one.name == line.name]
            assert (line.version, line.hashes, str(line.marker)) in same


def test_what_runs_holds_no_test_tools():
    assert not {line.name for line in PARTS["run"]} & {"pytest", "mypy", "ruff", "moto", "hypothesis", "fpdf2"}


@pytest.mark.parametrize("path", [ROOT / "requirements.lock", *sorted((ROOT / "infra" / "locks").glob("*.lock"))])
def test_every_line_has_its_hashes_and_no_address(path):
    text = path.read_text()
    assert "://" not in text
    assert not any(line.startswith("-") for line in text.splitlines())
    for line in locks.read(text):
        assert line.hashes, line
    assert text.count("--hash=") == sum(len(line.hashes) for line in locks.read(text))


@pytest.mark.parametrize("folder", [".", "gateway/web"])
def test_npms_lock_names_hashes_and_no_place(folder):
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name
    wanted = json.loads((ROOT / folder / "package.json").read_text())
    for version in {**wanted.get("dependencies", {}), **wanted["devDependencies"]}.values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), version


class Package(Distribution):
    """What a package says of itself."""

    def __init__(self, *needs: str, python: str = ">=3.11") -> None:
        self._text = "".join(
            ["Metadata-Version: 2.4\nName: sample\nVersion: 1\n", f"Requires-Python: {python}\n"]
            + [f"Requires-Dist: {need}\n" for need in needs]
        )

    def read_text(self, filename: str) -> str | None:
        return self._text if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Any:
        return Path(path)


COVERAGE = Package('tomli>=2; extra == "toml"')
# What is locked, what the packages say, and what is said about that.
SAMPLES = {
    "sound": (["a==1", "b[x]==2"], {"a": Package("b[x]>=2"), "b": Package('a; extra == "x"')}, []),
    "extra missing": (
        ["pytest-cov==7", "coverage==7"],
        {"pytest-cov": Package("coverage[toml]>=7"), "coverage": COVERAGE},
        ['coverage needs tomli>=2; extra == "toml", which is not in the lock'],
    ),
    "extra of the line": (
        ["coverage[toml]==7"],
        {"coverage": COVERAGE},
        ['coverage needs tomli>=2; extra == "toml", which is not in the lock'],
    ),
    "wrong version": (
        ["a==1", "b==1"],
        {"a": Package("b>=2"), "b": Package()},
        ["a needs b>=2, and the lock has b==1"],
    ),
    "missing": (["a==1"], {"a": Package("b")}, ["a needs b, which is not in the lock"]),
    "locked for another Python": (
        ["a==1", 'b==2 ; python_version < "3.12"'],
        {"a": Package("b"), "b": Package()},
        ["a needs b, which is not in the lock"],
    ),
    "two versions": (["a==1", "a==2"], {"a": Package()}, ["a stands in it in two versions"]),
    "another Python": (["a==1"], {"a": Package(python="<3.13")}, ["sample 1 needs Python <3.13"]),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_broken_lock_is_noticed(name):
    lines, said, problems = SAMPLES[name]
    lock = locks.read("\n".join(lines))
    assert locks.check(lock, [lines[0].split("=")[0]], locks.linux("3.13.0"), lambda line: said[line.name]) == (
        locks.Verdict(problems, frozenset())
    )


def test_what_is_not_installed_is_told_apart():
    assert locks.check(locks.read("a==1"), [], locks.linux("3.13.0"), lambda _: None).unseen == {"a"}


def test_a_line_that_pins_nothing_is_refused():
    with pytest.raises(ValueError, match="not pinned"):
        locks.read("a>=1")
