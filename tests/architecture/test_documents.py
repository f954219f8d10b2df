"""The documents for readers: what they name is there, and every decision stands in the index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
_TOP = ("vault/", "gateway/", "workers/", "infra/", "tests/", "docs/", ".ci/")
_BUILT = {"gateway/web/built"}  # made by `make run`, and not in the tree
_CODE = re.compile(r"`([^`\n]+)`")
_TESTS = re.compile(r"\[([a-z0-9_/,\s-]+?)(?: shows both sides)?\]")  # in brackets, behind what they show
_LINK = re.compile(r"\]\(([^)#\s]+)")


def _named(text: str) -> Iterator[str]:
    """Paths of this repository in code spans; those with a placeholder or a pattern name no one file."""
    for span in _CODE.findall(text):
        path = span.split("::")[0].rstrip("/,.:")
        if path.startswith(_TOP) and not re.search(r"[\s<>*{}…‖]|/v1|NN", path):
            yield path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_a_document_names_is_there(document: Path) -> None:
    missing = [path for path in _named(document.read_text()) if path not in _BUILT and not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "docs/decisions/README.md"], ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    links = [link for link in _LINK.findall(document.read_text()) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_test_that_the_threat_model_names_is_there() -> None:
    text = (ROOT / "docs/THREAT_MODEL.md").read_text()
    named = [each.strip() for found in _TESTS.findall(text) for each in found.split(",")]
    places = [[f"tests/{each}.py", f"tests/{each}", f"tests/vectors/{each}.json"] for each in named]
    assert len(named) > 20
    assert [each[0] for each in places if not any((ROOT / path).exists() for path in each)] == []


def test_every_decision_stands_in_the_index_with_its_title_and_date() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text()
    for decision in DECISIONS:
        title, _, status = decision.read_text().split("\n")[:3]
        number, said = re.fullmatch(r"# (\d+)\. (.+)", title).groups()
        assert decision.name.startswith(f"{int(number):04}-"), decision.name
        assert re.fullmatch(r"(Accepted|Proposed|Replaced by \d+), 20\d\d-\d\d-\d\d\.", status), decision.name
        assert f"[{decision.name[:4]}]({decision.name}) | {said} |" in index, decision.name
