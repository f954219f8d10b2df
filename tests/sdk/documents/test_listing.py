"""Only what a holder signed and the index lists counts, and nothing is released before all of it is verified."""

import hashlib
import os
import stat
from dataclasses import replace
from typing import Any

import pytest

from tests.client.house import House
from vault.age import Head, HybridIdentity, X25519Identity, commitment, payload_key, write_header
from vault.age.stream import SEALED_SIZE, Sealer
from vault.records.envelope import Signature
from vault.records.types.document import body_digest
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.documents.listing import NoSuchDocumentError, Quarantined, choose, identity_of, list_documents, unlock
from vault.sdk.documents.reading import save_document, write_document
from vault.sdk.errors import AmbiguousError, AnswerError, ServerUnreachableError

CONTENT = os.urandom(200_000)


@pytest.fixture
def practice(house: House, no_pauses: None) -> House:
    house.deposit(house.write("scans/a.bin", CONTENT), house.write("b.txt", b"b"))
    return house


def the(practice: House, name: str = "a.bin") -> Any:
    return choose(practice.listed(), [name])[0]


def piped(practice: House, listed: Any) -> bytes:
    out = practice.folder / "pipe"
    fd = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        write_document(practice.dossier, listed, fd)
    finally:
        os.close(fd)
        content = out.read_bytes()
        out.unlink()
    return content


def test_a_document_is_read_back_to_a_file_and_to_a_pipe(practice: House) -> None:
    out = practice.write("out", b"old")
    assert save_document(practice.dossier, the(practice), out) == len(CONTENT)
    assert out.read_bytes() == CONTENT == piped(practice, the(practice))
    assert piped(practice, the(practice, "b.txt")) == b"b"


@pytest.mark.parametrize("nameless", [True, False])
def test_while_it_comes_a_file_has_no_name_where_it_can(
    practice: House, monkeypatch: pytest.MonkeyPatch, nameless: bool
) -> None:
    if not nameless:
        monkeypatch.setattr("vault.sdk.documents.draft._nameless", lambda _: None)
    seen: list[list[str]] = []
    folder = practice.folder / "saved"
    folder.mkdir()
    practice.line.watch("GET", "/body$", lambda _: seen.append([path.name for path in folder.iterdir()]))
    save_document(practice.dossier, the(practice), folder / "out")
    assert [len(names) for names in seen] == ([0] if nameless else [1])
    assert (folder / "out").read_bytes() == CONTENT
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["out"]


def reordered(body: bytes) -> bytes:
    return body[SEALED_SIZE : 2 * SEALED_SIZE] + body[:SEALED_SIZE] + body[2 * SEALED_SIZE :]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda b: b[:-1],
        lambda b: b[:SEALED_SIZE],
        lambda b: b + b"x",
        reordered,
        lambda b: b[:9] + b"!" + b[10:],
        lambda b: b"",
    ],
)
def test_a_tampered_body_releases_nothing(practice: House, tamper: Any) -> None:
    practice.line.spoil_bodies(tamper)
    out = practice.write("out", b"old")
    listed = the(practice)
    with pytest.raises((DamagedDocumentError, AnswerError, ServerUnreachableError)):
        save_document(practice.dossier, listed, out)
    assert out.read_bytes() == b"old"
    assert not list(practice.folder.glob(".*"))
    with pytest.raises((DamagedDocumentError, AnswerError, ServerUnreachableError)):
        piped(practice, listed)


def test_every_flipped_bit_of_a_small_body_is_refused(practice: House) -> None:
    listed = the(practice, "b.txt")
    for bit in range(listed.record.size * 8):
        flip = bit
        practice.line.clear()
        practice.line.spoil_bodies(
            lambda b, flip=flip: bytes(
                byte ^ (1 << flip % 8 if place == flip // 8 else 0) for place, byte in enumerate(b)
            )
        )
        with pytest.raises(DamagedDocumentError):
            save_document(practice.dossier, listed, practice.folder / "out")
    assert not (practice.folder / "out").exists()


def test_the_head_of_another_document_is_refused(practice: House) -> None:
    mine, other = the(practice), the(practice, "b.txt")
    with pytest.raises(DamagedDocumentError):
        unlock(replace(mine, head=other.head), identity_of(practice.dossier))
    head = Head.parse(mine.head)
    with pytest.raises(DamagedDocumentError):
        unlock(replace(mine, head=Head.parse(other.head).header + head.nonce), identity_of(practice.dossier))


def test_a_head_has_exactly_one_stanza_of_the_dossiers_suite(practice: House) -> None:
    mine, identity = the(practice), identity_of(practice.dossier)
    key, nonce = unlock(mine, identity), Head.parse(mine.head).nonce
    two = write_header(key, [identity.recipient(), HybridIdentity.generate().recipient()])
    classic = write_header(key, [X25519Identity.generate().recipient()])
    for header in (two, classic, b"age-encryption.org/v1\n"):
        with pytest.raises(DamagedDocumentError):
            unlock(replace(mine, head=header + nonce), identity)


def test_two_readings_of_one_body_are_refused_by_the_commitment(practice: House) -> None:
    """One body, two file keys, one record: the key that the record does not commit to opens nothing."""
    mine, identity = the(practice, "b.txt"), identity_of(practice.dossier)
    other_key = os.urandom(16)
    forged = bytes(Sealer(payload_key(other_key, mine.record.nonce)).seal(0, b"other", last=True))
    record = replace(mine.record, size=len(forged), digest=body_digest([hashlib.sha256(forged).digest()]))
    head = write_header(other_key, [identity.recipient()]) + mine.record.nonce
    assert commitment(other_key) != record.commitment
    with pytest.raises(DamagedDocumentError, match="its key"):
        unlock(replace(mine, record=record, head=head), identity)


def test_a_cut_connection_goes_on_where_it_was(practice: House) -> None:
    practice.line.cut_bodies(70_000)
    practice.line.requests.clear()
    assert piped(practice, the(practice)) == CONTENT
    assert practice.line.count("GET", "/body$") == 3


def test_a_connection_that_never_brings_anything_is_given_up(practice: House) -> None:
    practice.line.cut_bodies(0)
    with pytest.raises(ServerUnreachableError):
        piped(practice, the(practice))


def test_what_does_not_verify_is_set_apart(practice: House) -> None:
    practice.line.lie_of_each("/documents$", lambda item: {**item, "metadata": item["metadata"][:-4] + "AAAA"})
    apart: list[Quarantined] = []
    assert list_documents(practice.dossier, quarantine=apart) == []
    assert len(apart) == 2
    practice.line.lie_of_each("/documents$", lambda item: {**item, "document": "0" * 32})
    assert list_documents(practice.dossier) == []


def test_a_record_that_nobody_may_sign_is_set_apart(practice: House) -> None:
    one = the(practice)
    forged = replace(one.envelope, signatures=(Signature("ed25519", one.record.signer, bytes(64)),)).to_json()
    twice = replace(one.envelope, signatures=one.envelope.signatures * 2).to_json()
    for envelope in (forged, twice):
        practice.line.lie_of_each(
            "/documents$",
            lambda item, envelope=envelope: {**item, "record": envelope} if item["document"] == one.id else item,
        )
        assert one.id not in {each.id for each in practice.listed()}


def test_what_no_index_lists_is_pending(practice: House) -> None:
    practice.line.lose_index()
    with pytest.raises(ServerUnreachableError):
        practice.deposit(practice.write("c.txt", b"c"))
    practice.line.clear()
    assert {one.metadata.name: one.state for one in practice.listed()} == {
        "a.bin": "stored",
        "b.txt": "stored",
        "c.txt": "pending",
    }
    with pytest.raises(NoSuchDocumentError):
        the(practice, "c.txt")


def test_documents_are_named_by_id_prefix_name_or_path(practice: House) -> None:
    practice.deposit(practice.write("other/b.txt", b"c"), practice.write("dir/b.txt", b"d"))
    listed = practice.listed()
    one = choose(listed, ["a.bin"])[0]
    assert choose(listed, [one.id, one.id[:8]]) == [one]
    practice.deposit(practice.folder / "scans")
    assert choose(practice.listed(), ["scans/a.bin"])[0].metadata.path == "scans/a.bin"
    assert len(choose(practice.listed(), [])) == 5
    with pytest.raises(AmbiguousError):
        choose(practice.listed(), ["b.txt"])
    with pytest.raises(NoSuchDocumentError):
        choose(listed, ["nothing"])
