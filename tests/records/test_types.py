"""Every type of record: what is written is read, every malformed field is refused, the vectors hold."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import samples
from tests.records.practice import INSTALLATION, KEYS, PRACTICE, ROOT, policy, rosters, trajectory, write
from vault.errors import IntegrityError
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, parse, verify
from vault.records.standing import check_text, new_salt, text_digest
from vault.records.strict_json import dump
from vault.records.types.certificate import Certificate
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.checkpoint import Checkpoint
from vault.records.types.document import SEGMENT_SIZE, Document, body_digest, segment_count, segment_length
from vault.records.types.dossier import Dossier
from vault.records.types.erasure import ErasureRequest
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.index import Index
from vault.records.types.intent import Intent
from vault.records.types.invitation import Invitation
from vault.records.types.lock import Lock
from vault.records.types.policy import Policy, check_public_url
from vault.records.types.profile import Profile, certificate_commitment
from vault.records.types.repair import Repair
from vault.records.types.restoration import Restoration
from vault.records.types.roster import Roster
from vault.records.types.share import Share
from vault.records.types.tombstone import Tombstone, installation_signer
from vault.records.types.trajectory import Trajectory
from vault.records.types.wrap import Wrap
from vault.rules.verdict import Refused

VECTORS = Path(__file__).parents[1] / "vectors" / "3-records.json"
READERS = {
    "repair": Repair.read,
    "restoration": Restoration.read,
    "roster": Roster.read,
    "policy": Policy.read,
    "dossier": Dossier.read,
    "wrap": Wrap.read,
    "document": Document.read,
    "intent": Intent.read,
    "index": Index.read,
    "share": Share.read,
    "profile": Profile.read,
    "trajectory": Trajectory.read,
    "erasure": ErasureRequest.read,
    "erasure_withdrawal": ErasureWithdrawal.read,
    "invitation": Invitation.read,
    "lock": Lock.read,
    "tombstone": Tombstone.read,
    "certificate": Certificate.read,
    "certificate_check": CertificateCheck.read,
    "checkpoint": Checkpoint.read,
}
BROKEN = [None, "", "x", "F" * 64, -1, 2**53, True, [], {}, [None], [{}], ["x", "x"], "2026-13-01"]


def read(envelope: Envelope) -> object:
    return READERS[envelope.kind](envelope)


@pytest.mark.parametrize("kind", sorted(READERS))
def test_what_a_record_says_is_read_back(kind):
    envelope = samples.every()[kind]
    value = read(parse(envelope.to_bytes(), kind))
    common = {"v", "type", "practice", "signer", "seen"}
    assert value.content() == {name: field for name, field in envelope.fields.items() if name not in common}
    assert value.hash == envelope.hash


@pytest.mark.parametrize("kind", sorted(READERS))
def test_a_record_names_who_signed_it(kind):
    envelope = samples.every()[kind]
    value = read(envelope)
    assert (value.signer, value.practice) == (envelope.fields["signer"], PRACTICE)


@pytest.mark.parametrize("kind", sorted(READERS))
def test_every_malformed_field_is_a_record_error_or_a_valid_value(kind):
    fields = samples.every()[kind].fields
    for name in set(fields) - {"v", "type", "practice", "signer"}:
        for broken in BROKEN:
            changed = Envelope(kind, dump({**fields, name: broken}), (), {**fields, name: broken})
            try:
                read(changed)
            except RecordError:
                continue
            assert broken is None or name in {
                "version",
                "sequence",
                "draft",
                "email",
                "role",
                "grace",
                "kind",
                "mode",
                "basis",
                "reason",
                "suite",
                "members",
                "documents",
                "records",
                "added",
                "removed",
                "count",
                "name",
                "recovery",
                "recipient",
                "limits",
                "installations",
                "text",
                "request",
                "chains",
                "ledger",
                "method",
            }


@pytest.mark.parametrize("kind", sorted(READERS))
@given(data=st.data())
def test_a_missing_field_never_surprises(kind, data):
    fields = dict(samples.every()[kind].fields)
    fields.pop(data.draw(st.sampled_from(sorted(fields))))
    try:
        read(Envelope(kind, dump(fields), (), {"signer": "x", **fields}))
    except RecordError:
        return


def test_the_vectors_hold():
    """FORMAT.md section 3: bytes, hashes and signatures that a second language must reproduce."""
    made = {
        "keys": {
            **{use: bytes(key).hex() for use, key in INSTALLATION.items()},
            "root": bytes(ROOT).hex(),
            **{id_: bytes(key).hex() for id_, key in KEYS.items()},
        },
        "records": [
            {"type": kind, "hash": e.hash, "text": e.record.decode(), "envelope": e.to_json()}
            for kind, e in samples.every().items()
        ],
        "certificate_commitment": {
            "nonce": (b"k" * 32).hex(),
            "name": "Jan de Vries",
            "commitment": certificate_commitment(b"k" * 32, "Jan de Vries"),
        },
        "text_digest": {"type": "profile", "text": '{"v":1}', "digest": text_digest("profile", b'{"v":1}')},
        "body_digest": {
            "segments": ["aa" * 32, "bb" * 32],
            "digest": body_digest([b"\xaa" * 32, b"\xbb" * 32]),
        },
        "refused": ['{"v":1,"v":1}', '{"v":1.0}', '{"v":9007199254740992}', '{"v":"\\ud800"}', "[]"],
    }
    if os.environ.get("DOSSIER_WRITE_VECTORS"):
        VECTORS.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    assert json.loads(VECTORS.read_text()) == made


def test_signatures_of_the_vectors_verify():
    public = {id_: bytes(key.verify_key) for id_, key in KEYS.items()} | {"root": bytes(ROOT.verify_key)}
    for installation in (bytes(key.verify_key) for key in INSTALLATION.values()):
        public[installation_signer(installation)] = installation
    for vector in json.loads(VECTORS.read_text())["records"]:
        envelope = parse(json.dumps(vector["envelope"]).encode(), vector["type"])
        verify(envelope, public)
        assert envelope.hash == vector["hash"]


def test_a_text_that_was_not_signed_is_refused():
    check_text("profile", b"{}", text_digest("profile", b"{}"))
    with pytest.raises(IntegrityError):
        check_text("profile", b"{ }", text_digest("profile", b"{}"))
    with pytest.raises(IntegrityError):
        check_text("share", b"{}", text_digest("profile", b"{}"))
    assert len(new_salt()) == 16


def test_a_body_is_digested_segment_by_segment():
    assert body_digest([hashlib.sha256(b"a").digest()]) == hashlib.sha256(hashlib.sha256(b"a").digest()).hexdigest()
    assert [segment_count(size) for size in (16, SEGMENT_SIZE, SEGMENT_SIZE + 1)] == [1, 1, 2]
    assert segment_length(SEGMENT_SIZE + 5, 0) == SEGMENT_SIZE
    assert segment_length(SEGMENT_SIZE + 5, 1) == 5


def test_a_trajectory_does_not_end_before_it_starts():
    with pytest.raises(RecordError):
        Trajectory.read(trajectory(rosters(), end=date(2020, 1, 1)))
    assert Trajectory.read(trajectory(rosters(), end=date(2027, 1, 1))).end == date(2027, 1, 1)


@pytest.mark.parametrize("day", ["20261122", "2026-W47-7", "22-11-2026", "1899-12-31", "3000-01-01", "9999-12-31"])
def test_a_day_has_one_spelling_and_a_term_can_be_added_to_it(day):
    fields = {**trajectory(rosters()).fields, "start": day}
    with pytest.raises(RecordError):
        Trajectory.read(Envelope("trajectory", b"", (), fields))


TWO = {"documents": ["0a" * 16, "0b" * 16], "records": ["ff" * 32, "00" * 32]}


class TestAnErasureRequest:
    def request(self, **changes):
        return ErasureRequest.read(Envelope("erasure", b"", (), {**samples.erasure().fields, **changes}))

    def test_names_the_records_in_the_order_of_its_documents(self):
        request = self.request(**TWO)
        assert request.records == ("ff" * 32, "00" * 32)
        assert request.content()["records"] == TWO["records"]

    @pytest.mark.parametrize("records", [["ff" * 32], ["ff" * 32] * 3, ["ff" * 31, "00" * 32], ["ff" * 32, None]])
    def test_names_one_record_for_every_document(self, records):
        with pytest.raises(RecordError):
            self.request(**TWO | {"records": records})

    def test_names_as_many_records_as_documents_may_be(self):
        ids = [f"{number:032x}" for number in range(500)]
        assert len(self.request(documents=ids, records=["00" * 32] * 500).records) == 500


def test_a_document_stands_once_in_a_share():
    twice = samples.share().fields["documents"] * 2
    with pytest.raises(RecordError):
        Share.read(write("share", {**samples.share().fields, "documents": twice}, samples.COACH))


def test_secrets_are_not_shown():
    assert "69" * 8 not in repr(Wrap.read(samples.wrap()))
    assert "identity" not in repr(Wrap.read(samples.wrap()))


def test_a_refusal_never_slips_through_a_condition():
    assert Refused("because")


@pytest.mark.parametrize("url", ["https://kluis.example", "http://127.0.0.1:8420", "https://[::1]/a/b.c"])
def test_an_address_that_links_begin_with(url):
    assert Policy.read(policy(rosters(), public_url=url)).public_url == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "kluis.example", "ftp://kluis.example", "https://kluis.example/", "https://a.nl/b#c", "https://a.nl?b"),
        *("https://me@a.nl", "https://a.nl/\n", "https://a.nl//b", "https://", "https://a b", f"https://{'a' * 300}"),
    ],
)
def test_an_address_that_would_lead_links_elsewhere_is_refused(url):
    with pytest.raises(RecordError):
        Policy.read(policy(rosters(), public_url=url))


def test_an_address_of_the_vault_has_at_most_300_characters():
    longest = "https://a.nl/" + "a" * (300 - len("https://a.nl/"))
    assert check_public_url(longest) == longest
    with pytest.raises(RecordError):
        check_public_url(longest + "a")
