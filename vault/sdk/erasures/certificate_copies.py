"""The copies of a certificate on disk: the practice's in DOSSIER_HOME, the client's at a chosen path.

The client's copy is begun before the erasure, because name and nonce are destroyed with the dossier, and what opens the
documents' commitments with the documents. The certificate is added once the erasure is certified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from vault.errors import InvalidInputError
from vault.files import write_private
from vault.records import read
from vault.records.encoding import RecordError, to_base64url
from vault.records.strict_json import dump, parse_object
from vault.sdk.device.home import read_private
from vault.sdk.documents.listing import Listed, Quarantined, list_documents
from vault.sdk.erasures.certificate import MAX_FILE, MAX_NAME, NONCE_SIZE, CertificateFile, Verdict, file_digest, verify
from vault.sdk.erasures.certificate_page import PageFacts, render_certificate
from vault.sdk.erasures.named_documents import Opening, openings, read_openings
from vault.sdk.errors import AnswerError
from vault.sdk.keys.words import fingerprint
from vault.sdk.server.damage import DamagedError
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn

FOLDER = "certificates"
_FIELDS = frozenset({"v", "erasure", "name", "nonce", "documents"})


@dataclass(frozen=True, slots=True)
class Begun:
    """A client's copy before its certificate; `erasure` is empty until the id is known."""

    erasure: str
    name: str
    nonce: Secret
    documents: tuple[Opening, ...] = ()

    def named(self, erasure: str) -> Begun:
        """The same with the erasure's id."""
        return replace(self, erasure=erasure)

    def write(self, path: Path) -> None:
        """Write the file, mode 0600."""
        named = [each.to_json() for each in self.documents]
        fields = {"v": 1, "erasure": self.erasure, "name": self.name, "nonce": to_base64url(self.nonce)}
        write_private(path, dump({**fields, "documents": named}))


def begin_client_copy(dossier: OpenDossier, path: Path, chosen: Sequence[Listed | Quarantined] = ()) -> Begun:
    """Begin a client's copy in a new file, before the request; raises InvalidInputError when the file exists.

    It names the chosen documents, without any all of the dossier, as far as they verify. A copy begun earlier for the
    same client is reused.
    """
    if dossier.nonce is None:
        raise DamagedError(("profile",))
    listed = [one for one in chosen if isinstance(one, Listed)]
    begun = Begun("", dossier.name, dossier.nonce, openings(listed if chosen else _all(dossier)))
    raw = read_private(path)
    if raw is not None:
        kept = parse_begun(raw)
        if kept is None or kept.nonce != dossier.nonce:
            raise InvalidInputError(f"there is a file already: {path}", advice="Give a new name with --client-copy.")
    begun.write(path)
    return begun


def _all(dossier: OpenDossier) -> list[Listed]:
    apart: list[Quarantined] = []
    return list_documents(dossier, quarantine=apart)


def parse_begun(raw: bytes) -> Begun | None:
    """A client's copy without a certificate yet; None for anything else."""
    try:
        fields = parse_object(raw, limit=MAX_FILE)
        if set(fields) != _FIELDS:
            return None
        erasure = "" if fields["erasure"] == "" else read.identifier(fields, "erasure")
        name, nonce = read.text(fields, "name", limit=MAX_NAME), read.octets(fields, "nonce", NONCE_SIZE)
        documents = read_openings(fields)
    except RecordError:
        return None
    return Begun(erasure, name, Secret(nonce), documents)


def practice_copy(signed_in: SignedIn, file: CertificateFile, verdict: Verdict) -> Path:
    """Write the practice's copy and its page; returns its path."""
    assert verdict.certificate is not None
    path = signed_in.home.path / FOLDER / f"{verdict.certificate.id}.json"
    _write(signed_in, path, file, verdict)
    return path


def client_copy(
    signed_in: SignedIn, path: Path, begun: Begun, file: CertificateFile, verdict: Verdict
) -> tuple[str, ...]:
    """Complete the client's copy and write its page; raises AnswerError for a certificate about another client.

    Returns the documents that the certificate does not cover, which the copy does not name either: another erasure took
    them first, or the server never had them whole.
    """
    covered = tuple(each for each in begun.documents if each.hash in file.leaves)
    copy = file.for_client(begun.name, begun.nonce, covered)
    checked = verify(copy.to_bytes(), signed_in.practice, signed_in.now())
    if not checked.ok:
        raise AnswerError("the certificate is about another client")
    _write(signed_in, path, copy, checked)
    assert verdict.certificate is not None
    others = (each for each in begun.documents if each.hash not in file.leaves)
    return tuple(each.metadata(verdict.certificate.dossier).path for each in others)


def page_of(path: Path) -> Path:
    """The path of a certificate's printable page."""
    return path.with_suffix(".html") if path.suffix.lower() != ".html" else path.with_suffix(".page.html")


def _write(signed_in: SignedIn, path: Path, file: CertificateFile, verdict: Verdict) -> None:
    assert verdict.certificate is not None
    raw = file.to_bytes()
    facts = PageFacts(
        practice=signed_in.policy.name,
        fingerprint=fingerprint(signed_in.rosters.newest.root),
        file=path.name,
        digest=file_digest(raw),
        name=file.name,
        documents=tuple(one.path for one in verdict.documents),
        checked=tuple((each, signed_in.name_of(each.member)) for each in verdict.checked),
    )
    write_private(page_of(path), render_certificate(verdict.certificate, facts).encode("utf-8"))
    write_private(path, raw)
