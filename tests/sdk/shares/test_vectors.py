"""Links and what they open come out as the vectors say, which every language reads."""

from __future__ import annotations

import json

import pytest

from tests.sdk.shares import pickup_vectors, vectors
from vault.sdk.shares.links import LinkIncompleteError, LinkRewrittenError, LinkUnavailableError, parse_link

FOUND = json.loads(vectors.FILE.read_bytes())
PICKUPS = json.loads(pickup_vectors.FILE.read_bytes())


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert vectors.contents() == FOUND


@pytest.mark.parametrize("text", FOUND["links"]["refuse"], ids=ascii)
def test_what_is_no_link_is_unavailable_like_any_other(text: str) -> None:
    with pytest.raises(LinkUnavailableError):
        parse_link(text)


@pytest.mark.parametrize("text", FOUND["links"]["incomplete"], ids=ascii)
def test_a_link_that_lost_its_end_is_told_apart(text: str) -> None:
    with pytest.raises(LinkIncompleteError):
        parse_link(text)


@pytest.mark.parametrize("text", FOUND["links"]["rewritten"], ids=ascii)
def test_an_address_that_a_filter_put_in_the_place_of_a_link_is_told_apart(text: str) -> None:
    with pytest.raises(LinkRewrittenError, match="no link to be read"):
        parse_link(text)


@pytest.mark.parametrize("kind", ["cover", "entry", "capsule"])
def test_both_verdicts_are_in_the_vectors(kind: str) -> None:
    verdicts = {case["verdict"] for case in FOUND["cases"] if case["kind"] == kind}
    assert verdicts == {"allowed", "link_content_invalid"}


def test_a_pick_up_saves_what_the_vectors_say() -> None:
    assert pickup_vectors.vectors() == PICKUPS
    verdicts = {case["verdict"] for case in PICKUPS["cases"]}
    assert verdicts == {"allowed", "link_content_invalid", "document_damaged", "passphrase_wrong"}
