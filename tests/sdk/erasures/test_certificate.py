"""A certificate proves itself without us: every byte of it counts, and what is wrong is named."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from nacl.signing import SigningKey

from vault.records.encoding import new_id, to_base64url
from vault.records.envelope import Envelope, write
from vault.records.seen import Seen, Sighting
from vault.records.standing import Standing, text_digest
from vault.records.strict_json import dump
from vault.records.types.certificate import METHOD, Certificate, Counts
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.document import Document
from vault.records.types.dossier import HOLDER, Dossier, Grantee
from vault.records.types.erasure import ErasureRequest
from vault.records.types.profile import certificate_commitment
from vault.records.types.roster import ATTEST, CHECKPOINT, LEDGER, SUITE, Roster, RosterKey, RosterMember, practice_id
from vault.records.types.tombstone import Tombstone, installation_signer
from vault.rules import merkle
from vault.rules.evidence import Evidence
from vault.rules.rosters import first
from vault.sdk.documents.metadata import Metadata
from vault.sdk.erasures.certificate import CertificateFile, parse_certificate, verify
from vault.sdk.erasures.certificate_checks import Checked
from vault.sdk.erasures.certificate_page import PageFacts, render_certificate
from vault.sdk.erasures.named_documents import Opening, write_leaves
from vault.sdk.keys.words import fingerprint

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NONCE = bytes(range(32))
NAME = "Anna Bakker"


@dataclass
class Office:
    """A practice whose installation signs whatever a test wants."""

    root: SigningKey
    installation: SigningKey
    roster: Envelope
    director: str
    key: SigningKey

    @property
    def practice(self) -> str:
        return practice_id(bytes(self.root.verify_key))

    @property
    def standing(self) -> Standing:
        return Standing(1, first(self.roster).newest.hash)

    def sign(self, kind: str, content: dict[str, Any], key: SigningKey | None = None) -> Envelope:
        key = key or self.installation
        return write(kind, content, practice=self.practice, signer=installation_signer(bytes(key.verify_key)), key=key)

    def paper(self, document: str, dossier: str = "") -> Opening:
        """A document of the dossier that goes by its id, as the client's copy opens it."""
        name = f"verslag {document[0]}.pdf"
        fields = Metadata(name, "map", "application/pdf", 12, "5a" * 32, "", NOW).to_json()
        text = dump({"v": 1, "salt": to_base64url(b"s" * 16), **fields}).ljust(256)
        digest, where = text_digest("document", text), dossier or DOSSIER
        record = Document(
            self.standing,
            where,
            document,
            document,
            None,
            "report",
            False,
            b"n" * 16,
            b"c" * 32,
            28,
            "0d" * 32,
            digest,
            NOW,
        )
        written = write("document", record.content(), practice=self.practice, signer=self.director, key=self.key)
        return Opening(written.record, text)

    def evidence(self, *documents: str, basis: str = "client") -> Evidence:
        """A director asked for it."""
        head = Dossier(
            self.standing,
            DOSSIER,
            1,
            1,
            None,
            "client",
            SUITE,
            "age1pq1x",
            (Grantee(self.director, HOLDER),),
            None,
            NOW,
        ).content()
        records = tuple(self.paper(each).hash for each in documents)
        asked = ErasureRequest(
            self.standing, DOSSIER, "1" * 32, documents, basis, NOW, NOW + timedelta(days=9), NOW, records
        ).content()
        signed_by = {"practice": self.practice, "signer": self.director, "key": self.key}
        return Evidence((write("dossier", head, **signed_by),), write("erasure", asked, **signed_by))


def new_office() -> Office:
    root, installation = SigningKey.generate(), SigningKey.generate()
    key = SigningKey.generate()
    member = RosterMember(new_id(), "director", bytes(key.verify_key), "a" * 64, "b" * 64, NOW)
    roster = Roster(
        practice=practice_id(bytes(root.verify_key)),
        version=1,
        previous=None,
        kind="ordinary",
        root=bytes(root.verify_key),
        recovery="age1pq1sheet",
        members=(member,),
        installations=tuple(
            RosterKey(bytes(key.verify_key), uses, NOW)
            for key, uses in ((installation, (LEDGER, CHECKPOINT)), (SigningKey.generate(), (ATTEST,)))
        ),
        at=NOW,
        signer="root",
    )
    envelope = write("roster", roster.content(), practice=roster.practice, signer="root", key=root)
    return Office(root, installation, envelope, member.id, key)


DOSSIER = "d" * 32
OFFICE = new_office()
WHOLE = OFFICE.evidence()
WORDS = fingerprint(bytes(OFFICE.root.verify_key))
A, B = "a" * 32, "b" * 32
TWO = OFFICE.evidence(A, B)
ONE = OFFICE.evidence(A)
LEAVES = tuple(sorted(OFFICE.paper(each).hash for each in (A, B)))


def tombstone(evidence: Evidence = WHOLE, **changes: Any) -> Tombstone:
    assert evidence.request is not None
    base = Tombstone(
        standing=OFFICE.standing,
        kind="dossier",
        subject=DOSSIER,
        dossier=DOSSIER,
        reason="client",
        request=evidence.request.hash,
        evidence=evidence.digest,
        sequence=7,
        previous="f" * 64,
        at=NOW,
    )
    return replace(base, **changes)


def signed(one: Tombstone) -> Envelope:
    return OFFICE.sign("tombstone", one.content())


def certificate(tombstones: list[Envelope], **changes: Any) -> Certificate:
    base = Certificate(
        standing=OFFICE.standing,
        id="1" * 32,
        kind="dossier",
        dossier=DOSSIER,
        reason="client",
        commitment=certificate_commitment(NONCE, NAME),
        documents=merkle.root(LEAVES),
        tombstones=tuple(each.hash for each in tombstones),
        counts=Counts(2, 1, 2, 1000, 4),
        requested=NOW - timedelta(hours=1),
        shredded=NOW,
        verified=NOW + timedelta(minutes=1),
        horizon=NOW + timedelta(days=14),
        method=METHOD,
        at=NOW + timedelta(minutes=1),
    )
    return replace(base, **changes)


def check_of(signed_by: Envelope) -> Envelope:
    """The director's."""
    at = NOW + timedelta(minutes=2)
    said = CertificateCheck(OFFICE.standing, DOSSIER, "1" * 32, signed_by.hash, at).content()
    seen = Seen(Sighting(9, "9" * 64))
    return write("certificate_check", said, practice=OFFICE.practice, signer=OFFICE.director, key=OFFICE.key, seen=seen)


def file(
    tombstones: list[Tombstone] | None = None,
    evidence: Evidence = WHOLE,
    *,
    client: bool = True,
    checked: bool = False,
    **changes: Any,
) -> bytes:
    stones = [signed(each) for each in tombstones or [tombstone()]]
    signed_by = OFFICE.sign("certificate", certificate(stones, **changes).content())
    made = CertificateFile(signed_by, tuple(stones), evidence, (OFFICE.roster,), LEAVES)
    if checked:
        made = replace(made, checks=(check_of(signed_by),))
    return (made.for_client(NAME, NONCE, (OFFICE.paper(A),)) if client else made).to_bytes()


def findings(raw: bytes, practice: str | None = None, words: str | None = None) -> dict[str, str]:
    known = WORDS if practice is None and words is None else words
    verdict = verify(raw, practice, NOW + timedelta(hours=1), known)
    return {check.name: check.finding for check in verdict.checks if not check.ok}


@pytest.mark.parametrize("client", [True, False])
def test_a_certificate_holds_without_any_server(client: bool) -> None:
    raw = file(client=client)
    assert findings(raw) == {}
    assert findings(raw, OFFICE.practice) == {}
    names = [check.name for check in verify(raw, None, NOW + timedelta(hours=1), WORDS).checks]
    assert ("commitment" in names) is client
    assert parse_certificate(raw).to_bytes() == raw
    documents = [tombstone(TWO, kind="document", subject=each, sequence=n) for n, each in ((3, A), (9, B))]
    assert findings(file(documents, TWO, kind="document")) == {}


@pytest.mark.parametrize("start", range(8))
def test_every_byte_counts(start: int) -> None:
    raw = file(checked=True)
    now = NOW + timedelta(hours=1)
    for position in range(start, len(raw), 8):
        changed = bytearray(raw)
        changed[position] ^= 1
        assert not verify(bytes(changed), OFFICE.practice, now).ok, (position, raw[position - 20 : position + 20])


def test_a_cut_or_lengthened_file_is_refused() -> None:
    raw = file()
    for changed in (raw[:-1], raw + b"}", b"", b"[]", raw + b"\x00"):
        assert findings(changed)["file"] == "unreadable"


def change(raw: bytes, act: Callable[[dict[str, Any]], None]) -> bytes:
    value = json.loads(raw)
    act(value)
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("act", "name"),
    [
        (lambda v: v.update(name="Anna Bakkers"), "commitment"),
        (lambda v: v.update(nonce="A" * 43), "commitment"),
        (lambda v: v.pop("nonce"), "file"),
        (lambda v: v.update(extra=1), "file"),
        (lambda v: v["certificate"].update(extra=1), "file"),
        (lambda v: v.update(rosters=[new_office().roster.to_json()]), "signature"),
        (lambda v: v["rosters"].append(v["rosters"][0]), "rosters"),
        (lambda v: v.update(tombstones=[signed(tombstone(subject="c" * 32)).to_json()]), "tombstones"),
        (lambda v: v["tombstones"].append(signed(tombstone(sequence=8)).to_json()), "tombstones"),
        (lambda v: v.update(certificate=new_office().sign("certificate", certificate([]).content()).to_json()), "file"),
    ],
)
def test_what_was_changed_is_named(act: Callable[[dict[str, Any]], None], name: str) -> None:
    assert name in findings(change(file(), act))


def test_a_foreign_key_is_found() -> None:
    stone = signed(tombstone())
    foreign = SigningKey.generate()
    one = CertificateFile(
        OFFICE.sign("certificate", certificate([stone]).content(), foreign), (stone,), WHOLE, (OFFICE.roster,), LEAVES
    )
    assert findings(one.to_bytes()) == {"signature": "certificate_not_signed"}
    stone = OFFICE.sign("tombstone", tombstone().content(), foreign)
    one = CertificateFile(
        OFFICE.sign("certificate", certificate([stone]).content()), (stone,), WHOLE, (OFFICE.roster,), LEAVES
    )
    assert findings(one.to_bytes()) == {"signature": "tombstone_not_signed"}
    assert findings(file(), "0" * 32) == {"practice": "other_practice"}


def test_a_stranger_learns_that_the_practice_is_unknown() -> None:
    def practice(expected: str | None) -> str:
        checks = verify(file(), None, NOW + timedelta(hours=1), expected).checks
        return next(check.finding for check in checks if check.name == "practice")

    root = bytes(OFFICE.root.verify_key)
    assert practice(None) == "practice_unknown"
    for right in (WORDS, WORDS.upper(), WORDS.replace(" ", "-"), hashlib.sha256(root).hexdigest()):
        assert practice(right) == ""
    for wrong in (fingerprint(bytes(32)), hashlib.sha256(bytes(32)).hexdigest(), "een twee", ""):
        assert practice(wrong) == "other_fingerprint"
    assert findings(file(), OFFICE.practice, fingerprint(bytes(32))) == {"practice": "other_fingerprint"}


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"requested": NOW + timedelta(days=1)}, "times_out_of_order"),
        ({"shredded": NOW - timedelta(days=1)}, "times_out_of_order"),
        ({"verified": NOW - timedelta(days=1)}, "times_out_of_order"),
        ({"at": NOW}, None),
        ({"at": NOW - timedelta(days=1)}, "times_out_of_order"),
        ({"horizon": NOW - timedelta(days=1)}, "horizon_too_early"),
        ({"at": NOW + timedelta(days=1)}, "of_the_future"),
    ],
)
def test_times_must_make_sense(changes: dict[str, Any], finding: str | None) -> None:
    assert findings(file(**changes)).get("times") == finding


@pytest.mark.parametrize(
    ("stones", "changes", "finding"),
    [
        ([tombstone(subject="c" * 32)], {}, "tombstones_of_another"),
        ([tombstone(dossier="c" * 32)], {}, "tombstones_of_another"),
        ([tombstone(reason="staff")], {}, "tombstones_of_another"),
        ([tombstone(), tombstone(sequence=8)], {}, "tombstones_of_another"),
        (
            [
                tombstone(TWO, kind="document", subject=A, sequence=8),
                tombstone(TWO, kind="document", subject=B, sequence=9),
            ],
            {"kind": "document", "evidence": TWO},
            "ledger_broken",
        ),
        ([tombstone(TWO, kind="document", subject=A)], {"kind": "document", "evidence": TWO}, "tombstones_differ"),
    ],
)
def test_tombstones_must_be_its_own(stones: list[Tombstone], changes: dict[str, Any], finding: str) -> None:
    assert findings(file(stones, **changes))["tombstones"] == finding


@pytest.mark.parametrize(
    ("made", "finding"),
    [
        (lambda: file(evidence=OFFICE.evidence(basis="staff")), "evidence_missing"),
        (lambda: file(evidence=Evidence((), WHOLE.request)), "evidence_missing"),
        (lambda: file(evidence=new_office().evidence()), "evidence_missing"),
        (lambda: file(evidence=TWO), "evidence_missing"),
        (lambda: file(id="2" * 32), "evidence_of_another"),
        (lambda: file(reason="staff"), "evidence_of_another"),
        (lambda: file(dossier="c" * 32), "evidence_of_another"),
    ],
)
def test_what_was_destroyed_had_to_be(made: Callable[[], bytes], finding: str) -> None:
    assert findings(made())["evidence"] == finding


@pytest.mark.parametrize(
    ("made", "finding"),
    [
        (lambda: change(file(), lambda v: v.update(leaves="")), "documents_differ"),
        (lambda: change(file(), lambda v: v.update(leaves=write_leaves(LEAVES[:1]))), "documents_differ"),
        (lambda: change(file(), lambda v: v.update(leaves=write_leaves(LEAVES[::-1]))), "documents_differ"),
        (lambda: change(file(), lambda v: v.update(leaves=write_leaves((*LEAVES, LEAVES[1])))), "documents_differ"),
        (lambda: file(documents=merkle.root(LEAVES[:1])), "documents_differ"),
        (lambda: file(counts=Counts(3, 1, 2, 1000, 4)), "documents_of_another"),
        (
            lambda: file(
                [tombstone(ONE, kind="document", subject=A)], ONE, kind="document", counts=Counts(1, 0, 1, 9, 1)
            ),
            "documents_of_another",
        ),
        (lambda: named(OFFICE.paper("c" * 32)), "document_not_covered"),
        (lambda: named(OFFICE.paper(A, dossier="e" * 32)), "document_does_not_open"),
        (lambda: named(replace(OFFICE.paper(A), text=OFFICE.paper(B).text)), "document_does_not_open"),
        (lambda: named(replace(OFFICE.paper(A), record=b"{}")), "document_does_not_open"),
    ],
)
def test_the_documents_are_those_that_were_asked_for_and_open_as_they_were_signed(
    made: Callable[[], bytes], finding: str
) -> None:
    assert findings(made())["documents"] == finding


def named(*papers: Opening) -> bytes:
    """The client's copy with these openings."""
    return replace(parse_certificate(file()), documents=papers).to_bytes()


def test_the_clients_copy_names_what_it_covers_and_the_practices_names_nothing() -> None:
    later = NOW + timedelta(hours=1)
    assert [one.path for one in verify(file(), OFFICE.practice, later).documents] == ["map/verslag a.pdf"]
    both = named(OFFICE.paper(B), OFFICE.paper(A))
    paths = [one.path for one in verify(both, OFFICE.practice, later).documents]
    assert paths == ["map/verslag a.pdf", "map/verslag b.pdf"]
    assert verify(file(client=False), OFFICE.practice, later).documents == ()
    # What the practice keeps opens nothing: no name, no text, no salt, and no record from which to try names.
    kept = file(client=False)
    for secret in (b"verslag", to_base64url(b"s" * 16).encode(), to_base64url(OFFICE.paper(A).record).encode()[:40]):
        assert secret not in kept
    one = Opening(b"r", b"secret text")
    assert "secret" not in repr(one)


@pytest.mark.parametrize(
    "act",
    [
        lambda v: v.update(leaves="A" * 42),
        lambda v: v.update(leaves="A"),
        lambda v: v.pop("leaves"),
        lambda v: v.pop("documents"),
        lambda v: v["documents"][0].update(extra=1),
        lambda v: v["documents"][0].pop("text"),
        lambda v: v["documents"][0].update(record="?"),
    ],
)
def test_leaves_and_openings_have_one_form(act: Callable[[dict[str, Any]], None]) -> None:
    assert findings(change(file(), act))["file"] == "unreadable"


def test_evidence_has_no_other_fields() -> None:
    for act in (
        lambda v: v["evidence"].update(extra=1),
        lambda v: v["evidence"].pop("policies"),
        lambda v: v["evidence"]["heads"][0].update(extra=1),
    ):
        assert findings(change(file(), act))["file"] == "unreadable"


def test_the_page_says_what_was_destroyed_and_what_not() -> None:
    stones = [signed(tombstone())]
    one = Certificate.read(OFFICE.sign("certificate", certificate(stones).content()))
    facts = PageFacts("Praktijk <De Brug>", "een twee drie vier vijf zes", "verklaring.json", "a" * 64)
    page = render_certificate(one, facts)
    assert "23 november 2026, 10:00" in page
    assert "7 december 2026, 10:00" in page
    assert "7 December 2026, 10:00" in page
    assert "Praktijk &lt;De Brug&gt;" in page
    assert "Kopieën die vóór de vernietiging al waren opgehaald" in page
    assert "a" * 64 in page
    assert "Betreft" not in page
    assert "Documenten uit" in render_certificate(replace(one, kind="document"), facts)
    named = render_certificate(one, replace(facts, name="<script>x"))
    assert "<script" not in named
    listed = render_certificate(one, replace(facts, name="Anna", documents=("map/<b>verslag</b>.pdf",)))
    assert "<li><bdi>map/&lt;b&gt;verslag&lt;/b&gt;.pdf</bdi></li>" in listed
    assert "En 1 zonder naam" in listed
    assert "Nog niemand van de praktijk" in page
    checks = (Checked(A, NOW, left=False), "<b>Dirkje"), (Checked(B, NOW, left=True), "")
    checked = render_certificate(one, replace(facts, checked=checks))
    assert "<bdi>&lt;b&gt;Dirkje</bdi> <code>" + A in checked
    assert (checked.count("Sindsdien vertrokken"), "Nog niemand" in checked) == (1, False)
    assert "zonder naam" not in render_certificate(one, replace(facts, name="Anna", documents=("a", "b")))


@pytest.mark.parametrize(
    "hostile",
    [
        "</title><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</bdi></strong><h1>Niets vernietigd</h1>",
        "&lt;script&gt; &amp; &#60;b&#62;",
        "]]><!-- --!> <style>*{display:none}</style>",
        "\u202eeiretsed toN",
        '=HYPERLINK("https://evil.example")',
        "\x1b[31mrood",
    ],
)
def test_a_hostile_name_stays_text_on_the_page(hostile: str) -> None:
    one = Certificate.read(OFFICE.sign("certificate", certificate([signed(tombstone())]).content()))

    def tags(text: str) -> tuple[list[str], str]:
        facts = PageFacts(text, "een twee drie", f"{text}.json", "a" * 64, name=text)
        seen, said = [], []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attributes: seen.append(f"{tag} {attributes}")  # type: ignore[method-assign]
        parser.handle_data = said.append  # type: ignore[method-assign]
        parser.feed(render_certificate(one, facts))
        parser.close()
        return seen, "".join(said)

    plain, _ = tags("Jan")
    found, said = tags(hostile)
    assert found == plain, "no element more"
    assert said.count(hostile) == 5
    page = render_certificate(one, PageFacts(hostile, "een", "x.json", "a" * 64, name=hostile))
    assert page.count(f"<bdi>{html.escape(hostile)}</bdi>") == 2, "its direction ends with it"
