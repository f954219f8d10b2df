"""An export opens with any age program, and what is not the signed document gets no name."""

import os
import stat
from pathlib import Path

import pytest

from tests.sdk.practice import Practice, new_practice
from vault.age import HybridIdentity, X25519Identity, decrypt, parse_identities
from vault.sdk.documents.bodies import DamagedDocumentError, PlaceError
from vault.sdk.documents.export import export
from vault.sdk.errors import AnswerError

FILES = {"scans/a.bin": os.urandom(200_000), "b.txt": b"b", "identity.txt": b"mine"}


@pytest.fixture
def practice(tmp_path: Path) -> Practice:
    practice = new_practice(tmp_path)
    for name, content in FILES.items():
        practice.write(f"in/{name}", content)
    practice.put(*sorted((tmp_path / "in").iterdir()))
    return practice


@pytest.mark.parametrize(("classic", "kind"), [(False, HybridIdentity), (True, X25519Identity)])
def test_every_file_opens_with_the_key_beside_it(practice: Practice, classic: bool, kind: type) -> None:
    out = practice.folder / "out"
    made = export(practice.dossier, practice.listed(), out, classic=classic)
    identities = parse_identities((out / made.identity).read_text())
    assert [type(one) for one in identities] == [kind]
    assert stat.S_IMODE((out / "identity.txt").stat().st_mode) == 0o600
    assert {file.name for file in made.files} == {f"{name}.age" for name in FILES}
    for name, content in FILES.items():
        assert decrypt((out / f"{name}.age").read_bytes(), identities) == content
    assert not list(out.glob(".*"))


def test_a_second_export_overwrites_nothing(practice: Practice) -> None:
    out = practice.folder / "out"
    export(practice.dossier, practice.listed(), out)
    made = export(practice.dossier, practice.listed(), out, classic=True)
    assert made.identity == "identity (2).txt"
    assert {file.name for file in made.files} == {"scans/a (2).bin.age", "b (2).txt.age", "identity (2).txt.age"}


@pytest.mark.parametrize("tamper", [lambda b: b[:-1] + b"!", lambda b: b + b"!"])
def test_a_tampered_body_gets_no_name(practice: Practice, tamper) -> None:
    practice.gateway.tamper_body = tamper
    with pytest.raises((DamagedDocumentError, AnswerError)):
        export(practice.dossier, practice.listed(), practice.folder / "out")
    assert {p.name for p in (practice.folder / "out").iterdir()} == {"identity.txt"}


def test_a_folder_that_cannot_be_written_is_said(practice: Practice) -> None:
    with pytest.raises(PlaceError, match="cannot be written"):
        export(practice.dossier, practice.listed(), practice.write("file", b"") / "out")


def test_only_stored_documents_leave(practice: Practice) -> None:
    listed = practice.listed()
    practice.dossier.post_index(drop=[listed[0].record.hash])
    assert len(export(practice.dossier, practice.listed(), practice.folder / "out").files) == 2
