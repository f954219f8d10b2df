"""An export opens with any age program, and what is not the signed document gets no name."""

import os
import stat

import pytest

from tests.client.house import House
from vault.age import HybridIdentity, X25519Identity, decrypt, parse_identities
from vault.sdk.documents.bodies import PlaceError
from vault.sdk.documents.export import export
from vault.sdk.errors import ServerUnreachableError

FILES = {"scans/a.bin": os.urandom(200_000), "b.txt": b"b", "identity.txt": b"mine"}


@pytest.fixture
def practice(house: House, no_pauses: None) -> House:
    for name, content in FILES.items():
        house.write(f"in/{name}", content)
    house.deposit(*sorted((house.folder / "in").iterdir()))
    return house


@pytest.mark.parametrize(("classic", "kind"), [(False, HybridIdentity), (True, X25519Identity)])
def test_every_file_opens_with_the_key_beside_it(practice: House, classic: bool, kind: type) -> None:
    out = practice.folder / "out"
    made = export(practice.dossier, practice.listed(), out, classic=classic)
    identities = parse_identities((out / made.identity).read_text())
    assert [type(one) for one in identities] == [kind]
    assert stat.S_IMODE((out / "identity.txt").stat().st_mode) == 0o600
    assert {file.name for file in made.files} == {f"{name}.age" for name in FILES}
    for name, content in FILES.items():
        assert decrypt((out / f"{name}.age").read_bytes(), identities) == content
    assert not list(out.glob(".*"))


def test_awkward_names_leave_harmlessly(house: House) -> None:
    house.deposit(*(house.write(f"in/{name}", name.encode()) for name in ("-rf", "nul", "A.txt", "a.txt")))
    export(house.dossier, house.listed(), house.folder / "out")
    names = {path.name for path in (house.folder / "out").iterdir()}
    assert {"_rf.age", "_nul.age", "identity.txt"} < names
    assert len({name.casefold() for name in names}) == 5


def test_a_second_export_overwrites_nothing(practice: House) -> None:
    out = practice.folder / "out"
    export(practice.dossier, practice.listed(), out)
    made = export(practice.dossier, practice.listed(), out, classic=True)
    assert made.identity == "identity (2).txt"
    assert {file.name for file in made.files} == {"scans/a (2).bin.age", "b (2).txt.age", "identity (2).txt.age"}


@pytest.mark.parametrize("tamper", [lambda b: b[:-1] + bytes([b[-1] ^ 1]), lambda b: b + b"!"])
def test_a_tampered_body_gets_no_name(practice: House, tamper) -> None:
    practice.line.spoil_bodies(tamper)
    made = export(practice.dossier, practice.listed(), practice.folder / "out")
    assert (made.files, {one.id for one in made.left_out}) == ((), {one.id for one in practice.listed()})
    assert {p.name for p in (practice.folder / "out").iterdir()} == {"identity.txt"}


def test_a_folder_that_cannot_be_written_is_said(practice: House) -> None:
    with pytest.raises(PlaceError, match="cannot be written"):
        export(practice.dossier, practice.listed(), practice.write("file", b"") / "out")


def test_only_stored_documents_leave(practice: House) -> None:
    practice.line.lose_index()
    with pytest.raises(ServerUnreachableError):
        practice.deposit(practice.write("c.txt", b"c"))
    practice.line.clear()
    assert len(practice.listed()) == 4
    assert len(export(practice.dossier, practice.listed(), practice.folder / "out").files) == 3
