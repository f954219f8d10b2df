"""Cases made of the vectors by chance, each with what Python says of it: every language must say the same."""

from __future__ import annotations

from random import Random

from tests.vectors import generated_files, generated_heads, generated_records, generated_texts
from tests.vectors.families import outcome
from tests.vectors.mutations import Json

FAMILIES = {
    **generated_texts.FAMILIES,
    **generated_heads.FAMILIES,
    **generated_records.FAMILIES,
    **generated_files.FAMILIES,
}


def batch(seed: int, each: int) -> list[Json]:
    """So many cases of every family, and more of those that cost little; the same for the same seed."""
    made = []
    for name, family in FAMILIES.items():
        rng = Random(f"{seed} {name}")
        for _ in range(each * family.share):
            case = family.make(rng)
            made.append({"family": name, "case": case, "found": outcome(family.judge, case)})
    return made
