"""Makes `tests/vectors/{3-chains,3-merkle,3-rights,9-terms}.json` from the fixed keys of `tests.records.practice`.

`python -m tests.rules.vectors` writes them anew. A case says what is given and the verdict: `allowed`, or the word of
the refusal. What makes a case wrong is its name; a second language reads the same cases (FORMAT.md, section 3).
"""

from __future__ import annotations

import json

from tests.rules import chain_vectors, index_vectors, right_vectors, term_vectors
from tests.rules.verdicts import FOLDER

FILES = {
    "3-chains": chain_vectors.chains,
    "3-merkle": index_vectors.tree,
    "3-rights": right_vectors.rights,
    "9-terms": term_vectors.terms,
}


if __name__ == "__main__":
    for name, make in FILES.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(make(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
