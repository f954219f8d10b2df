"""A director's device and the sheet open what the server's worker sealed, and nobody else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.places import generations, sql_keystore
from tests.contract.samples import id_
from tests.fuzz.escrow import sample
from vault.adapters.escrow import seal_to
from vault.age import HybridIdentity
from vault.domain.escrows import Escrowed
from vault.errors import IntegrityError, InvalidInputError
from vault.ports.keystore import Subject, SubjectKind
from vault.records.encoding import from_base64url
from vault.records.escrow import SealedKey, info, parse_escrow
from vault.records.standing import Standing
from vault.records.strict_json import dump, parse_object
from vault.sdk.errors import MissingInputError
from vault.sdk.keys.escrow import open_folder, write_keys

ANNA, SHEET, STRANGER = (HybridIdentity(bytes([number]) * 32) for number in (1, 2, 3))
TO = Escrowed(
    "cd" * 16,
    Standing(3, "ab" * 32),
    (ANNA.recipient().to_string(), SHEET.recipient().to_string()),
    datetime(2026, 11, 30, 9, tzinfo=UTC),
)
VECTOR = Path(__file__).with_name("escrow_vector.json")


@pytest.fixture
def server(tmp_path: Path) -> Path:
    keystore = sql_keystore(tmp_path)
    keystore.create([Subject(SubjectKind.DOSSIER, id_(1))])
    keystore.adopt(id_(7))
    keystore.escrow(TO)
    keystore.turn()
    return tmp_path


@pytest.mark.parametrize("identity", [ANNA, SHEET], ids=["director", "sheet"])
def test_the_key_files_come_back_as_they_were(server: Path, identity: HybridIdentity) -> None:
    out = server / "out"
    [path] = write_keys(open_folder(server / "keys" / "escrow", identity), out)
    assert path.read_bytes() == generations(server).path(2).read_bytes()
    assert (out / "generation-of").read_bytes() == (server / "keys" / "generation-of").read_bytes()
    assert {each.stat().st_mode & 0o777 for each in out.iterdir()} == {0o600}
    write_keys(open_folder(server / "keys" / "escrow", identity), out)
    path.write_bytes(b"k" * 32)
    with pytest.raises(InvalidInputError, match="something else"):
        write_keys(open_folder(server / "keys" / "escrow", identity), out)
    assert path.read_bytes() == b"k" * 32


def test_whom_it_is_not_sealed_to_gets_nothing(server: Path) -> None:
    with pytest.raises(InvalidInputError, match="not sealed to you"):
        open_folder(server / "keys" / "escrow", STRANGER)


@pytest.mark.parametrize("place", ["nowhere", "keys"])
def test_a_folder_without_an_escrow_is_named(server: Path, place: str) -> None:
    with pytest.raises((MissingInputError, IntegrityError)):
        open_folder(server / place, ANNA)


@pytest.mark.parametrize("field", ["generation", "mark", "installation", "box"])
def test_no_field_that_a_key_is_bound_to_can_be_changed(server: Path, field: str) -> None:
    path = server / "keys" / "escrow" / "generation-2"
    escrow = parse_escrow(path.read_bytes())
    if field == "box":
        spoilt = tuple(SealedKey(each.to, each.box[:-1] + bytes([each.box[-1] ^ 1])) for each in escrow.sealed)
        escrow = replace(escrow, sealed=spoilt)
    else:
        escrow = replace(escrow, **{field: 3 if field == "generation" else "ee" * 16})
    path.write_bytes(escrow.to_bytes())
    with pytest.raises(IntegrityError, match="does not open"):
        open_folder(path.parent, ANNA)


def test_one_damaged_file_among_several_is_named_and_nothing_is_given(server: Path) -> None:
    (server / "keys" / "escrow" / "generation-1").write_bytes(b"{}")
    with pytest.raises(IntegrityError, match="generation-1 is no escrow"):
        open_folder(server / "keys" / "escrow", ANNA)


def test_a_key_of_another_size_is_none(tmp_path: Path) -> None:
    """Whoever knows a recipient can seal to it, but what has another size does not read."""
    escrow = sample()
    sealed = seal_to(TO.recipients, b"k" * 31, escrow.info)
    (tmp_path / "generation-7").write_bytes(replace(escrow, sealed=sealed).to_bytes())
    with pytest.raises(IntegrityError, match="no escrow"):
        open_folder(tmp_path, ANNA)


def test_nothing_short_or_foreign_opens() -> None:
    escrow = sample()
    [sealed, _] = seal_to(TO.recipients, b"k" * 32, escrow.info)
    assert ANNA.open(sealed.box, escrow.info) == b"k" * 32
    assert ANNA.open(sealed.box[:100], escrow.info) is None
    assert ANNA.open(sealed.box, info(escrow.installation, 8, escrow.mark)) is None
    assert SHEET.open(sealed.box, escrow.info) is None


def test_the_example_of_the_format_opens() -> None:
    """`escrow_vector.json`: made once, so that what was sealed then is opened for good."""
    example = parse_object(VECTOR.read_bytes(), limit=65_536)
    escrow = parse_escrow(dump(example["escrow"]))
    identity = HybridIdentity(from_base64url(example["seed"]))
    [box] = [each.box for each in escrow.sealed if each.to == identity.recipient().to_string()]
    assert identity.open(box, escrow.info) == from_base64url(example["key"])
    assert escrow.info.hex() == example["info"]
    for wrong in example["refused"]:
        with pytest.raises(InvalidInputError):
            parse_escrow(dump({**example["escrow"], **wrong}))
