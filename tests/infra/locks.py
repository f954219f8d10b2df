"""Compares lock files with the requirements of installed packages; nothing is resolved or fetched."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

Environment = dict[str, str]
# The first and a late release of each Python that we promise: some requirements name a third number.
PYTHONS = [f"3.{minor}.{micro}" for minor in (11, 12, 13, 14) for micro in (0, 20)]


@dataclass(frozen=True)
class Locked:
    """A line of a lock file."""

    name: str
    version: Version
    extras: frozenset[str]
    marker: Marker | None
    hashes: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"

    def holds(self, environment: Environment) -> bool:
        return self.marker is None or self.marker.evaluate(environment)


@dataclass(frozen=True)
class Verdict:
    """The unmet requirements, and the packages not installed here, whose requirements are unknown."""

    problems: list[str]
    unseen: frozenset[str]


def read(text: str) -> list[Locked]:
    """The lines of a lock file; ValueError for one that pins nothing."""
    return [_line(line) for line in text.replace("\\\n", " ").splitlines() if line.strip() and line[0] != "#"]


def _line(line: str) -> Locked:
    requirement = Requirement(line.split(" --hash=", maxsplit=1)[0].strip())
    pinned = re.fullmatch(r"==([^*]+)", str(requirement.specifier))
    if pinned is None:
        raise ValueError(f"not pinned: {line}")
    hashes = frozenset(re.findall(r" --hash=(sha256:[0-9a-f]{64})(?= |$)", line))
    name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
    return Locked(name, Version(pinned[1]), extras, requirement.marker, hashes)


def linux(python: str) -> Environment:
    """The markers' environment for CPython of that version, on Linux x86-64."""
    made_up = {
        "implementation_name": "cpython",
        "implementation_version": python,
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "sys_platform": "linux",
    }
    return {**{name: str(value) for name, value in default_environment().items()}, **made_up}


def here() -> Environment:
    """The markers' environment of this Python."""
    return {name: str(value) for name, value in default_environment().items()} | {
        "python_full_version": platform.python_version()
    }


def installed(locked: Locked) -> Distribution | None:
    """The package's metadata, if exactly that version is installed."""
    try:
        found = distribution(locked.name)
    except PackageNotFoundError:
        return None
    return found if Version(found.version) == locked.version else None


def check(
    lock: Iterable[Locked],
    wanted: Iterable[str],
    environment: Environment,
    metadata: Callable[[Locked], Distribution | None] = installed,
) -> Verdict:
    """Check that the lock contains everything `wanted`, and every requirement of its lines, with extras."""
    active: dict[str, Locked] = {}
    extras: dict[str, set[str]] = {}
    problems: list[str] = []
    for line in lock:
        if line.holds(environment):
            # A package may have a line more, with extras, for some machines only.
            if active.setdefault(line.name, line).version != line.version:
                problems.append(f"{line.name} stands in it in two versions")
            extras.setdefault(line.name, set()).update(line.extras)
    _meet(map(Requirement, wanted), "the project", active, extras, problems, environment)
    unseen: set[str] = set()
    done: dict[str, frozenset[str]] = {}
    while open_ := [name for name in active if done.get(name) != extras[name]]:
        for name in open_:
            done[name] = frozenset(extras[name])
            found = metadata(active[name])
            if found is None:
                unseen.add(name)
                continue
            _meet(_needs(found, done[name], environment), name, active, extras, problems, environment)
            _check_python(found, environment, problems)
    return Verdict(sorted(set(problems)), frozenset(unseen))


def _needs(found: Distribution, extras: Iterable[str], environment: Environment) -> list[Requirement]:
    asked = ["", *(canonicalize_name(extra) for extra in extras)]
    every = [Requirement(text) for text in found.requires or []]
    return [
        one
        for one in every
        if one.marker is None or any(one.marker.evaluate(environment | {"extra": e}) for e in asked)
    ]


def _meet(
    needs: Iterable[Requirement],
    whose: str,
    active: dict[str, Locked],
    extras: dict[str, set[str]],
    problems: list[str],
    environment: Environment,
) -> None:
    for need in needs:
        if whose == "the project" and need.marker is not None and not need.marker.evaluate(environment):
            continue
        line = active.get(canonicalize_name(need.name))
        if line is None:
            problems.append(f"{whose} needs {need}, which is not in the lock")
        elif not need.specifier.contains(line.version, prereleases=True):
            problems.append(f"{whose} needs {need}, and the lock has {line}")
        else:
            extras[line.name] |= need.extras


def _check_python(found: Distribution, environment: Environment, problems: list[str]) -> None:
    asked = found.metadata.get("Requires-Python")
    if asked and not SpecifierSet(asked).contains(environment["python_full_version"]):
        problems.append(f"{found.metadata['Name']} {found.version} needs Python {asked}")
