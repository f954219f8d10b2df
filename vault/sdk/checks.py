"""The outcome of a verification that goes on after a failure, so that all of it can be told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `finding` is a stable word for what was found wrong, empty where nothing was.

    `values` are what a text about the finding names, such as the number of an entry; `advice` is a text from
    elsewhere, such as the server's own.
    """

    name: str
    finding: str = ""
    values: dict[str, object] = field(default_factory=dict)
    advice: str = ""

    @property
    def ok(self) -> bool:
        """True when nothing was found wrong."""
        return not self.finding


class Findings:
    """Collects checks under names, the first finding of each name."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def passed(self, name: str) -> None:
        """That it was looked at, and is sound unless something else was or will be said."""
        self._checks.setdefault(name, Check(name))

    def failed(self, name: str, finding: str, **values: object) -> None:
        """That something is wrong; what was said first of a name stands."""
        if self._checks.get(name, Check(name)).ok:
            self._checks[name] = Check(name, finding, values)

    @property
    def ok(self) -> bool:
        """True while nothing was found wrong."""
        return all(check.ok for check in self._checks.values())

    def all(self) -> list[Check]:
        """The checks in the order in which their names came up."""
        return list(self._checks.values())
