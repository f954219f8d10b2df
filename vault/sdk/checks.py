"""The outcomes of a verification that goes on after a failure, so that it reports all findings."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Check:
    """One checked thing. `finding` is a stable word for the fault, empty if there is none.

    `values` fill the text about the finding, such as an entry's number; `advice` is a text from elsewhere, such as the
    server's.
    """

    name: str
    finding: str = ""
    values: dict[str, object] = field(default_factory=dict)
    advice: str = ""

    @property
    def ok(self) -> bool:
        """True when no fault was found."""
        return not self.finding


class Findings:
    """Collects checks by name, with the first finding of each name."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def passed(self, name: str) -> None:
        """Note that the check ran; it stays sound unless `failed` is called for it."""
        self._checks.setdefault(name, Check(name))

    def failed(self, name: str, finding: str, **values: object) -> None:
        """Note a fault; the first one of a name is kept."""
        if self._checks.get(name, Check(name)).ok:
            self._checks[name] = Check(name, finding, values)

    @property
    def ok(self) -> bool:
        """True while no fault was found."""
        return all(check.ok for check in self._checks.values())

    def all(self) -> list[Check]:
        """The checks, in the order of their first mention."""
        return list(self._checks.values())
