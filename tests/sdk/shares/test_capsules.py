"""What a link opens belongs to one share and one document, and is read strictly."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.boxes import box
from vault.records.encoding import lp
from vault.records.strict_json import dump
from vault.sdk.shares.capsules import (
    MAX_COVER,
    Capsule,
    Cover,
    Covered,
    CoverTooLargeError,
    Entry,
    LinkContentError,
    open_capsule,
    open_cover,
    open_entry,
    seal_capsule,
    seal_cover,
    seal_entry,
)
from vault.secret import Secret

KEY, SHARE, DOCUMENT = bytes(range(32)), "a" * 32, "b" * 32
ENTRY = Entry("report.pdf", "scans", "application/pdf", 12, "c" * 64)
CAPSULE = Capsule(Secret(bytes(16)), b'{"v":1}')


def cover(count: int = 1, **changed: object) -> Cover:
    documents = tuple(Covered(f"{number:032x}", "d" * 64, 16) for number in range(count))
    fields = {
        "practice": "e" * 32,
        "name": "Praktijk De Brug",
        "sender": "Dana",
        "kind": "copy",
        "note": "",
        "root": b"f" * 32,
        "record": "1" * 64,
        "expires_at": datetime(2026, 12, 4, 16, 0, tzinfo=UTC),
        "max": 3,
        "documents": documents,
    }
    return Cover(**{**fields, **changed})  # type: ignore[arg-type]


def test_what_was_sealed_reads_back() -> None:
    assert open_cover(KEY, SHARE, seal_cover(KEY, SHARE, cover(3, note="Dag!"))) == cover(3, note="Dag!")
    assert open_entry(KEY, SHARE, DOCUMENT, seal_entry(KEY, SHARE, DOCUMENT, ENTRY)) == ENTRY
    assert open_capsule(KEY, SHARE, DOCUMENT, seal_capsule(KEY, SHARE, DOCUMENT, CAPSULE)) == CAPSULE


def test_nothing_opens_in_anothers_place() -> None:
    entry, capsule = seal_entry(KEY, SHARE, DOCUMENT, ENTRY), seal_capsule(KEY, SHARE, DOCUMENT, CAPSULE)
    for key, share, document in ((bytes(32), SHARE, DOCUMENT), (KEY, "0" * 32, DOCUMENT), (KEY, SHARE, "0" * 32)):
        with pytest.raises(LinkContentError):
            open_entry(key, share, document, entry)
        with pytest.raises(LinkContentError):
            open_capsule(key, share, document, capsule)
    with pytest.raises(LinkContentError):
        open_entry(KEY, SHARE, DOCUMENT, capsule)
    with pytest.raises(LinkContentError):
        open_cover(KEY, "0" * 32, seal_cover(KEY, SHARE, cover()))


def test_a_cover_has_its_limit() -> None:
    largest = tuple(Covered(f"{number:032x}", "d" * 64, 2**43) for number in range(500))
    assert len(seal_cover(KEY, SHARE, cover(documents=largest))) <= MAX_COVER, "500 documents fit (FORMAT.md, Links)"
    with pytest.raises(CoverTooLargeError):
        seal_cover(KEY, SHARE, cover(documents=largest, note="\U0001f600" * 2000))
    with pytest.raises(LinkContentError):
        open_cover(KEY, SHARE, bytes(MAX_COVER + 1))


def test_a_cover_names_a_document_once() -> None:
    twice = cover(documents=(Covered("0" * 32, "d" * 64, 16),) * 2)
    with pytest.raises(LinkContentError):
        open_cover(KEY, SHARE, seal_cover(KEY, SHARE, twice))


@pytest.mark.parametrize(
    "changed", [{"v": 2}, {"v": True}, {"name": ""}, {"folder": None}, {"size": -1}, {"size": 1.5}, {"digest": "x"}]
)
def test_an_entry_is_read_strictly(changed: dict[str, object]) -> None:
    fields = {"v": 1, "name": "a", "folder": "", "type": "t", "size": 0, "digest": "0" * 64, **changed}
    aad = lp(b"vault/v1/link/entry", SHARE.encode(), DOCUMENT.encode())
    with pytest.raises(LinkContentError):
        open_entry(KEY, SHARE, DOCUMENT, box(KEY, aad, dump(fields) if changed != {"size": 1.5} else b'{"size":1.5}'))


@given(st.binary(max_size=300))
def test_forged_boxes_and_forged_contents_are_refused(content: bytes) -> None:
    ids = (SHARE.encode(), DOCUMENT.encode())
    for sealed in (content, box(KEY, lp(b"vault/v1/link/cover", ids[0]), content)):
        with pytest.raises(LinkContentError):
            open_cover(KEY, SHARE, sealed)
    for sealed in (content, box(KEY, lp(b"vault/v1/link/entry", *ids), content)):
        with pytest.raises(LinkContentError):
            open_entry(KEY, SHARE, DOCUMENT, sealed)
    for sealed in (content, box(KEY, lp(b"vault/v1/link/capsule", *ids), content)):
        with pytest.raises(LinkContentError):
            open_capsule(KEY, SHARE, DOCUMENT, sealed)


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300),
    st.integers(0, 2**43),
)
def test_every_name_and_size_reads_back(name: str, size: int) -> None:
    entry = Entry(name, "", "text/plain", size, "0" * 64)
    assert open_entry(KEY, SHARE, DOCUMENT, seal_entry(KEY, SHARE, DOCUMENT, entry)) == entry


def test_a_file_key_is_not_shown() -> None:
    assert "\\x00" not in repr(CAPSULE)
